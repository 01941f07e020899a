"""The work of `depeches alerts`, and what is said of it."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

import structlog
from rich.markup import escape

from access.local import is_local
from alerts import mail, old, outbox
from alerts.deliver import Deliverer, Tally
from alerts.match import Matcher, Round
from alerts.preview import last_seq
from alerts.status import Status, status
from alerts.worker import Work, keep_on
from authorities.loader import load_authorities
from engine.config import Settings
from engine.database import Database
from engine.errors import AlertsStuck, DepechesError
from engine.node import engine_for
from mappings.lifecycle import Family
from search.service import Archive
from terminal.consoles import console
from web import wording

err = console(stderr=True)
out = console()

# What is due and not taken for so long has no worker, or none that reaches its receivers' server.
LATE = timedelta(minutes=10)

# How often what is old is looked for: a look reads all hits when there is nothing.
TIDIED = timedelta(hours=1)


def run(settings: Settings) -> None:
    """Match and deliver until it is stopped."""
    with _parts(settings) as (matcher, deliverer), Database.opened(settings) as database:
        works = {"recherches": _matching(matcher), "envois": _delivering(deliverer)}
        if settings.alerts_keep_days:
            works["rangement"] = _tidying(database, timedelta(days=settings.alerts_keep_days))
        _until_stopped(works, deliverer)


def match(settings: Settings, *, once: bool) -> None:
    with _parts(settings) as (matcher, _):
        if once:
            out.print(_round(matcher.once()))
        else:
            _until_stopped({"recherches": _matching(matcher)})


def deliver(settings: Settings, *, once: bool) -> None:
    with _parts(settings) as (_, deliverer):
        if not once:
            _until_stopped({"envois": _delivering(deliverer)}, deliverer)
            return
        try:
            tally = deliverer.once()
        finally:
            deliverer.close()
        out.print(_tally(tally))
        for line in _worries(settings, _status(settings)):
            _say(line)


def show_status(settings: Settings) -> None:
    found = _status(settings)
    for line in (*_lines(found), _behind(settings, found), *_worries(settings, found)):
        out.print(escape(line), soft_wrap=True)


def replay(settings: Settings, ids: tuple[str, ...]) -> None:
    with Database.opened(settings) as database, database.writing() as session:
        count = outbox.replay(session, database.now(session), ids=ids or None)
    out.print(f"{wording.counted(count, 'envoi')} de nouveau en attente.")


def check(settings: Settings) -> str:
    """The line of `doctor`. Raises: AlertsStuck: something waits or was given up; says what to do."""
    found = _status(settings)
    if worries := _worries(settings, found):
        raise AlertsStuck(" ".join(worries))
    return (
        f"{wording.counted(found.saved, 'recherche enregistrée', 'recherches enregistrées')}, aucun envoi en souffrance"
    )


def _status(settings: Settings) -> Status:
    with Database.opened(settings) as database, database.reading() as session:
        return status(session, database.now(session))


# -- what is said ------------------------------------------------------------------------------------------------


def _lines(found: Status) -> Iterator[str]:
    yield (
        f"{wording.counted(found.saved, 'recherche enregistrée', 'recherches enregistrées')}, {found.paused} en pause ; "
        f"{wording.counted(found.hits, 'alerte')}"
    )
    states = found.deliveries
    yield (
        f"Envois : {states.get('pending', 0)} en attente, {states.get('claimed', 0)} en cours, "
        f"{wording.counted(states.get('done', 0), 'fait')}, {wording.counted(states.get('dead', 0), 'abandonné')}"
    )
    for id, name, reason in found.broken:
        yield f"  en pause  {id}  « {name} » : {reason}"
    for target, reason in found.closed:
        yield f"  fermé     {target} : {reason}"
    for each in found.dead:
        yield f"  abandonné {each.id}  {each.target} : {each.error}"


def _behind(settings: Settings, found: Status) -> str:
    """How far matching is behind the archive: `ingest_seq` counts microseconds."""
    try:
        with _archive(settings) as archive:
            behind = max(last_seq(archive) - found.mark, 0) / 1e6 if found.mark else None
    except DepechesError as error:
        return f"Retard des recherches : inconnu, {error.detail}"
    if behind is None:
        return "Retard des recherches : aucune dépêche n'a encore été suivie (depeches alerts run)."
    return f"Retard des recherches : {f'{behind:.0f} s de dépêches à suivre' if behind else 'aucun'}"


def _worries(settings: Settings, found: Status) -> list[str]:
    worries = []
    late = dict(found.late)
    if (mails := late.pop("email", None)) is not None and not mail.configured(settings):
        worries.append(f"Des courriers attendent, sans serveur pour les envoyer : {mail.MISSING}")
    elif mails is not None:
        late["email"] = mails
    if mail.configured(settings) and not settings.public_url and not is_local(settings):
        worries.append("Les liens des courriers ne mènent nulle part : donnez DEPECHES_PUBLIC_URL.")
    if any(delay > LATE for delay in late.values()):
        minutes = max(late.values()) // timedelta(minutes=1)
        worries.append(f"Des envois sont dus depuis {minutes} min : lancez depeches alerts run, ou voyez son journal.")
    if dead := found.deliveries.get("dead", 0):
        counted = wording.counted(dead, "envoi abandonné", "envois abandonnés")
        worries.append(f"{counted} : depeches alerts status dit pourquoi, depeches alerts replay les reprend.")
    return worries


def _round(found: Round) -> str:
    read = wording.counted(found.dispatches, "nouvelle dépêche", "nouvelles dépêches")
    asked = wording.counted(found.asked, "recherche posée au moteur", "recherches posées au moteur")
    return f"{read}, {asked}, {wording.counted(found.hits, 'alerte')}."


def _tally(found: Tally) -> str:
    done = wording.counted(found.done, "envoi fait", "envois faits")
    return f"{done}, {found.retry} à refaire, {wording.counted(found.dead, 'abandonné')}."


def _say(line: str) -> None:
    err.print(escape(line), soft_wrap=True)


# -- work --------------------------------------------------------------------------------------------------------


def _matching(matcher: Matcher) -> Work:
    def work() -> bool:
        found = matcher.once()
        if found.hits:
            _say(_round(found))
        return False

    return work


def _delivering(deliverer: Deliverer) -> Work:
    def work() -> bool:
        tally, more = deliverer.step(0.5)
        if tally:
            _say(_tally(tally))
        return more

    return work


def _tidying(database: Database, keep: timedelta) -> Work:
    """Once an hour all that is old goes, a handful at a time."""
    rested = 0.0

    def work() -> bool:
        nonlocal rested
        if time.monotonic() < rested:
            return False
        with database.reading() as session:
            before = database.now(session) - keep
        if old.forget(database, before):
            return True
        rested = time.monotonic() + TIDIED.total_seconds()
        return False

    return work


def _until_stopped(works: dict[str, Work], deliverer: Deliverer | None = None) -> None:
    stop = threading.Event()
    with _stopping(stop.set):
        if err.is_terminal:
            _say("Les recherches enregistrées sont suivies.")
        keep_on(works, stop, _say)
        if deliverer:
            try:
                deliverer.close()
            except DepechesError as error:
                _say(f"Arrêt : {error.detail} Ce qui était en main sera repris dans cinq minutes.")


@contextmanager
def _stopping(stop: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and Ctrl-C stop it, for the length of the block."""

    def asked(_signal: int, _frame: FrameType | None) -> None:
        stop()

    before = {each: signal.signal(each, asked) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _parts(settings: Settings) -> Iterator[tuple[Matcher, Deliverer]]:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with _archive(settings) as archive, Database.opened(settings) as database:
        engine, index = archive.engine, archive.index
        yield Matcher(engine, archive, database), Deliverer(engine, index, database, settings)


@contextmanager
def _archive(settings: Settings) -> Iterator[Archive]:
    authorities = load_authorities(own=settings.authorities_dir)
    with engine_for(settings) as engine:
        yield Archive(engine, Family(settings.index_prefix).read, authorities, settings.timezone)

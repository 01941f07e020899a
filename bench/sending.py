"""How many messages a second reach their receivers, and whether a receiver that hangs, or one that fails, delays the others.

    python -m bench.sending [--messages 200] [--rounds 5]

One worker as `depeches alerts run` has it, real receivers on this machine: webhooks, and a mail server (aiosmtpd). The baseline
of each round is the same messages to the same receivers with all of them well; then one more receiver never answers, and one
more answers 500, each with as many messages as the others. Counted until the well ones have all of theirs. Letters go out in
conversations of many, against one conversation each. Databases write to the disk as in production; PostgreSQL is started for
the run from the machine's package.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import delete

from access.models import User
from access.users import find_or_make
from alerts import hits, saved
from alerts.deliver import LETTERS, Deliverer
from alerts.hits import Found
from alerts.saved import Wanted, WantedChannel
from alerts.start import Start
from bench.load import drop, fill
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from engine.node import engine_for
from mappings import lifecycle
from mappings.lifecycle import Family
from tests import postgresql
from tests.alerts.archive import dispatch
from tests.alerts.post_office import post_office
from tests.alerts.receivers import Answer, receiver

WELL = 4
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Bench:
    """One archive, one database, and messages to send."""

    def __init__(self, engine: Engine, family: Family, database: Database, settings: Settings, count: int) -> None:
        self._engine, self._family, self._database, self._settings = engine, family, database, settings
        self._count = count

    def _wait(self, channel: WantedChannel, each_alone: bool) -> None:
        """So many messages wait on a channel; of a letter, hits that are found together are one."""
        with self._database.writing() as session:
            owner = find_or_make(session, "banc", NOW).id
            wanted = Wanted("banc", {"q": [channel.target]}, (channel,))
            id = saved.create(session, owner, wanted, start=Start(0), now=NOW).id
            found = [Found(id, f"d{number}", 1) for number in range(self._count)]
            for some in [[each] for each in found] if each_alone else [found]:
                hits.record(session, some, NOW, ZoneInfo("Europe/Paris"))

    def webhooks(self, *, hangs: bool = False, fails: bool = False) -> float:
        """Messages a second to the receivers that are well."""
        over = threading.Event()
        with ExitStack() as stack:
            well = [stack.enter_context(receiver()) for _ in range(WELL)]
            ill = [stack.enter_context(receiver(lambda _: Answer(before=over.wait)))] if hangs else []
            ill += [stack.enter_context(receiver(lambda _: Answer(500)))] if fails else []
            for each in (*ill, *well):
                self._wait(WantedChannel("webhook", each.url), each_alone=False)
            return self._sent(lambda: sum(len(each.calls) for each in well), WELL * self._count, over)

    def letters(self, together: int) -> float:
        """Letters a second, of one dispatch each, so many a conversation."""
        with post_office() as office:
            self._settings = replace(self._settings, smtp_port=office.port)
            self._wait(WantedChannel("email", "m.durand@example.org"), each_alone=True)
            return self._sent(lambda: len(office.taken), self._count, threading.Event(), together)

    def _sent(self, arrived: Callable[[], int], count: int, over: threading.Event, letters: int = LETTERS) -> float:
        deliverer = Deliverer(self._engine, self._family.read, self._database, self._settings, letters=letters)
        started = time.perf_counter()
        while arrived() < count:
            deliverer.step(0.2)
        rate = count / (time.perf_counter() - started)
        over.set()  # whoever hangs lets go
        deliverer.close()
        with self._database.writing() as session:
            session.execute(delete(User))
        return rate


@click.command()
@click.option("--messages", default=200, show_default=True, help="To each receiver.")
@click.option("--rounds", default=5, show_default=True)
def main(messages: int, rounds: int) -> None:
    settings = replace(
        Settings.from_env(), host="127.0.0.1", user_header=None, trusted_proxies=(), public_url="",
        smtp_host="127.0.0.1", smtp_security="none", smtp_user=None, smtp_password=None, mail_from="a@example.org",
    )  # fmt: skip
    family = Family(f"bench-{uuid.uuid4().hex[:8]}")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        engine = stack.enter_context(engine_for(settings))
        server = stack.enter_context(postgresql.server(durable=True))
        stack.callback(drop, engine, family)
        lifecycle.create(engine, family)
        fill(
            engine,
            family,
            (dispatch(f"d{number}", number + 1, "Le ministre Lavrov parle.") for number in range(messages)),
        )
        urls = {"SQLite": f"sqlite:///{Path(folder) / 'base.sqlite3'}", "PostgreSQL": server.url(server.create())}
        for kind, url in urls.items():
            database = Database(url)
            database.upgrade()
            bench = Bench(engine, family, database, settings, messages)
            found: dict[str, list[float]] = {"well": [], "hangs": [], "fails": [], "alone": [], "letters": []}
            for _ in range(rounds):
                found["well"].append(bench.webhooks())
                found["hangs"].append(bench.webhooks(hangs=True))
                found["fails"].append(bench.webhooks(fails=True))
                found["alone"].append(bench.letters(1))
                found["letters"].append(bench.letters(LETTERS))
            middle = {way: statistics.median(rates) for way, rates in found.items()}
            beside = {
                way: statistics.median(a / b for a, b in zip(found[way], found[base], strict=True))
                for way, base in (("hangs", "well"), ("fails", "well"), ("letters", "alone"))
            }
            click.echo(
                f"{kind}: {middle['well']:.0f} messages/s to {WELL} webhooks; {middle['letters']:.0f} letters/s in conversations "
                f"of {LETTERS}, {middle['alone']:.0f} one by one ({beside['letters']:.1f}); "
                f"beside one that hangs {middle['hangs']:.0f}/s ({beside['hangs']:.2f}), "
                f"beside one that fails {middle['fails']:.0f}/s ({beside['fails']:.2f})"
            )
            database.close()


if __name__ == "__main__":
    main()

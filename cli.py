"""The terminal door: the `depeches` command. Every command says what it did and, when it fails, what to do."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from access.local import is_local
from alerts.place import place_of
from engine.client import Engine
from engine.config import Settings, unknown_variables
from engine.errors import (
    BackupOverdue,
    ConfigurationError,
    DatabaseError,
    DepechesError,
    DiskFull,
    EngineDenied,
    IndexNotReady,
    InputRejected,
    NodeError,
    RequestError,
)
from engine.java import find_jdk
from engine.listening import UMASK, Listening
from engine.node import Node, engine_for
from mappings import lifecycle
from mappings.fields import KIND_LABELS
from mappings.lifecycle import Family
from terminal.alerts import alerts as alerts_group
from terminal.alerts import check as check_alerts
from terminal.consoles import console
from terminal.french import Group
from terminal.options import AS_THE_API_SPELLS, arguments, pairs, search_options
from terminal.staying import Staying, ending_with_us

if TYPE_CHECKING:
    from engine.database import Database

SAMPLES = Path(__file__).parent / "samples"
# The samples date from 2019 to 2024; those that name no year were received in 2022, as `samples/README.md` says.
SAMPLES_RECEIVED = date(2022, 12, 31)

err = console(stderr=True)
out = console()


class _Group(Group):
    """Turns our errors into one clear line and exit status 1, and an interrupt into 130."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DepechesError as error:
            err.print(f"[bold red]Erreur[/] {_escape(error.detail)}")
            sys.exit(1)
        except OSError as error:
            if error.errno not in REFUSALS:
                raise
            err.print(f"[bold red]Erreur[/] {_escape(_refused_by_the_system(error))}")
            sys.exit(1)
        except KeyboardInterrupt:
            err.print("Interrompu ; relancer la même commande reprend où elle en était.")
            sys.exit(130)


# What the machine refuses, and not a fault of the program.
REFUSALS = {
    errno.EACCES: "accès refusé ; la commande est-elle lancée sous le compte du service ?",
    errno.EPERM: "accès refusé ; la commande est-elle lancée sous le compte du service ?",
    errno.EROFS: "disque en lecture seule",
    errno.ENOSPC: "disque plein",
    errno.EDQUOT: "quota dépassé",
}


def _refused_by_the_system(error: OSError) -> str:
    return f"{error.filename or 'Le disque'} : {REFUSALS.get(error.errno or 0, error.strerror)}."


def _escape(text: str) -> str:
    return text.replace("[", r"\[")


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="depeches", message="Dépêches %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Dépêches : archive de dépêches de presse, en texte intégral et à facettes."""
    ctx.obj = Settings.from_env()


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    """The engine, with what takes time shown."""
    with err.status("Connexion à Elasticsearch…") as status:

        def report(message: str, done: float | None) -> None:
            status.update(f"{message}{'' if done is None else f' {done:4.0%}'}…")

        context = engine_for(settings, report)
        engine = context.__enter__()
    try:
        yield engine
    finally:
        context.__exit__(*sys.exc_info())


def _database(settings: Settings) -> AbstractContextManager[Database]:
    # Reading the library of SQL takes as long as all that other commands need.
    from engine.database import Database

    return Database.opened(settings)


def _family(settings: Settings) -> Family:
    return Family(settings.index_prefix)


main.add_command(alerts_group)


# -- node --------------------------------------------------------------------------------------------


@main.group()
def node() -> None:
    """Le nœud Elasticsearch local (sans ELASTICSEARCH_URL)."""


@node.command("start")
@click.pass_obj
def node_start(settings: Settings) -> None:
    """Démarre le nœud et le garde jusqu'à « node stop »."""
    with err.status("Démarrage…") as status:
        state = Node(
            settings, lambda message, done: status.update(f"{message}{'' if done is None else f' {done:4.0%}'}…")
        ).start(keep=True)
    out.print(f"Elasticsearch répond à {state.url} (processus {state.pid}).")


@node.command("stop")
@click.pass_obj
def node_stop(settings: Settings) -> None:
    """Arrête le nœud."""
    out.print("Nœud arrêté." if Node(settings).stop() else "Aucun nœud ne tournait.")


@node.command("status")
@click.pass_obj
def node_status(settings: Settings) -> None:
    """Dit si le nœud tourne et répond ; code 1 sinon."""
    running = Node(settings)
    state = running.running()
    if state is None:
        out.print("Arrêté.")
        sys.exit(1)
    engine = Engine(state.address(), timeout=5)
    ready = engine.ready()
    out.print(
        f"{'En marche' if ready else 'Démarré mais muet'} : {state.url} (processus {state.pid}). Journal : {running.logs()}"
    )
    sys.exit(0 if ready else 1)


# -- index -------------------------------------------------------------------------------------------


@main.group()
def index() -> None:
    """Les index : créer, lister, reconstruire, revenir en arrière, faire le ménage."""


@index.command("create")
@click.pass_obj
def index_create(settings: Settings) -> None:
    """Crée l'index s'il n'existe pas."""
    with _engine(settings) as engine:
        name, made = lifecycle.create(engine, _family(settings))
        out.print(f"{name} {'créé' if made else 'existe déjà'}.")


@index.command("list")
@click.pass_obj
def index_list(settings: Settings) -> None:
    """Liste les générations de l'index."""
    with _engine(settings) as engine:
        table = Table("génération", "dépêches", "Mo", "créée le", "état")
        for generation in lifecycle.generations(engine, _family(settings)):
            state = ["en service"] if generation.current else []
            state += [] if generation.matches else ["autre structure : depeches index rebuild"]
            table.add_row(
                generation.name,
                str(generation.documents),
                f"{generation.bytes / 1e6:.1f}",
                f"{generation.created.astimezone():%d/%m/%Y %H:%M}",
                ", ".join(state),
            )
        out.print(table)


@contextmanager
def _copying() -> Iterator[lifecycle.Progress]:
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
    ) as bar:
        task = bar.add_task("Recopie", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


@index.command("rebuild")
@click.option(
    "--reparse", is_flag=True, help="Refait chaque dépêche à partir du texte reçu : réparation, dates, facettes."
)
@click.option("--reenrich", is_flag=True, help="Refait seulement les facettes : acteurs, lieux, sujets.")
@click.pass_obj
def index_rebuild(settings: Settings, reparse: bool, reenrich: bool) -> None:
    """Recopie tout dans un nouvel index, puis bascule d'un coup ; l'ancien est gardé."""
    with _engine(settings) as engine, _copying() as progress:
        copy = _remake(settings, engine, whole=reparse) if reparse or reenrich else None
        name = lifecycle.rebuild(engine, _family(settings), progress, copy)
        # An index of an earlier version of this program may know nothing of stories.
        _ingest(settings, engine).recover()
    out.print(f"{name} est en service. Retour possible : depeches index rollback ; ménage : depeches index prune.")


def _remake(settings: Settings, engine: Engine, *, whole: bool) -> lifecycle.Copy:
    from authorities.loader import load_authorities
    from indexer.build import Builder
    from indexer.reparse import Reenrich, Reparse

    return (Reparse if whole else Reenrich)(
        engine,
        _family(settings),
        Builder(load_authorities(own=settings.authorities_dir), timezone=settings.timezone),
        _writing(settings).with_suffix(".reparse"),
        kept=lambda dispatch, error: err.print(
            f"[yellow]gardée telle quelle[/] {dispatch.id} ({_escape(dispatch.source.file or '')}) : {_escape(error.detail)}"
        ),
    )


def _ingest(settings: Settings, engine: Engine) -> Any:
    from indexer.ingest import Ingest

    return Ingest(engine, _family(settings), _writing(settings))


@index.command("rollback")
@click.pass_obj
def index_rollback(settings: Settings) -> None:
    """Revient à la génération précédente, sans perdre ce qui est arrivé depuis."""
    with _engine(settings) as engine, _copying() as progress:
        name = lifecycle.rollback(engine, _family(settings), progress)
    out.print(f"{name} est de nouveau en service.")


@index.command("prune")
@click.option("--keep", default=1, show_default=True, help="Anciennes générations à garder.")
@click.pass_obj
def index_prune(settings: Settings, keep: int) -> None:
    """Supprime les anciennes générations."""
    with _engine(settings) as engine:
        names = lifecycle.prune(engine, _family(settings), keep=keep)
    out.print(f"Supprimé : {', '.join(names)}." if names else "Rien à supprimer.")


# -- database -----------------------------------------------------------------------------------------


@main.group()
def database() -> None:
    """La base des comptes, des clés et des recherches enregistrées."""


@database.command("status")
@click.pass_obj
def database_status(settings: Settings) -> None:
    """Dit où en sont ses tables ; code 1 si elles ne sont pas à jour."""
    with _database(settings) as found:
        state = found.status()
        out.print(f"{_escape(found.name)} : étape {state.current or 'aucune'}, il faut {state.head}.")
        state.check()


@database.command("upgrade")
@click.pass_obj
def database_upgrade(settings: Settings) -> None:
    """Crée ses tables ou les met à jour ; sans effet si elles le sont."""
    with _database(settings) as found:
        before = found.upgrade()
        out.print(
            f"{_escape(found.name)} : déjà à jour (étape {before.head})."
            if before.up_to_date
            else f"{_escape(found.name)} : étape {before.current or 'aucune'} → {before.head}."
        )


# -- backup -------------------------------------------------------------------------------------------


@main.group("backup")
def backup_group() -> None:
    """Les sauvegardes : tout ce qui ne se refait pas, d'une commande ; et le retour."""


def _folder(option: str, told: str) -> Callable[[Any], Any]:
    return click.option(
        option,
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        help=f"{told} ; DEPECHES_BACKUP_DIR par défaut.",
    )


def _kept_in(settings: Settings, folder: Path | None) -> Settings:
    return replace(settings, backup_folder=folder.absolute()) if folder else settings


@backup_group.command("create")
@_folder("--to", "Dossier où la ranger")
@click.option("--keep", metavar="N", type=click.IntRange(1), help="Efface ensuite les plus anciennes, sauf tant.")
@click.pass_obj
def backup_create(settings: Settings, folder: Path | None, keep: int | None) -> None:
    """Sauvegarde dépêches, base, autorités et rejets, pendant que tout continue."""
    from backup.create import create, prune
    from terminal import backups

    settings = _kept_in(settings, folder)
    with _engine(settings) as engine:
        with backups.progressing(err) as progress:
            made = create(settings, engine, progress)
        out.print(backups.made(made))
        if keep is not None:
            prune(settings, engine, keep, _told_gone)


def _told_gone(name: str) -> None:
    out.print(f"{_escape(name)} effacée.")


@backup_group.command("list")
@_folder("--from", "Dossier où les chercher")
@click.option("--json", "as_json", is_flag=True, help="Pour un programme.")
@click.pass_obj
def backup_list(settings: Settings, folder: Path | None, as_json: bool) -> None:
    """Liste les sauvegardes : quand, combien, si elles sont entières."""
    from backup.repository import present
    from backup.shelf import Shelf
    from terminal import backups

    settings = _kept_in(settings, folder)
    found = Shelf(settings.backup_dir).all()
    snapshots: dict[str, bool] = {}
    with suppress(DepechesError):  # a list is also had without an engine
        snapshots = present(_running_engine(settings), [kept.manifest for kept in found if kept.manifest])
    if as_json:
        click.echo(backups.as_json(found, snapshots))
    elif found:
        out.print(backups.table(found, snapshots))
    else:
        out.print(f"Aucune sauvegarde dans {_escape(str(settings.backup_dir))} : depeches backup create.")


@backup_group.command("verify")
@click.argument("name", metavar="NOM")
@_folder("--from", "Dossier où elle est")
@click.option("--index", "whole", is_flag=True, help="Reprend aussi ses dépêches à côté, les compte et les efface.")
@click.pass_obj
def backup_verify(settings: Settings, name: str, folder: Path | None, whole: bool) -> None:
    """Vérifie qu'une sauvegarde pourrait être reprise, sans rien changer ; code 1 sinon."""
    from backup.restore import verify
    from terminal import backups

    settings = _kept_in(settings, folder)
    with _engine(settings) as engine, backups.progressing(err) as progress:
        verify(settings, engine, name, whole=whole, progress=progress)
    out.print(f"{_escape(name)} est entière" + (" ; ses dépêches se reprennent." if whole else "."))


@backup_group.command("restore")
@click.argument("name", metavar="NOM")
@_folder("--from", "Dossier où elle est")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(["index", "base", "fichiers"]),
    help="Une partie seulement (à répéter) : les dépêches, la base, les autorités et rejets.",
)
@click.option("--yes", is_flag=True, help="Remplace ce qui est en place.")
@click.pass_obj
def backup_restore(settings: Settings, name: str, folder: Path | None, only: tuple[str, ...], yes: bool) -> None:
    """Reprend une sauvegarde à côté de ce qui sert, puis bascule. Arrêtez d'abord service, alertes et veille."""
    from backup.restore import restore
    from terminal import backups

    settings = _kept_in(settings, folder)
    with _engine(settings) as engine:
        with backups.progressing(err) as progress:
            done = restore(settings, engine, name, only, force=yes, progress=progress)
        if done.index:
            _ingest(settings, engine).recover()  # what a loader was about when it was made
    out.print(
        f"{_escape(name)} est reprise" + (f" : {done.dispatches} dépêches dans {done.index}." if done.index else ".")
    )
    if done.before:
        out.print(
            f"L'index d'avant, {done.before}, est gardé : depeches index rollback y revient, index prune l'efface."
        )
    if not done.matches:
        out.print("L'index a une autre structure que celle de cette version : depeches index rebuild.")
    out.print("Rechargez ce qui est arrivé depuis (depeches load --alert), puis relancez service, alertes et veille.")


@backup_group.command("prune")
@_folder("--from", "Dossier où elles sont")
@click.option("--keep", metavar="N", type=click.IntRange(1), help="Efface aussi les plus anciennes, sauf tant.")
@click.pass_obj
def backup_prune(settings: Settings, folder: Path | None, keep: int | None) -> None:
    """Efface ce que des sauvegardes interrompues ont laissé et, avec --keep, les plus anciennes."""
    from backup.create import prune

    settings = _kept_in(settings, folder)
    with _engine(settings) as engine:
        prune(settings, engine, keep, _told_gone)


# -- users --------------------------------------------------------------------------------------------


@main.group("users")
def users_group() -> None:
    """Les comptes : lister, fermer, rouvrir. Ils se créent seuls, au premier passage."""


@users_group.command("list")
@click.pass_obj
def users_list(settings: Settings) -> None:
    """Liste les comptes, et ce qui est à eux."""
    from access import keys, users
    from alerts import saved

    table = Table("compte", "créé le", "clés ouvertes", "alertes", "état")
    with _database(settings) as found, found.reading() as session:
        now = found.now(session)
        opened = Counter(key.user_id for key in keys.every(session) if keys.is_open(key, now))
        alerts = saved.counts(session)
        for user in users.every(session):
            state = f"fermé le {user.disabled.astimezone():%d/%m/%Y}" if user.disabled else "ouvert"
            numbers = [str(of.get(user.id, 0)) for of in (opened, alerts)]
            table.add_row(_escape(user.name), f"{user.created.astimezone():%d/%m/%Y}", *numbers, state)
    out.print(table)


@users_group.command("disable")
@click.argument("name", metavar="NOM")
@click.pass_obj
def users_disable(settings: Settings, name: str) -> None:
    """Ferme un compte : ses clés et ses connexions n'ouvrent plus rien, ses alertes attendent ; rien n'en est supprimé."""
    from access import users

    with _database(settings) as found, found.writing() as session:
        closed = users.disable(session, name, found.now(session))
    err.print(f"{_escape(name)} : compte fermé." if closed else f"{_escape(name)} : déjà fermé.")


@users_group.command("sessions")
@click.argument("name", metavar="NOM")
@click.pass_obj
def users_sessions(settings: Settings, name: str) -> None:
    """Liste les connexions d'un compte, là où le service connecte lui-même ses lecteurs."""
    from access import signed_in

    table = Table("connexion", "depuis", "jusqu'à", "navigateur")
    with _database(settings) as found, found.reading() as session:
        for each in signed_in.every(session, name, found.now(session)):
            moments = [f"{moment.astimezone():%d/%m/%Y %H:%M}" for moment in (each.opened, each.expires)]
            table.add_row(str(each.id), *moments, _escape(each.browser))
    out.print(table)


@users_group.command("sign-out")
@click.argument("name", metavar="NOM")
@click.option("--session", "number", type=click.IntRange(1), help="Celle-là seulement, de « users sessions ».")
@click.pass_obj
def users_sign_out(settings: Settings, name: str, number: int | None) -> None:
    """Ferme les connexions d'un compte, tout de suite : leurs cookies n'ouvrent plus rien."""
    from access import signed_in

    with _database(settings) as found, found.writing() as session:
        ended = signed_in.end_of(session, name, number=number)
    err.print(f"{_escape(name)} : {ended} connexion{'s' if ended > 1 else ''} fermée{'s' if ended > 1 else ''}.")


@users_group.command("enable")
@click.argument("name", metavar="NOM")
@click.pass_obj
def users_enable(settings: Settings, name: str) -> None:
    """Rouvre un compte fermé."""
    from access import users

    with _database(settings) as found, found.writing() as session:
        opened = users.enable(session, name)
    err.print(f"{_escape(name)} : compte rouvert." if opened else f"{_escape(name)} : déjà ouvert.")


# -- keys ---------------------------------------------------------------------------------------------


@main.group("keys")
def keys_group() -> None:
    """Les clés de l'API : créer, lister, révoquer."""


@keys_group.command("create")
@click.argument("name", metavar="NOM")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="Ce qu'elle ouvre : search, alerts, ingest, admin (à répéter).",
)
@click.option("--user", default=None, help="À qui elle est ; par défaut un compte du nom de la clé.")
@click.option("--days", type=click.IntRange(1, 3650), help="Jours jusqu'à sa fin ; sans fin par défaut.")
@click.pass_obj
def keys_create(settings: Settings, name: str, scopes: tuple[str, ...], user: str | None, days: int | None) -> None:
    """Crée une clé et la montre, une fois pour toutes."""
    from access import keys, users

    with _database(settings) as found, found.writing() as session:
        now = found.now(session)
        owner = users.find_or_make(session, user or name, now)
        expires = now + timedelta(days=days) if days else None
        key, text = keys.create(session, owner, name, scopes, now=now, expires=expires)
    err.print(
        f"Clé « {_escape(name)} » de {_escape(owner.name)} ({', '.join(key.scopes)}). Notez-la : elle n'est gardée nulle part."
    )
    click.echo(text)


@keys_group.command("list")
@click.pass_obj
def keys_list(settings: Settings) -> None:
    """Liste les clés, sans leur secret."""
    from access import keys

    table = Table("clé", "nom", "à qui", "portées", "créée le", "jusqu'au", "utilisée le", "état")
    with _database(settings) as found, found.reading() as session:
        now = found.now(session)
        for key in keys.every(session):
            past = key.expires is not None and key.expires <= now
            state = (
                "révoquée" if key.revoked else "compte fermé" if key.user.disabled else "expirée" if past else "ouverte"
            )
            days = [f"{day.astimezone():%d/%m/%Y}" if day else "" for day in (key.created, key.expires, key.last_used)]
            table.add_row(
                f"dep_{key.handle}", _escape(key.name), _escape(key.user.name), " ".join(key.scopes), *days, state
            )
    out.print(table)


@keys_group.command("token")
@click.argument("key", metavar="CLÉ")
@click.option("--origin", required=True, help="Origine des pages qui le montreront : https://intranet.exemple.fr.")
@click.option("--minutes", default=15, show_default=True, type=click.IntRange(1, 60), help="Durée.")
@click.pass_obj
def keys_token(settings: Settings, key: str, origin: str, minutes: int) -> None:
    """Montre un jeton pour les pages d'un portail, au nom d'une clé donnée par son début (dep_…) ; pour un essai."""
    from access import tokens
    from access.api import known_origin

    with _database(settings) as found:
        token = tokens.issue(found, known_origin(origin, settings.portal_origins), key, minutes)
    err.print(f"Jusqu'à {token.expires.astimezone():%H:%M}, dans les pages de {_escape(origin)} : chercher et lire.")
    click.echo(token.text)


@keys_group.command("revoke")
@click.argument("key", metavar="CLÉ")
@click.pass_obj
def keys_revoke(settings: Settings, key: str) -> None:
    """Ferme une clé, donnée par son début (dep_…)."""
    from access import keys

    with _database(settings) as found, found.writing() as session:
        closed = keys.revoke(session, key, found.now(session))
        out.print(f"dep_{closed.handle} ({_escape(closed.name)}) n'ouvre plus rien.")


@main.command()
@click.pass_obj
def portal(settings: Settings) -> None:
    """Montre de quoi incorporer la recherche dans une page d'un portail, avec l'empreinte du fichier (SRI)."""
    from alerts.place import place_of
    from web.portal import embedding

    opened = ", ".join(settings.portal_origins) or "aucune (DEPECHES_PORTAL_ORIGINS)"
    framed = ", ".join(settings.frame_ancestors) or "aucune (DEPECHES_FRAME_ANCESTORS)"
    err.print(f"Pages qui peuvent la montrer : {_escape(opened)} ; cadre de secours : {_escape(framed)}.")
    click.echo(embedding(place_of(settings).address))


# -- load --------------------------------------------------------------------------------------------


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="CHEMIN...", type=click.Path(path_type=Path))
@click.option(
    "--reference-date",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="AAAA-MM-JJ",
    help="Jour de réception, pour les dates sans année.",
)
@click.option("--format", "format_", help="Force le format, au lieu de le reconnaître : text, newsml-g2, ninjs, csv…")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="TITRE=CHAMP",
    help="Colonne d'un tableau et champ qu'elle donne (à répéter) : --column \"Corps de l'article=text\".",
)
@click.option(
    "--watch", is_flag=True, help="Surveille ces dossiers : charge ce qui y arrive, jusqu'à l'arrêt (Ctrl-C)."
)
@click.option("--keep", is_flag=True, help="Avec --watch : laisse les fichiers en place.")
@click.option(
    "--quiet",
    default=2.0,
    show_default=True,
    type=click.FloatRange(0.1),
    help="Avec --watch : secondes sans changement après lesquelles un fichier est complet.",
)
@click.option("--alert", is_flag=True, help="Sans --watch : alerte aussi de ce qui est chargé, comme d'un fil.")
@click.pass_obj
def load(
    settings: Settings,
    paths: tuple[Path, ...],
    reference_date: datetime | None,
    format_: str | None,
    columns: tuple[str, ...],
    watch: bool,
    keep: bool,
    quiet: float,
    alert: bool,
) -> None:
    """Charge des fichiers ou des dossiers de dépêches, ou l'entrée standard (-). Recharger ne change rien."""
    from indexer.readers import FORMATS

    if format_ and format_ not in FORMATS:
        raise ConfigurationError(f"Format « {format_} » inconnu ; les formats sont {', '.join(FORMATS)}.")
    reference = reference_date.date() if reference_date else None
    if watch:
        _watch(settings, paths, reference, format_, _columns(columns), keep=keep, quiet=quiet)
        return
    if keep:
        raise ConfigurationError("--keep ne vaut qu'avec --watch ; sans lui, les fichiers restent toujours en place.")
    with _loading(settings, reference, files=_count_files(paths), back_load=not alert) as loader:
        tally = loader.load_paths(paths, format_, _columns(columns))
    sys.exit(_summary(settings, tally))


def _watch(
    settings: Settings,
    folders: tuple[Path, ...],
    reference: date | None,
    format_: str | None,
    columns: dict[str, str] | None,
    *,
    keep: bool,
    quiet: float,
) -> None:
    """Until it is told to stop, which is no failure whatever was rejected: that is explained beside each file."""
    from indexer.watch import watch_folders

    with _loading(settings, reference, create=False) as loader:  # the watch waits for the engine, then creates
        tally = watch_folders(
            loader,
            folders,
            settings.data_dir,
            keep=keep,
            format=format_,
            columns=columns,
            quiet=quiet,
            told=lambda message: err.print(_escape(message)),
        )
    _summary(settings, tally)


def _columns(told: tuple[str, ...]) -> dict[str, str] | None:
    from indexer.readers.csv_table import columns_of

    return columns_of(told) or None


@main.command()
@click.option("--list", "only_list", is_flag=True, help="Montre les rejets sans rien retenter.")
@click.option(
    "--discard",
    metavar="MOTIF",
    help="Écarte les rejets dont le fichier répond à ce motif (« *.pdf » ; « * » : tous), sans les retenter ; ils sont gardés à part.",
)
@click.pass_obj
def replay(settings: Settings, only_list: bool, discard: str | None) -> None:
    """Retente ce qui a été rejeté."""
    from indexer.replay import replay as replay_letters

    if discard is not None:
        letters = _dead_letters(settings)
        count = len(letters.discard(discard))
        out.print(f"{count} rejets écartés, gardés dans {letters.discarded}." if count else "Aucun rejet n'y répond.")
        return
    if only_list:
        for letter in _dead_letters(settings).all():
            out.print(f"{letter.at}  {_escape(letter.where)}  [red]{letter.code}[/]  {_escape(letter.reason)}")
        return
    with _loading(settings, None) as loader:
        tally = replay_letters(loader)
    sys.exit(_summary(settings, tally))


def _dead_letters(settings: Settings) -> Any:
    from indexer.deadletters import DeadLetters

    return DeadLetters(settings.data_dir / "dead-letters" / f"{settings.index_prefix}.jsonl")


def _writing(settings: Settings) -> Path:
    """The lock of those who write to the archive."""
    from indexer.load import writers_lock

    return writers_lock(_dead_letters(settings))


def _count_files(paths: tuple[Path, ...]) -> int:
    from indexer import sources
    from indexer.load import STANDARD_INPUT

    return sum(path == STANDARD_INPUT for path in paths) + sum(
        isinstance(found, sources.Found) for found in sources.find(path for path in paths if path != STANDARD_INPUT)
    )


@contextmanager
def _loading(
    settings: Settings,
    reference: date | None,
    *,
    files: int | None = None,
    create: bool = True,
    back_load: bool = False,
) -> Iterator[Any]:
    """A loader with its progress on the screen; the bar is out of `files`, where they are counted.

    `create`: make the index first, where there is none. `back_load`: what is loaded is old, and alerts nobody.
    """
    from authorities.loader import load_authorities
    from indexer.build import Builder
    from indexer.load import Loader, Watcher

    builder = Builder(load_authorities(own=settings.authorities_dir), timezone=settings.timezone, reference=reference)
    with _engine(settings) as engine:
        if create:
            lifecycle.create(engine, _family(settings))
        with Progress(
            SpinnerColumn(),
            BarColumn(bar_width=20),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=err,
            transient=True,
        ) as bar:
            task = bar.add_task("Chargement", total=files)
            started = shown = time.monotonic()

            def progress(tally: Any) -> None:
                nonlocal shown
                # Heard after every dispatch; eyes see ten pictures a second.
                if time.monotonic() - shown < 0.1:
                    return
                shown = time.monotonic()
                rate = tally.read / max(time.monotonic() - started, 0.001)
                bar.update(
                    task,
                    completed=tally.files,
                    description=f"{tally.read} lues, {tally.loaded} chargées, {tally.unchanged} inchangées, "
                    f"{tally.rejected} rejetées ({rate:.0f}/s)",
                )

            watcher = Watcher(
                progress=progress,
                rejected=lambda rejection: bar.console.print(
                    f"[red]rejeté[/] {_escape(rejection.where)} : {_escape(rejection.error.detail)}"
                ),
                skipped=lambda skipped: bar.console.print(
                    f"[dim]ignoré {_escape(skipped.name)} : {_escape(skipped.reason)}[/]"
                ),
                waiting=lambda error: bar.console.print(f"[yellow]attente[/] {_escape(error.detail)}"),
                lost=lambda message: bar.console.print(f"[yellow]attention[/] {_escape(message)}"),
            )
            loader = Loader(
                engine,
                _family(settings),
                builder,
                _dead_letters(settings),
                watcher,
                processes=settings.load_processes,
                back_load=back_load,
            )
            try:
                yield loader
            finally:
                loader.rest()


def _summary(settings: Settings, tally: Any) -> int:
    """Print the account of a load; its exit status."""
    out.print(
        f"lues {tally.read} = chargées {tally.loaded} + inchangées {tally.unchanged} + rejetées {tally.rejected}"
        f" (fichiers : {tally.files}"
        + (f" ; ignorés, qui ne sont pas des dépêches : {tally.skipped}" if tally.skipped else "")
        + ")"
    )
    if tally.rejected:
        reasons = ", ".join(f"{code} : {count}" for code, count in tally.reasons.most_common())
        out.print(f"Rejets ({reasons}) gardés dans {_dead_letters(settings).path} ; depeches replay les retente.")
    return 1 if tally.rejected else 0


# -- authorities -------------------------------------------------------------------------------------


@main.group()
def authorities() -> None:
    """Les noms : ceux que l'archive a trouvés et que les autorités ignorent, à accepter ou à écarter."""


@authorities.command("candidates")
@click.option("--least", default=2, show_default=True, help="Nombre de dépêches qui le nomment, au moins.")
@click.option("--most", default=30, show_default=True, help="Nombre de noms montrés.")
@click.pass_obj
def authorities_candidates(settings: Settings, least: int, most: int) -> None:
    """Montre les noms trouvés dans les dépêches, les plus fréquents d'abord, avec leur contexte."""
    from authorities.loader import load_authorities
    from indexer.candidates import candidates

    known = load_authorities(own=settings.authorities_dir)
    with _engine(settings) as engine:
        for found in candidates(engine, _family(settings).read, known, least=least, most=most):
            out.print(
                f"[bold]{_escape(found.name)}[/] ({KIND_LABELS.get(found.kind, (found.kind,))[0]}, {found.count})"
            )
            for context in found.contexts:
                out.print(f"    {_escape(context)}")
    out.print("Accepter : depeches authorities accept NOM ; écarter : depeches authorities reject NOM.")


@authorities.command("accept")
@click.argument("name", metavar="NOM")
@click.option("--kind", type=click.Choice(["person", "organisation"]), default="person", show_default=True)
@click.option("--country", default="", help="Pays, par son libellé ; plusieurs séparés par |.")
@click.option("--role", default="", help="Fonction d'une personne.")
@click.option(
    "--type", "type_", default="institution", show_default=True, help="Genre d'une organisation : company, ngo…"
)
@click.option("--alias", "aliases", multiple=True, help="Autre graphie (à répéter).")
@click.option("--surname", default="", help="Ce qui suit « M. » ; le dernier mot du nom par défaut.")
@click.pass_obj
def authorities_accept(
    settings: Settings,
    name: str,
    kind: str,
    country: str,
    role: str,
    type_: str,
    aliases: tuple[str, ...],
    surname: str,
) -> None:
    """Fait d'un nom une autorité de cette archive."""
    from indexer.candidates import accept

    values = {"country": country, "aliases": "|".join(aliases)}
    if kind == "person":
        values |= {"role": role, "surname": surname or name.split()[-1]}
    else:
        values |= {"kind": type_, "source": "archive"}
    out.print(f"{_escape(name)} est dans {accept(settings.authorities_dir, name, kind, values)}. {APPLY}")


@authorities.command("reject")
@click.argument("name", metavar="NOM")
@click.option("--notes", default="", help="Pourquoi.")
@click.pass_obj
def authorities_reject(settings: Settings, name: str, notes: str) -> None:
    """Écarte un nom : il ne sera plus pris pour un acteur."""
    from indexer.candidates import reject

    out.print(f"{_escape(name)} est écarté ({reject(settings.authorities_dir, name, notes)}). {APPLY}")


APPLY = "depeches index rebuild --reenrich l'applique à l'archive."


# -- repair ------------------------------------------------------------------------------------------


@main.command()
@click.argument("path", metavar="FICHIER", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--explain", is_flag=True, help="Dit aussi la règle et la confiance de chaque réparation.")
@click.pass_obj
def repair(settings: Settings, path: Path, explain: bool) -> None:
    """Montre ce que le chargement réparerait dans un fichier, sans rien charger."""
    from authorities.loader import load_authorities
    from indexer.build import Builder, normalise
    from indexer.raw import RawDispatch
    from indexer.readers import read_file

    repairer = Builder(load_authorities(own=settings.authorities_dir)).repairer
    for item in read_file(path, path.name):
        if not isinstance(item, RawDispatch):
            continue
        repaired = repairer.repair(normalise(item.text))
        out.print(f"[bold]{_escape(item.where)}[/] : canal {repaired.channel}, {len(repaired.repairs)} réparations")
        at = 0
        for mended in repaired.repairs:
            out.print(_escape(repaired.text[at : mended.offset]), end="")
            out.print(f"[red strike]{_escape(mended.lost)}[/][bold green]{_escape(mended.restored)}[/]", end="")
            at = mended.offset + len(mended.restored)
        out.print(_escape(repaired.text[at:]))
        for mended in repaired.repairs if explain else ():
            word = _word_at(repaired.text, mended.offset)
            out.print(f"  {_escape(word)} : {mended.lost} → {mended.restored} ({mended.rule}, {mended.confidence:.0%})")
        for doubt in repaired.doubts if explain else ():
            out.print(f"  laissé : {_escape(repaired.text[doubt.start : doubt.end])} ({', '.join(doubt.readings)} ?)")


def _word_at(text: str, offset: int) -> str:
    return next((word[0] for word in re.finditer(r"\S+", text) if word.start() <= offset < word.end()), "")


# -- search ------------------------------------------------------------------------------------------


@main.command(context_settings=AS_THE_API_SPELLS)
@click.argument("q", default="", metavar="[MOTS]")
@click.option("--json", "as_json", is_flag=True, help="La réponse de l'API, telle quelle.")
@search_options
@click.pass_obj
def search(settings: Settings, /, q: str, as_json: bool, **given: str | tuple[str, ...] | None) -> None:
    """Cherche, comme l'API et la page. Facettes et chronologie ne sont montrées que demandées : --facets."""
    from authorities.loader import load_authorities
    from engine.http import encoded, problem_of
    from search.schemas import answer_json, load_request
    from search.service import Archive
    from terminal.listing import show
    from terminal.refusal import refuse

    typed = pairs(q, given)
    try:
        request = load_request(arguments(typed))
        if not as_json and not given["facets"]:
            request = replace(request, facets=())
        with _engine(settings) as engine:
            authorities = load_authorities(own=settings.authorities_dir)
            result = Archive(engine, _family(settings).read, authorities, settings.timezone).search(request)
    except RequestError as error:
        if as_json:
            click.echo(problem_of(error).get_data())
        refuse(err, error, typed)
        sys.exit(1)
    if as_json:
        click.echo(encoded(answer_json(result)))
    else:
        show(out, result, typed, settings.timezone)


@main.command(context_settings=AS_THE_API_SPELLS)
@click.argument("format_", metavar="FORMAT")
@click.argument("q", default="", metavar="[MOTS]")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FICHIER",
    help="Fichier à écrire ; sinon la sortie standard.",
)
@click.option(
    "--site",
    metavar="ADRESSE",
    help="Adresse des pages, pour les liens ; DEPECHES_PUBLIC_URL, ou http://HOST:PORT, par défaut.",
)
@search_options
@click.pass_obj
def export(
    settings: Settings,
    /,
    format_: str,
    q: str,
    output: Path | None,
    site: str | None,
    **given: str | tuple[str, ...] | None,
) -> None:
    """Écrit tout ce que trouve une recherche, en csv, jsonl, ris, txt, ou ses plus récentes en atom, rss."""
    from authorities.loader import load_authorities
    from search.formats.place import Place
    from search.service import Archive
    from terminal.exporting import files_of
    from terminal.refusal import refuse
    from terminal.saving import save

    typed = pairs(q, given)
    place = Place(site.rstrip("/"), settings.timezone) if site else place_of(settings)
    try:
        with _engine(settings) as engine, _exporting() as progress:
            authorities = load_authorities(own=settings.authorities_dir)
            archive = Archive(engine, _family(settings).read, authorities, settings.timezone)
            with files_of(archive, format_, typed, place, progress) as chunks:
                save(chunks, output, sys.stdout.buffer)
    except RequestError as error:
        refuse(err, error, typed)
        sys.exit(1)
    except BrokenPipeError:
        raise  # `depeches export csv | head`: click ends quietly
    except OSError as error:
        raise ConfigurationError(f"Impossible d'écrire {output or 'la sortie'} ({error.strerror}).") from error


@contextmanager
def _exporting() -> Iterator[Callable[[int, int], None]]:
    with Progress(
        BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn(), console=err, transient=True
    ) as bar:
        task = bar.add_task("Export", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@main.command()
@click.argument("id", metavar="IDENTIFIANT")
@click.pass_obj
def explain(settings: Settings, id: str) -> None:
    """Dit, pour chaque facette d'une dépêche, les mots qui y ont mené."""
    from authorities.loader import load_authorities
    from indexer.explain import TopicWords, words_of
    from search.service import Archive
    from web.mentions import evidence

    authorities = load_authorities(own=settings.authorities_dir)
    with _engine(settings) as engine:
        dispatch = Archive(engine, _family(settings).read, authorities, settings.timezone).get(id)
    scores = {score.path: score for score in TopicWords(authorities).scores(dispatch)}
    out.print(f"[bold]{_escape(dispatch.title)}[/]")
    for facet, group in groupby(evidence(dispatch, words_of(scores.values())), key=lambda each: each.facet):
        out.print(f"\n[dim]{_escape(facet)}[/]")
        for value in group:
            score = scores.get(value.value)
            words = [f"{each.surface} ({each.weight:+.1f})" for each in score.evidence] if score else []
            words = words or [f"{word} (× {count})" if count > 1 else word for word, count in value.words]
            total = f" {score.score:.1f}" if score else ""
            out.print(f"  {_escape(value.value)}{total} : {_escape(', '.join(words) or NO_WORDS)}")


NO_WORDS = "donné avec la dépêche, ou par l’un de ses organes (armée, ministère)"


# -- doctor -------------------------------------------------------------------------------------------


@main.command()
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Dit ce qui va, ce qui ne va pas et comment y remédier ; code 1 si quelque chose ne va pas."""
    well = True
    for name, check in (
        ("réglages", _check_settings),
        ("autorités", _check_authorities),
        ("moteur", _check_engine),
        ("index", _check_index),
        ("histoires", _check_stories),
        ("base", _check_database),
        ("lecteurs", _check_readers),
        ("alertes", check_alerts),
        ("rejets", _check_dead_letters),
        ("sauvegarde", _check_backups),
        ("disque", _check_disk),
    ):
        try:
            out.print(f"[green]bien[/]  {name:10} {_escape(check(settings))}")
        except BackupOverdue as error:
            # Who tries it out at home has nothing to lose yet.
            well = well and is_local(settings)
            word = "[yellow]avis[/]" if is_local(settings) else "[red]mal[/] "
            out.print(f"{word}  {name:10} {_escape(error.detail)}")
        except DepechesError as error:
            well = False
            out.print(f"[red]mal[/]   {name:10} {_escape(error.detail)}")
        except OSError as error:
            well = False
            out.print(f"[red]mal[/]   {name:10} {_escape(_refused_by_the_system(error))}")
    sys.exit(0 if well else 1)


def _running_engine(settings: Settings) -> Engine:
    """The engine in use; a local node that is stopped is not started to be looked at."""
    if settings.elasticsearch_url:
        return Engine.from_settings(settings)
    state = Node(settings).running()
    if state is None:
        java = find_jdk()
        raise NodeError(f"Le nœud local est arrêté (Java : {java}). Démarrez-le : depeches node start.")
    return Engine(state.address(), timeout=settings.elasticsearch_timeout)


def _check_settings(settings: Settings) -> str:
    for name, meant in unknown_variables().items():
        instead = f"vouliez-vous dire {meant} ?" if meant else "voyez docs/configuration.md."
        raise ConfigurationError(f"{name} n'est pas un réglage : {instead}")
    return "lus"


def _check_authorities(settings: Settings) -> str:
    from authorities.loader import load_authorities

    known = load_authorities(own=settings.authorities_dir)
    return f"{len(known.persons)} personnes, {len(known.organisations)} organisations, {len(known.topics)} sujets"


def _check_engine(settings: Settings) -> str:
    engine = _running_engine(settings)
    version = str(engine.info()["version"]["number"])
    if not version.startswith("9."):
        raise NodeError(f"{engine.address.url} est un Elasticsearch {version} ; il en faut un 9.")
    if not engine.ready():
        raise NodeError(f"{engine.address.url} répond, mais des données manquent ; voyez son journal.")
    return f"Elasticsearch {version} à {engine.address.url}"


def _check_index(settings: Settings) -> str:
    generation = lifecycle.current(_running_engine(settings), _family(settings))
    if not generation.matches:
        raise IndexNotReady(f"{generation.name} a une ancienne structure : depeches index rebuild.")
    return f"{generation.name}, {generation.documents} dépêches"


def _check_stories(settings: Settings) -> str:
    from indexer.ingest import UNSETTLED

    count = _running_engine(settings).count(_family(settings).read, UNSETTLED)
    if count:
        raise IndexNotReady(
            f"Des dépêches d'un chargement interrompu n'ont pas rejoint leur histoire ({count}) : depeches replay."
        )
    return "toutes établies"


def _check_database(settings: Settings) -> str:
    with _database(settings) as found:
        found.check()
        return f"{found.name}, étape {found.status().current}"


def _check_readers(settings: Settings) -> str:
    """Who says who reads, and whether they can be heard: the identity provider is asked."""
    from access.oidc import Provider

    if settings.oidc_issuer:
        Provider(settings).metadata()
        return f"se connectent à {settings.oidc_issuer}, qui répond"
    if settings.user_header:
        networks = [each for each in settings.trusted_proxies if each != "unix"]
        if any(each.prefixlen == 0 for each in networks):
            raise ConfigurationError(
                "DEPECHES_TRUSTED_PROXIES croit tout le monde : n'importe qui peut se nommer ; donnez l'adresse du portail."
            )
        if not settings.public_url:
            raise ConfigurationError(
                "Derrière un portail, donnez DEPECHES_PUBLIC_URL : les liens et les formulaires en dépendent."
            )
        return f"nommés par {settings.user_header}, cru de {', '.join(map(str, settings.trusted_proxies))}"
    if is_local(settings):
        return "mode local : qui est devant la machine"
    return "par clé" + (", et tous pour chercher" if settings.anonymous_scopes else " seulement")


def _check_dead_letters(settings: Settings) -> str:
    letters = _dead_letters(settings)
    count = len(letters.all())
    if count:
        raise InputRejected(
            f"{count} rejets dans {letters.path} : depeches replay --list, puis depeches replay, ou --discard MOTIF."
        )
    return "aucun"


def _check_backups(settings: Settings) -> str:
    from terminal import backups

    return backups.check(settings)


def _check_disk(settings: Settings) -> str:
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < LITTLE_DISK:
        raise DiskFull(f"Il ne reste que {free / 1e6:.0f} Mo dans {folder} : libérez de la place.")
    return f"{free / 1e9:.0f} Go libres dans {folder}"


# Elasticsearch needs twice the size of an index while it merges or is rebuilt.
LITTLE_DISK = 2_000_000_000


# -- serve -------------------------------------------------------------------------------------------


@main.command()
@click.option("--samples/--no-samples", default=False, help="Charge d'abord les exemples si l'archive est vide.")
@click.option(
    "--alerts/--no-alerts",
    "alerting",
    default=None,
    help="Suit aussi les recherches enregistrées, comme « alerts run » ; par défaut en mode local seulement.",
)
@click.pass_obj
def serve(settings: Settings, samples: bool, alerting: bool | None) -> None:
    """Sert la page et l'API (gunicorn)."""
    Listening.of(settings).check_free()
    with _engine(settings) as engine:
        lifecycle.create(engine, _family(settings))
        if samples and engine.count(_family(settings).read) == 0:
            _load_samples(settings)
        else:
            _finish_stories(settings, engine)
        _prepare_database(settings)
        environment = os.environ | _engine_environment(engine, settings)
        with TemporaryDirectory(prefix="depeches-mesures-") as measures:
            # Without a folder they share, each worker would answer /metrics for itself: counts that go up and down.
            shared = {"PROMETHEUS_MULTIPROC_DIR": os.environ.get("PROMETHEUS_MULTIPROC_DIR") or measures}
            server = subprocess.Popen(serving(settings), env=environment | shared, preexec_fn=ending_with_us())
            alerts = Staying(
                [sys.executable, __file__, "alerts", "run"],
                environment,
                lambda status: err.print(f"[yellow]attention[/] {_escape(_ended('Le travail des alertes', status))}"),
            )
            if is_local(settings) if alerting is None else alerting:
                alerts.start()

            def stop(_signal: int, _frame: Any) -> None:
                server.terminate()
                alerts.stop()

            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
            if _answers(settings, server):
                out.print(f"\nDépêches est à [bold]{_escape(place_of(settings).address)}[/] (Ctrl-C pour arrêter).\n")
            status = server.wait()
            alerts.stop()
            alerts.join()
    sys.exit(status)


def _ended(what: str, status: int) -> str:
    how = f"tué (signal {-status})" if status < 0 else f"code {status}"
    return f"{what} s'est arrêté ({how}) ; il repart."


# A connection that a proxy or a program keeps open costs no thread while it waits; gunicorn's own 2 s cut most of them.
KEEP_ALIVE = 60

# Bytes of the first line of a request: a query of 1,000 letters with accents is 6,000. The most that gunicorn takes, and nginx.
LONGEST_ADDRESS = 8190


def serving(settings: Settings, *, timeout: int = 60) -> list[str]:
    """The command that serves the page and the API, as gunicorn takes it.

    Args:
        timeout: seconds after which a worker that says nothing is taken for lost.
    """
    return [
        *(sys.executable, "-m", "gunicorn", "app:create_app()", "--chdir", str(Path(__file__).parent)),
        *("--bind", str(Listening.of(settings)), "--umask", f"{UMASK:#o}", "--workers", str(settings.workers)),
        *("--worker-class", "gthread", "--threads", "8", "--keep-alive", str(KEEP_ALIVE)),
        *("--timeout", str(timeout), "--graceful-timeout", "10", "--no-control-socket"),
        *("--limit-request-line", str(LONGEST_ADDRESS)),
        *(("--logger-class", "engine.journal.Journal") if settings.log_format == "json" else ()),
        "--forwarder-headers=",  # where we are mounted is a setting's to say, no header's
    ]


def _finish_stories(settings: Settings, engine: Engine) -> None:
    """What a killed loader left; a key that may only read leaves it to the next load."""
    from indexer.ingest import UNSETTLED

    if engine.count(_family(settings).read, UNSETTLED):
        with suppress(EngineDenied):
            _ingest(settings, engine).recover()


def _prepare_database(settings: Settings) -> None:
    """Make the tables of a local file; say what is wrong with another database, without which searching goes on."""
    try:
        with _database(settings) as found:
            found.check()
    except DatabaseError as error:
        err.print(f"[yellow]Alertes et clés indisponibles[/] {_escape(error.detail)}")


def _answers(settings: Settings, server: subprocess.Popen[bytes]) -> bool:
    """Wait until the server takes connections; False when it stopped instead."""
    while server.poll() is None:
        if Listening.of(settings).answers():
            return True
        time.sleep(0.1)
    return False


def _engine_environment(engine: Engine, settings: Settings) -> dict[str, str]:
    """The variables that lead a worker to this engine, with no more rights than serving and loading over HTTP take."""
    environment = {"ELASTICSEARCH_URL": engine.address.url}
    if engine.address.ca_certs:
        environment["ELASTICSEARCH_CA_CERTS"] = str(engine.address.ca_certs)
    if engine.address.basic_auth:
        privileges = ["read", "view_index_metadata", "index", "maintenance"]
        rights = {"names": [f"{settings.index_prefix}*"], "privileges": privileges}
        environment["ELASTICSEARCH_API_KEY"] = engine.create_api_key(
            "depeches-serve", {"cluster": ["monitor"], "indices": [rights]}
        )
    return environment


def _load_samples(settings: Settings) -> None:
    with _loading(settings, SAMPLES_RECEIVED, back_load=True) as loader:
        tally = loader.load_paths([SAMPLES])
    out.print(f"{tally.loaded} dépêches d'exemple chargées.")


if __name__ == "__main__":
    main()

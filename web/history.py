"""The history of a dispatch as pages show it: its versions in words, what changed, what other agencies sent. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mappings.dispatch import Dispatch
from mappings.fields import STATUS_LABELS
from search.history import History, Version
from search.versions import Change, Span
from web import wording
from web.texts import gettext as _
from web.texts import noted

# Where a dispatch of this id is read.
Href = Callable[[str], str]

# What happened to a paragraph, by operation and by whether it only moved.
CHANGE_WORDS = {
    ("insert", False): noted("Ajouté"),
    ("delete", False): noted("Retiré"),
    ("replace", False): noted("Récrit"),
    ("insert", True): noted("Déplacé ici"),
    ("delete", True): noted("Déplacé d’ici"),
}

# Of a paragraph that moved from here, what tells which one it is; it is whole where it came to.
MOVED_LENGTH = 90


@dataclass(frozen=True, slots=True)
class Row:
    """A dispatch in a list of its story. `anchor` is the name of its place in the page of versions."""

    href: str
    title: str
    version: str
    status: str
    standing: bool
    agency: str | None
    date: str
    stamp: str | None
    asked: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Paragraphs to which the same happened. `word` says what ("Ajouté"), blank where nothing did.

    `op` is the change's; a rewritten paragraph has `words`, the others `texts`.
    """

    op: str
    word: str
    texts: tuple[str, ...]
    words: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One version and what it changed. `note` takes the place of changes where there are none to show."""

    row: Row
    title: tuple[Span, ...]
    changes: tuple[Paragraphs, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """Where a dispatch stands. `earlier` and `later` lead to versions left out, with how many they are."""

    versions: tuple[Told, ...]
    others: tuple[Row, ...]
    in_force: Row | None
    earlier: tuple[int, str] | None
    later: tuple[int, str] | None
    further: int


def story(dispatch: Dispatch, history: History, timezone: str, href: Href, versions_href: Href) -> Story:
    """A history in words.

    Args:
        timezone: the archive's.
        href, versions_href: where a dispatch is read, and where its versions are.
    """
    chain = history.chain
    in_force = history.in_force
    return Story(
        versions=tuple(_told(each, row(each.dispatch, timezone, href, asked=each.asked)) for each in chain),
        others=tuple(row(other, timezone, href) for other in history.others),
        in_force=row(in_force, timezone, href) if in_force and in_force.id != dispatch.id else None,
        earlier=(history.earlier, versions_href(chain[0].dispatch.id)) if history.earlier else None,
        later=(history.later, versions_href(chain[-1].dispatch.id)) if history.later else None,
        further=history.further,
    )


def row(dispatch: Dispatch, timezone: str, href: Href, *, asked: bool = False) -> Row:
    return Row(
        href=href(dispatch.id),
        title=dispatch.title,
        version=f"{_('Version')}{wording.NBSP}{dispatch.version}",
        status=wording.typeset(_(STATUS_LABELS[dispatch.status])),
        standing=dispatch.status == "current",
        agency=dispatch.agency,
        date=wording.dated(dispatch.published, dispatch.date_precision, dispatch.date_text, timezone),
        stamp=wording.stamp(dispatch.published, dispatch.date_precision, timezone),
        asked=asked,
        anchor=anchor(dispatch.id),
    )


def anchor(id: str) -> str:
    """The name of a version's place in the page of versions."""
    return f"version-{id}"


def _told(version: Version, shown: Row) -> Told:
    step = version.step
    if step is None:
        note = _("Textes trop longs pour être comparés.") if version.too_long else _("Première version reçue.")
        return Told(shown, (), (), note)
    if not step.title and all(change.op == "equal" for change in step.body):
        return Told(shown, (), (), _("Même titre, même texte que la version précédente."))
    return Told(shown, step.title, tuple(map(_paragraphs, step.body)), None)


def _paragraphs(change: Change) -> Paragraphs:
    texts = change.before if change.op == "delete" else change.after
    if change.op == "delete" and change.moved:
        texts = tuple(_beginning(text) for text in texts)
    happened = (change.op, change.moved)
    word = _(CHANGE_WORDS[happened]) if happened in CHANGE_WORDS else ""
    return Paragraphs(change.op, word, () if change.words else texts, change.words)


def _beginning(text: str) -> str:
    if len(text) <= MOVED_LENGTH:
        return text
    return text[:MOVED_LENGTH].rsplit(" ", 1)[0] + f"{wording.NBSP}…"

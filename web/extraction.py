"""`python -m web.extraction` (`make texts`): every message the pages can say goes into the English catalogue, in a stable order.

    code, templates, constants of other rooms -> messages -> web/catalogue/en.po, translations kept

A message is a French text given to one of the `MARKS`. What has no English yet stands there empty, and a test says so; what
is said no more is left out. Nothing is guessed: a message whose French changed is another message.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from access.limits import KINDS as KINDS_OF_LIMITS
from engine.http import HTTP_DETAILS
from mappings.fields import FACETS, KIND_LABELS, STATUS_LABELS
from search.result import ONE_OF
from web.texts import CATALOGUE, KINDS

ROOM = Path(__file__).parent

# What a message is given to: where its texts stand among the arguments, one, several, context.
MARKS: dict[str, tuple[int, int | None, int | None]] = {
    "_": (0, None, None),
    "gettext": (0, None, None),
    "noted": (0, None, None),
    "ngettext": (0, 1, None),
    "counted": (1, 2, None),
    "pgettext": (1, None, 0),
}

HEADER = """\
# The pages of Dépêches in English. `make texts` brings in what is new; every message has its English.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


@dataclass(frozen=True, slots=True)
class Message:
    """A French text and where it stands. `many`: what it is of several, None where it does not count."""

    file: str
    line: int
    one: str
    many: str | None = None
    context: str | None = None


def messages() -> Iterator[Message]:
    """Every message, file by file."""
    for path in sorted(ROOM.glob("*.py")):
        yield from of_code(path.name, path.read_text(encoding="utf-8"))
    for path in sorted((ROOM / "templates").iterdir()):
        yield from of_template(f"templates/{path.name}", path.read_text(encoding="utf-8"))
    yield from of_other_rooms()


def of_code(file: str, source: str) -> Iterator[Message]:
    """The messages of a module."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda each: (each.lineno, each.col_offset)):
        if (name := _called(call.func)) in MARKS:
            yield from _marked(file, call.lineno, name, [tuple(_texts(argument)) for argument in call.args])


def _called(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _texts(node: ast.expr) -> Iterator[str]:
    """The text of an argument, or the two it may be (`_("un" if one else "deux")`)."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))


def of_template(file: str, source: str) -> Iterator[Message]:
    """The messages of a template."""
    for call in environment().parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS:
            yield from _marked(file, call.lineno, call.node.name, [tuple(_shown(each)) for each in call.args])


def _shown(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from _shown(node.expr1)
        if node.expr2:
            yield from _shown(node.expr2)


def environment() -> Environment:
    """An environment that reads templates as that of the pages does (`web.texts.install`)."""
    made = Environment(extensions=["jinja2.ext.i18n"])
    made.policies["ext.i18n.trimmed"] = True
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    return made


def of_other_rooms() -> Iterator[Message]:
    """The labels that other rooms give to readers and the pages translate where they show them."""
    for facet in FACETS.values():
        yield Message("mappings/fields.py", 0, facet.label)
    for label in ONE_OF.values():
        yield Message("search/result.py", 0, label)
    for _code, detail in HTTP_DETAILS.values():
        yield Message("engine/http.py", 0, detail)
    for kind in KINDS_OF_LIMITS.values():
        yield Message("access/limits.py", 0, kind)
    for status in STATUS_LABELS.values():
        yield Message("mappings/fields.py", 0, status)
    for one, several in KIND_LABELS.values():
        yield Message("mappings/fields.py", 0, one, context=KINDS)
        yield Message("mappings/fields.py", 0, several, context=KINDS)


def _marked(file: str, line: int, name: str, arguments: list[tuple[str, ...]]) -> Iterator[Message]:
    at, at_many, at_context = MARKS[name]
    ones = arguments[at] if len(arguments) > at else ()
    many = arguments[at_many] if at_many is not None and len(arguments) > at_many else ()
    context = arguments[at_context][0] if at_context is not None and arguments[at_context] else None
    for one in ones:
        plural = many[0] if many else f"{one}s" if name == "counted" else None
        yield Message(file, line, one, plural, context)


def catalogue(found: Iterable[Message], known: Catalog) -> Catalog:
    """The messages found, with the translations known."""
    made = Catalog(locale="en")
    several = {(each.one, each.context): each.many for each in found if each.many}
    for each in found:
        many = several.get((each.one, each.context))
        old = known.get(each.one, each.context)
        fits = old is not None and isinstance(old.id, tuple) == bool(many)
        made.add(
            (each.one, many) if many else each.one,
            old.string if old and fits else None,
            locations=[(f"web/{each.file}" if each.line else each.file, 0)],
            context=each.context,
        )
    return made


def written(made: Catalog) -> bytes:
    """A catalogue as its file holds it."""
    body = BytesIO()
    write_po(body, made, width=0, omit_header=True, sort_by_file=True, include_lineno=False)
    return HEADER.encode() + body.getvalue().strip() + b"\n"


def known(path: Path = CATALOGUE / "en.po") -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")


if __name__ == "__main__":
    made = catalogue(list(messages()), known())
    (CATALOGUE / "en.po").write_bytes(written(made))
    for message in made:
        if message.id and not all(message.string if isinstance(message.string, tuple) else [message.string]):
            print(f"sans anglais : {message.id}")

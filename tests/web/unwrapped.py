"""What a reader would see in French whatever the language: texts of templates and of code that no catalogue is asked about."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

from engine import errors
from web.extraction import MARKS, environment

# Names, and what is the same in any language.
NAMES = frozenset({"Dépêches", "Français", "JSON", "Atom", "RSS", "OpenAPI", "Webhook", "depeches load"})

# What is read of a tag.
READ = frozenset(
    {"title", "aria-label", "placeholder", "alt", "label", "aria-description", "aria-roledescription", "summary"}
)

# What no reader sees, or sees as it is typed.
UNREAD = frozenset({"script", "style", "kbd", "code", "template"})

# Blocks that fill the class of an element, and functions whose arguments nobody reads.
CLASSES = frozenset({"page"})
UNSAID_BY = frozenset({"url_for", "replace", "static"})

# Stands in a text for what a template puts there.
_PUT = "\ufffc"
_LETTERS = re.compile(r"[^\W\d_]")
_KEY = re.compile("[a-z_.-]+")
_SIGNS = re.compile("[«»]|[\u00a0\u202f][:;?!]")


def in_template(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of whatever is read in a template and stands in no message."""
    lines: list[str] = []
    yield from _strings(source, lines)
    page = _Page()
    page.feed("".join(lines))
    page.close()
    yield from page.found


def _strings(source: str, text: list[str]) -> Iterator[tuple[int, str]]:
    """The strings put into a text or set for it, outside the arguments of a mark; `text`: the template without its code."""
    inside, statement, before, message = "", "", "", ""
    calls: list[str] = []
    for line, kind, value in environment().lex(source):
        if kind == "data":
            text.append("\n" * value.count("\n") if message else value)
            continue
        text.append("\n" * value.count("\n"))
        if kind in ("variable_begin", "block_begin"):
            inside, statement, calls = kind, "", []
        elif kind == "variable_end" and not message:
            text.append(_PUT)
        elif kind == "name" and inside == "block_begin" and not statement:
            statement = value
            message = {"trans": "endtrans"}.get(value, "" if value == message else message)
        elif kind == "name" and statement == "block" and value in CLASSES:
            message = "endblock"
        elif kind == "operator" and value == "(":
            calls.append(before)
        elif kind == "operator" and value == ")":
            calls = calls[:-1]
        elif (
            kind == "string"
            and before not in ("==", "!=", "in")
            and not any(name in MARKS or name in UNSAID_BY for name in calls)
            and not (any(calls) and _KEY.fullmatch(value[1:-1]))
            and (inside == "variable_begin" or statement == "set")
            and not _in_unread_attribute("".join(text))
            and _says_something(value[1:-1])
        ):
            yield line, value
        before = value if kind != "whitespace" else before


def _in_unread_attribute(before: str) -> bool:
    opened = before.rfind("<")
    if opened <= before.rfind(">"):
        return False
    name = re.search(r"""([\w-]+)=["'][^"']*$""", before[opened:])
    return name is None or name[1] not in READ


def _says_something(text: str) -> bool:
    """Whether there is a word in it, besides names, or a sign that is set as French sets it."""
    plain = unescape(text).replace(_PUT, " ")
    for name in NAMES:
        plain = plain.replace(name, " ")
    return bool(_LETTERS.search(plain) or _SIGNS.search(plain))


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in UNREAD
        for name, value in attrs:
            if name in READ and value and _says_something(value):
                self.found.append((self.getpos()[0], f"{name}={value.replace(_PUT, '…')!r}"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._unread -= tag in UNREAD

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in UNREAD and self._unread > 0

    def handle_data(self, data: str) -> None:
        if not self._unread and _says_something(data):
            lead = len(data) - len(data.lstrip())
            self.found.append((self.getpos()[0] + data[:lead].count("\n"), " ".join(data.replace(_PUT, "…").split())))


# What makes a string of the code a French one: a letter or a space that English does not have, or two words.
_FRENCH = re.compile("[àâçéèêëîïôùûœÀÂÇÉÈÊÎÔ«»\u00a0\u202f’]|[a-z]{2,} [a-z]{2,}")


def in_code(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of whatever looks French in a module and is neither in a message, nor an error's detail, nor documentation."""
    tree = ast.parse(source)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            skipped.add(id(node.body[0].value))  # type: ignore[attr-defined]
        elif isinstance(node, ast.Call) and (_name(node.func) in UNSAID_BY_CODE or _is_error(_name(node.func))):
            skipped |= {id(each) for each in ast.walk(node)}
        elif isinstance(node, ast.Assign) and any(
            isinstance(each, ast.Name) and each.id in UNSAID for each in node.targets
        ):
            skipped |= {id(each) for each in ast.walk(node.value)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in skipped:
            continue
        if (
            node.value not in NAMES
            and node.value not in SIGNS
            and _FRENCH.search(node.value)
            and not ("<" in node.value or ">" in node.value)
        ):
            yield node.lineno, node.value


# What a browser is told of the archive, and words looked for in a guide of each language.
UNSAID = frozenset({"ABOUT", "REFUSED"})

# What is set by the rules of a language, not by its words.
SIGNS = frozenset({"«", "»", "’"})

# Calls whose texts are in the catalogue, and those whose texts nobody reads; a problem is the API's.
UNSAID_BY_CODE = frozenset(
    {*MARKS, "compile", "finditer", "sub", "fullmatch", "get_logger", "print", "problem", "_add", "strip"}
)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_error(name: str) -> bool:
    """An error's detail is French in every language, as the API's contract has it; the pages know its shape."""
    kind = getattr(errors, name, None)
    return isinstance(kind, type) and issubclass(kind, errors.DepechesError)

"""What the pages say, in the reader's language: French as it stands in the code, English by the catalogue.

The French sentence is the key, so that a template reads as the page does. A message the catalogue lacks is shown in French.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Response, g, has_request_context, request
from flask.sansio.app import App

# Of each language the name in itself, for whoever would read it. The first is that of the code.
LANGUAGES: Final[dict[str, str]] = {"fr": "Français", "en": "English"}

# The reader's choice. It is in no address: a link sent to a colleague speaks the colleague's language.
COOKIE: Final = "depeches-langue"

CATALOGUE = Path(__file__).parent / "catalogue"

# The context of what a value of a facet is: "État" is a state, and elsewhere the state of a dispatch.
KINDS: Final = "sorte"


def language() -> str:
    """The reader's language; French when none was chosen, and outside a request."""
    if not has_request_context():
        return "fr"
    if spoken := g.get("spoken"):  # a page asks five hundred times
        return str(spoken)
    g.spoken = chosen if (chosen := request.cookies.get(COOKIE, "")) in LANGUAGES else "fr"
    return str(g.spoken)


def _told(response: Response) -> Response:
    """Say which language an answer speaks, where it speaks one: a cache must not give it to a reader of another."""
    if spoken := g.get("spoken"):
        response.vary.add("Cookie")
        response.headers.setdefault("Content-Language", spoken)
    return response


def gettext(text: str, /, **slots: object) -> str:
    """A French sentence of the code in the reader's language: `_("depuis le %(day)s", day=...)`."""
    said = _translations(language()).gettext(text)
    return said % slots if slots else said


def ngettext(one: str, many: str, number: int, /, **slots: object) -> str:
    """The same of a sentence about a number of things; in French 0 is one."""
    said = _translations(language()).ngettext(one, many, number)
    return said % slots if slots else said


def pgettext(context: str, text: str) -> str:
    """The same of a word that says several things in French."""
    said: str = _translations(language()).pgettext(context, text)  # type: ignore[no-untyped-call]
    return said


def noted(text: str) -> str:
    """The text itself: marks, for the catalogue, a constant that is translated where it is shown."""
    return text


def install(app: App) -> None:
    """Give the templates `_`, `ngettext`, `{% trans %}` and `language()`, and answers the name of their language."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    app.jinja_env.globals["language"] = language
    app.jinja_env.globals["languages"] = LANGUAGES
    app.after_request(_told)


@cache
def _translations(language: str) -> NullTranslations:
    """The catalogue of a language, compiled when first asked for: no step between editing it and seeing it."""
    if language == "fr":
        return _French()
    compiled = BytesIO()
    with (CATALOGUE / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


class _French(NullTranslations):
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return msgid1 if n < 2 else msgid2

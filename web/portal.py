"""What other sites take in: the element portals embed, at an address that stays, and for pages without scripts a frame.

The element asks the API by itself and shows who it is by a token; its file holds nothing of the archive, and is for
everyone. The frame is a page of ours, seen by whoever may read the archive, on the sites that the operator named
(`DEPECHES_FRAME_ANCESTORS`); it has no cookie, no script, and nothing in it changes anything.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from access.gate import gate
from engine.errors import DepechesError, QuerySyntaxError, RequestError, http_status
from engine.http import retry_after
from search.api import archive
from search.request import LONGEST_QUERY
from search.schemas import load_request
from web import urls
from web.pages import ERROR_WORDS, Item, home_of, item_of, words_only
from web.refine import Link
from web.texts import gettext as _
from web.urls import Pairs

blueprint = Blueprint("portal", __name__, url_prefix="/portail", template_folder="templates")

FILE = Path(__file__).parent / "static" / "depeches-recherche.js"

# Seconds a browser keeps the element's file without asking whether it changed.
FRESH = 600

# Dispatches of a frame, where it does not say.
FRAMED = "10"


@dataclass(frozen=True, slots=True)
class Element:
    """The element's file: its bytes, and what a page may ask of them (`integrity`)."""

    source: bytes

    @property
    def integrity(self) -> str:
        return f"sha384-{base64.b64encode(hashlib.sha384(self.source).digest()).decode()}"

    @property
    def tag(self) -> str:
        return hashlib.sha256(self.source).hexdigest()[:32]


@cache
def element_file() -> Element:
    """As it stands in this version of the program."""
    return Element(FILE.read_bytes())


def embedding(root: str) -> str:
    """What a portal's page holds, of an archive at this address; it changes with the program.

    Args:
        root: without a slash at the end.
    """
    return (
        f'<script type="module" src="{root}/portail/depeches-recherche.js" crossorigin\n'
        f'        integrity="{element_file().integrity}"></script>\n'
        '<depeches-recherche token-endpoint="/jeton-depeches"></depeches-recherche>'
    )


@blueprint.get("/depeches-recherche.js")
def element() -> Response:
    """The element, for the pages of any portal."""
    response = Response(element_file().source, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    response.set_etag(element_file().tag, weak=True)  # the same, compressed or not
    response.make_conditional(request)
    return response


@blueprint.get("/cadre")
def frame() -> Response:
    """A search and what it finds, small enough for a column of another site's page."""
    pairs = urls.clean(request.args.items(multi=True))
    library = archive()
    try:
        asked = load_request(MultiDict((*((("size", FRAMED),) if "size" not in dict(pairs) else ()), *pairs)))
        result = library.search(replace(library.canonical(asked), facets=(), often_with=None))
    except RequestError as error:
        return _page(http_status(error), pairs, refused=error, ways=_ways(pairs, error))
    kept = urls.without(pairs)
    return _page(
        200,
        pairs,
        result=result,
        items=[item_of(hit, words_only(pairs), library.timezone) for hit in result.hits],
        next=_framed((*kept, ("cursor", result.next))) if result.next else None,
        previous=_framed((*kept, ("cursor", result.previous))) if result.previous else None,
        archive=home_of(kept),
    )


@blueprint.errorhandler(DepechesError)
def failed(error: DepechesError) -> Response:
    """What went wrong, as small as the frame; our pages cannot be shown in it."""
    return _page(http_status(error), urls.clean(request.args.items(multi=True)), refused=error)


@blueprint.after_request
def framing(response: Response) -> Response:
    """Which sites may show the frame. Nothing else is allowed than its own style."""
    allowed = gate().settings.frame_ancestors
    ancestors = " ".join("'self'" if each == "self" else each for each in allowed) or "'none'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )
    return response


def _page(
    status: int,
    pairs: Pairs,
    *,
    items: list[Item] | None = None,
    refused: DepechesError | None = None,
    ways: list[Link] | None = None,
    **shown: object,
) -> Response:
    page = render_template(
        "frame.html",
        q=dict(pairs).get("q", ""),
        hidden=tuple(pair for pair in pairs if pair[0] not in ("q", "cursor")),
        here=_framed(()),
        longest=LONGEST_QUERY,
        items=items or [],
        refused=refused,
        trouble=ERROR_WORDS.get(status) or ERROR_WORDS[500 if status >= 500 else 400],
        ways=ways or [],
        **shown,
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "private, no-cache"
    if status in (429, 503):
        response.headers["Retry-After"] = str(retry_after(refused))
    return response


def _ways(pairs: Pairs, error: RequestError) -> list[Link]:
    """The searches that can be answered in the place of one that cannot."""
    ways = []
    if isinstance(error, QuerySyntaxError) and error.suggestion:
        ways.append(Link(_("Chercher") + f" {error.suggestion}", _framed(urls.changed(pairs, {"q": error.suggestion}))))
    else:
        ways.append(Link(_("Chercher sans les filtres"), _framed(words_only(pairs))))
    return ways


def _framed(pairs: Pairs) -> str:
    return urls.link(url_for("portal.frame"), pairs)

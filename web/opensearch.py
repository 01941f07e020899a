"""What lets browsers and portals add the archive to their search boxes: an OpenSearch description, and its suggestions.

OpenSearch 1.1, draft 6, and its Suggestions extension 1.1 (github.com/dewitt/opensearch).
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, json, request, url_for
from lxml import etree

from engine.http import API_PREFIX, public_root
from engine.mount import mount
from search.request import LONGEST_QUERY
from search.suggest import DEFAULT_SUGGESTIONS, Suggestion
from search.suggest_api import briefly_kept, suggestions
from web import urls
from web.pages import blueprint
from web.texts import gettext as _
from web.texts import noted
from web.wording import counted

NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
DESCRIPTION = "application/opensearchdescription+xml"
SUGGESTIONS = "application/x-suggestions+json"

KIND_WORDS = {
    "word": noted("mot"),
    "saved": noted("recherche enregistrée"),
    "actor": noted("acteur"),
    "venue": noted("lieu"),
    "topic": noted("sujet"),
    "agency": noted("agence"),
    "speaker": noted("parole"),
}

# What a description says of the archive; a short name has 16 letters at most, a long one 48.
ABOUT = (
    ("ShortName", "Dépêches"),
    ("LongName", "Dépêches, archive de presse"),
    ("Description", "Chercher dans l'archive de dépêches : mots, citations, acteurs, lieux, sujets, dates."),
    ("Tags", "presse dépêches agence archive actualité"),
)
FURTHER = (
    ("SyndicationRight", "limited"),
    ("AdultContent", "false"),
    ("Language", "fr"),
    ("InputEncoding", "UTF-8"),
    ("OutputEncoding", "UTF-8"),
)


@blueprint.get("/opensearch.xml")
def opensearch() -> Response:
    """The description; its addresses are whole, since it is read far from here."""
    icon = url_for("web.static", filename="favicon.svg").removeprefix(mount())
    response = Response(description(public_root(), icon), content_type=DESCRIPTION)
    response.headers["Cache-Control"] = "max-age=3600"
    return response


@blueprint.get("/opensearch/propositions")
def opensearch_suggestions() -> Response:
    """What the end of `q` may become: the query, completions as query text, what they are, where they lead."""
    q = request.args.get("q", "")[:LONGEST_QUERY]
    found = suggestions(q, DEFAULT_SUGGESTIONS)
    body = [q, [each.spelled for each in found], [_told(each) for each in found], [_address(each) for each in found]]
    return briefly_kept(Response(json.dumps(body, ensure_ascii=False), content_type=SUGGESTIONS))


def description(root: str, icon: str) -> bytes:
    """The description of the archive at this address, as XML.

    Args:
        root: where the archive is, without a slash at the end.
        icon: the path of its picture in the archive.
    """
    results = {
        "text/html": f"{root}/?q={{searchTerms}}",
        "application/atom+xml": f"{root}{API_PREFIX}/export.atom?q={{searchTerms}}",
    }
    document = etree.Element(f"{{{NAMESPACE}}}OpenSearchDescription", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    _add(document, ABOUT)
    for kind, template in results.items():
        _add(document, [("Url", "")], type=kind, rel="results", template=template)
    _add(
        document,
        [("Url", "")],
        type=SUGGESTIONS,
        rel="suggestions",
        template=f"{root}/opensearch/propositions?q={{searchTerms}}",
    )
    _add(document, [("Url", "")], type=DESCRIPTION, rel="self", template=f"{root}/opensearch.xml")
    _add(document, [("Image", f"{root}{icon}")], type="image/svg+xml", width="16", height="16")
    _add(document, [("Query", "")], role="example", searchTerms="lavrov phnom penh")
    _add(document, FURTHER)
    written: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _add(document: etree._Element, elements: Iterable[tuple[str, str]], **attributes: str) -> None:
    for name, text in elements:
        etree.SubElement(document, f"{{{NAMESPACE}}}{name}", attributes).text = text or None


def _told(each: Suggestion) -> str:
    """ "Phnom Penh (Cambodge), lieu, 120 dépêches"."""
    told = [each.label, _(KIND_WORDS[each.kind])]
    return ", ".join([*told, counted(each.count, "dépêche")] if each.count is not None else told)


def _address(each: Suggestion) -> str:
    pairs = (("q", each.q), *((name, value) for name, values in each.params.items() for value in values))
    return f"{public_root()}{urls.link('/', urls.clean(pairs))}"

"""The one table of what a dispatch is in the index.

Read by the mapping (`mapping()`), the compiler (boosts, prefixes), the facets, the API's schemas and the page's labels.
`tests/mappings/test_fields.py` compares it with the live index and with `Dispatch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mappings.dispatch import ACTOR_KINDS, MOST_READINGS, PLACE_KINDS

Spec = dict[str, Any]

# Paragraphs are a thousand positions apart, so that proximity never crosses one and "same paragraph" can be asked.
PARAGRAPH_GAP = 1000

# A person's name, a topic path: longer is a parsing accident; it stays in _source and out of the facets.
LONGEST_KEYWORD = 512


@dataclass(frozen=True, slots=True)
class Facet:
    """How a field is faceted. `levels` holds every level of a path; `folded` is what a filter compares with.

    A facet written into `FIELDS` is in the API, its description, the pages and the terminal; nothing else names it.

    Args:
        rank: where readers see it, the least first.
        inner: of a hierarchical facet, the field of the levels below which a dispatch has another.
        kinds: what its values may be, the first preferred where a name is of several ("Luxembourg").
        single: a dispatch has one value at most, so that asking for two at once would find nothing.
    """

    name: str  # in URLs: actor=
    label: str  # to readers
    levels: str  # field the buckets are counted on
    folded: str  # field a filter is compared with, case and accents ignored
    rank: int
    hierarchical: bool = False
    inner: str = ""
    kinds: tuple[str, ...] = ()
    single: bool = False

    @property
    def told_apart(self) -> tuple[str, ...]:
        """The kinds that are counted apart: a path says by itself what its levels are."""
        return () if self.hierarchical else self.kinds

    def of_kind(self, kind: str) -> str:
        """The field of the values of one kind, where they are told apart."""
        return f"{self.levels}_{kind}"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the document: its Elasticsearch mapping and what the rest of the house needs to know of it."""

    name: str
    mapping: Spec
    label: str
    boost: float = 0.0  # > 0: searched by words, with this weight
    facet: Facet | None = None
    derived: bool = False  # computed by to_document, not a field of Dispatch


def _text() -> Spec:
    """Stemmed, with an `.exact` twin; offsets in the postings so that highlighting need not analyse again."""
    return {
        "type": "text",
        "analyzer": "fr",
        "position_increment_gap": PARAGRAPH_GAP,
        "index_options": "offsets",
        "fields": {
            "exact": {
                "type": "text",
                "analyzer": "fr_exact",
                "position_increment_gap": PARAGRAPH_GAP,
                "index_options": "offsets",
            }
        },
    }


def _text_and_root() -> Spec:
    """Besides, the beginnings of its words: nothing but how often, to rank by (never to find, never to mark)."""
    text = _text()
    text["fields"]["root"] = {"type": "text", "analyzer": "fr_root", "index_options": "freqs"}
    return text


def _keyword() -> Spec:
    return {"type": "keyword", "ignore_above": LONGEST_KEYWORD}


def _folded() -> Spec:
    return {"type": "keyword", "normalizer": "fr_fold", "ignore_above": LONGEST_KEYWORD}


def _keyword_folded() -> Spec:
    return {**_keyword(), "fields": {"fold": _folded()}}


def _found_by() -> Spec:
    """A keyword to look things up by, never to sort or count."""
    return {"type": "keyword", "doc_values": False, "norms": False}


def _of_kinds(name: str, label: str, kinds: tuple[str, ...]) -> tuple[Field, ...]:
    """The same values once more, a field a kind: what they are is counted as fast as they are."""
    return tuple(
        Field(f"{name}_{kind}", _keyword(), f"{label}, {KIND_LABELS[kind][1]}", derived=True) for kind in kinds
    )


# What a value of a facet is, to readers: one, several.
KIND_LABELS: dict[str, tuple[str, str]] = {
    "person": ("personne", "personnes"),
    "organisation": ("organisation", "organisations"),
    "state": ("État", "États"),
    "region": ("région", "régions"),
    "city": ("ville", "villes"),
}

# A nested document a quote, so that words of one speaker are never mixed with another's; figures in decision 0007.
QUOTES: Spec = {
    "type": "nested",
    "properties": {
        "speaker": _keyword_folded(),
        "text": {
            "type": "text",
            "analyzer": "fr",
            "fields": {"exact": {"type": "text", "analyzer": "fr_exact"}},
        },
        "direct": {"type": "boolean"},
        **{name: {"type": "integer", "index": False, "doc_values": False} for name in ("paragraph", "start", "end")},
    },
}

NOT_INDEXED: Spec = {"type": "object", "enabled": False}
DATE: Spec = {"type": "date"}

FIELDS: tuple[Field, ...] = (
    Field("id", _keyword(), "identifiant"),
    Field("story", _keyword(), "histoire"),
    Field("version", {"type": "integer"}, "version"),
    Field("status", _keyword_folded(), "état", facet=Facet("status", "État", "status", "status.fold", 7, single=True)),
    # Boosts move no figure by more than its standard error (bench/relevance: 3, 1.5, 1 against 1, 1, 1); a reader expects
    # what the title says to come first.
    Field("title", _text(), "titre", boost=3.0),
    Field("title_derived", {"type": "boolean"}, "titre reconstitué"),
    Field("lead", _text(), "chapeau", boost=1.5),
    Field("body", _text_and_root(), "texte", boost=1.0),
    Field(
        "agency",
        _keyword_folded(),
        "agence",
        facet=Facet("agency", "Agence", "agency", "agency.fold", 5, single=True),
    ),
    Field("agency_id", _keyword(), "identifiant de l'agence"),
    Field("slug", _keyword_folded(), "mots-clés de l'agence"),
    Field("urgency", {"type": "byte"}, "urgence, de 1 (flash) à 9"),
    Field("embargo", DATE, "embargo"),
    Field("subjects", _keyword(), "sujets donnés par l'agence"),
    Field("author", _keyword_folded(), "auteur"),
    Field("credits", _keyword_folded(), "crédits"),
    Field("language", _keyword(), "langue"),
    Field(
        "source",
        {
            "properties": {
                "file": {"type": "keyword", "ignore_above": 1024},
                "format": _keyword(),
                "checksum": _keyword(),
                "url": {"type": "keyword", "ignore_above": 2048},
            }
        },
        "source",
    ),
    Field("published", DATE, "date"),
    Field("updated", DATE, "mise à jour"),
    Field("date_precision", _keyword(), "précision de la date"),
    Field("date_basis", _keyword(), "origine de la date"),
    Field("date_text", {"type": "keyword", "index": False, "doc_values": False}, "date telle qu'écrite"),
    Field("ingested_at", DATE, "entrée dans l'archive"),
    Field("ingest_seq", {"type": "long"}, "rang d'entrée"),
    Field(
        "actors",
        _keyword_folded(),
        "acteurs",
        facet=Facet("actor", "Acteurs", "actors", "actors.fold", 1, kinds=ACTOR_KINDS),
    ),
    *_of_kinds("actors", "acteurs", ACTOR_KINDS),
    Field(
        "venues",
        _keyword(),
        "lieux de l'événement",
        facet=Facet(
            "venue",
            "Lieux",
            "venue_levels",
            "venue_names",
            2,
            hierarchical=True,
            inner="venue_inner",
            kinds=PLACE_KINDS,
        ),
    ),
    Field("venue_levels", _keyword(), "lieux, chaque niveau", derived=True),
    Field("venue_inner", _keyword(), "lieux, niveaux à déplier", derived=True),
    Field("venue_names", _folded(), "lieux, noms", derived=True),
    Field(
        "topics",
        _keyword(),
        "sujets",
        facet=Facet(
            "topic",
            "Sujets",
            "topic_levels",
            "topic_names",
            3,
            hierarchical=True,
            inner="topic_inner",
            kinds=("topic",),
        ),
    ),
    Field("topic_levels", _keyword(), "sujets, chaque niveau", derived=True),
    Field("topic_inner", _keyword(), "sujets, niveaux à déplier", derived=True),
    Field("topic_names", _folded(), "sujets, noms", derived=True),
    Field(
        "places",
        _keyword_folded(),
        "lieux cités",
        facet=Facet("place", "Lieux cités", "places", "places.fold", 6, kinds=PLACE_KINDS),
    ),
    *_of_kinds("places", "lieux cités", PLACE_KINDS),
    Field("mentions", NOT_INDEXED, "mentions"),
    Field("quotes", QUOTES, "paroles"),
    Field(
        "speakers",
        _keyword_folded(),
        "qui parle",
        facet=Facet("speaker", "Parole de", "speakers", "speakers.fold", 4, kinds=ACTOR_KINDS),
        derived=True,
    ),
    *_of_kinds("speakers", "qui parle", ACTOR_KINDS),
    Field("repairs", NOT_INDEXED, "réparations"),
    # What a list of results says of the repairs, which are a hundred times longer.
    Field("repaired", {"type": "boolean"}, "texte réparé", derived=True),
    Field("doubts", NOT_INDEXED, "mots abîmés laissés tels quels"),
    Field("title_readings", _text(), "titre, lectures probables", boost=3.0, derived=True),
    # A word of `body` that may have lost a letter, as it may have been. Rare: these fields are empty in most dispatches.
    *(
        Field(f"readings_{rank}", _text(), "lectures probables", boost=1.0, derived=True)
        for rank in range(1, MOST_READINGS + 1)
    ),
    Field("raw", NOT_INDEXED, "texte reçu"),
    Field("received", NOT_INDEXED, "ce qui accompagnait le texte"),
    Field("cluster", _keyword(), "groupe de ressemblance"),
    Field("bands", _found_by(), "empreintes de ressemblance"),
    Field("status_seq", {"type": "long"}, "rang d'entrée de ce qui a changé son état"),
    Field("settled", {"type": "boolean"}, "histoire établie"),
    Field("back_load", {"type": "boolean"}, "chargée après coup, sans alerte"),
)

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}

# In the order readers see them.
FACETS: dict[str, Facet] = {
    facet.name: facet
    for facet in sorted((field.facet for field in FIELDS if field.facet), key=lambda facet: facet.rank)
}

# The field of a document, and of `Dispatch`, that holds a facet's values.
FACET_FIELDS: dict[str, str] = {field.facet.name: field.name for field in FIELDS if field.facet}

SEARCHED: tuple[Field, ...] = tuple(field for field in FIELDS if field.boost)


def mapping() -> Spec:
    """The index's `mappings`: strict, so that a field nobody declared is an error and not a surprise."""
    return {"dynamic": "strict", "properties": {field.name: field.mapping for field in FIELDS}}


STATUS_LABELS: dict[str, str] = {
    "current": "en vigueur",
    "corrected": "corrigée",
    "superseded": "remplacée",
    "withdrawn": "annulée par l'agence",
}

"""Names in a dispatch as links, and why it has its facets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mappings.dispatch import Dispatch, Mention
from web.jump import Found
from web.mentions import Evidence, body, evidence, linked, meaning, said

CAMBODIA = "Asie du Sud-Est > Cambodge"
TEXT = "M. Wang & Lavrov, au Cambodge"
WANG = Mention("Wang Yi", "person", 0, 3, 7, "Wang", "surname")
STATE = Mention("Cambodge", "state", 0, 21, 29, "Cambodge", "label")
ADJECTIVE = Mention("Chine", "state", 0, 0, 2, "M.", "demonym")
DISPATCH = Dispatch(
    "d",
    (TEXT, "Wang encore."),
    "Titre",
    False,
    "",
    b"",
    "utf-8",
    actors=("Wang Yi", "Chine", "ONU"),
    venues=(f"{CAMBODIA} > Phnom Penh",),
    places=("Cambodge",),
    topics=("Politique > Diplomatie",),
    mentions=(WANG, STATE, ADJECTIVE, replace(WANG, paragraph=1, start=0, end=4), replace(WANG, label="Wang Wei")),
)


@pytest.mark.parametrize(
    ("mention", "value"),
    [
        (WANG, ("actor", "Wang Yi")),
        # A level of where it happened comes before a place that is only named.
        (STATE, ("venue", CAMBODIA)),
        (ADJECTIVE, ("actor", "Chine")),
        (replace(WANG, kind="city"), None),
        (replace(WANG, label="Wang Wei"), None),
    ],
)
def test_meaning(mention: Mention, value: tuple[str, str] | None) -> None:
    assert meaning(DISPATCH, mention) == value


LINK = (3, 7, "/?a=1&b", 'dit "Wang"')


@pytest.mark.parametrize(
    ("found", "links", "written"),
    [
        ((), [], "M. Wang &amp; Lavrov"),
        ((), [LINK], 'M. <a class="mention" href="/?a=1&amp;b" title="dit &#34;Wang&#34;">Wang</a> &amp; Lavrov'),
        (((10, 16),), [], "M. Wang &amp; ⚓<mark>Lavrov</mark>"),
        # A mark that goes on beyond the name is cut at its edge; its anchor stands before the name, not in it.
        (
            ((5, 9),),
            [(3, 7, "/", "t")],
            'M. ⚓<a class="mention" href="/" title="t">Wa<mark>ng</mark></a><mark> &amp;</mark> Lavrov',
        ),
        (
            ((0, 5),),
            [(3, 7, "/", "t")],
            '⚓<mark>M. </mark><a class="mention" href="/" title="t"><mark>Wa</mark>ng</a> &amp; Lavrov',
        ),
        # Of two names that overlap the first is kept; one beyond the text is none.
        ((), [(0, 7, "/", "t"), (3, 7, "/x", "u")], '<a class="mention" href="/" title="t">M. Wang</a> &amp; Lavrov'),
        ((), [(10, 99, "/", "t"), (5, 5, "/", "t")], "M. Wang &amp; Lavrov"),
    ],
)
def test_linked(found: tuple[tuple[int, int], ...], links: list[tuple[int, int, str, str]], written: str) -> None:
    told = Found(found, total=len(found))
    html = linked("M. Wang & Lavrov", told, links)
    assert (html.replace(told.anchor(0), "⚓") if found else html) == written


@pytest.mark.parametrize(
    ("said", "notes", "written"),
    [
        # A note stands after its place, in the link or the mark that ends there.
        ([], {7: "[N]"}, 'M. <a class="mention" href="/" title="t">Wang[N]</a> &amp; Lavrov'),
        ([], {16: "[N]", 1: "[M]"}, 'M[M]. <a class="mention" href="/" title="t">Wang</a> &amp; Lavrov[N]'),
        (
            [(3, 9, "p")],
            {},
            'M. <span class="said" id="p"><a class="mention" href="/" title="t">Wang</a> &amp;</span> Lavrov',
        ),
        # What is said begins and ends where no name is cut; what is said within a name only is not told apart.
        (
            [(5, 9, "p")],
            {},
            'M. <a class="mention" href="/" title="t">Wang</a><span class="said" id="p"> &amp;</span> Lavrov',
        ),
        (
            [(0, 5, "p")],
            {},
            '<span class="said" id="p">M. </span><a class="mention" href="/" title="t">Wang</a> &amp; Lavrov',
        ),
        ([(4, 6, "p")], {}, 'M. <a class="mention" href="/" title="t">Wang</a> &amp; Lavrov'),
        (
            [(10, 99, "p")],
            {16: "[N]"},
            'M. <a class="mention" href="/" title="t">Wang</a> &amp; <span class="said" id="p">Lavrov[N]</span>',
        ),
    ],
)
def test_what_is_said_and_noted(said: list[tuple[int, int, str]], notes: dict[int, str], written: str) -> None:
    assert linked("M. Wang & Lavrov", Found(), [(3, 7, "/", "t")], said, notes) == written


def test_names_are_links_and_adjectives_are_not() -> None:
    first, second = body(DISPATCH, (), lambda facet, value: f"/{facet}={value}")
    assert first == (
        'M. <a class="mention" href="/actor=Wang Yi" title="Wang Yi, personne, reconnu par son nom de famille">Wang</a>'
        f' &amp; Lavrov, au <a class="mention" href="/venue={CAMBODIA.replace(">", "&gt;")}"'
        ' title="Cambodge, État, reconnu par son nom">Cambodge</a>'
    )
    assert second.startswith('<a class="mention"')


def test_a_rule_without_words_is_not_told() -> None:
    assert said(replace(WANG, rule="xyz")) == "Wang Yi, personne"


def test_evidence() -> None:
    found = evidence(DISPATCH, [("topic", "Politique > Diplomatie", ["a rencontré", "homologue", "homologue"])])
    assert found == [
        Evidence("Acteurs", "Wang Yi", (("Wang", 2),)),
        Evidence("Acteurs", "Chine", (("M.", 1),)),
        Evidence("Acteurs", "ONU", ()),
        Evidence("Lieux", f"{CAMBODIA} > Phnom Penh", ()),
        Evidence("Sujets", "Politique > Diplomatie", (("homologue", 2), ("a rencontré", 1))),
        Evidence("Lieux cités", "Cambodge", (("Cambodge", 1),)),
    ]

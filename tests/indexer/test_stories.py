from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authorities.model import Authorities
from indexer.build import Builder
from indexer.raw import RawDispatch
from indexer.readers import read_file
from indexer.stories import (
    Candidate,
    Kind,
    Link,
    Placement,
    absorb,
    arrange,
    bare_title,
    candidate,
    kind_of,
    link,
    same_story,
)

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"
NOON = datetime(2022, 8, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

# Sentences with no run of words in common.
S = (
    "Le ministre russe des Affaires étrangères est arrivé jeudi à Phnom Penh pour les réunions de l'Asean.",
    "Son avion s'est posé peu après dix-sept heures sur la piste de la capitale cambodgienne, sous la pluie.",
    "Plusieurs entretiens bilatéraux sont inscrits au programme, notamment avec son homologue chinois Wang Yi.",
    "Une quarantaine de délégations logent dans trois hôtels du centre, dont deux ouverts la semaine dernière.",
    "La circulation a été restreinte sur le boulevard jusqu'à samedi soir, selon la police municipale.",
    "Les organisateurs ont installé un centre de presse de trois cents places dans un ancien marché couvert.",
    "Une autruche échappée de son élevage a parcouru dix-sept kilomètres avant d'être ramenée dans un van.",
    "Le vainqueur de l'étape a devancé de vingt et une secondes son dernier compagnon dans la montée finale.",
)


def made(id: str, *told: int | str, hours: float = 0, **stated: Any) -> Candidate:
    """A dispatch of AFP that tells those sentences, each a paragraph, so many hours after noon."""
    fields: dict[str, Any] = {
        "title": f"Dépêche {' '.join('abcdefgh'[each] * 5 for each in told if isinstance(each, int))}",
        "agency": "AFP",
        "published": NOON + hours * HOUR,
    }
    body = [S[each] if isinstance(each, int) else each for each in told]
    return candidate(id=id, body=body, **(fields | stated))


def told(*members: Candidate) -> list[tuple[str, str, int, str]]:
    return [(each.id, each.story, each.version, each.status) for each in arrange(members)]


# --- what a dispatch says of itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "bare", "kinds"),
    [
        ("ANNULATION - Zone euro: un indicateur", "Zone euro: un indicateur", ("kill",)),
        ("Annulé - Zone euro", "Annulé - Zone euro", ()),
        ("ANNULE ET REMPLACE la dépêche sur l'euro", "la dépêche sur l'euro", ("kill",)),
        ("ANNUL? ET REMPLACE - Zone euro", "Zone euro", ("kill",)),
        ("NE PAS UTILISER la dépêche de 09H12", "la dépêche de 09H12", ("kill",)),
        ("Zone euro: un indicateur (ANNULÉE)", "Zone euro: un indicateur", ("kill",)),
        ("ANNULATION DU SOMMET DE MINSK", "ANNULATION DU SOMMET DE MINSK", ()),
        ("Annulation de trois cents vols", "Annulation de trois cents vols", ()),
        ("Equateur: séisme (CORRECTION)", "Equateur: séisme", ("correction",)),
        ("CORRECTIF: séisme en Equateur", "séisme en Equateur", ("correction",)),
        ("ATTENTION - BIEN LIRE - Equateur", "Equateur", ("correction",)),
        ("URGENT - Equateur: séisme", "Equateur: séisme", ("urgent",)),
        ("URGENT - Equateur: séisme (CORRIGE)", "Equateur: séisme", ("urgent", "correction")),
        ("URGENTISTES - Une journée de grève", "URGENTISTES - Une journée de grève", ()),
        ("Ukraine (ACTUALISATION AVEC DETAILS)", "Ukraine", ("update",)),
        ("Bourse de Paris (2E LEAD)", "Bourse de Paris", ("update",)),
        ("Tour: Delahunty (IRL) gagne à Mende (FRA)", "Tour: Delahunty (IRL) gagne à Mende (FRA)", ()),
        ("URGENT", "", ("urgent",)),
        ("", "", ()),
    ],
)
def test_labels_are_taken_off_titles(title: str, bare: str, kinds: tuple[Kind, ...]) -> None:
    assert bare_title(title) == (bare, kinds)


@pytest.mark.parametrize(
    ("paragraph", "kind"),
    [
        ("Prière d'annuler et de ne pas utiliser la dépêche intitulée", "kill"),
        ("Merci de ne pas utiliser notre dépêche de 09H12 GMT", "kill"),
        ("Veuillez ne pas diffuser ce texte", "kill"),
        ("Prière de ne pas fumer dans les rames, demande la régie", "plain"),
        ("ATTENTION - Bien lire au 2e paragraphe 16H00 au lieu de 17H00.", "correction"),
        ("CORRECTION de la magnitude, revue à 4,9. Voici une version corrigée.", "correction"),
        ("Le Sénat a adopté une version corrigée du texte", "plain"),
        ("Le tribunal correctionnel a condamné l'ancien maire", "plain"),
        ("L'annulation du sommet a surpris les délégations", "plain"),
        ("URGENT - La banque centrale relève ses taux", "urgent"),
    ],
)
def test_notices_say_what_they_are_in_their_first_paragraphs(paragraph: str, kind: Kind) -> None:
    assert kind_of("Un titre", [paragraph]) == kind_of("Un titre", ["Un chapeau.", paragraph]) == kind
    assert kind_of("Un titre", ["Un chapeau.", "Une suite.", paragraph]) == "plain"


# --- links ---------------------------------------------------------------------------------------------------------

BASE = made("a", 0, 1, 2, 3)
STATED: dict[str, Any] = {"agency_id": "urn:afp:1"}


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (BASE, made("b", 0, 1, 2, 4), True),
        (BASE, made("b", 3, 2, 5, 4), True),
        (BASE, made("b", 3, 4, 5, 6), False),
        (BASE, made("b", 6, 7), False),
        (BASE, made("b", 0, 1, 2, 4, agency="ATS"), True),
        (BASE, made("b", 0, 1, 2, 4, hours=72), True),
        (BASE, made("b", 0, 1, 2, 4, hours=73), False),
        (made("a", 0), made("b", 0, 1, 2, 3, 4, 5), True),
        (made("a", 3), made("b", 0, 1, 2, 3, 4, 5, 6, 7), False),
        (BASE, made("b", 0, 1, 2, 4, published=None), True),
        (BASE, made("b", 0, 1, 4, 5, published=None), False),
        (BASE, made("b", 0, 1, 2, 4, precision="month"), True),
        (made("a", 0, **STATED), made("b", 6, hours=500, **STATED), True),
        (made("a", 0, **STATED), made("b", 6, agency="ATS", **STATED), False),
        (BASE, made("b", 6, title=f"ANNULATION - {'Dépêche aaaaa bbbbb ccccc ddddd'}"), True),
        (BASE, made("b", 6, title=f"ANNULATION - {'Dépêche aaaaa bbbbb ccccc ddddd'}", agency="ATS"), False),
        (made("a", 6, title="Météo"), made("b", 7, title="ANNULATION - Météo"), False),
        (made("a", 6, title="Les titres du jour"), made("b", 7, title="Les titres du jour"), False),
        (made("a", "Oui."), made("b", "Oui."), False),
        (made("a", "?"), made("b", "?"), False),
    ],
    ids=[
        "three of four kept",
        "half kept and moved",
        "one of four kept",
        "strangers",
        "another agency",
        "three days",
        "more than three days",
        "an urgent and its paper",
        "one paragraph of a review",
        "no date, nearly all kept",
        "no date, half kept",
        "month alone known",
        "one agency id, weeks apart",
        "the same id of another agency",
        "a kill names a title",
        "a kill of another agency",
        "too short a title to name",
        "one title, two texts",
        "too short a text",
        "no text",
    ],
)
def test_same_story(a: Candidate, b: Candidate, expected: bool) -> None:
    assert same_story(a, b) is same_story(b, a) is expected


def test_a_link_by_id_is_stronger_than_by_name_than_by_text() -> None:
    texts = link(BASE, made("b", 0, 1, 2, 3))
    assert texts is not None
    assert Link(3, 0) > Link(2, 500) > Link(1, 500) > texts > Link(1, 8)


def test_datelines_are_no_text() -> None:
    said = candidate(id="a", title="T", body=[f"MOSCOU, 3 mars 2021. /TASS/. {S[0]}"], lead=S[0], published=NOON)
    assert said.text == candidate(id="b", title="T", body=[S[0]], lead=S[0], published=NOON).text


# --- placements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            [made("b", 0), made("a", 0, 1, 2, hours=1), made("c", 0, 1, 2, 3, hours=2)],
            [("a", "b", 2, "superseded"), ("b", "b", 1, "superseded"), ("c", "b", 3, "current")],
        ),
        (
            [made("a", 0, 1, 2), made("b", 0, 1, 3, hours=1, agency="ATS"), made("c", 0, 1, 2, 4, hours=2)],
            [("a", "a", 1, "superseded"), ("b", "a", 1, "current"), ("c", "a", 2, "current")],
        ),
        (
            [made("a", 0, 1, 2), made("a", 0, 1, 2), made("b", 6)],
            [("a", "a", 1, "current"), ("b", "b", 1, "current")],
        ),
        (
            [
                made("c", 0, version=1, **STATED),
                made("b", 6, version=2, hours=-9, **STATED),
                made("a", 7, version=4, **STATED),
            ],
            [("a", "c", 4, "current"), ("b", "c", 2, "superseded"), ("c", "c", 1, "superseded")],
        ),
        (
            [made("a", 0, 1), made("b", 0, 1, 2, hours=1), made("c", 0, 1, 3, hours=2, title="Un titre (CORRECTION)")],
            [("a", "a", 1, "superseded"), ("b", "a", 2, "corrected"), ("c", "a", 3, "current")],
        ),
        (
            [made("a", 0, 1), made("b", 0, 1, 2, hours=1, corrects=True), made("c", 0, 1, 2, 3, hours=2)],
            [("a", "a", 1, "corrected"), ("b", "a", 2, "superseded"), ("c", "a", 3, "current")],
        ),
        (
            [
                made("a", 0, 1, title="Un titre assez long"),
                made("b", 6, hours=1, title="ANNULATION - Un titre assez long"),
            ],
            [("a", "a", 1, "withdrawn"), ("b", "a", 2, "current")],
        ),
        (
            [
                made("a", 0, 1, title="Un titre assez long"),
                made("b", "Prière d'annuler la dépêche « Un titre assez long », diffusée à tort.", hours=1),
                made("c", 0, 1, 2, hours=2, title="Un titre assez long"),
            ],
            [("a", "a", 1, "withdrawn"), ("b", "a", 2, "superseded"), ("c", "a", 3, "current")],
        ),
        (
            [
                made("a", 0, 1),
                made("b", 0, 1, 2, hours=1),
                made("c", 0, 1, 3, hours=2, title="ANNULE ET REMPLACE - Asean"),
            ],
            [("a", "a", 1, "superseded"), ("b", "a", 2, "withdrawn"), ("c", "a", 3, "current")],
        ),
        (
            [
                made("a", 0, 1, version=1, **STATED),
                made("b", 0, 1, version=2, hours=1, usage="canceled", **STATED),
                made("c", 0, 1, hours=1, agency="ATS"),
            ],
            [("a", "a", 1, "withdrawn"), ("b", "a", 2, "withdrawn"), ("c", "a", 1, "current")],
        ),
        (
            [
                made("a", 0, 1, title="Un titre assez long"),
                made("b", 0, 1, 2, hours=1, title="Un tout autre titre"),
                made("c", 6, hours=2, title="ANNULATION - Un titre assez long"),
            ],
            [("a", "a", 1, "withdrawn"), ("b", "a", 2, "current"), ("c", "a", 3, "superseded")],
        ),
        (
            [made("a", 0, 1), made("b", 0, 1, 2, published=None), made("c", 6, published=None)],
            [("a", "a", 2, "current"), ("b", "a", 1, "superseded"), ("c", "c", 1, "current")],
        ),
        (
            [made("a", 6, title="ANNULATION - Une dépêche inconnue")],
            [("a", "a", 1, "current")],
        ),
    ],
    ids=[
        "urgent, paper, update",
        "each agency has its chain",
        "an exact repost is one",
        "stated versions before moments",
        "correction",
        "stated correction, then an update",
        "kill",
        "kill, then sent again",
        "cancels and replaces",
        "cancelled by its id, another agency's copy stays",
        "kill of an older version",
        "without a date",
        "kill of nothing known",
    ],
)
def test_arrange(members: list[Candidate], expected: list[tuple[str, str, int, str]]) -> None:
    assert told(*members) == expected
    assert told(*reversed(members)) == expected


def test_dispatches_of_one_day_follow_their_stage() -> None:
    """Many dispatches are dated by the day alone: the labels say which came first, else the longer is the later."""
    day: dict[str, Any] = {"precision": "day", "published": datetime(2022, 8, 3, 22, tzinfo=UTC)}
    members = [
        made("a", 0, 1, 4, title="Asean: arrivée (CORRECTION)", **day),
        made("b", 0, 1, 3, title="Asean: arrivée (ACTUALISATION)", **day),
        made("d", 0, 1, 2, title="Asean: arrivée à Phnom Penh", **day),
        made("c", 0, 1, title="Asean: arrivée", **day),
        made("e", 0, title="URGENT - Asean: arrivée", **day),
    ]
    assert [id for _, id in sorted((each.version, each.id) for each in arrange(members))] == ["e", "c", "d", "b", "a"]


def test_a_notice_dated_by_the_day_follows_what_that_day_brought() -> None:
    midnight = datetime(2022, 8, 3, 22, tzinfo=UTC)
    sent = made("a", 0, 1, title="Un titre assez long")
    kill = made("b", 6, title="ANNULATION - Un titre assez long", published=midnight, precision="day")
    assert told(sent, kill) == [("a", "a", 1, "withdrawn"), ("b", "a", 2, "current")]


def test_a_story_does_not_drift_away_over_an_old_member() -> None:
    """An urgent that later papers quote in their leads links them all; only the newest text is joined."""
    urgent = made("a", 0)
    paper = made("b", 0, 1, 2, 3, hours=1)
    other = made("c", 0, 4, 5, 6, 7, hours=2)
    assert same_story(urgent, other)
    assert not same_story(paper, other)
    placed = {each.id: each for each in arrange([urgent, paper, other])}
    assert (placed["b"].story, placed["c"].story) == ("a", "c")
    assert {each.cluster for each in placed.values()} == {"a"}


def test_absorbing_leaves_what_is_not_touched_alone() -> None:
    there = [made("a", 0, 1, 2), made("b", 6, 7)]
    placed = {each.id: each for each in arrange(there)}
    changed = absorb([(each, placed[each.id]) for each in there], [made("c", 0, 1, 2, 3, hours=1)])
    assert [(each.id, each.status) for each in changed] == [("a", "superseded"), ("c", "current")]


def test_what_is_there_already_is_unchanged() -> None:
    there = made("a", 0, 1, 2)
    assert absorb([(there, arrange([there])[0])], [made("a", 0, 1, 2)]) == ()


# --- loading order does not matter ---------------------------------------------------------------------------------

TITLES = (
    "Asean: le ministre à Phnom Penh",
    "URGENT - Asean: le ministre à Phnom Penh",
    "Asean: le ministre à Phnom Penh (CORRECTION)",
    "ANNULATION - Asean: le ministre à Phnom Penh",
    "ANNULE ET REMPLACE - Asean: le programme du ministre",
    "Asean: le programme du ministre (ACTUALISATION)",
)


@st.composite
def archives(draw: st.DrawFn) -> list[Candidate]:
    """Dispatches that have much to do with one another: few sentences, titles, ids, and days."""
    return [
        made(
            f"{draw(st.integers(0, 999)):03d}{number}",
            *draw(st.lists(st.integers(0, 7), min_size=1, max_size=4, unique=True)),
            title=draw(st.sampled_from(TITLES)),
            agency=draw(st.sampled_from(["AFP", "AFP", "ATS", None])),
            agency_id=draw(st.sampled_from([None, None, "1", "2"])),
            version=draw(st.sampled_from([None, 1, 2, 3])),
            published=draw(
                st.none() | st.sampled_from([NOON + hours * HOUR for hours in (0, 1, 2, 20, 60, 80, 150, 200, 260)])
            ),
            precision=draw(st.sampled_from(["minute", "minute", "day"])),
            usage=draw(st.sampled_from(["usable", "usable", "usable", "canceled"])),
            corrects=draw(st.sampled_from([False, False, True])),
        )
        for number in range(draw(st.integers(1, 10)))
    ]


def _batches(members: list[Candidate], cuts: Iterable[int]) -> list[list[Candidate]]:
    bounds = [0, *sorted(cut % (len(members) + 1) for cut in cuts), len(members)]
    return [members[start:end] for start, end in zip(bounds, bounds[1:], strict=False)]


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_any_order_and_any_batches_end_in_the_same_archive(data: st.DataObject) -> None:
    members = data.draw(archives())
    expected = {each.id: each for each in arrange(members)}
    shuffled = data.draw(st.permutations(members))
    assert {each.id: each for each in arrange(shuffled)} == expected

    known = {each.id: each for each in members}
    placed: dict[str, Placement] = {}
    for batch in _batches(list(shuffled), data.draw(st.lists(st.integers(0, 10), max_size=5))):
        there = [(known[id], placement) for id, placement in placed.items()]
        placed |= {each.id: each for each in absorb(there, batch)}
    assert placed == expected


@settings(max_examples=150, deadline=None)
@given(archives())
def test_whatever_the_archive_each_chain_has_one_current_at_most(members: list[Candidate]) -> None:
    known = {each.id: each for each in members}
    chains: dict[tuple[str, str | None], list[Placement]] = {}
    for each in arrange(members):
        assert each.story in known
        chains.setdefault((each.story, known[each.id].agency), []).append(each)
    for chain in chains.values():
        chain.sort(key=lambda each: each.version)
        assert len({each.version for each in chain}) == len(chain)
        statuses = [each.status for each in chain]
        assert statuses.count("current") <= 1
        assert "current" in statuses or "withdrawn" in statuses


# --- the samples ---------------------------------------------------------------------------------------------------

# By name, without the date: (the story opens with, version, status)
EXPECTED = {
    "afp_lavrov-phnom-penh_1": ("afp_lavrov-phnom-penh_1", 1, "superseded"),
    "afp_lavrov-phnom-penh_2": ("afp_lavrov-phnom-penh_1", 2, "corrected"),
    "afp_lavrov-phnom-penh_3": ("afp_lavrov-phnom-penh_1", 3, "current"),
    "afp_seisme-equateur_1": ("afp_seisme-equateur_1", 1, "superseded"),
    "afp_seisme-equateur_2": ("afp_seisme-equateur_1", 2, "corrected"),
    "afp_seisme-equateur_3": ("afp_seisme-equateur_1", 3, "current"),
    "afp_ukraine-istanbul_1": ("afp_ukraine-istanbul_1", 1, "superseded"),
    "afp_ukraine-istanbul_2": ("afp_ukraine-istanbul_1", 2, "superseded"),
    "afp_ukraine-istanbul_3": ("afp_ukraine-istanbul_1", 3, "current"),
    "afp_cop26-glasgow_1": ("afp_cop26-glasgow_1", 1, "superseded"),
    "afp_cop26-glasgow_2": ("afp_cop26-glasgow_1", 2, "current"),
    "reuters_bce-hausse_1": ("reuters_bce-hausse_1", 1, "superseded"),
    "reuters_bce-hausse_2": ("reuters_bce-hausse_1", 2, "current"),
    "afp_tour-mende_1": ("afp_tour-mende_1", 1, "superseded"),
    "afp_tour-mende_2": ("afp_tour-mende_1", 2, "current"),
    "ats_tour-mende": ("afp_tour-mende_1", 1, "current"),
    "afp_indicateur-mainblick_1": ("afp_indicateur-mainblick_1", 1, "withdrawn"),
    "afp_indicateur-mainblick_2": ("afp_indicateur-mainblick_1", 2, "current"),
    "ats_faits-divers-autruche": ("ats_faits-divers-autruche", 1, "current"),
    "belga_faits-divers-autruche": ("ats_faits-divers-autruche", 1, "current"),
    "afp_spatial-nanosatellite": ("afp_spatial-nanosatellite", 1, "current"),
    "belga_spatial-nanosatellite": ("afp_spatial-nanosatellite", 1, "current"),
    "xinhua_commerce-services-pekin": ("xinhua_commerce-services-pekin", 1, "superseded"),
    "xinhua_commerce-services-pekin_reprise": ("xinhua_commerce-services-pekin", 2, "current"),
}


@pytest.fixture(scope="module")
def read(authorities: Authorities) -> dict[str, Candidate]:
    """The samples by name; dates without a year are taken as they are by `depeches load` of the samples."""
    builder = Builder(authorities, reference=date(2022, 12, 31))
    found = {}
    for path in sorted(SAMPLES.glob("*/*.txt")):
        for item in read_file(path, path.name):
            assert isinstance(item, RawDispatch)
            dispatch = builder.build(item)
            name = path.stem.partition("_")[2] if path.parent.name == "depeches" else f"{path.stem}-{item.position}"
            found[name] = candidate(
                id=dispatch.id,
                title=dispatch.title,
                body=dispatch.body,
                lead=dispatch.lead,
                agency=dispatch.agency,
                published=dispatch.published,
                updated=dispatch.updated,
                precision=dispatch.date_precision,
            )
    return found


def test_the_stories_of_the_samples_come_out_as_their_readme_says(read: dict[str, Candidate]) -> None:
    """All samples at once: those of no story stay alone, two days of one typhoon too, which share no text."""
    names = {member.id: name for name, member in read.items()}
    placed = {names[each.id]: (names[each.story], each.version, each.status) for each in arrange(read.values())}
    alone = {name: (name, 1, "current") for name in read if name not in EXPECTED}
    assert EXPECTED.keys() <= read.keys()
    assert placed == alone | EXPECTED

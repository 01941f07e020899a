"""What the end of a query may become, on a snapshot written here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authorities.model import Authorities
from search.language import parse
from search.suggest import Saved, Suggestion, suggest
from search.suggest_aliases import Aliases
from search.suggest_snapshot import Layer, Snapshot, layer

ASIA = "Asie du Sud-Est"
CAPITAL = f"{ASIA} > Cambodge > Phnom Penh"

VALUES = {
    "actor": {
        "ONU": 50,
        "Sergueï Lavrov": 40,
        "Wang Yi": 20,
        "États-Unis": 70,
        'Groupe "Éclair"': 3,
        "Côte d'Ivoire": 6,
    },
    "venue": {ASIA: 30, f"{ASIA} > Cambodge": 25, CAPITAL: 20},
    "topic": {"Politique": 10, "Politique > Élections": 5},
    "agency": {"AFP": 90, "Xinhua": 80},
    "speaker": {"Sergueï Lavrov": 9},
}
WORDS = {
    **{"Lavrov": 60, "événement": 9, "évènementiel": 2, "États-Unis": 70, "aujourd'hui": 5, "porte-parole": 8},
    **{"industrielles": 7, "industrie": 12, "or": 3, "Élysée": 4, "guerre": 200, "guerres": 3},
}


@pytest.fixture(scope="module")
def snapshot(authorities: Authorities) -> Snapshot:
    return Snapshot(layer(VALUES, WORDS, Aliases(authorities).of))


def labels(found: tuple[Suggestion, ...], *kinds: str) -> list[str]:
    return [each.label for each in found if not kinds or each.kind in kinds]


@pytest.mark.parametrize(
    ("q", "completed"),
    [
        ("lavr", "Lavrov"),
        ("guerre LAV", "guerre Lavrov"),
        ("even", "événement"),
        ("evè", "événement"),
        ("l'even", "l'événement"),
        ("l’even", "l’événement"),
        ("elys", "Élysée"),
        ("aujourdh", "aujourd'hui"),
        ("aujourd’h", "aujourd'hui"),
        ("porte-par", "porte-parole"),
        ("porte par", "porte-parole"),
        ("porteparo", "porte-parole"),
        ("la guerre aux etats un", "la guerre aux États-Unis"),
        ('"chaînes indus', '"chaînes industrie"'),
        ("« chaînes indus", "« chaînes industrie»"),
        ("(guerre OU indus", "(guerre OU industrie)"),
        ("((a b) c (indus", "((a b) c (industrie))"),
        ("-indus", "-industrie"),
        ("guerre SAUF indus", "guerre SAUF industrie"),
        ("a PRES/5 indus", "a PRES/5 industrie"),
        ("titre:indus", "titre:industrie"),
        ('titre:"chaînes indus', 'titre:"chaînes industrie"'),
        ("parole:lavrov indus", "parole:lavrov industrie"),
    ],
)
def test_a_word_is_completed_as_the_archive_spells_it(snapshot: Snapshot, q: str, completed: str) -> None:
    words = [each for each in suggest(q, snapshot) if each.kind == "word"]
    assert words[0].q == completed
    assert words[0].params == {}


def test_words_come_the_most_frequent_first_with_their_counts(snapshot: Snapshot) -> None:
    words = [(each.text, each.count) for each in suggest("indus", snapshot)]
    assert words == [("industrie", 12), ("industrielles", 7)]


@pytest.mark.parametrize(
    ("q", "kind", "label", "rest", "value"),
    [
        ("lavr", "actor", "Sergueï Lavrov", "", "Sergueï Lavrov"),
        ("serg lavr", "actor", "Sergueï Lavrov", "", "Sergueï Lavrov"),
        ("guerre lavrov", "actor", "Sergueï Lavrov", "guerre", "Sergueï Lavrov"),
        ("lavrov phnom p", "venue", "Phnom Penh (Cambodge)", "lavrov", CAPITAL),
        ("lavrov phnom ", "venue", "Phnom Penh (Cambodge)", "lavrov", CAPITAL),
        ("lavrov PHNOM-PE", "venue", "Phnom Penh (Cambodge)", "lavrov", CAPITAL),
        ("guerre ET phnom", "venue", "Phnom Penh (Cambodge)", "guerre", CAPITAL),
        ("nations un", "actor", "ONU (Nations unies)", "", "ONU"),
        ("etats u", "actor", "États-Unis", "", "États-Unis"),
        ("ETATS-U", "actor", "États-Unis", "", "États-Unis"),
        ("cote d’iv", "actor", "Côte d'Ivoire", "", "Côte d'Ivoire"),
        ("cote divoi", "actor", "Côte d'Ivoire", "", "Côte d'Ivoire"),
        ("élec", "topic", "Élections (Politique)", "", "Politique > Élections"),
        ('"la guerre" wang', "actor", "Wang Yi", '"la guerre"', "Wang Yi"),
    ],
)
def test_a_name_becomes_a_filter(snapshot: Snapshot, q: str, kind: str, label: str, rest: str, value: str) -> None:
    (found,) = (each for each in suggest(q, snapshot, 20) if (each.kind, each.label) == (kind, label))
    assert (found.q, found.params) == (rest, {kind: (value,)})
    assert found.count == VALUES[kind][value]


@pytest.mark.parametrize(
    ("q", "completed"),
    [
        ("(guerre OU phnom p", '(guerre OU lieu:"Phnom Penh")'),
        ("guerre OU phnom p", 'guerre OU lieu:"Phnom Penh"'),
        ("guerre SAUF phnom p", 'guerre SAUF lieu:"Phnom Penh"'),
        ("-phnom p", '-lieu:"Phnom Penh"'),
    ],
)
def test_where_no_filter_says_the_same_a_name_becomes_a_clause(snapshot: Snapshot, q: str, completed: str) -> None:
    (found,) = (each for each in suggest(q, snapshot) if each.kind == "venue")
    assert (found.q, found.params) == (completed, {})


@pytest.mark.parametrize(
    ("q", "completed"),
    [
        ("acteur:", ['acteur:"États-Unis"', 'acteur:"ONU"', 'acteur:"Sergueï Lavrov"']),
        ("acteur:la", ['acteur:"Sergueï Lavrov"']),
        ('guerre acteur:"serg la', ['guerre acteur:"Sergueï Lavrov"']),
        ("ACTEUR:nations", ['acteur:"ONU"']),
        ("acteur:ecl", ['acteur:«Groupe "Éclair"»']),
        ("lieu:phnom pe", ['lieu:"Phnom Penh"']),
        ("-lieu:camb", ['-lieu:"Cambodge"']),
        ("sujet:e", ['sujet:"Élections"']),
        ("agence:", ['agence:"AFP"', 'agence:"Xinhua"']),
        ("(guerre parole:l", ['(guerre parole:"Sergueï Lavrov")']),
    ],
)
def test_behind_a_field_only_its_values_are_proposed(snapshot: Snapshot, q: str, completed: list[str]) -> None:
    found = [each.q for each in suggest(q, snapshot, 3)]
    assert found == completed


@pytest.mark.parametrize(
    "q",
    [
        "",
        " ",
        "l",
        "guerre l",
        "a b c",
        '"la guerre acteur:',
        "lavrov ?",
        "date:20",
        '"la guerre"',
        "indus*",
        "*ind",
        "guerre OU ",
        "2022",
    ],
)
def test_nothing_is_proposed(snapshot: Snapshot, q: str) -> None:
    assert suggest(q, snapshot) == ()


def test_inside_a_quotation_and_beside_a_nearness_only_words_fit(snapshot: Snapshot) -> None:
    for q in ('"lavr', "titre:lavr", "guerre PRES/5 lavr"):
        assert [each.kind for each in suggest(q, snapshot)] == ["word"]


def test_a_word_typed_whole_is_not_proposed_again(snapshot: Snapshot) -> None:
    assert labels(suggest("guerre", snapshot)) == ["guerres"]


def test_every_kind_has_its_share(snapshot: Snapshot, authorities: Authorities) -> None:
    many = layer(
        {"actor": {f"Paul {n}": 100 - n for n in range(30)}, "venue": {"Paudure": 1}, "topic": {}},
        {f"pau{chr(97 + n)}": 1000 - n for n in range(20)},
        Aliases(authorities).of,
    )
    found = suggest("pau", Snapshot(many), 8)
    assert [each.kind for each in found] == ["word"] * 4 + ["actor"] * 3 + ["venue"]


def test_saved_searches_are_proposed_by_their_names(snapshot: Snapshot) -> None:
    saved = [
        Saved("Guerre en mer Noire", {"q": ["guerre navale"], "venue": ["Ukraine"]}, 12),
        Saved("Élections", {"topic": ["Élections"]}),
    ]
    (found,) = (each for each in suggest("guer", snapshot, saved=saved) if each.kind == "saved")
    assert (found.label, found.q, found.params, found.count) == (
        "Guerre en mer Noire",
        "guerre navale",
        {"venue": ("Ukraine",)},
        12,
    )
    assert [each.label for each in suggest("elec", snapshot, saved=saved) if each.kind == "saved"] == ["Élections"]


def test_what_came_since_is_added_to_what_was_counted(authorities: Authorities) -> None:
    aliases = Aliases(authorities).of
    base = layer({"actor": {"Wang Yi": 5, "Wang Wei": 4}}, {"wagon": 5}, aliases)
    recent = layer({"actor": {"Wang Wei": 2, "Wang Li": 1}}, {"wagon": 1, "wagonnet": 1}, aliases)
    found = suggest("wa", Snapshot(base, recent), 20)
    assert [(each.text, each.count) for each in found if each.kind == "actor"] == [
        ("Wang Wei", 6),
        ("Wang Yi", 5),
        ("Wang Li", 1),
    ]
    assert [(each.text, each.count) for each in found if each.kind == "word"] == [("wagon", 6), ("wagonnet", 1)]


def test_nothing_is_known_yet() -> None:
    assert suggest("lavr", Snapshot(Layer())) == ()


QUERIES = st.lists(
    st.sampled_from(
        [
            *(
                "guerre",
                "lavr",
                "phnom",
                "p",
                "Etats-U",
                "l'e",
                "aujourd’h",
                "indus",
                "e",
                "nations",
                "un",
                "wang*",
                "?",
            ),
            *(
                "acteur:",
                "lieu:",
                "sujet:",
                "agence:",
                "parole:",
                "titre:",
                "date:",
                "-",
                "ET",
                "OU",
                "SAUF",
                "PRES/5",
                "PARA",
            ),
            *(" ", " ", " ", '"', "«", "»", "“", "”", "„", "(", ")", "~5", "\u00ad", "\u200f", "\x00", "é", "e\u0301"),
        ]
    ),
    max_size=14,
).map("".join)


@given(q=st.one_of(QUERIES, st.text(max_size=40)))
def test_whatever_is_typed_every_proposal_can_be_read(snapshot: Snapshot, q: str) -> None:
    for found in suggest(q, snapshot, 20):
        parse(found.q)
        parse(found.spelled)
        # Of what was typed before, nothing is lost but the word or name itself.
        assert found.kind == "saved" or found.params or found.q == found.spelled


@given(q=QUERIES)
def test_an_empty_snapshot_proposes_nothing(q: str) -> None:
    assert suggest(q, Snapshot()) == ()

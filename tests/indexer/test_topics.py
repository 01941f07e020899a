"""What a dispatch is about, on sentences: what is given, what is not, and the words it rests on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from authorities.model import PATH_SEPARATOR, Authorities
from bench.topics import Item, invented, top
from indexer.enrich import Enricher
from indexer.topics import BODY_THRESHOLD, MOST_TOPICS, TopicRules, TopicScore
from indexer.topics_triggers import forms, spelled
from mappings.dispatch import Dispatch, Mention


@pytest.fixture(scope="module")
def enricher(authorities: Authorities) -> Enricher:
    return Enricher(authorities)


@pytest.fixture(scope="module")
def rules(authorities: Authorities) -> TopicRules:
    return TopicRules(authorities)


class Desk:
    """Decides as the enricher does: with the names found in the text."""

    def __init__(self, enricher: Enricher, rules: TopicRules) -> None:
        self._enricher, self._rules = enricher, rules

    def mentions(self, title: str, body: Sequence[str]) -> tuple[Mention, ...]:
        return self._enricher.enrich(title, False, body).mentions

    def decide(self, title: str, *body: str, agency: str | None = None) -> tuple[TopicScore, ...]:
        return self._rules.decide(title, body, self.mentions(title, body), agency)

    def labels(self, title: str, *body: str) -> set[str]:
        """Every level of the topics given."""
        return {label for topic in self.decide(title, *body) for label in topic.path.split(PATH_SEPARATOR)}


@pytest.fixture(scope="module")
def desk(enricher: Enricher, rules: TopicRules) -> Desk:
    return Desk(enricher, rules)


GIVEN = [
    # (title, body, a level of a topic that is given)
    ("La BCE relève ses taux directeurs", ("L'inflation reste forte en zone euro.",), "Taux d'intérêts"),
    ("Un séisme de magnitude 6 au Japon", ("La secousse a été ressentie à Tokyo.",), "Tremblement de terre"),
    ("Les députés votent la censure du gouvernement", ("Le Premier ministre doit démissionner.",), "Gouvernement"),
    ("Une usine de batteries à Dunkerque", ("Mille emplois sont promis.",), "Industrie manufacturière"),
    ("Judo : deux médailles d'or", ("La judoka l'a emporté par ippon.",), "Arts martiaux"),
    ("", ("Le Fonds monétaire international (FMI) relève sa prévision de croissance.",), "Économie et finances"),
    # What a surgeon, a nurse and a ward have in common, when none is said enough.
    ("", ("Un chirurgien et deux patients sont sortis de la clinique.",), "Santé"),
    ("LE CHOMAGE RECULE", ("LE MINISTRE SALUE UN RECUL.",), "Chômage"),
]


@pytest.mark.parametrize(("title", "body", "label"), GIVEN)
def test_given(desk: Desk, title: str, body: tuple[str, ...], label: str) -> None:
    assert label in desk.labels(title, *body)


NOT_GIVEN = [
    # An eyewitness's trade in the last paragraph.
    (
        "Séisme de magnitude 5 en Équateur",
        ("Un séisme a secoué la côte.", "Aucune victime.", "« Les chaises ont bougé », raconte une institutrice."),
        "Éducation",
    ),
    # Part of a longer name.
    ("Vingt morts", ("selon l'Observatoire syrien des droits de l'homme (OSDH).",), "Droits fondamentaux"),
    ("", ("L'Organisation des Nations unies pour l'alimentation et l'agriculture publie un rapport.",), "Agriculture"),
    # Idioms and counter-triggers.
    ("Coup de théâtre au sommet", ("Le bras de fer continue, de guerre lasse.",), "Théâtre"),
    ("Guerre des prix entre distributeurs", ("La guerre des prix reprend.",), "Conflit, guerre et paix"),
    # Another word of the same letters.
    ("La reine visite un village", ("La reine a salué la foule.",), "Santé"),
    ("Il marche vers le nord", ("Une fois, deux fois : il marche.",), "Religion et croyance"),
    ("Jo entre en scène", ("Jo chante, Jo danse.",), "Jeux olympiques"),
    # Places alone.
    ("Bamako accueille une caravane de livres", ("De Bamako à Niamey, au Mali et au Niger.",), "Sahel et djihadisme"),
    ("Taïwan se prépare au typhon", ("Le typhon approche de Taïwan.",), "Question de Taïwan"),
    # A weak word, once.
    ("Une autruche échappée d'un enclos", ("Elle a couru dix kilomètres.",), "Cyclisme"),
    # Beside what it is about.
    (
        "Taux directeurs : la BCE relève ses taux d'intérêt",
        (
            "La Banque centrale européenne relève ses taux directeurs face à l'inflation, annonce sa présidente.",
            "Les taux d'intérêt montent, la croissance économique ralentit, la récession menace la zone euro.",
            "Elle a cité un roman et un romancier.",
        ),
        "Littérature",
    ),
]


@pytest.mark.parametrize(("title", "body", "label"), NOT_GIVEN)
def test_not_given(desk: Desk, title: str, body: tuple[str, ...], label: str) -> None:
    assert label not in desk.labels(title, *body)


def test_the_evidence_is_the_words_and_adds_up_to_the_score(desk: Desk) -> None:
    title = "La BCE relève ses taux directeurs"
    body = ("Les taux d’intérêt montent.", "L’inflation n’est pas vaincue, dit une économiste du FMI.")
    topics = desk.decide(title, *body)
    assert topics
    for topic in topics:
        assert topic.score == pytest.approx(sum(word.weight for word in topic.evidence), abs=0.01)
        for word in topic.evidence:
            part = title if word.paragraph == -1 else body[word.paragraph]
            assert part[word.start : word.end] == word.surface


def test_evidence_says_of_which_kind_it_is(desk: Desk) -> None:
    (topic,) = [
        topic
        for topic in desk.decide("Mondial : la France en finale", "Le Tribunal arbitral du sport a tranché. Un match.")
        if topic.path == "Sport"
    ]
    kinds = {word.surface: (word.kind, word.weight > 0) for word in topic.evidence}
    assert kinds["finale"] == ("trigger", True)
    rates = desk.decide("Taux directeurs : la BCE les relève", "Les taux d'intérêt montent.")[0]
    assert ("BCE", "entity") in {(word.surface, word.kind) for word in rates.evidence}


def test_a_counter_trigger_weighs_against(rules: TopicRules) -> None:
    scored = {topic.path: topic for topic in rules.scores("", ("Un conflit social, un conflit d'intérêts.",), ())}
    against = [word for word in scored["Conflit, guerre et paix"].evidence if word.kind == "negative"]
    assert [word.surface for word in against] == ["conflit social", "conflit d'intérêts"]
    assert all(word.weight < 0 for word in against)


def test_a_name_hints_once_and_only_when_it_is_mentioned(desk: Desk, rules: TopicRules) -> None:
    body = ("Le FMI revoit ses prévisions, le FMI insiste.",)
    scored = {topic.path: topic for topic in rules.scores("", body, desk.mentions("", body))}
    hints = [word for word in scored["Économie et finances"].evidence if word.kind == "entity"]
    assert [word.surface for word in hints] == ["FMI"]
    unnamed = {topic.path: topic for topic in rules.scores("", body, ())}
    assert not [word for topic in unnamed.values() for word in topic.evidence if word.kind == "entity"]


def test_the_agency_signs_and_hints_at_nothing(rules: TopicRules) -> None:
    name = Mention("KCNA", "organisation", 0, 0, 4, "KCNA", "acronym")
    body = ("KCNA rapporte un essai.",)
    assert any(word.kind == "entity" for topic in rules.scores("", body, (name,)) for word in topic.evidence)
    assert not any(
        word.kind == "entity" for topic in rules.scores("", body, (name,), "kcna") for word in topic.evidence
    )


def test_a_subject_implies_its_parents(desk: Desk) -> None:
    paths = [
        topic.path
        for topic in desk.decide("Un vaccin contre la grippe", "Le vaccin protège, dit un médecin de l'hôpital.")
    ]
    assert any(path.startswith("Santé" + PATH_SEPARATOR) for path in paths)
    assert not any(other.startswith(path + PATH_SEPARATOR) for path in paths for other in paths)


def test_words_that_made_a_topic_make_no_second(desk: Desk) -> None:
    """ "coronavirus" is a trigger of two topics: the better one has it."""
    topics = desk.decide("Le coronavirus recule", "Le coronavirus recule.")
    rests = [frozenset((word.paragraph, word.start) for word in topic.evidence) for topic in topics]
    assert len(rests) == len(set(rests)) == 1


def test_at_most_six(desk: Desk) -> None:
    titles = "Séisme, cancer, cinéma, football, chômage, pape, astronomie, inondation"
    assert len(desk.decide(titles, titles)) == MOST_TOPICS


def test_what_is_not_in_the_lead_must_be_said_much(desk: Desk) -> None:
    lead = "Rien à signaler."
    little = "Un médecin a vu une infirmière."
    much = "Un médecin, une infirmière et un chirurgien ont parlé de vaccins, de cancer et d'épidémie à l'hôpital."
    assert "Santé" not in desk.labels("", lead, little)
    topics = [topic for topic in desk.decide("", lead, much) if topic.path.startswith("Santé")]
    assert topics
    assert all(topic.score >= BODY_THRESHOLD for topic in topics)


def test_what_explains_a_topic_is_what_gave_it(enricher: Enricher, rules: TopicRules) -> None:
    title, body = "La BCE relève ses taux directeurs", ("L'inflation reste forte, dit le FMI.",)
    enriched = enricher.enrich(title, False, body, agency="AFP")
    archived = Dispatch(
        id="a",
        body=body,
        title=title,
        title_derived=False,
        lead=body[0],
        raw=b"",
        raw_encoding="utf-8",
        agency="AFP",
        mentions=enriched.mentions,
    )
    assert enriched.topics
    assert tuple(topic.path for topic in rules.explain(archived)) == enriched.topics


FORMS = [
    ("médical", {"médical", "médicale", "médicales", "médicaux"}),
    ("festival", {"festival", "festivals", "festivale", "festivales"}),
    ("infirmier", {"infirmier", "infirmiers", "infirmière", "infirmières"}),
    ("avocat", {"avocat", "avocats", "avocate", "avocates"}),
    ("rein", {"rein", "reins"}),  # "reine" is another word
    ("foi", {"foi"}),  # so is "fois"
    ("prix", {"prix"}),
    ("CHU", {"CHU"}),
]


@pytest.mark.parametrize(("word", "expected"), FORMS)
def test_forms(word: str, expected: set[str]) -> None:
    assert forms(word) == expected


def test_forms_of_a_phrase() -> None:
    assert {"accord signé", "accords signés", "bombe à retardement"} <= forms("accord signé") | forms(
        "bombe à retardement"
    )


SPELLED = [
    ("hôpital", {"hôpital", "hopital"}, set()),
    ("condamné", {"condamné"}, {"condamne"}),  # "condamne" is a verb, unless in capitals
    ("pêche", {"pêche"}, {"peche"}),
    ("JO", set(), {"jo"}),
]


@pytest.mark.parametrize(("form", "anyhow", "capitals"), SPELLED)
def test_spelled(form: str, anyhow: set[str], capitals: set[str]) -> None:
    assert spelled(form) == (anyhow, capitals)


def test_every_topic_has_words_or_topics_below_it(authorities: Authorities) -> None:
    parents = {topic.parent for topic in authorities.topics.values()}
    bare = [
        topic.label
        for topic in authorities.topics.values()
        if not topic.triggers and not topic.entities and topic.label not in parents
    ]
    assert bare == []


def test_the_archive_has_subjects_of_its_own(authorities: Authorities) -> None:
    assert len([topic for topic in authorities.topics.values() if topic.code is None]) >= 60


def test_codes_are_media_topics_and_each_once(authorities: Authorities) -> None:
    codes = [topic.code for topic in authorities.topics.values() if topic.code]
    assert len(codes) == len(set(codes))
    assert all(code.startswith("medtop:") and len(code) == len("medtop:") + 8 for code in codes)
    roots = {topic.code for topic in authorities.topics.values() if topic.parent is None}
    assert roots == {f"medtop:{number:02}000000" for number in range(1, 18)}


@pytest.mark.parametrize("held_out", [False, True])
def test_five_sections_are_told_apart(desk: Desk, rules: TopicRules, held_out: bool) -> None:
    """The aim, on the invented items; bench/topics.py has the figures and the other set."""
    items: list[Item] = [item for item in invented() if item.held_out == held_out]
    right = [
        item
        for item in items
        if top(rules.scores(item.title, item.body, desk.mentions(item.title, item.body))) == item.label
    ]
    assert len(items) == 50
    assert len(right) / len(items) >= 0.9


@example(body=["d"], title="R")  # R&D, which "r d" stands for too
@given(st.lists(st.text(alphabet="aé '’-.\nJOCHUmédecin", max_size=60), max_size=12), st.text(max_size=30))
def test_any_text_is_decided_and_evidence_stays_in_it(rules: TopicRules, body: list[str], title: str) -> None:
    for topic in rules.scores(title, [*body, "Un médecin."], ()):
        for word in topic.evidence:
            part = title if word.paragraph == -1 else [*body, "Un médecin."][word.paragraph]
            assert part[word.start : word.end] == word.surface

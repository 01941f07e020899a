"""Who, where, what about, on sentences: (body, expected)."""

from __future__ import annotations

import pytest

from authorities.model import Authorities
from indexer.enrich import Enriched, Enricher


@pytest.fixture(scope="module")
def enricher(authorities: Authorities) -> Enricher:
    return Enricher(authorities)


def facets(enricher: Enricher, *body: str, place: str | None = None, agency: str | None = None) -> Enriched:
    return enricher.enrich("", True, body, dateline_place=place, agency=agency)


ACTORS = [
    ("La Chine est prête à travailler.", {"Chine"}),
    ("La Chine et la Russie doivent soutenir l'ASEAN.", {"Chine", "Russie", "ASEAN"}),
    ("Le soutien réitéré par la Russie a compté.", {"Russie"}),
    ("Il a voyagé en Chine et en Russie.", set()),
    ("Les Etats-Unis avaient l'habitude d'intimider.", {"États-Unis"}),
    ("L'ONU et l'Otan se réunissent ; les Nations unies saluent.", {"ONU", "Otan"}),
    ("Wang Yi a rencontré Serguei Lavrov.", {"Wang Yi", "Sergueï Lavrov"}),
    ("Mme Wang a parlé.", set()),  # no full name before: nobody we know
    # subjects, with what may stand between them and their verb
    ("La France, alliée de longue date, ne s'y oppose pas.", {"France"}),
    ("L'Iran n'en dispose pas.", {"Iran"}),
    ("La Russie ayant refusé, le texte est tombé.", {"Russie"}),
    # agents and those who will
    ("Le M23, soutenu par le Rwanda, avance.", {"M23", "Rwanda"}),
    ("La décision des Etats-Unis a surpris.", {"États-Unis"}),
    ("Un accord entre la France et l'Ukraine.", {"France", "Ukraine"}),
    ("Un train entre la France et l'Italie.", set()),
    ("L'Argentine a battu le Brésil.", {"Argentine", "Brésil"}),
    # complements
    ("Des exportations vers la Chine, la frontière de l'Iran.", set()),
    ("Un ambassadeur de France à Moscou.", set()),
    ("Le roi a reçu l'émir du Qatar, Tamim ben Hamad al-Thani.", {"Tamim ben Hamad al-Thani"}),
    ("Le président de la France est venu.", {"France"}),
    ("La France a perdu 2-1 contre l'Allemagne.", {"France", "Allemagne"}),
    ("Une plainte contre l'Allemagne.", set()),
    ("Pékin, Moscou et Washington discutent.", {"Chine", "Russie", "États-Unis"}),
    ("Des étudiants de Liège et Dakar ont gagné.", set()),
    # what acts for a state; what is only of it
    ("Les troupes russes ont avancé.", {"Russie"}),
    ("La diplomatie chinoise proteste.", {"Chine"}),
    ("Un missile iranien, une délégation parlementaire ivoirienne.", {"Iran", "Côte d'Ivoire"}),
    ("L'Etat japonais et les gouvernements turc et grec.", {"Japon", "Turquie", "Grèce"}),
    ("L'économie chinoise et un touriste russe.", set()),
    # an office: of a person named, else of the state
    ("Le président chilien Gabriel Boric est venu.", {"Gabriel Boric"}),
    ("Gabriel Boric est venu. Le président chilien repart.", {"Gabriel Boric"}),
    ("Le président chilien est venu.", {"Chili"}),
    ("Un responsable américain l'a dit.", {"États-Unis"}),
    ("Le footballeur brésilien est venu.", set()),
    ("Le chef de la diplomatie russe, Sergueï Lavrov, est venu.", {"Sergueï Lavrov"}),
    # armies and ministries, and their state with them
    ("L'armée malienne avance.", {"Armée malienne", "Mali"}),
    # a seat of power is its state
    ("Le Kremlin dément.", {"Russie"}),
    ("L'Élysée a annoncé sa visite.", {"Élysée"}),
    ("Ils ont signé à l'Élysée.", set()),
    # a thing a body makes, a text, a means, one who is told
    ("Un Airbus A320 et deux Boeing 737.", set()),
    ("La Charte des Nations unies.", set()),
    ("Airbus a livré dix avions.", {"Airbus"}),
    ("Il l'a écrit sur Facebook et dit au Monde.", set()),
    (
        "Congolais et RDC : l'armée congolaise est en RDC.",
        {"Forces armées de la République démocratique du Congo", "République démocratique du Congo"},
    ),
]


@pytest.mark.parametrize(("sentence", "actors"), ACTORS)
def test_actors(enricher: Enricher, sentence: str, actors: set[str]) -> None:
    assert set(facets(enricher, sentence).actors) == actors


def test_the_agency_signs_and_does_not_act(enricher: Enricher) -> None:
    body = "PARIS (AFP) - L'AFP et Reuters signent un accord avec l'ONU."
    assert set(facets(enricher, body, agency="AFP").actors) == {"Reuters", "ONU"}


def test_the_agency_is_known_by_its_acronym(enricher: Enricher) -> None:
    assert facets(enricher, "ALGER (APS) - L'APS signe avec l'ONU.", place="ALGER", agency="APS").actors == ("ONU",)


def test_the_town_of_the_dateline_is_no_company(enricher: Enricher) -> None:
    found = facets(enricher, "ORANGE (AFP) - Un spectacle d'Orange. Orange a payé.", place="ORANGE")
    assert (found.actors, found.places) == (("Orange",), ("Orange",))


def test_those_introduced_are_actors_and_collected(enricher: Enricher) -> None:
    found = facets(enricher, "Le ministre kényan Juma Otieno est venu. M. Otieno est reparti.")
    assert found.actors == ("Juma Otieno",)
    assert [(person.name, person.country) for person in found.people] == [("Juma Otieno", "Kenya")]


def test_places_are_all_named_as_places(enricher: Enricher) -> None:
    found = facets(enricher, "Washington a réagi à Paris : la Chine, rue de Londres, en mer Rouge.")
    assert set(found.places) == {"Paris", "Chine", "mer Rouge"}


def test_surnames_are_joined_within_the_dispatch(enricher: Enricher) -> None:
    found = facets(
        enricher, "Wang Yi a rencontré Sergueï Lavrov.", "M. Wang a salué Lavrov.", "Wanglian est une ville."
    )
    people = [(m.surface, m.label, m.rule) for m in found.mentions if m.paragraph == 1]
    assert people == [("Wang", "Wang Yi", "courtesy"), ("Lavrov", "Sergueï Lavrov", "surname")]
    assert not [m for m in found.mentions if m.paragraph == 2]


VENUES = [
    (("Il a rencontré vendredi à Phnom Penh son homologue.",), None, "Asie du Sud-Est > Cambodge > Phnom Penh"),
    (("Un texte.",), "PHNOM PENH", "Asie du Sud-Est > Cambodge > Phnom Penh"),
    (("Un texte à Moscou.",), "Phnom-Penh", "Asie du Sud-Est > Cambodge > Phnom Penh"),
    (("Il est arrivé au Cambodge.",), None, "Asie du Sud-Est > Cambodge"),
    (("La ville de Moscou est loin.",), None, None),
    (("Un chapeau sans lieu.", "Plus loin, à Moscou, il neige."), None, None),
    (("Un texte.",), "TOMBOUCTOU-LES-BAINS", None),
]


@pytest.mark.parametrize(("body", "dateline", "path"), VENUES)
def test_venues(enricher: Enricher, body: tuple[str, ...], dateline: str | None, path: str | None) -> None:
    assert facets(enricher, *body, place=dateline).venues == ((path,) if path else ())


def test_every_place_named_is_a_place(enricher: Enricher) -> None:
    found = facets(enricher, "Il a rencontré vendredi à Phnom Penh le ministre venu de Russie.")
    assert set(found.places) == {"Phnom Penh", "Russie"}


def test_mentions_point_at_their_words(enricher: Enricher) -> None:
    body = ("À Phnom Penh, l’ASEAN.", "Les États-Unis et M. Lavrov ; Sergueï Lavrov.")
    for mention in facets(enricher, *body).mentions:
        assert body[mention.paragraph][mention.start : mention.end] == mention.surface


def test_a_derived_title_is_not_read_twice(enricher: Enricher) -> None:
    derived = enricher.enrich("Wang Yi arrive", True, ("Wang Yi arrive.",))
    own = enricher.enrich("Wang Yi arrive", False, ("Wang Yi arrive.",))
    assert [m.paragraph for m in derived.mentions] == [0]
    assert [m.paragraph for m in own.mentions] == [-1, 0]


TOPICS = [
    ("La Banque centrale européenne a relevé ses taux d'intérêt face à l'inflation.", "conomie"),
    ("Le vaccin contre la grippe protège les patients, selon les médecins de l'hôpital.", "anté"),
    ("La question de Taïwan et le principe d'une seule Chine ont été rappelés.", "Taïwan"),
]


@pytest.mark.parametrize(("sentence", "part"), TOPICS)
def test_topics(enricher: Enricher, sentence: str, part: str) -> None:
    assert any(part in path for path in facets(enricher, sentence).topics)


def test_an_everyday_sentence_has_no_topic(enricher: Enricher) -> None:
    assert facets(enricher, "Il est venu hier avec un ami de sa sœur.").topics == ()

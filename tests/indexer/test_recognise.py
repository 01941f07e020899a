"""Names the authorities do not know: sentences written for it, beside the names that must be found in them."""

from __future__ import annotations

import pytest

from authorities.loader import load_authorities
from indexer.enrich import Enricher
from indexer.recognise import Name, Recogniser, Span
from indexer.recognise_model import TAGS, best_path, pack, parse, scores
from indexer.recognise_text import read
from indexer.recognise_words import cased

AUTHORITIES = load_authorities()
ENRICHER = Enricher(AUTHORITIES)
RECOGNISER = Recogniser(AUTHORITIES)
LETTER = {"person": "P", "organisation": "O"}


def known(text: str) -> list[Span]:
    """What the authorities and the rules find in a text of one paragraph."""
    return [
        Span(mention.start, mention.end, mention.kind, mention.rule, mention.label)
        for mention in ENRICHER.enrich("", True, [text]).mentions
    ]


def found(text: str) -> set[str]:
    """Every name of the text with its kind, P, O or L: the authorities' that stand, and the new ones."""
    spans = known(text)
    new = RECOGNISER.names(text, spans)
    replaced = {span for name in new for span in name.replaces}
    old = [span for span in spans if span not in replaced and span.role != "demonym"]
    return {
        f"{text[start:end]} {LETTER.get(kind, 'L')}"
        for start, end, kind in [(s.start, s.end, s.kind) for s in old] + [(n.start, n.end, n.kind) for n in new]
    }


def new(text: str, *spans: Span) -> list[Name]:
    return RECOGNISER.names(text, spans)


SENTENCES = [
    # people, by function, courtesy, apposition, nationality, and by nothing but their names
    ("Le ministre cambodgien des Affaires étrangères Prak Sokhonn a reçu ses homologues.", {"Prak Sokhonn P"}),
    ("Le ministre cambodgien des Transports Sok Vannarith a inauguré le pont.", {"Sok Vannarith P"}),
    ("Mme Ursula von der Leyen a salué cet accord.", {"Ursula von der Leyen P"}),
    ("Huang Meixia, directrice de l'usine, a présenté le procédé.", {"Huang Meixia P"}),
    ("Le président de la chambre de commerce, Zhao Dewen, a pris la parole.", {"Zhao Dewen P"}),
    ("Le juge Abdelkader Benchaâbane a entendu les témoins.", {"Abdelkader Benchaâbane P"}),
    ("L'ancien député Moncef Ben Salah vit à Sidi Bouzid.", {"Moncef Ben Salah P", "Sidi Bouzid L"}),
    ("Nguyen Van Thieu, paysan de 52 ans, a tout perdu.", {"Nguyen Van Thieu P"}),
    ("La cheffe du village, Tran Thi Hoa, attend des secours.", {"Tran Thi Hoa P"}),
    ("Selon Kwame Asante, directeur de l'usine, la production reprendra.", {"Kwame Asante P"}),
    ("Le capitaine de l'équipe, Ousmane Ndoye, a marqué deux buts.", {"Ousmane Ndoye P"}),
    ("Le tennisman Tomas Kralik a battu l'Espagnol Iker Mendizabal.", {"Tomas Kralik P", "Iker Mendizabal P"}),
    ("Le navigateur breton Yann Le Guen a repris la mer.", {"Yann Le Guen P"}),
    ("Jean-Baptiste Kermadec, porte-parole des éleveurs, a dit son inquiétude.", {"Jean-Baptiste Kermadec P"}),
    ("Mgr Benoît Lacaze a célébré la messe.", {"Benoît Lacaze P"}),
    ("Mikhaïl Petrenko, le gouverneur de la région, a démenti.", {"Mikhaïl Petrenko P"}),
    (
        "La Norvégienne Astrid Solheim a remporté l'épreuve devant la Suédoise Ebba Lindqvist.",
        {"Astrid Solheim P", "Ebba Lindqvist P"},
    ),
    ("Le chanteur Youssoupha Mbaye chantera samedi à Thiès.", {"Youssoupha Mbaye P", "Thiès L"}),
    ("Le général Ibrahim Kouyaté a pris le pouvoir en 2021.", {"Ibrahim Kouyaté P"}),
    ('"C\'est inacceptable", a réagi Leïla Haddouche, secrétaire du syndicat.', {"Leïla Haddouche P"}),
    ("L'avocate de la famille, Me Clotilde Vasseur, a fait appel.", {"Clotilde Vasseur P"}),
    ("Le Dr Amina Diallo a confirmé le bilan.", {"Amina Diallo P"}),
    ("Le sénateur Mark O'Donnelly a voté contre.", {"Mark O'Donnelly P"}),
    ("Nasser bin Khalid al-Mansouri a reçu la délégation à Doha.", {"Nasser bin Khalid al-Mansouri P", "Doha L"}),
    ("Kim Sung-ho a rencontré Park Ji-won à Panmunjom.", {"Kim Sung-ho P", "Park Ji-won P", "Panmunjom L"}),
    ("Emeka Okonkwo-Bello dirige l'hopital d'Enugu.", {"Emeka Okonkwo-Bello P", "Enugu L"}),
    ('"Nous irons", a déclaré M. Traoré, le maire de Koulikoro.', {"Traoré P", "Koulikoro L"}),
    # a person, not the place of the same name
    ("Paris Hilton a présenté sa collection à New York.", {"Paris Hilton P", "New York L"}),
    ("Petra Novakova (Brno) a terminé deuxième.", {"Petra Novakova P", "Brno L"}),
    # bodies
    ("La société Kering a publié ses résultats.", {"Kering O"}),
    ("La société Novartec a publié ses résultats.", {"Novartec O"}),
    ("L'ONG Oxfam dénonce des inégalités.", {"Oxfam O"}),
    ("L'ONG Terralibre dénonce des inégalités.", {"Terralibre O"}),
    ("Le défenseur a signé au FC Plouvara pour trois saisons.", {"FC Plouvara O"}),
    ("L'entreprise Biotronix a licencié 200 salariés à Saint-Nazaire.", {"Biotronix O", "Saint-Nazaire L"}),
    ("Le constructeur Orvado supprime 300 emplois à Dinan.", {"Orvado O", "Dinan L"}),
    (
        "Le milliardaire Rajiv Malhotra possède la compagnie Skylanka Airways.",
        {"Rajiv Malhotra P", "Skylanka Airways O"},
    ),
    (
        "Le professeur Hans-Peter Kleiber, de l'université de Tübingen, a publié ces travaux.",
        {"Hans-Peter Kleiber P", "université de Tübingen O"},
    ),
    ("L'Institut Montclair publie une étude.", {"Institut Montclair O"}),
    # places
    (
        "Le village de Kaldoura a été bombardé par les forces de Hamid al-Rashoudi.",
        {"Kaldoura L", "Hamid al-Rashoudi P"},
    ),
    ("Le lac Ounianga s'étend au nord du Tchad.", {"Ounianga L", "Tchad L"}),
    ("Le quartier de Belle-Étoile a été évacué.", {"Belle-Étoile L"}),
    ("Un accident a fait deux morts à Plouguerneau.", {"Plouguerneau L"}),
    ("Les habitants de Chtouka manquent d'eau.", {"Chtouka L"}),
    ("Le groupe de rock jouera à Lannion.", {"Lannion L"}),
    ("Une fuite de gaz a soufflé un immeuble de la rue de Londres, mardi matin.", {"rue de Londres L"}),
    ("Le boulevard Victor-Hugo est fermé à la circulation.", {"boulevard Victor-Hugo L"}),
    # nobody
    ("La pluie tombe depuis trois jours et la rivière monte.", set()),
    ("Le ministre a dit que le gouvernement ferait tout son possible.", set()),
    ("L'élection aura lieu dimanche.", set()),
    ("L'Institut et la Commission ont refusé.", set()),
    ("URGENT - Le cours du blé recule", set()),
    ("Le Covid-19 a fait reculer le PIB de 3 % au XXe siècle.", set()),
    ("La COP27 veut appliquer l'accord de Paris.", set()),
    ("Le conseiller d'Etat chinois est reparti.", set()),
    ("vd/jpn/eg", set()),
    ("", set()),
    (" \n", set()),
    ("?!.", set()),
    # a photo credit, were it left in the text
    ("(Photo AFP/Marek Doležal)", {"AFP O"}),
    # lost letters, lost accents, capitals throughout
    ("Le pilote Sergue?i Karpov a abandonné.", {"Sergue?i Karpov P"}),
    ("Le Premier ministre Erdo?an Yildirim a démissionné.", {"Erdo?an Yildirim P"}),
    ("Le general Gregoire Lefevre a ete nomme chef d'etat-major.", {"Gregoire Lefevre P"}),
    ("PAR DECISION DU JUGE HUGO BERTHELOT L'USINE EST FERMEE DEPUIS MARDI", {"HUGO BERTHELOT P"}),
    # other scripts are left alone
    ("Сергей Лавров встретился с Ван И.", set()),
    ("国务委员兼外长王毅会见俄罗斯外长拉夫罗夫。", set()),
]


@pytest.mark.parametrize(("text", "names"), SENTENCES, ids=[text[:40] for text, _ in SENTENCES])
def test_names_of_a_sentence(text: str, names: set[str]) -> None:
    assert found(text) == names


def test_the_photographer_of_a_credit_is_nobody() -> None:
    assert new("Un incendie a eu lieu (Xinhua/Van Pov)") == []


def test_offsets_are_those_of_the_text() -> None:
    text = "Hier, M. Traoré a parlé."
    (name,) = new(text)
    assert (name.start, name.end, name.label) == (9, 15, "Traoré")


def test_a_short_form_has_the_label_of_the_full_name() -> None:
    text = "Le maire Ansgar Wiedekind a démissionné mardi. M. Wiedekind n'a pas donné de raison."
    assert [(name.label, name.rule) for name in new(text)] == [
        ("Ansgar Wiedekind", "named"),
        ("Ansgar Wiedekind", "short"),
    ]


def test_a_short_form_that_two_people_bear_keeps_its_own_label() -> None:
    text = "Ansgar Wiedekind et Greta Wiedekind ont démissionné mardi. M. Wiedekind n'a pas donné de raison."
    assert [name.label for name in new(text)] == ["Ansgar Wiedekind", "Greta Wiedekind", "Wiedekind"]


def test_a_short_form_may_mean_someone_of_the_authorities() -> None:
    text = "Prak Sokhonn a reçu ses homologues. M. Sokhonn a salué leur travail."
    (name,) = new(text, Span(0, 12, "person", "label", "Prak Sokhonn"))
    assert (name.label, name.start) == ("Prak Sokhonn", text.rindex("Sokhonn"))


def test_capitals_take_the_label_of_the_ordinary_writing() -> None:
    text = "LE MAIRE ANSGAR WIEDEKIND A ETE REELU DIMANCHE\nLe maire Ansgar Wiedekind a été réélu."
    assert {name.label for name in new(text)} == {"Ansgar Wiedekind"}


def test_what_the_authorities_found_stands() -> None:
    text = "Le Luxembourg a voté pour."
    assert new(text, Span(3, 13, "state", "label", "Luxembourg")) == []


def test_a_person_named_like_a_town_replaces_it() -> None:
    town = Span(0, 5, "city", "label", "Petra")
    (name,) = new("Petra Novakova a terminé deuxième.", town)
    assert (name.label, name.replaces) == ("Petra Novakova", (town,))


def test_names_do_not_cross_lines() -> None:
    assert {name.label for name in new("Victoire à Plouvara\n\nPLOUVARA (Côtes-d'Armor)")}.isdisjoint(
        {"Plouvara\n\nPLOUVARA"}
    )


def test_confidence_is_a_share() -> None:
    text = "La société Novartec et M. Traoré ont signé à Plouvara avec Les Cabanons."
    assert all(0.5 <= name.confidence <= 1.0 for name in new(text))


def test_reading_twice_is_reading_once() -> None:
    text = "Le juge Abdelkader Benchaâbane a entendu Kwame Asante à Plouvara."
    assert new(text) == new(text) == Recogniser(AUTHORITIES).names(text, ())


def test_a_very_long_text_is_read_to_its_end() -> None:
    filler = "La pluie tombe depuis trois jours et la rivière monte. " * 20_000
    (name,) = new(filler + "M. Traoré attend.")
    assert name.start == len(filler) + 3


def test_a_long_run_of_capitals_is_read() -> None:
    names = new("Kwame Asante, " * 5_000)
    assert {name.label for name in names} == {"Kwame Asante"}


def test_capitals_without_end_are_no_name() -> None:
    assert all(name.end - name.start < 100 for name in new("Jean Paul Marie " * 10_000))


# text -> as read: what is all in capitals in small letters, of the same length
CASED = [
    ("PARIS (AFP)", "PARIS (AFP)"),
    ("L'ONU et l'OTAN", "L'ONU et l'OTAN"),
    ("LE PRESIDENT DE LA COMMISSION EST ARRIVE", "le president de la commission est arrive"),
    ("Il a dit non.\nLA RÉUNION EST FINIE DEPUIS MARDI", "Il a dit non.\nla réunion est finie depuis mardi"),
]


@pytest.mark.parametrize(("text", "read_as"), CASED)
def test_lines_in_capitals(text: str, read_as: str) -> None:
    assert cased(text) == read_as


def test_tokens() -> None:
    text = read("L'O.N.U. et M. al-Joulani, pro-Assad, à Sainte-Rita", (), frozenset())
    assert text.words == ["L'", "O.N.U.", "et", "M.", "al-Joulani", ",", "pro-", "Assad", ",", "à", "Sainte-Rita"]


def test_packed_weights_add_tag_by_tag() -> None:
    assert scores(pack("PQPOPPZ") + pack("OQPPPPA")) == [-1, 2, 0, -1, 0, 0, -5]


def test_a_name_goes_on_only_after_its_beginning() -> None:
    moves = [[0] * len(TAGS) for _ in TAGS]
    outside, inside = [0] * len(TAGS), [0] * len(TAGS)
    inside[2] = 10
    path, _ = best_path([outside, inside], moves)
    assert [TAGS[tag] for tag in path] == ["BP", "IP"]


def test_the_file_of_weights() -> None:
    weights = parse(["# comment", *[f">{tag}\t0 0 0 0 0 0 -9" for tag in TAGS], "w=mardi\tQPPPPPP"])
    assert weights.moves[0][6] == -9 and scores(weights.clues["w=mardi"])[0] == 1

"""A dispatch taken apart: title, lead, paragraphs, credits, dateline; and nothing lost on the way."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import parse as rules
from indexer.parse import Parsed, agency_named, derive_title, is_separator, parse, read_dateline
from indexer.readers.text import pieces

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SEED = (SAMPLES / "seed" / "000_xinhua_phnom_penh.txt").read_text("utf-8")

LEAD = "Le conseiller d'Etat chinois a rencontré vendredi à Phnom Penh son homologue russe, en marge des réunions de l'Asean."
NEXT = "Les deux parties ont également échangé leurs vues sur la péninsule coréenne, a indiqué un communiqué publié samedi."


# --- the real dispatch ---------------------------------------------------------------------------------------------


def test_the_seed() -> None:
    parsed = parse(SEED)
    assert parsed.lead.startswith("Le conseiller d'Etat chinois")
    assert parsed.title_derived
    assert (
        parsed.title
        == "Le conseiller d'Etat chinois et ministre des Affaires étrangères Wang Yi a rencontré vendredi à Phnom Penh…"
    )
    assert parsed.credits == ("Xinhua/Van Pov",)
    assert parsed.agency == "Xinhua"
    assert (parsed.author, parsed.dateline_place, parsed.furniture) == (None, None, ())
    assert len(parsed.body) == 10
    assert not any("Van Pov" in paragraph or "mise à jour" in paragraph for paragraph in parsed.body)


def test_the_stamp_of_the_seed() -> None:
    (stamp,) = parse(SEED).stamps
    assert (stamp.day, stamp.month, stamp.year, stamp.hour, stamp.minute) == (8, 8, None, 8, 52)
    assert (stamp.kind, SEED[stamp.start : stamp.end]) == ("updated", "Dernière mise à jour à 08h52 le 08/08")


def test_the_paragraphs_of_the_seed_are_lines_of_it() -> None:
    parsed = parse(SEED)
    assert [SEED[start : start + length] for start, length in parsed.origin] == list(parsed.body)


# --- title and lead ------------------------------------------------------------------------------------------------

TITLES = [
    (f"Wang Yi reçoit Lavrov\n\n{LEAD}\n\n{NEXT}", "Wang Yi reçoit Lavrov"),
    (f"Wang Yi reçoit Lavrov\n{LEAD}\n{NEXT}", "Wang Yi reçoit Lavrov"),
    (f"Dernière mise à jour à 08h52 le 08/08\nWang Yi reçoit Lavrov\n{LEAD}", "Wang Yi reçoit Lavrov"),
    (f"Wang Yi reçoit Lavrov\n8 août 2022 à 10h15\n{LEAD}\n{NEXT}", "Wang Yi reçoit Lavrov"),
    (f"Pourquoi Wang Yi reçoit-il Lavrov ?\n\n{LEAD}", "Pourquoi Wang Yi reçoit-il Lavrov ?"),
    (f"WANG YI RECOIT LAVROV\n\n{LEAD}", "WANG YI RECOIT LAVROV"),
    ("WANG YI RECOIT LAVROV A PHNOM PENH\n\nIls se sont vus.", "WANG YI RECOIT LAVROV A PHNOM PENH"),
    (f"URGENT\n\nWang Yi reçoit Lavrov\n\n{LEAD}", "Wang Yi reçoit Lavrov"),
    (f"URGENT - Wang Yi reçoit Lavrov\n\n{LEAD}", "URGENT - Wang Yi reçoit Lavrov"),
    (f"chine-russie-diplomatie\nWang Yi reçoit Lavrov\n\n{LEAD}", "Wang Yi reçoit Lavrov"),
    ("Wang Yi reçoit Lavrov\n\nPHNOM PENH, 5 août (AFP) - Bref.", "Wang Yi reçoit Lavrov"),
]


@pytest.mark.parametrize(("text", "title"), TITLES)
def test_a_first_line_may_be_the_title(text: str, title: str) -> None:
    parsed = parse(text)
    assert (parsed.title, parsed.title_derived) == (title, False)
    assert title not in parsed.body
    assert parsed.lead == parsed.body[0] or "AFP" in text


NO_TITLES = [
    f"Un séisme a frappé.\n{LEAD}",  # ends with a period
    f"{LEAD} Et encore, et encore, et encore\n{NEXT * 3}",  # over 140 characters
    f"{LEAD[:-1]}\nC'est bref.",  # followed by a shorter paragraph
    "Wang Yi reçoit Lavrov",  # followed by nothing
    f"PHNOM PENH, 5 août (AFP) - Wang Yi reçoit Lavrov\n{LEAD}",
    f"URGENT\n{LEAD}",
    f"2EME LEAD\n\n{LEAD}",
    f"Par Jean Dupont\n\n{LEAD}",
    "8 août 2022\n\nWang Yi reçoit Lavrov",
]


@pytest.mark.parametrize("text", NO_TITLES)
def test_a_first_line_may_be_no_title(text: str) -> None:
    assert parse(text).title_derived


DERIVED = [
    ("Un séisme a frappé Manabi.", "Un séisme a frappé Manabi"),
    ("Un séisme a frappé la province de Manabi. Nul n'a été blessé.", "Un séisme a frappé la province de Manabi"),
    ("Le ministre M. Wang est arrivé à Phnom Penh. Il repart lundi.", "Le ministre M. Wang est arrivé à Phnom Penh"),
    ("Le ministre Sergue? Lavrov est arrivé. Il repart lundi.", "Le ministre Sergue? Lavrov est arrivé"),
    ("Que veut donc la Chine à Phnom Penh ? Tout. Et plus encore.", "Que veut donc la Chine à Phnom Penh ?"),
    # cut at a clause
    (
        "Le sommet des chefs d'Etat du G5 Sahel s'est ouvert lundi à N'Djamena, au Tchad, en présence de représentants "
        "de l'Union africaine",
        "Le sommet des chefs d'Etat du G5 Sahel s'est ouvert lundi à N'Djamena, au Tchad…",
    ),
    # at a word, and not on "de" or "à la"
    (
        "La Communauté économique des Etats d'Afrique de l'Ouest a réuni mercredi à Abuja les directeurs généraux de la "
        "météorologie nationale",
        "La Communauté économique des Etats d'Afrique de l'Ouest a réuni mercredi à Abuja les directeurs généraux…",
    ),
    ("x" * 300, "x" * 119 + "…"),
    ("", ""),
]


@pytest.mark.parametrize(("lead", "title"), DERIVED)
def test_a_title_is_cut_from_the_lead(lead: str, title: str) -> None:
    assert derive_title(lead) == title


@given(st.text())
def test_a_derived_title_is_short_and_says_when_it_is_cut(lead: str) -> None:
    title = derive_title(lead)
    assert len(title) <= rules.LONGEST_DERIVED
    assert title.removesuffix("…").rstrip() in " ".join(lead.split())


def test_the_lead_follows_a_notice_of_correction() -> None:
    parsed = parse(
        f"Wang Yi à Phnom Penh (CORRECTION)\n\nATTENTION - Bien lire 16H00.\n\nPHNOM PENH, 5 août (AFP) - {LEAD}"
    )
    assert parsed.lead == LEAD
    assert parsed.body[0] == "ATTENTION - Bien lire 16H00."


def test_the_lead_follows_a_dateline_that_has_its_line_for_itself() -> None:
    parsed = parse(f"PÉKIN, 8 août (Xinhua) --\n{LEAD}\n{NEXT}")
    assert (parsed.lead, parsed.agency, parsed.dateline_place) == (LEAD, "Xinhua", "PÉKIN")
    assert [stamp.kind for stamp in parsed.stamps] == ["dateline"]


# --- dateline ------------------------------------------------------------------------------------------------------

DATELINES = [
    ("PÉKIN, 8 août (Xinhua) -- La Chine", "PÉKIN", "Xinhua", True, "La Chine"),
    ("MENDE (Lozère), 16 juil 2022 (AFP) – L'Irlandais", "MENDE", "AFP", True, "L'Irlandais"),
    ("IRKOUTSK, 4 février 2020. /TASS/. La route", "IRKOUTSK", "TASS", True, "La route"),
    ("ALGER, 15 fév 2021 (APS)- Le sommet", "ALGER", "APS", True, "Le sommet"),
    ("PARIS/LONDRES, 8 août (Reuters) - Le sommet", "PARIS", "Reuters", True, "Le sommet"),
    ("LOMÉ, 8 août 2022 (ATOP) - Le sommet", "LOMÉ", "ATOP", True, "Le sommet"),  # an agency we do not know
    ("PARIS, 8 août 2022 - A 14h30, le président", "PARIS", None, True, "A 14h30, le président"),
    ("10 décembre 2016 . – À 19 h 30 UTC, deux", None, None, True, "À 19 h 30 UTC, deux"),
    ("8 août 2022 (AFP) - A 14h30, le président", None, "AFP", True, "A 14h30, le président"),
    ("(AFP) - 08.08.22 - A 14h30, le président", None, "AFP", True, "A 14h30, le président"),
    ("Berne (ats) Le Musée", "Berne", "ATS", False, "Le Musée"),
    ("Mende (ats/afp) L'Irlandais", "Mende", "ATS", False, "L'Irlandais"),
    ("Stansstad (NW) (ats) La conférence", "Stansstad", "ATS", False, "La conférence"),
    ("(BELGA) Une autruche", None, "Belga", False, "Une autruche"),
    ("(AFP) - Une autruche", None, "AFP", False, "Une autruche"),
]


@pytest.mark.parametrize(("text", "place", "agency", "dated", "rest"), DATELINES)
def test_a_dateline_is_read(text: str, place: str | None, agency: str | None, dated: bool, rest: str) -> None:
    dateline = read_dateline(text)
    assert dateline is not None
    assert (dateline.place, dateline.agency, dateline.stamp is not None) == (place, agency, dated)
    assert text[dateline.end :] == rest


@pytest.mark.parametrize(
    "text",
    [
        "L'agence Chine nouvelle (Xinhua) a annoncé lundi",
        "La Banque centrale européenne (BCE) a relevé",
        "Le ministre a dit à l'agence (AFP) que tout irait bien",
        "Selon lui, 8 août (Xinhua) -- La Chine",
        "Berne, le 8 août, le Conseil fédéral a décidé",
        "Le 8 août 2022, le Conseil",
        "",
    ],
)
def test_what_is_no_dateline_is_left(text: str) -> None:
    assert read_dateline(text) is None


def test_the_dateline_stays_in_the_body_and_leaves_the_lead_and_the_title() -> None:
    text = f"PÉKIN, 8 août (Xinhua) -- {LEAD}"
    parsed = parse(text)
    assert parsed.body == (text,)
    assert parsed.lead == LEAD
    assert parsed.title.startswith("Le conseiller d'Etat")
    assert [text[stamp.start : stamp.end] for stamp in parsed.stamps] == ["8 août"]


# --- credits, author, agency, furniture ----------------------------------------------------------------------------

# the line set aside; credits, agency, author, furniture it gives
ASIDE = [
    ("(Xinhua/Van Pov)", ("Xinhua/Van Pov",), "Xinhua", None, ()),
    ("(Photo : DR)", ("Photo : DR",), None, None, ()),
    ("(avec AFP)", ("avec AFP",), None, None, ()),
    ("(AFP)", ("AFP",), "AFP", None, ()),
    ("(Reportage Jonas Effenberg, version française Théo Vasseur)",
     ("Reportage Jonas Effenberg, version française Théo Vasseur",), None, "Jonas Effenberg", ()),
    ("© Xinhua/Van Pov", ("© Xinhua/Van Pov",), None, None, ()),
    ("AFP/Jean Dupont", ("AFP/Jean Dupont",), "AFP", None, ()),
    ("/suite/", (), None, None, ("/suite/",)),
    ("(A SUIVRE)", (), None, None, ("(A SUIVRE)",)),
]  # fmt: skip
AT_END = [
    ("vd/jpn/eg", ("vd/jpn/eg",), None, None, ()),  # initials name no agency
    ("pcl-mbr/uh/lth", ("pcl-mbr/uh/lth",), None, None, ()),
    ("APS/nsd", ("APS/nsd",), "APS", None, ()),
    ("Belga/afp/mld", ("Belga/afp/mld",), "Belga", None, ()),
    ("AFP", ("AFP",), "AFP", None, ()),
    ("Agence France-Presse", ("Agence France-Presse",), "AFP", None, ()),
    ("ats/clg/sbn - 27.06.2021, 00:12", ("ats/clg/sbn",), "ATS", None, ("-",)),
    ("FIN", (), None, None, ("FIN",)),
    ("(FIN)", (), None, None, ("(FIN)",)),
    ("NNNN", (), None, None, ("NNNN",)),
    ("-30-", (), None, None, ("-30-",)),
    ("© 2022 AFP. Tous droits réservés.", (), None, None, ("© 2022 AFP. Tous droits réservés.",)),
    ("Par Jean Dupont", (), None, "Jean Dupont", ("Par Jean Dupont",)),
]
AT_START = [
    ("Par Jean DUPONT et Marie Martin", (), None, "Jean DUPONT et Marie Martin", ("Par Jean DUPONT et Marie Martin",)),
    ("Par Li Wei, à Pékin", (), None, "Li Wei", ("Par Li Wei, à Pékin",)),
    ("De notre correspondant à Pékin, Jean Dupont", (), None, "Jean Dupont", ("De notre correspondant à Pékin, Jean Dupont",)),
    ("De notre envoyée spéciale", (), None, "De notre envoyée spéciale", ("De notre envoyée spéciale",)),
    ("(AFP) - 08.08.22 - 8H52", (), "AFP", None, ("(AFP) -",)),
    ("Publié le 8 août 2022 par Jean Dupont", (), None, "Jean Dupont", ("par Jean Dupont",)),
    ("URGENT", (), None, None, ("URGENT",)),
    ("FRA0123 4 I 0456 FRA /AFP-XX12", (), None, None, ("FRA0123 4 I 0456 FRA /AFP-XX12",)),
    ("chine-russie-diplomatie", (), None, None, ("chine-russie-diplomatie",)),
]  # fmt: skip


def _aside(parsed: Parsed) -> tuple[tuple[str, ...], str | None, str | None, tuple[str, ...]]:
    return parsed.credits, parsed.agency, parsed.author, parsed.furniture


@pytest.mark.parametrize(("line", "credits", "agency", "author", "furniture"), ASIDE)
def test_a_line_between_paragraphs_is_set_aside(
    line: str, credits: tuple[str, ...], agency: str | None, author: str | None, furniture: tuple[str, ...]
) -> None:
    parsed = parse(f"{LEAD}\n{line}\n{NEXT}")
    assert _aside(parsed) == (credits, agency, author, furniture)
    assert parsed.body == (LEAD, NEXT)


@pytest.mark.parametrize(("line", "credits", "agency", "author", "furniture"), ASIDE + AT_END)
def test_a_last_line_is_set_aside(
    line: str, credits: tuple[str, ...], agency: str | None, author: str | None, furniture: tuple[str, ...]
) -> None:
    parsed = parse(f"{LEAD}\n\n{NEXT}\n\n{line}\n")
    assert _aside(parsed) == (credits, agency, author, furniture)
    assert parsed.body == (LEAD, NEXT)


@pytest.mark.parametrize(("line", "credits", "agency", "author", "furniture"), AT_START)
def test_a_first_line_is_set_aside(
    line: str, credits: tuple[str, ...], agency: str | None, author: str | None, furniture: tuple[str, ...]
) -> None:
    parsed = parse(f"{line}\n{LEAD}\n{NEXT}\n")
    assert _aside(parsed) == (credits, agency, author, furniture)
    assert parsed.body == (LEAD, NEXT)


@pytest.mark.parametrize(
    ("end", "credits", "furniture"),
    [
        (" Fin", (), ("Fin",)),
        (" FIN", (), ("FIN",)),
        (" /suite/", (), ("/suite/",)),
        (" (Xinhua/Van Pov)", ("Xinhua/Van Pov",), ()),
        (" (Xinhua/Van Pov) Fin", ("Xinhua/Van Pov",), ("Fin",)),
    ],
)
def test_what_follows_the_last_sentence_is_set_aside(
    end: str, credits: tuple[str, ...], furniture: tuple[str, ...]
) -> None:
    parsed = parse(f"{LEAD}\n{NEXT}{end}\n")
    assert (parsed.body, parsed.credits, parsed.furniture) == ((LEAD, NEXT), credits, furniture)


@pytest.mark.parametrize(
    "line",
    [
        "Par ailleurs, M. Wang a reçu son homologue mongol, a indiqué le porte-parole.",
        "(Le ministre est arrivé lundi.)",
        "Il a cité l'Agence France-Presse (AFP)",
        "Photo de famille du sommet.",
        "De notre point de vue, c'est une réussite, a dit M. Wang.",
        "Les trains rouleront à 300 km/h",
        "C'est la fin",
        "L'Agence a publié un rapport le 8 août 2022",
    ],
)
def test_a_line_of_text_stays_in_the_body(line: str) -> None:
    parsed = parse(f"{LEAD}\n{NEXT}\n{line}")
    assert parsed.body == (LEAD, NEXT, line)
    assert _aside(parsed) == ((), None, None, ())


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        (f"PÉKIN, 8 août (Xinhua) -- {LEAD}\n(AFP/Jean Dupont)\n{NEXT}\nReuters", "Xinhua"),
        (f"{LEAD}\n(AFP/Jean Dupont)\n{NEXT}\nReuters", "Reuters"),
        (f"{LEAD}\n(AFP/Jean Dupont)\n{NEXT}", "AFP"),
        (f"{LEAD}\n{NEXT}", None),
    ],
)
def test_the_dateline_names_the_agency_before_the_signature_before_the_credit(text: str, agency: str | None) -> None:
    assert parse(text).agency == agency


@pytest.mark.parametrize(
    ("words", "agency"),
    [
        ("BELGA", "Belga"),
        ("ats/belga", "ATS"),
        ("Xinhua/Van Pov", "Xinhua"),
        ("Agence France-Presse", "AFP"),
        ("Chine nouvelle", "Xinhua"),
        ("BCE", None),
        ("Jean Dupont", None),
        ("", None),
    ],
)
def test_an_agency_has_one_name(words: str, agency: str | None) -> None:
    assert agency_named(words) == agency


# --- paragraphs ----------------------------------------------------------------------------------------------------

WRAPPED = """TROYES (Aube), 18 oct 2019 (AFP) - Séparé de son manuscrit depuis au
moins deux siècles, le dernier feuillet d'une bible enluminée du XIIe
siècle a retrouvé vendredi sa place.

Le feuillet avait été découvert en mars par une libraire de Bruges dans
un lot de reliures dépareillées.

ppt/clm/dde
"""


def test_wrapped_lines_make_paragraphs() -> None:
    parsed = parse(WRAPPED)
    assert parsed.body == (
        "TROYES (Aube), 18 oct 2019 (AFP) - Séparé de son manuscrit depuis au moins deux siècles, le dernier feuillet "
        "d'une bible enluminée du XIIe siècle a retrouvé vendredi sa place.",
        "Le feuillet avait été découvert en mars par une libraire de Bruges dans un lot de reliures dépareillées.",
    )
    assert parsed.credits == ("ppt/clm/dde",)


def test_wrapped_paragraphs_keep_their_place_character_for_character() -> None:
    parsed = parse(WRAPPED)
    for paragraph, (start, length) in zip(parsed.body, parsed.origin, strict=True):
        assert WRAPPED[start : start + length].replace("\n", " ") == paragraph


def test_an_indent_or_a_short_line_opens_a_paragraph() -> None:
    text = WRAPPED.replace("\n\nLe feuillet", "\nLe feuillet").replace("\n\nppt", "\n   Une exposition\n\nppt")
    assert [paragraph.split()[0] for paragraph in parse(text).body] == ["TROYES", "Le", "Une"]


def test_a_title_may_be_wrapped() -> None:
    parsed = parse("Climat et dette: à Paris, un sommet pour un nouveau pacte financier\nmondial\n\n" + WRAPPED)
    assert parsed.title == "Climat et dette: à Paris, un sommet pour un nouveau pacte financier mondial"


@pytest.mark.parametrize(
    "lines",
    [
        ["1. Pogacar (SLO)", "2. Vingegaard (DEN)", "3. Thomas (GBR)", "4. Gaudu (FRA)", "5. Vlasov (RUS)"],
        ["Les résultats de la journée :", "Paris bat Lyon 2-1.", "Marseille et Nice font match nul.", "Lens bat Metz."],
        [LEAD, NEXT, LEAD, NEXT],
    ],
)
def test_lines_of_any_length_stay_paragraphs(lines: list[str]) -> None:
    parsed = parse("\n".join(lines))
    assert (parsed.title_derived, parsed.body) in [(True, tuple(lines)), (False, tuple(lines[1:]))]


def test_repairs_can_be_carried_over() -> None:
    text = f"Titre de la dépêche\r\n\r\n{LEAD}\r\n(Xinhua/Van Pov)\r\n\t{NEXT}\r\n"
    parsed = parse(text)
    assert [text[start : start + length] for start, length in parsed.origin] == [LEAD, NEXT]


# --- patterns ------------------------------------------------------------------------------------------------------

PATTERNS: list[tuple[re.Pattern[str], list[str], list[str]]] = [
    (rules.BYLINE, ["Par Jean Dupont", "Par Jean DUPONT et Marie Martin (avec AFP)", "Par Li Wei, à Pékin"],
     ["Par ailleurs, M. Wang", "Par Jean"]),
    (rules.CORRESPONDENT, ["De notre correspondant à Pékin, Jean Dupont", "De notre envoyée spéciale"],
     ["De notre point de vue"]),
    (rules.REPORTED_BY, ["Reportage Jonas Effenberg"], ["Reportage à Pékin"]),
    (rules.CREDIT_WORD, ["Photo", "avec AFP", "Source", "Reportage"], ["suite page 2", "photographe"]),
    (rules.CREDIT_SLASH, ["Xinhua/Van Pov", "AFP/Archives", "POOL/Jean Dupont"], ["km/h", "et/ou"]),
    (rules.CREDIT_LINE, ["© Xinhua/Van Pov", "Photo : AFP", "Crédit photo : AFP/Jean Dupont"],
     ["Photo de famille du sommet."]),
    (rules.SIGNATURE, ["vd/jpn/eg", "pcl-mbr/uh/lth", "APS/nsd", "Belga/afp/mld"], ["et", "à 300 km/h", "08/08"]),
    (rules.END_MARK, ["FIN", "(FIN)", "/suite/", "(A SUIVRE)", "NNNN", "###", "-30-", ".../..."], ["Fin de partie", "31"]),
    (rules.COPYRIGHT, ["© 2022 AFP. Tous droits réservés.", "Copyright AFP", "Reproduction interdite"], ["Droits"]),
    (rules.SLUG, ["URGENT", "ALERTE", "2EME LEAD", "FLASH -"], ["URGENT - Climat: la COP26 s'ouvre", "Urgent"]),
    (rules.KEYWORD_SLUG, ["chine-russie-diplomatie-Asean"], ["Rendez-vous", "Est-ce", "a b-c-d"]),
    (rules.WIRE_HEADER, ["ZCZC FRA123", "FRA0123 4 I 0456 FRA /AFP-XX12"], ["COP27", "G20 A OSAKA"]),
    (rules.AGENCY_MARK, ["(Xinhua)", "/TASS/"], ["(x", "km/h"]),
    (rules.AFTER_MARK, [" -- ", " - ", ". ", " : ", ""], ["La", " a "]),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "takes", "leaves"), PATTERNS)
def test_a_pattern_takes_and_leaves_what_stands_beside_it(
    pattern: re.Pattern[str], takes: list[str], leaves: list[str]
) -> None:
    assert [text for text in takes if not pattern.fullmatch(text)] == []
    assert [text for text in leaves if pattern.fullmatch(text)] == []


@pytest.mark.parametrize(
    ("pattern", "takes", "leaves"),
    [
        (rules.END_AFTER, ["Mme Lin. Fin", '"oui". Fin', "bien. /suite/"], ["C'est la fin", "la Fin"]),
        (rules.CREDIT_AFTER, ["jeudi. (Xinhua/Van Pov)"], ["l'Agence France-Presse (AFP)"]),
        (rules.NOTICE, ["CORRECTION de la magnitude", "ATTENTION - Bien lire"], ["La correction", "Voiciment"]),
    ],
)
def test_a_pattern_finds_and_leaves_what_stands_beside_it(
    pattern: re.Pattern[str], takes: list[str], leaves: list[str]
) -> None:
    assert [text for text in takes if not pattern.search(text)] == []
    assert [text for text in leaves if pattern.search(text)] == []


# --- several dispatches --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["----", "--------\n", "====", " **** \r\n", "____", "\x0c", "NNNN", "NNNN\x03", "\x03", "\x04\n"]
)
def test_a_separator_line(line: str) -> None:
    assert is_separator(line)


@pytest.mark.parametrize("line", ["", "\n", "---", "* * *", "-- ", "----x", "--==", "NNNN ok", "Texte", "08/08"])
def test_a_line_that_separates_nothing(line: str) -> None:
    assert not is_separator(line)


# --- any text ------------------------------------------------------------------------------------------------------

SCRAPS = st.sampled_from(
    [line for line, *_ in ASIDE + AT_END + AT_START]
    + [text for text, *_ in DATELINES]
    + ["\n"] * 12
    + [LEAD, NEXT, "Wang Yi reçoit Lavrov", " ", "\t", "\r\n", "----", "(", ")", "/", ". Fin", ".", "\u00a0", "\u2028"]
    + ["Dernière mise à jour à 08h52 le 08/08", "Publié le 8 août 2022 - Mis à jour le 9 août 2022", "\x0c", "é", "?"]
)
TEXTS = st.one_of(st.text(), st.lists(SCRAPS, max_size=24).map("".join), st.lists(SCRAPS, max_size=16).map("\n".join))


def _signs(text: str) -> Counter[str]:
    """Everything but blanks, and the parentheses that credits lose."""
    return Counter(char for char in text if not char.isspace() and char not in "()")


@settings(max_examples=400)
@given(TEXTS)
def test_nothing_is_lost(text: str) -> None:
    parsed = parse(text)
    title = "" if parsed.title_derived else parsed.title
    stamped = [text[stamp.start : stamp.end] for stamp in parsed.stamps]
    kept = "".join([title, *parsed.body, *parsed.credits, *parsed.furniture, *stamped])
    assert _signs(text) - _signs(kept) == Counter()


@settings(max_examples=400)
@given(TEXTS)
def test_the_parts_hold_together(text: str) -> None:
    parsed = parse(text)
    assert len(parsed.origin) == len(parsed.body)
    for paragraph, (start, length) in zip(parsed.body, parsed.origin, strict=True):
        assert len(paragraph) == length
        assert paragraph.split() == text[start : start + length].split()
        assert paragraph == paragraph.strip() != ""
    assert list(parsed.origin) == sorted(parsed.origin)
    assert bool(parsed.lead) == bool(parsed.body)
    assert all(0 <= stamp.start < stamp.end <= len(text) for stamp in parsed.stamps)


HOSTILE = [
    *(
        " ",
        "\n",
        " \n",
        "a",
        "a\n",
        "1\n",
        "(",
        "()",
        "(a)\n",
        "/",
        "/a",
        "?",
        "-",
        "----\n",
        "\x0c",
        "A ",
        "A, ",
        "A/A ",
        "a-a",
    ),
    *("8 août 2022\n", "Par Jean ", "(Xinhua/Van Pov)\n", "(Xinhua/Van Pov) ", "Publié le ", "De notre correspondant "),
    *("Dernière mise à jour ", "heure de Paris ", "Abc, 8 août - ", "© a\n", "mot " * 14 + "\n", "M. ", "  a\n    b\n"),
    *("1", "8 août\n", "Publié le 8\n", "lundi ", "à ", "08h52 ", "A, "),
]


# One second is the aim (0.5 s measured at worst); the mark leaves room for a loaded machine.
@pytest.mark.timeout(6)
@pytest.mark.parametrize("scrap", HOSTILE)
def test_a_megabyte_of_anything_is_parsed_quickly(scrap: str) -> None:
    text = (scrap * (1_000_000 // len(scrap) + 1))[:1_000_000]
    assert len(parse(text).title) <= rules.LONGEST_TITLE


def test_every_invented_dispatch_gives_its_agency_and_a_lead() -> None:
    paths = [path for folder in ("depeches", "lots") for path in sorted((SAMPLES / folder).glob("*.txt"))]
    found = (piece for path in paths for piece in pieces(io.StringIO(path.read_text("utf-8"))))
    parsed = [parse(piece) for piece in found if isinstance(piece, str)]
    assert {each.agency for each in parsed} == {"AFP", "APS", "ATS", "Belga", "MAP", "Reuters", "TASS", "Xinhua"}
    assert [each.lead for each in parsed if not each.lead[0].isupper() and each.lead[0] not in '"«'] == []
    assert [each.title for each in parsed if "(AFP)" in each.title or "Dernière" in each.title] == []

"""Every mistake a documentalist can make in a data file is told with its file, its line and a cure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from authorities.loader import MOST_PROBLEMS, load_authorities
from authorities.model import Authorities
from engine.errors import AuthorityError

COLUMNS = {
    "states.tsv": "label code kind aliases demonyms capital metonyms region lat lon source notes",
    "regions.tsv": "label kind parent aliases lat lon source notes",
    "cities.tsv": "label country aliases lat lon population source notes",
    "persons.tsv": "label role country aliases surname born notes",
    "organisations.tsv": "label kind acronym aliases country parent source notes",
    "topics.tsv": "label parent code triggers negative entities source notes",
}
# Six small files without a mistake. "," stands for the tabulation; the header is line 1, the entries 2, 3...
VALID = {
    "states.tsv": [
        "Cambodge,KH,state,Kampuchéa,cambodgien|cambodgienne,Phnom Penh,Phnom Penh,Asie du Sud-Est,13,105,,",
        "Laos,LA,state,,laotien,Vientiane,,Asie du Sud-Est,18,105,,",
    ],
    "regions.tsv": [
        "Asie du Sud-Est,region,,,5,110,,",
        "Mékong,river,Asie du Sud-Est,,15,105,,",
        "Angkor,region,Cambodge,,13.4,103.9,,",
    ],
    "cities.tsv": [
        "Phnom Penh,Cambodge,,11.56,104.92,1573544,,",
        "Vientiane,Laos,Viangchan,17.97,102.6,196731,,",
    ],
    "persons.tsv": [
        "Hun Sen,ancien Premier ministre,Cambodge,Samdech Hun Sen,Hun Sen,1952-08-05,",
        "Sok Chan,poète,Cambodge|Laos,,Sok,,",
    ],
    "organisations.tsv": [
        "ASEAN,international,ASEAN|Asean,Association des nations de l'Asie du Sud-Est,,,,",
        "Forum régional de l'ASEAN,international,,,,ASEAN,,",
    ],
    "topics.tsv": [
        "Diplomatie,,medtop:20000639,sommet^2|ambassadeur,,ASEAN^0.5|Mékong,,",
        "Sommet,Diplomatie,,communiqué commun,sommet de la montagne^2,,,",
    ],
}


def write(folder: Path, changes: dict[str, list[str]] | None = None) -> Path:
    for file, lines in {**VALID, **(changes or {})}.items():
        text = "\n".join([COLUMNS[file].replace(" ", "\t"), *(line.replace(",", "\t") for line in lines)])
        (folder / file).write_text(text + "\n", encoding="utf-8")
    return folder


def load(folder: Path) -> Authorities:
    return load_authorities(folder, world=False)


def refused(folder: Path) -> AuthorityError:
    with pytest.raises(AuthorityError) as caught:
        load(folder)
    return caught.value


def test_files_without_a_mistake_load(tmp_path: Path) -> None:
    read = load(write(tmp_path))
    assert read.states["Cambodge"].demonyms == ("cambodgien", "cambodgienne")
    assert read.states["Cambodge"].line == 2
    assert read.cities["Vientiane"].population == 196731
    assert read.persons["Hun Sen"].born == "1952-08-05"
    assert read.persons["Sok Chan"].country == ("Cambodge", "Laos")
    assert read.organisations["ASEAN"].acronym == ("ASEAN", "Asean")
    assert read.topics["Diplomatie"].triggers == (("sommet", 2.0), ("ambassadeur", 1.0))
    assert read.topics["Diplomatie"].entities == (("ASEAN", 0.5), ("Mékong", 1.0))
    assert read.topics["Sommet"].negative == (("sommet de la montagne", 2.0),)


def test_files_of_actors_and_topics_may_be_absent(tmp_path: Path) -> None:
    write(tmp_path)
    for file in ("persons.tsv", "organisations.tsv", "topics.tsv"):
        (tmp_path / file).unlink()
    read = load(tmp_path)
    assert len(read.states) == 2
    assert not read.persons
    assert not read.organisations
    assert not read.topics


def test_comments_blank_lines_and_windows_ends_of_line_are_accepted(tmp_path: Path) -> None:
    write(tmp_path, {"regions.tsv": ["# commentaire", "", *VALID["regions.tsv"]]})
    path = tmp_path / "regions.tsv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(tmp_path).regions["Mékong"].line == 5


# (file, line to add at the end, what the message must say)
WRONG_LINES = [
    # cells
    ("states.tsv", "Siam,TH,state", "3 cellules pour 12 colonnes"),
    ("cities.tsv", ",Cambodge,,1,1,1,,", "« label » est vide"),
    ("states.tsv", "Siam,TH,state,,,,,,1,1,,", "« region » est vide"),
    ("cities.tsv", "Siem Reap,,,1,1,1,,", "« country » est vide"),
    ("persons.tsv", "Norodom Sihamoni,roi,Cambodge,,,,", "« surname » est vide"),
    ("cities.tsv", "Siem Reap,Cambodge,Siemréap||Siem Riep,1,1,1,,", "valeur vide dans « aliases »"),
    # values
    ("states.tsv", "Siam,th,state,,,,,Asie du Sud-Est,1,1,,", "deux capitales"),
    ("states.tsv", "Siam,,state,,,,,Asie du Sud-Est,1,1,,", "un État a un code"),
    ("states.tsv", "Siam,TH,royaume,,,,,Asie du Sud-Est,1,1,,", "choisir parmi state, territory"),
    ("regions.tsv", "Tonlé Sap,lac,Cambodge,,1,1,,", "« lac » n'est pas une valeur de « kind »"),
    ("organisations.tsv", "Apsara,temple,,,,,,", "« temple » n'est pas une valeur de « kind »"),
    ("cities.tsv", "Siem Reap,Cambodge,,91,1,1,,", "un nombre de -90 à 90"),
    ("cities.tsv", "Siem Reap,Cambodge,,1,-180.5,1,,", "un nombre de -180 à 180"),
    ("cities.tsv", "Siem Reap,Cambodge,,1° N,1,1,,", "« 1° N » dans « lat »"),
    ("cities.tsv", "Siem Reap,Cambodge,,nan,1,1,,", "« nan » dans « lat »"),
    ("cities.tsv", "Siem Reap,Cambodge,,1,1,-5,,", "« -5 » dans « population »"),
    ("persons.tsv", "Norodom Sihamoni,roi,Cambodge,,Sihamoni,14 mai 1953,", "écrire l'année"),
    ("persons.tsv", "Norodom Sihamoni,roi,Cambodge,,Sihamoni,1953-13-14,", "écrire l'année"),
    ("topics.tsv", "Traité,,,traité^beaucoup,,,,", "« traité^beaucoup »"),
    ("topics.tsv", "Traité,,,traité^0,,,,", "« traité^0 »"),
    ("topics.tsv", "Traité,,,traité^-1,,,,", "« traité^-1 »"),
    ("topics.tsv", "Traité,,,^2,,,,", "« ^2 »"),
    # characters
    ("cities.tsv", "Kampong d’Or,Cambodge,,1,1,1,,", "apostrophe courbe après « Kampong d »"),
    ("cities.tsv", unicodedata.normalize("NFD", "Kratié") + ",Cambodge,,1,1,1,,", "forme NFC"),
    # labels and names claimed twice
    ("cities.tsv", "Vientiane,Laos,,1,1,1,,", "est déjà à la ligne 3"),
    ("topics.tsv", "Sommet,,,,,,,", "est déjà à la ligne 3"),
    ("states.tsv", "Siam,KH,state,,,,,Asie du Sud-Est,1,1,,", "le code KH est déjà celui de « Cambodge »"),
    ("states.tsv", "Siam,TH,state,kampuchea,,,,Asie du Sud-Est,1,1,,", "désigne déjà « Cambodge » (ligne 2)"),
    ("states.tsv", "Siam,TH,state,,Laotien,,,Asie du Sud-Est,1,1,,", "désigne déjà « Laos » (ligne 3)"),
    ("regions.tsv", "Fleuve,river,,mekong,1,1,,", "désigne déjà « Mékong » (ligne 3)"),
    ("cities.tsv", "Viangchan,Laos,,1,1,1,,", "désigne déjà « Vientiane » (ligne 3)"),
    ("persons.tsv", "Samdech,moine,,Hun-Sen,Samdech,,", "désigne déjà « Hun Sen » (ligne 2)"),
    ("organisations.tsv", "Autre,ngo,ASEAN,,,,,", "désigne déjà « ASEAN » (ligne 2)"),
    ("regions.tsv", "Laos,region,,,1,1,,", "est déjà dans states.tsv"),
    # links
    ("states.tsv", "Siam,TH,state,,,,,Indochine,1,1,,", "la région « Indochine »"),
    ("states.tsv", "Siam,TH,state,,,Bangkok,,Asie du Sud-Est,1,1,,", "la capitale « Bangkok »"),
    ("states.tsv", "Siam,TH,state,,,Vientiane,,Asie du Sud-Est,1,1,,", "est en « Laos » dans cities.tsv"),
    ("regions.tsv", "Tonlé Sap,sea,Indochine,,1,1,,", "le parent « Indochine »"),
    ("cities.tsv", "Bangkok,Siam,,1,1,1,,", "le pays « Siam »"),
    ("persons.tsv", "Norodom Sihamoni,roi,Cambodge|Siam,,Sihamoni,,", "le pays « Siam »"),
    ("organisations.tsv", "Apsara,agency,,,Siam,,,", "le pays « Siam »"),
    ("organisations.tsv", "Apsara,agency,,,,ONU,,", "le parent « ONU »"),
    ("topics.tsv", "Traité,Droit,,,,,,", "le parent « Droit »"),
    ("topics.tsv", "Traité,,,,,ONU^2,,", "l'entité « ONU »"),
    # cycles
    ("regions.tsv", "Delta,region,Delta,,1,1,,", "« Delta » est son propre ancêtre"),
    ("organisations.tsv", "Apsara,agency,,,,Apsara,,", "« Apsara » est son propre ancêtre"),
    ("topics.tsv", "Traité,Traité,,,,,,", "« Traité » est son propre ancêtre"),
]


@pytest.mark.parametrize(("file", "added", "said"), WRONG_LINES)
def test_a_wrong_line_is_told(tmp_path: Path, file: str, added: str, said: str) -> None:
    lines = [*VALID[file], added]
    error = refused(write(tmp_path, {file: lines}))
    assert (error.file, error.line) == (file, len(lines) + 1)
    assert said in error.detail


def rename_column(text: str) -> str:
    return text.replace("population", "habitants")


def drop_column(text: str) -> str:
    return "\n".join(line.rpartition("\t")[0] for line in text.split("\n"))


def add_column(text: str) -> str:
    return "\n".join(line + "\tx" if line else "" for line in text.split("\n"))


def repeat_column(text: str) -> str:
    return "\n".join(line + "\tlabel" if line else "" for line in text.split("\n"))


def empty(text: str) -> str:
    return ""


WRONG_HEADERS = [
    (rename_column, "colonne absente de la première ligne : population"),
    (drop_column, "colonne absente de la première ligne : notes"),
    (add_column, "colonne inconnue : x"),
    (repeat_column, "une colonne est nommée deux fois"),
    (empty, "le fichier est vide"),
]


@pytest.mark.parametrize(("damage", "said"), WRONG_HEADERS)
def test_a_wrong_header_is_told(tmp_path: Path, damage: Callable[[str], str], said: str) -> None:
    path = write(tmp_path) / "cities.tsv"
    path.write_text(damage(path.read_text("utf-8")), encoding="utf-8")
    error = refused(tmp_path)
    assert (error.file, error.line) == ("cities.tsv", 1)
    assert said in error.detail


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = write(tmp_path) / "regions.tsv"
    path.write_bytes(path.read_text("utf-8").encode("cp1252"))
    error = refused(tmp_path)
    assert (error.file, error.line) == ("regions.tsv", 3)
    assert "UTF-8" in error.detail


def test_a_cycle_of_several_is_told_once_for_each(tmp_path: Path) -> None:
    topics = ["Guerre,Paix,,,,,,", "Paix,Trêve,,,,,,", "Trêve,Guerre,,,,,,"]
    error = refused(write(tmp_path, {"topics.tsv": topics}))
    assert (error.file, error.line) == ("topics.tsv", 2)
    assert "Guerre > Paix > Trêve > Guerre" in error.detail
    assert error.detail.count("son propre ancêtre") == 3


def test_a_region_inside_a_state_of_that_region_is_a_cycle(tmp_path: Path) -> None:
    regions = ["Asie du Sud-Est,region,Cambodge,,5,110,,", *VALID["regions.tsv"][1:]]
    error = refused(write(tmp_path, {"regions.tsv": regions}))
    assert (error.file, error.line) == ("regions.tsv", 2)
    assert "Asie du Sud-Est > Cambodge > Asie du Sud-Est" in error.detail


@pytest.mark.parametrize("which", [0, 1])
def test_a_homonym_that_says_so_is_accepted(tmp_path: Path, which: int) -> None:
    notes = ["", ""]
    notes[which] = "homonyme : deux monts Rouges"
    regions = [f"mont {name},mountain,,mont Rouge,1,1,,{note}" for name, note in zip("AB", notes, strict=True)]
    assert load(write(tmp_path, {"regions.tsv": [*VALID["regions.tsv"], *regions]})).regions["mont B"]


def test_the_same_name_twice_in_one_entry_is_accepted(tmp_path: Path) -> None:
    city = "Siem Reap,Cambodge,Siem-Reap|SIEM REAP,1,1,1,,"
    assert load(write(tmp_path, {"cities.tsv": [*VALID["cities.tsv"], city]})).cities["Siem Reap"]


def test_mistakes_of_all_files_are_told_together(tmp_path: Path) -> None:
    error = refused(
        write(
            tmp_path,
            {
                "cities.tsv": [*VALID["cities.tsv"], "Bangkok,Siam,,1,1,1,,", "Siem Reap,Cambodge,,99,1,1,,"],
                "topics.tsv": [*VALID["topics.tsv"], "Traité,Droit,,,,,,"],
            },
        )
    )
    assert (error.file, error.line) == ("cities.tsv", 5)
    assert "cities.tsv, ligne 4 : le pays « Siam »" in error.detail
    assert "topics.tsv, ligne 4 : le parent « Droit »" in error.detail


def test_twenty_mistakes_are_told_and_the_others_counted(tmp_path: Path) -> None:
    cities = [f"Ville {number},Siam,,1,1,1,," for number in range(MOST_PROBLEMS + 7)]
    detail = refused(write(tmp_path, {"cities.tsv": [*VALID["cities.tsv"], *cities]})).detail
    assert detail.count("le pays « Siam »") == MOST_PROBLEMS
    assert detail.endswith("et 7 autres")

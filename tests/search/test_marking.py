"""Which words of a dispatch a query marks: one index, a dispatch a case, what must be marked between square brackets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import pytest

from authorities.model import Authorities
from engine.client import Engine
from mappings.dispatch import Dispatch, Doubt
from search.marks import Marked
from search.request import SearchRequest
from search.service import Archive
from tests.search.writing import archive_of

CASES = [
    # -- any form of a word, whatever its case and accents
    ("avocat", "L’[avocat] plaide, les [avocats] aussi, l’[avocate] non."),
    ("avocats", "Un seul [avocat] pour deux."),
    ("AVOCAT", "Maître Li, [avocat]."),
    ("evenement", "Un [événement] rare ; des [ÉVÉNEMENTS], un [evenement]."),
    ("événement", "L’[evenement] de l’année."),
    ("etat", "L’[État] et l’[Etat], les [états], l’[ETAT]."),
    ("oeuvre", "Une [œuvre], des [oeuvres], l’[ŒUVRE]."),
    ("nationaux", "Un parc [national], une fête [nationale]."),
    ("industriel", "Chaînes [industrielles] et pôle [industriel]."),
    ("cheval", "Un [cheval], des [chevaux]."),
    # -- elision: the word, not its article
    ("l'avocat", "L’[avocat], d'[avocats], qu’[avocat] soit."),
    ("l’ASEAN", "Pour l’[ASEAN], dans l'[Asean]."),
    ("asean", "L'[ASEAN] et l’[ASEAN] ; jusqu’[Asean]."),
    ("aujourd'hui", "C’est [aujourd’hui] ou [aujourd'hui], et non hui."),
    ("aujourd’hui", "Dès [AUJOURD'HUI]."),
    ("presqu'île", "La [presqu’île] de Crozon."),
    ("d'Ivoire", "La Côte d’[Ivoire]."),
    # -- hyphens, acronyms, numbers, signs
    ("États-Unis", "Les [Etats-Unis], [États Unis] et [ETATS-UNIS]."),
    ("etats unis", "Les [États-Unis]."),
    ("O.N.U.", "L’[ONU] et l’[O.N.U]."),
    ("onu", "L’[O.N.U]. et l’[ONU]."),
    ("30000", "On compte [30 000] morts, [30.000] blessés, [30000] et [30\u202f000]."),
    ("30 000", "On compte [30000] morts et 30 blessés."),
    ("12,5", "Un taux de [12,5] % et non 12."),
    ("Covid-19", "Le [Covid-19] et la [COVID19]."),
    ("F16", "Des [F-16] et des [F16]."),
    ("G20", "Le [G20], ou [G-20], ou [G 20]."),
    ("Sous-marin", "Des [sous-marins] nucléaires."),
    # -- several words: each where it stands
    ("Lavrov Phnom Penh", "[Lavrov] à [Phnom Penh] ; [Penh] seul."),
    ("ministre chinois", "Le [ministre] et la [Chinoise], des [ministres]."),
    ("à la une", "C’est [à la une] ; [la] guerre, [une] fois."),
    # -- quotations: theirs alone
    ('"grandes puissances"', "Les [grandes puissances] ; de grandes eaux, des puissances grandes."),
    ("« la Ceinture et la Route »", "Avec [la Ceinture et la Route], la ceinture, la route et la Chine."),
    ('"grande puissance"', "Une [grande puissance], les grandes puissances."),
    ('"la Chine" Taïwan', "En Chine, avec [la Chine], devant [Taïwan]."),
    ('Chine "grandes puissances"', "La [Chine] parmi les [grandes puissances], grandes ou non."),
    ('"l’avocat plaide"', "Hier, l’[avocat plaide], l’avocat sort."),
    ('"aujourd’hui même"', "Il part [aujourd'hui même], pas même aujourd'hui."),
    ('"30 000 morts"', "Il y a [30.000 morts], 30 000 blessés, des morts."),
    ('"ministre des Affaires"', "Le [ministre des Affaires], le ministre et des affaires."),
    ('"Sergueï Lavrov"', "M. [SERGUEI LAVROV], Lavrov."),
    # -- loose quotations: the words, not what is between
    ('"grandes puissances"~2', "Les [grandes] et belles [puissances], et au loin des puissances."),
    ('"puissances grandes"~1', "Des [puissances] très [grandes] ; grandes puissances."),
    ('"puissances grandes"~2', "Les [grandes puissances] ; puissances, là-bas, si grandes."),
    ('"prix pétrole brut"~3', "Le [prix] du [pétrole brut] ; le pétrole, si cher que son prix fait peur, brut."),
    # -- names, under their other names too
    ("ONU réforme", "L’[ONU] et sa [réforme] ; les [Nations unies], les nations, l’[Organisation des Nations unies]."),
    ("Nations unies", "L’[ONU] ; la pièce."),
    ('"ONU"', "L’[ONU], les Nations unies."),
    ("ONU PRES/3 réforme", "L’[ONU] se [réforme]. La [réforme] des [Nations unies] ; loin, bien plus loin, l’ONU."),
    # -- nearness
    (
        "Chine PRES/3 Taïwan",
        "La [Chine] menace [Taïwan]. Plus loin, et bien plus loin, la Chine parle un jour de Taïwan.",
    ),
    ("Taïwan NEAR/3 chinois", "Des [Chinois] devant [Taïwan], et de tout autres Chinois ailleurs."),
    ("Chine PARA Taïwan", "La Chine seule.\nLa [Chine]. Puis [Taïwan].\nTaïwan seule."),
    (
        "(guerre OU conflit) PRES/2 Ukraine",
        "La [guerre] en [Ukraine], le [conflit] d’[Ukraine], puis, plus tard, la guerre.",
    ),
    (
        '"prix du pétrole" PRES/5 hausse',
        "La [hausse] du [prix du pétrole], et loin de là, tout à fait loin, une hausse.",
    ),
    ('"la Chine" PRES/2 "la Russie"', "Entre [la Chine] et [la Russie] ; puis, loin d’elle et de tout, la Russie."),
    ("industri* PRES/2 chaînes", "Les [chaînes industrielles], une industrie sans rien de cela, chaînes."),
    ("l’avocat PRES/3 plaide", "L’[avocat] qui [plaide] ; d’autres, bien plus loin, plaident ; lui plaide."),
    # -- beginnings
    ("industri*", "L’[industrie], [industriels], [INDUSTRIELLE], mais dindustrie."),
    ("etats-uni*", "Les [États-Unis] et [Etats Unis] ; l’union des États."),
    ("l’avoc*", "L’[avocat], d’[avocats], l’[avocate]."),
    ("événem*", "[Evenement], [événementiel]."),
    # -- choice, exclusion, fields
    ("Chine OU Japon", "La [Chine] et le [Japon]."),
    ("(Chine ET Inde) OU Japon", "La Chine et le [Japon]."),
    ("paix SAUF guerre", "La [paix], toute la [paix]."),
    ("paix -armistice", "La [paix] seule."),
    ("titre:Chine", "La [Chine] parle // La Chine écoute."),
    ("titre:Chine écoute", "La [Chine écoute] // La Chine [écoute]."),
    ('titre:"la Chine"', "[La Chine] et Chine // La Chine."),
    ("Chine", "La [Chine] parle // La [Chine] écoute."),
    ("parle acteur:Chine", "La Chine [parle] // La Chine [parle]."),
    ("texte agence:AFP", "L’AFP envoie un [texte]."),
    ("texte date:2022", "En 2022, un [texte]."),
    # -- other scripts, signs that are HTML
    ("école", "\U0001f600 <b>[école]</b> & l’[école] \U00020000 des [écoles] &lt;mark&gt;"),
    ("script", "<[script]>alert('x')</[script]>"),
    ("mark", "<[mark]>déjà</[mark]> marqué"),
    ("שלום", "Il dit [שלום] et مرحبا."),
    ("Москва", "À [Москва], moscou."),
    ("中国", "À [中国] (Chine)."),
]


def told(text: str) -> tuple[str, tuple[str, ...]]:
    title, _, body = text.rpartition(" // ")
    return title or "Sans rien", tuple(body.split("\n"))


def plain(text: str) -> str:
    return text.replace("[", "").replace("]", "")


def shown(text: Marked) -> str:
    """A text with brackets around what is marked."""
    return unescape(text.html().replace("<mark>", "[").replace("</mark>", "]"))


def dispatch(id: str, title: str, body: tuple[str, ...], doubts: tuple[Doubt, ...] = ()) -> Dispatch:
    return Dispatch(
        id=id,
        title=title,
        title_derived=False,
        lead="",
        body=body,
        raw=b"",
        raw_encoding="utf-8",
        doubts=doubts,
        agency="AFP",
        actors=("Chine",),
        published=datetime(2022, 8, 8, tzinfo=UTC),
    )


DAMAGED = "Il veut le p?le Nord. Une c?te."
DOUBTS = (Doubt(0, 11, 15, ("pôle", "pâle")), Doubt(0, 26, 30, ("côte",)), Doubt(-1, 3, 7, ("pôle",)))
OF_DAMAGED = [
    ("pôle", "Le [p?le]", "Il veut le [p?le] Nord. Une c?te."),
    ("pâle", "Le p?le", "Il veut le [p?le] Nord. Une c?te."),
    ("pôles côtes", "Le [p?le]", "Il veut le [p?le] Nord. Une [c?te]."),
    ('"le pôle Nord"', "Le p?le", "Il veut [le p?le Nord]. Une c?te."),
    ("pôle PRES/1 Nord", "Le p?le", "Il veut le [p?le Nord]. Une c?te."),
    ('titre:"le pôle"', "[Le p?le]", "Il veut le p?le Nord. Une c?te."),
]


@pytest.fixture(scope="module")
def archive(engine: Engine, index_prefix: str, authorities: Authorities) -> Iterator[Archive]:
    shelf = [dispatch(f"m{number}", *told(plain(text))) for number, (_, text) in enumerate(CASES)]
    shelf.append(dispatch("damaged", "Le p?le", (DAMAGED,), DOUBTS))
    with archive_of(engine, index_prefix, authorities, shelf) as filled:
        yield filled


def marked(archive: Archive, id: str, q: str) -> str:
    """The whole dispatch, brackets around what is marked."""
    found = archive.get(id)
    title, body = archive.marked(found, q)
    text = "\n".join(shown(paragraph) for paragraph in body) if body else "\n".join(found.body)
    return f"{shown(title) if title else found.title} // {text}"


@pytest.mark.parametrize(("number", "q", "text"), [(number, *case) for number, case in enumerate(CASES)])
def test_what_is_found_is_marked_and_nothing_else(archive: Archive, number: int, q: str, text: str) -> None:
    assert marked(archive, f"m{number}", q) == (text if " // " in text else f"Sans rien // {text}")


@pytest.mark.parametrize(("number", "q"), [(number, q) for number, (q, _) in enumerate(CASES)])
def test_passages_mark_the_same_as_the_page(archive: Archive, number: int, q: str) -> None:
    hits = archive.search(SearchRequest(q=q, size=100, facets=())).hits
    (hit,) = [hit for hit in hits if hit.id == f"m{number}"]
    _, body = archive.marked(archive.get(hit.id), q)
    assert {paragraph.html() for paragraph in body if paragraph.found} >= set(hit.body_highlights)
    assert bool(hit.body_highlights) == any(paragraph.found for paragraph in body)


@pytest.mark.parametrize(("q", "title", "text"), OF_DAMAGED)
def test_a_damaged_word_is_marked_by_what_it_may_have_been(archive: Archive, q: str, title: str, text: str) -> None:
    assert marked(archive, "damaged", q) == f"{title} // {text}"


@pytest.mark.parametrize(
    "q", ["", "SAUF avocat", "acteur:Chine", "agence:AFP date:2022", "(", '"avocat sort"', "titre:avocat"]
)
def test_nothing_is_marked_where_nothing_is_found(archive: Archive, q: str) -> None:
    assert archive.marked(archive.get("m0"), q) == (None, ())


def test_what_is_there_is_marked_also_where_the_rest_of_the_query_is_not(archive: Archive) -> None:
    assert "[avocat]" in marked(archive, "m0", 'avocat inconnu "grandes puissances"')


def test_a_quotation_does_not_go_on_in_the_next_paragraph(archive: Archive) -> None:
    (number,) = [number for number, (q, _) in enumerate(CASES) if q == "Chine PARA Taïwan"]
    assert archive.marked(archive.get(f"m{number}"), '"Taïwan Taïwan"') == (None, ())

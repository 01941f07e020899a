"""From a raw dispatch to a dispatch: what each step gives, and what the format states has the last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from authorities.model import Authorities
from cli import SAMPLES
from engine.errors import NoTextInput
from indexer.build import Builder, content_id
from indexer.raw import RawDispatch, Stated
from indexer.readers import read_file
from indexer.repair import Doubt, Repaired
from mappings.dispatch import Source

TEXT = (
    "PARIS, 8 août 2022 (AFP) - L'ONU a réuni jeudi à Genève ses experts du climat.\n\nIls parleront mardi.\n\nvd/jpn"
)


def raw(text: str = TEXT, **stated: object) -> RawDispatch:
    return RawDispatch(text.encode(), text, "utf-8", Source(), stated=Stated(**stated))  # type: ignore[arg-type]


def test_the_seed(authorities: Authorities) -> None:
    path = SAMPLES / "seed" / "000_xinhua_phnom_penh.txt"
    (item,) = read_file(path, path.name)
    assert isinstance(item, RawDispatch)
    built = Builder(authorities, reference=date(2022, 8, 9)).build(item)
    assert built.raw == path.read_bytes()
    assert (built.agency, built.credits) == ("Xinhua", ("Xinhua/Van Pov",))
    # 08h52 in Beijing, where Xinhua's clocks are.
    assert built.published == datetime(2022, 8, 8, 0, 52, tzinfo=UTC)
    assert (built.date_precision, built.date_basis) == ("minute", "reference")
    assert built.venues == ("Asie du Sud-Est > Cambodge > Phnom Penh",)
    assert [(r.lost, r.restored) for r in built.repairs] == [("?", "ï"), ("?", "î"), ("?", "ô")]
    assert all(built.body[r.paragraph][r.offset] == r.restored for r in built.repairs)


@pytest.mark.parametrize("agency", ["AFP", "Xinhua", "TASS", "Reuters"])
def test_a_day_is_the_same_for_every_agency(builder: Builder, agency: str) -> None:
    """It begins at midnight where the archive is read; a minute is told by the agency's clock."""
    day = builder.build(raw(TEXT.replace("AFP", agency)))
    assert (day.published, day.date_precision) == (datetime(2022, 8, 7, 22, tzinfo=UTC), "day")
    stated = builder.build(raw(published=datetime(2022, 8, 8, tzinfo=UTC), published_precision="day", agency=agency))
    assert (stated.published, stated.date_precision) == (datetime(2022, 8, 7, 22, tzinfo=UTC), "day")


def test_every_repair_is_recorded_wherever_it_is(builder: Builder) -> None:
    text = "L'?conomie repart\n\nPARIS, 8 ao?t 2022 (AFP) - La cha?ne est r?par?e, les op?rateurs soulag?s.\n\nPar Ren? Dupont"
    built = builder.build(raw(text))
    assert built.title == "L'économie repart"
    assert {r.paragraph for r in built.repairs} == {-2, -1, 0}
    assert [built.title[r.offset] for r in built.repairs if r.paragraph == -1] == ["é"]
    assert len(built.repairs) == text.count("?")
    stated = builder.build(raw(text, title="La reprise est l?, dit l'?tat"))
    assert stated.title == "La reprise est là, dit l'État"
    assert stated.body[0] == "L'économie repart"
    assert [(r.paragraph, r.restored) for r in stated.repairs][:3] == [(-1, "à"), (-1, "É"), (0, "é")]


def test_a_doubt_keeps_its_readings_at_its_place(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Un titre\n\nPARIS, 8 août 2022 (AFP) - Le xyz?w est ici, dit-on."
    start = text.index("xyz")
    doubt = Doubt(start + 3, start, start + 5, ("xyzéw", "xyzèw", "xyzw", "xyzêw", "xyzëw"))
    monkeypatch.setattr(builder.repairer, "repair", lambda text: Repaired(text, (), (doubt,), "ascii"))
    (kept,) = builder.build(raw(text)).doubts
    assert kept.readings == ("xyzéw", "xyzèw", "xyzêw")
    assert builder.build(raw(text)).body[kept.paragraph][kept.start : kept.end] == "xyz?w"


def test_a_year_nobody_told_stays_unknown(builder: Builder) -> None:
    built = builder.build(raw("Dernière mise à jour à 08h52 le 08/08\nUn texte assez long pour une dépêche."))
    assert (built.published, built.date_precision, built.date_basis) == (None, "unknown", "unknown")
    assert built.date_text == "Dernière mise à jour à 08h52 le 08/08"


def test_what_the_format_states_has_the_last_word(builder: Builder) -> None:
    built = builder.build(
        raw(
            TEXT.replace(" à Genève", ""),  # the lead would say better than any dateline where it happened
            id="urn:x",
            version=3,
            title="Un titre de l'agence",
            published=datetime(2022, 8, 9, 10, 0, tzinfo=UTC),
            agency="Belga",
            byline="Jeanne Dupont",
            dateline="Phnom Penh",
            subjects=("medtop:11000000", "inconnu"),
            slug="onu-climat",
            urgency=2,
            language="fr-BE",
        )
    )
    assert (built.title, built.title_derived, built.version) == ("Un titre de l'agence", False, 3)
    assert (built.published, built.date_basis) == (datetime(2022, 8, 9, 10, 0, tzinfo=UTC), "stated")
    assert (built.agency, built.agency_id, built.author) == ("Belga", "urn:x", "Jeanne Dupont")
    assert built.venues == ("Asie du Sud-Est > Cambodge > Phnom Penh",)
    assert built.topics[0] == "Politique"
    assert (built.slug, built.urgency, built.language) == ("onu-climat", 2, "fr-BE")


def test_what_it_does_not_state_is_read_in_the_text(builder: Builder) -> None:
    built = builder.build(raw(title="Un titre"))
    assert (built.agency, built.published) == ("AFP", datetime(2022, 8, 7, 22, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("usage", "status"), [("usable", "current"), ("withheld", "withdrawn"), ("canceled", "withdrawn")]
)
def test_usage(builder: Builder, usage: str, status: str) -> None:
    assert builder.build(raw(usage=usage)).status == status


def test_nothing_but_a_signature(builder: Builder) -> None:
    with pytest.raises(NoTextInput):
        builder.build(raw("08/08/2022 08h52\nafp/vd"))


def test_ids() -> None:
    same = [TEXT, TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT, TEXT + "\n\n", TEXT.replace("é", "e\u0301")]
    assert len({content_id(raw(text)) for text in same}) == 1
    different = [raw(), raw(TEXT + "!"), raw(id="a"), raw(id="a", version=2), raw(title="T"), raw(usage="canceled")]
    assert len({content_id(item) for item in different}) == len(different)


def test_building_is_a_function(builder: Builder) -> None:
    assert builder.build(raw()) == builder.build(replace(raw()))

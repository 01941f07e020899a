"""What was received beside what is read there."""

from __future__ import annotations

import pytest

from mappings.dispatch import Dispatch, Doubt, Repair
from web import repairs
from web.repairs import mended, sure

BODY = ("M. Sergueï Lavrov a dit : « l’île & le ciel », peut-être", "— « Non »")
GIVEN = (
    Repair(-1, 2, "?", "â", 0.97, "word"),
    Repair(0, 9, "?", "ï", 1.0, "name"),
    Repair(0, 26, "?", "«", 0.95, "mark"),
    Repair(0, 29, "?", "’", 0.99, "elision"),
    Repair(0, 30, "??", "î", 0.999, "word"),
    Repair(0, BODY[0].index("ê"), "?", "ê", 0.8, "jargon"),
    # Of a text that is not what they were made for.
    Repair(0, 3, "?", "é", 0.5, "word"),
    Repair(0, 999, "?", "é", 0.5, "word"),
    Repair(-2, 0, "?", "é", 0.5, "word"),
    Repair(1, 0, "?", "—", 0.9, "mark"),
)
DISPATCH = Dispatch(
    "d",
    BODY,
    "Chât",
    False,
    "",
    b"",
    "utf-8",
    repairs=GIVEN,
    doubts=(Doubt(0, BODY[0].index("ciel"), BODY[0].index("ciel") + 4, ("miel", "fiel")),),
)


def test_words_as_received_and_as_read() -> None:
    found = [(each.received, each.read, each.rules) for each in repairs.of(DISPATCH)]
    assert found == [
        ("Ch?t", "Chât", ("word",)),
        ("Sergue?", "Sergueï", ("name",)),
        ("dit : ? l???le", "dit : « l’île", ("mark", "elision", "word")),
        ("peut-?tre", "peut-être", ("jargon",)),
        ("? « Non", "— « Non", ("mark",)),
    ]


def test_putting_back_what_was_received_gives_the_text_as_it_came() -> None:
    text = BODY[0]
    for word in reversed([each for each in repairs.of(DISPATCH) if each.paragraph == 0]):
        text = text[: word.start] + word.received + text[word.end :]
    assert text == "M. Sergue? Lavrov a dit : ? l???le & le ciel », peut-?tre"


@pytest.mark.parametrize(
    ("confidence", "said"),
    [(1.0, "plus de 99\u00a0%"), (0.9999, "plus de 99\u00a0%"), (0.99, "99\u00a0%"), (0.5, "50\u00a0%")],
)
def test_nothing_is_told_as_certain(confidence: float, said: str) -> None:
    assert sure(confidence) == said


def test_the_page_tells_why_and_what_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    words = repairs.of(DISPATCH)
    monkeypatch.setattr(repairs, "MOST_TOLD", 4)
    told = repairs.told(DISPATCH, words)
    assert told
    assert (told.count, told.further) == (5, 1)
    assert [(row.sure, row.why) for row in told.rows[2:]] == [
        ("95\u00a0%", "ponctuation, d’après ce qui l’entoure, apostrophe d’une élision, mot du français"),
        ("80\u00a0%", ""),
    ]
    assert [(each.received, each.readings) for each in told.left] == [("ciel", ("miel", "fiel"))]
    assert repairs.told(Dispatch("d", BODY, "", False, "", b"", "utf-8"), []) is None


def test_the_note_stands_after_the_word_and_every_row_leads_to_one() -> None:
    words = repairs.of(DISPATCH)
    told, notes = repairs.told(DISPATCH, words), repairs.notes(words)
    assert told and set(notes) == {-1, 0, 1}
    assert [BODY[0][:at].split()[-1] for at in notes[0]] == ["Sergueï", "l’île", "peut-être"]
    written = "".join(note for at in notes.values() for note in at.values())
    for row in told.rows:
        assert f'id="{row.href[1:]}"' in written


def test_what_was_received_is_text() -> None:
    text = "<b>é</b>"
    (word,) = mended({0: text}, [Repair(0, 3, "<script>", "é", 0.9, "word")])
    (note,) = repairs.notes([word])[0].values()
    assert "<script>" not in note and "&lt;script&gt;" in note

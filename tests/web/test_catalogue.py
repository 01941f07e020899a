"""The English catalogue: complete, in order, of the same slots and marks as the French."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog, Message

from web import extraction
from web.texts import CATALOGUE

PO = CATALOGUE / "en.po"
FOUND = list(extraction.messages())
KNOWN: Catalog = extraction.known()
SAID: list[Message] = [message for message in KNOWN if message.id]

_SLOT = re.compile(r"%\(\w+\)[sd]|%%")
_TAG = re.compile(r"<[^>]*>")


def forms(message: Message) -> tuple[list[str], list[str]]:
    """A message in French and in English: one form, or one and several."""
    french, english = (
        [each] if isinstance(each, str) else [str(form) for form in each] for each in (message.id, message.string)
    )
    return french, english


def test_the_catalogue_holds_every_message_and_no_other() -> None:
    assert extraction.written(extraction.catalogue(FOUND, KNOWN)) == PO.read_bytes(), "make texts"


@pytest.mark.parametrize("message", SAID, ids=lambda message: str(message.id))
def test_a_message_in_english(message: Message) -> None:
    french, english = forms(message)
    assert all(english) and not message.fuzzy
    # What is put in, and marked, in French is so in English; a form of one may leave out the number.
    for fr, en in zip(french, english, strict=True):
        assert set(_SLOT.findall(en)) == set(_SLOT.findall(fr)) or (len(french) == 2 and fr == french[0])
        assert sorted(_TAG.findall(en)) == sorted(_TAG.findall(fr))
        assert (en[0].isspace(), en[-1].isspace()) == (fr[0].isspace(), fr[-1].isspace())
        plain = _TAG.sub("", en)
        assert not re.search("[\"'«»\u202f]|\\s[:;?!]", plain), (
            "English quotation marks and apostrophes, no space before signs"
        )

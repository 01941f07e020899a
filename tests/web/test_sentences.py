"""What other rooms say in French is known by its shape, and told in English: every sentence a search or an alert can meet."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest
from markupsafe import Markup

from engine import errors
from tests.web.test_wording import read_in
from web.sentences import in_other_words, told

# Where what is refused, warned of and offered to readers is written.
MODULES = (
    *(f"search/{name}.py" for name in (
        "cursor", "folding", "inside", "language", "meaning", "nearest", "otherwise", "request", "service", "timeline", "widening",
    )),
    *(f"alerts/{name}.py" for name in ("deliver", "saved", "targets", "wanted", "webhook")),
    *(f"web/{name}.py" for name in ("alert_form", "csrf", "letters")),
)  # fmt: skip

# Programs alone can do it: readers have forms.
OF_PROGRAMS = ("un canal « feed »", "Cette recherche n'a pas de webhook", "Cette recherche n'a pas de canal")

# What a slot is given to see whether its sentence is known: some hold a sentence.
SLOT = "« 7 »"


def sentences() -> Iterator[tuple[str, str]]:
    """Place and text of whatever these modules say, each slot filled."""
    for module in MODULES:
        tree = ast.parse(Path(module).read_text(encoding="utf-8"))
        constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (said := _said(node)):
                for text in _texts(said, constants):
                    if any(map(str.isalpha, text)) and not text.startswith(OF_PROGRAMS):
                        yield f"{module}:{node.lineno}", text


def _said(call: ast.Call) -> ast.expr | None:
    """The argument of a call that readers are told."""
    name = (
        call.func.id
        if isinstance(call.func, ast.Name)
        else call.func.attr
        if isinstance(call.func, ast.Attribute)
        else ""
    )
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, errors.DepechesError) or name == "_error":
        return call.args[0]
    if name == "append" and "warnings" in ast.unparse(call.func):
        return call.args[0]
    if name == "Outcome":
        return call.args[1] if len(call.args) > 1 else None
    return call.args[2] if name == "Way" and len(call.args) == 3 else None


def _texts(node: ast.expr, constants: Mapping[str, ast.expr]) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(each) for each in product(*(_texts(part, constants) for part in parts))]
        case ast.FormattedValue(value=ast.IfExp() as value):
            return _texts(value, constants)
        case ast.IfExp(body=body, orelse=orelse):
            return [*_texts(body, constants), *_texts(orelse, constants)]
        case ast.BoolOp(values=values):
            return [text for value in values for text in _texts(value, constants)]
        case ast.Name(id=name) if name in constants:
            return _texts(constants[name], constants)
        case ast.FormattedValue():
            return [SLOT]
    return []


FOUND = list(sentences())


def test_the_sentences_are_found() -> None:
    assert len(FOUND) > 55


@pytest.mark.parametrize(("place", "text"), FOUND, ids=[place for place, _ in FOUND])
def test_a_sentence_is_told_in_english(place: str, text: str) -> None:
    with read_in("en"):
        assert in_other_words(text), place


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("Parenthèse ouverte jamais fermée.", "An opening bracket is never closed."),
        ("« gu* » est trop court : il faut au moins 3 lettres avant l'astérisque.",
         "“gu*” is too short: at least 3 letters must come before the asterisk."),
        ("sans « histoire »", "without “histoire”"),  # a word that was typed stays, whatever the catalogue has
        ("sans le filtre « Acteurs : Wang Yi »", "without the filter “Actors: Wang Yi”"),
        ("sans le filtre « État : annulée par l'agence »", "without the filter “Status: withdrawn by the agency”"),
        ("sans « a », sans aucun filtre", "without “a”, without any filter"),
        ("mots commençant par « minis » et « pai » et « gaz »", "words beginning with “minis” and “pai” and “gaz”"),
        ("Question : 2 de ces 7 mots suffisent (a, b), les dépêches les plus proches d'abord. ET entre les mots les demande tous.",
         "Question: 2 of these 7 words are enough (a, b), the closest dispatches first. AND between the words requires them all."),
    ],
)  # fmt: skip
def test_slots_are_filled(french: str, english: str) -> None:
    with read_in("en"):
        assert told(french) == english


def test_what_has_no_english_is_marked_as_french_and_is_no_markup() -> None:
    with read_in("en"):
        assert told("L'ordre <b> manque !") == Markup('<span lang="fr">L’ordre &lt;b&gt; manque\u202f!</span>')
        assert not isinstance(told("sans « <b> »"), Markup)
    assert told("L'ordre <b> manque !") == "L’ordre <b> manque\u202f!"

"""Every leaf of the error tree: documented, with a code of its own, a status, and a French detail that arrives."""

from __future__ import annotations

import pytest

from engine import errors
from engine.errors import DepechesError, http_status


def leaves(cls: type[DepechesError] = DepechesError) -> list[type[DepechesError]]:
    children = cls.__subclasses__()
    return [leaf for child in children for leaf in leaves(child)] if children else [cls]


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.__name__)
def test_a_leaf_is_drawn_in_the_tree_and_has_a_status(leaf: type[DepechesError]) -> None:
    assert f" {leaf.__name__} " in (errors.__doc__ or "")
    assert 400 <= http_status(leaf("Ce qui ne va pas.")) <= 504


def test_codes_are_unique() -> None:
    codes = [leaf.code for leaf in leaves()]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.EngineUnavailable("x"), 503),
        (errors.EngineTimeout("x"), 504),
        (errors.EngineDenied("x"), 500),
        (errors.QuerySyntaxError("x", at=3), 400),
        (errors.DispatchNotFound("x"), 404),
        (errors.InputTooLarge("x"), 413),
        (errors.BinaryInput("x"), 422),
    ],
)
def test_statuses(error: DepechesError, status: int) -> None:
    assert http_status(error) == status


def test_an_authority_error_says_where() -> None:
    assert errors.AuthorityError("doublon", file="states.tsv", line=12).detail == "states.tsv, ligne 12 : doublon"

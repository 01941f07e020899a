"""Names as readers write them."""

from __future__ import annotations

import pytest

from authorities.model import Authorities
from mappings.fields import FACETS
from search.names import Names
from search.spelling import name_words, typed_words


@pytest.fixture(scope="module")
def names(authorities: Authorities) -> Names:
    return Names(authorities)


CAMBODIA = "Asie du Sud-Est > Cambodge"


@pytest.mark.parametrize(
    ("facet", "typed", "meant"),
    [
        ("actor", "Nations unies", "ONU"),
        ("actor", "inconnu de tous", "inconnu de tous"),
        ("venue", "cambodge", CAMBODIA),
        ("venue", "asie du sud est > CAMBODGE", CAMBODIA),
        # Another way to the same name is not ours to judge.
        ("venue", "Ailleurs > Cambodge", "Ailleurs > Cambodge"),
        ("agency", "afp", "afp"),
    ],
)
def test_canonical(names: Names, facet: str, typed: str, meant: str) -> None:
    assert names.canonical(facet, typed) == meant


@pytest.mark.parametrize(
    ("facet", "value", "kind"),
    [
        ("actor", "Sergueï Lavrov", "person"),
        ("actor", "ONU", "organisation"),
        ("actor", "Luxembourg", "state"),
        ("place", "Phnom Penh", "city"),
        ("actor", "Phnom Penh", None),
        ("venue", CAMBODIA, None),
    ],
)
def test_kind(names: Names, facet: str, value: str, kind: str | None) -> None:
    assert names.kind(FACETS[facet], value) == kind


def test_values_by_another_of_their_names(names: Names) -> None:
    assert "ONU" in names.aliased(FACETS["actor"], typed_words("nations un"))
    assert "ONU" not in names.aliased(FACETS["actor"], typed_words("nations zz"))
    assert "Asie du Sud-Est > Birmanie" in names.aliased(FACETS["venue"], typed_words("myanm"))
    # By its own name it is found without being looked up.
    assert CAMBODIA not in names.aliased(FACETS["venue"], typed_words("cambod"))
    assert names.aliased(FACETS["actor"], typed_words("n")) == set()
    assert names.aliased(FACETS["agency"], typed_words("afp")) == set()


@pytest.mark.parametrize(
    ("q", "value", "named"),
    [
        ("lavrov asean", "Sergueï Lavrov", True),
        ("ministre nations unies", "ONU", True),
        ("nations", "ONU", False),
        ("sergueï", "Sergueï Lavrov", False),
        ("sokhonn", "Prak Sokhonn Inconnu Sokhonn", True),
        ("", "ONU", False),
    ],
)
def test_what_a_query_names(names: Names, q: str, value: str, named: bool) -> None:
    assert names.named_by(FACETS["actor"], value, name_words(q)) is named

"""What is often with: which of the frequent values are more frequent here than elsewhere."""

from __future__ import annotations

from search.together import MOST_SHOWN, telling


def test_what_everybody_has_is_not_telling() -> None:
    # The ONU is in half of what was found and in half of the archive; Wang Yi is in nearly half, and rare elsewhere.
    found, archive = {"ONU": 50, "Wang Yi": 40}, {"ONU": 5000, "Wang Yi": 60}
    assert telling(found, 100, archive, 10_000) == ["Wang Yi"]


def test_what_chance_may_bring_is_not_telling() -> None:
    # 16 where 10 are to be expected is within three deviations; 20 is not.
    assert telling({"ONU": 16}, 100, {"ONU": 1000}, 10_000) == []
    assert telling({"ONU": 20}, 100, {"ONU": 1000}, 10_000) == ["ONU"]


def test_the_most_telling_come_first_and_few_of_them() -> None:
    found = {f"n{number:02}": number for number in range(2, 40)}
    ranked = telling(found, 40, dict.fromkeys(found, 40), 100_000)
    assert ranked == sorted(found, reverse=True)[:MOST_SHOWN]


def test_an_empty_archive_tells_nothing() -> None:
    assert telling({"ONU": 2}, 2, {}, 0) == []

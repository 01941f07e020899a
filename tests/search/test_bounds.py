"""The ends of a period, as they are written and what they mean."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from search.bounds import begins, ends, in_order, read_bound, written

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "as_from", "as_to"),
    [
        ("2022-08-08", ("2022-08-07T22:00", "2022-08-08"), ("2022-08-08T22:00", "2022-08-08")),
        ("2022-08-08T14", ("2022-08-08T12:00", "2022-08-08T14:00"), ("2022-08-08T13:00", "2022-08-08T14:59")),
        ("2022-08-08T14:30", ("2022-08-08T12:30", "2022-08-08T14:30"), ("2022-08-08T12:31", "2022-08-08T14:30")),
        ("2022-08-08T12:30Z", ("2022-08-08T12:30", "2022-08-08T12:30+00:00"), ("2022-08-08T12:31", "2022-08-08T12:30+00:00")),
        ("2022-08-08T12Z", ("2022-08-08T12:00", "2022-08-08T12:00+00:00"), ("2022-08-08T13:00", "2022-08-08T12:59+00:00")),
        ("2022-08-08T14:30:00.000+02:00", ("2022-08-08T12:30", "2022-08-08T14:30+02:00"), ("2022-08-08T12:31", "2022-08-08T14:30+02:00")),
        # A "+" not escaped in an address.
        ("2022-08-08T14:30 02:00", ("2022-08-08T12:30", "2022-08-08T14:30+02:00"), ("2022-08-08T12:31", "2022-08-08T14:30+02:00")),
        # The hour that comes twice: without an offset, the first one.
        ("2022-10-30T02", ("2022-10-30T00:00", "2022-10-30T02:00"), ("2022-10-30T01:00", "2022-10-30T02:59")),
        ("2022-10-30T02+01:00", ("2022-10-30T01:00", "2022-10-30T02:00+01:00"), ("2022-10-30T02:00", "2022-10-30T02:59+01:00")),
    ],
)  # fmt: skip
def test_a_bound(text: str, as_from: tuple[str, str], as_to: tuple[str, str]) -> None:
    first, last = read_bound(text, last=False), read_bound(text, last=True)
    assert (begins(first, PARIS).isoformat(timespec="minutes"), written(first)) == (f"{as_from[0]}+00:00", as_from[1])
    assert (ends(last, PARIS).isoformat(timespec="minutes"), written(last)) == (f"{as_to[0]}+00:00", as_to[1])
    assert read_bound(written(first), last=False) == first
    assert read_bound(written(last), last=True) == last


@pytest.mark.parametrize(
    "text",
    ["", "hier", "2022", "2022-13-01", "14:30", "2022-08-08T25", "2022-08-08T14:60", "2022-08-08T14:30:15", "2022-08-08 14:30"],
)  # fmt: skip
def test_no_bound(text: str) -> None:
    with pytest.raises(ValueError):
        read_bound(text, last=False)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Paris"])
@pytest.mark.parametrize(
    "bound",
    [
        *(date.min, date.max, datetime.min, datetime(9999, 12, 31, 23, 59)),
        *(read_bound("0001-01-01T00:00+14:00", last=True), read_bound("9999-12-31T23:59-12:00", last=True)),
    ],
)
def test_the_ends_of_the_calendar_do_no_harm(zone: str, bound: date) -> None:
    assert begins(bound, ZoneInfo(zone)) <= ends(bound, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("first", "last", "ordered"),
    [
        ("2022-08-08", "2022-08-08", True),
        ("2022-08-09", "2022-08-08", False),
        ("2022-08-08T23:00", "2022-08-08", True),
        ("2022-08-08T14:30", "2022-08-08T14:30", True),
        ("2022-08-08T14:31", "2022-08-08T14:30", False),
        ("2022-08-08T14:30+02:00", "2022-08-08T13:00Z", True),
        ("2022-08-08T14:30+02:00", "2022-08-08T12:00Z", False),
        ("2022-08-08T14:30Z", "2022-08-06", False),
    ],
)
def test_order(first: str, last: str, ordered: bool) -> None:
    assert in_order(read_bound(first, last=False), read_bound(last, last=True)) is ordered


def test_instants_find_what_lies_between_them(client: FlaskClient) -> None:
    whole = client.get("/api/v1/dispatches?size=100&sort=newest").get_json()["results"]
    timed = next(hit for hit in whole if hit["date_precision"] == "minute")
    minute = timed["published"][:16]
    found = client.get("/api/v1/dispatches", query_string={"from": f"{minute}Z", "to": f"{minute}Z"}).get_json()
    assert timed["id"] in [hit["id"] for hit in found["results"]]
    assert {hit["published"][:16] for hit in found["results"]} == {minute}


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ("from=2022-08-08T14:30:15", "AAAA-MM-JJTHH:MM"),
        ("to=2022-08-08T25", "AAAA-MM-JJTHH:MM"),
        ("from=2022-08-08T15&to=2022-08-08T14", "échangez"),
        ("interval=minute", "hour"),
        ("interval=hour", "resserrez"),
        ("interval=hour&from=2022-01-01&to=2022-12-31", "8760"),
    ],
)
def test_a_wrong_period_says_what_to_do(client: FlaskClient, params: str, said: str) -> None:
    answer = client.get(f"/api/v1/dispatches?{params}")
    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]

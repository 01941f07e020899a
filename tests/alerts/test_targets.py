"""Where alerts may be sent, and the many ways into a house's own network."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest

from alerts.targets import email, webhook
from engine.config import Settings
from engine.errors import BadParameter

BEYOND = replace(Settings.from_env(), host="0.0.0.0", user_header=None, trusted_proxies=())
HERE = replace(BEYOND, host="127.0.0.1")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("m.durand@example.org", "m.durand@example.org"),
        (" M.Durand+alertes@EXAMPLE.org ", "M.Durand+alertes@example.org"),
        ("desk@rédaction.fr", "desk@xn--rdaction-b1a.fr"),
        ("o'brien@news.example.co.uk", "o'brien@news.example.co.uk"),
    ],
)
def test_an_address(text: str, kept: str) -> None:
    assert email(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "", "durand", "@example.org", "durand@", "durand@localhost", "durand@example..org", "durand@-a.org", "a b@example.org",
        "durand@example.org\nBcc: x@example.org", "durand@example.org,x@example.org", "<durand@example.org>", ".a@example.org",
        "a..b@example.org", "durand@192.0.2.1", f"{'a' * 65}@example.org", f"a@{'b' * 260}.org", "durand@exam ple.org",
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BadParameter):
        email(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://8.8.8.8/x", "https://8.8.8.8:8443/x?y=1", "https://[2606:4700:4700::1111]/x", "https://[::ffff:8.8.8.8]/",
        "HTTPS://8.8.8.8/x",
    ],
)  # fmt: skip
def test_the_world_outside_may_be_called(url: str) -> None:
    assert webhook(url, BEYOND).addresses


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fec0::1]", "[::7f00:1]", "[3fff::1]", "192.0.0.8", "192.88.99.1",
        "2130706433", "0x7f000001", "0177.0.0.1", "127.1",
    ],
)  # fmt: skip
def test_private_and_reserved_addresses_are_refused_however_written(host: str) -> None:
    with pytest.raises(BadParameter, match="adresse privée|inconnu"):
        webhook(f"https://{host}/x", BEYOND)


def test_a_network_of_the_house_may_be_opened() -> None:
    opened = replace(BEYOND, webhook_networks=(ipaddress.ip_network("10.2.0.0/16"),))
    assert webhook("https://10.2.3.4/x", opened).addresses == (ipaddress.ip_address("10.2.3.4"),)
    with pytest.raises(BadParameter):
        webhook("https://10.3.3.4/x", opened)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://8.8.8.8/x", "https"),
        ("ftp://8.8.8.8/x", "https"),
        ("https://nom-qui-n-existe-pas.invalid/", "inconnu"),
        ("https://a:b@8.8.8.8/", "mot de passe"),
        ("https://8.8.8.8:99999/", "n'est pas une adresse"),
        ("https://8.8.8.8/ x", "n'est pas une adresse"),
        ("https://8.8.8.8/é", "n'est pas une adresse"),
        ("https:///x", "n'est pas une adresse"),
        ("", "n'est pas une adresse"),
        ("https://8.8.8.8/" + "x" * 1_000, "n'est pas une adresse"),
    ],
)
def test_what_is_no_webhook_says_why(url: str, said: str) -> None:
    with pytest.raises(BadParameter, match=said):
        webhook(url, BEYOND)


def test_in_local_mode_a_program_of_this_machine_may_be_called() -> None:
    found = webhook("http://127.0.0.1:9000/depeches#x", HERE)
    assert (found.url, found.port) == ("http://127.0.0.1:9000/depeches", 9000)

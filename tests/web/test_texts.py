"""The reader's language: chosen once, kept, never taken from the address or from another site."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from web import texts

VENDOR = Path("web/static/vendor")


def test_french_until_english_is_chosen(client: FlaskClient) -> None:
    french = client.get("/").text
    assert '<html lang="fr">' in french and "Aller au contenu" in french
    answer = client.post("/langue", data={"langue": "en", "page": "/?q=lavrov"})
    assert answer.status_code == 303 and answer.headers["Location"] == "/?q=lavrov"
    english = client.get("/").text
    assert '<html lang="en">' in english and "Skip to content" in english and "Aller au contenu" not in english


@pytest.mark.parametrize("page", ["//ailleurs.example", "https://ailleurs.example", "/\\ailleurs.example", "", "/\n"])
def test_choosing_leads_to_our_own_pages_only(client: FlaskClient, page: str) -> None:
    assert client.post("/langue", data={"langue": "en", "page": page}).headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.post("/langue", data={"langue": "tlh", "page": "/"}).headers


@pytest.mark.parametrize("path", ["/", "/nulle-part", "/aide/requete", "/?size=0"])
def test_no_cache_gives_a_page_in_another_readers_language(client: FlaskClient, path: str) -> None:
    told = []
    for language in texts.LANGUAGES:
        client.set_cookie(texts.COOKIE, language)
        answer = client.get(path)
        told.append(answer.headers["Content-Language"])
        assert "Cookie" in answer.vary
    assert told == list(texts.LANGUAGES)


def test_what_speaks_no_language_is_the_same_for_all(client: FlaskClient) -> None:
    for path in ("/static/web/style.css", "/api/v1/dispatches?size=1", "/healthz"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Cookie" not in answer.vary and "Content-Language" not in answer.headers


@pytest.mark.parametrize(("number", "said"), [(0, "alerte"), (1, "alerte"), (2, "alertes")])
def test_in_french_none_is_one(number: int, said: str) -> None:
    assert texts.ngettext("alerte", "alertes", number) == said


def test_vendored_scripts_are_what_their_list_says() -> None:
    told = dict(
        re.findall(r"^\| (\S+\.js) \|.*\| ([0-9a-f]{64}) \|$", (VENDOR / "README.md").read_text(), re.MULTILINE)
    )
    assert told == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}

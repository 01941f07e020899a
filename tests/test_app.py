"""The web door: health, headers, errors as problems or pages, and the OpenAPI document held against the real answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app import create_app
from engine.client import Address, Engine
from engine.config import Settings
from engine.database import Database
from engine.errors import ConfigurationError
from indexer.load import Tally
from tests.here import from_here


def test_healthy_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ok", "engine": "ok", "index": "ok", "database": "ok"}


def test_measures(client: FlaskClient) -> None:
    client.get("/api/v1/dispatches?size=1")
    assert (
        'depeches_http_requests_total{method="GET",route="/api/v1/dispatches",status="200"}'
        in client.get("/metrics").text
    )


def test_headers_close_what_pages_do_not_need(client: FlaskClient) -> None:
    headers = client.get("/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_request_id_is_kept_or_made(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "abc"}).headers["X-Request-Id"] == "abc"
    assert len(client.get("/healthz").headers["X-Request-Id"]) == 32


@pytest.fixture
def alone(settings: Settings) -> FlaskClient:
    """An application whose engine does not answer."""
    return create_app(settings, Engine(Address("http://127.0.0.1:9"), timeout=1)).test_client()


def test_the_engine_is_away(alone: FlaskClient) -> None:
    assert alone.get("/healthz").status_code == 200
    assert alone.get("/readyz").status_code == 503
    answer = alone.get("/api/v1/dispatches")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert answer.get_json()["code"] == "moteur-injoignable"
    assert answer.headers["Retry-After"]
    page = alone.get("/?q=chaînes+%22a%22")
    assert (page.status_code, page.mimetype) == (503, "text/html")
    # What was typed is still there, to be asked again.
    assert 'value="chaînes &#34;a&#34;"' in page.text
    assert '<a href="/?q=chaînes+%22a%22">Réessayer</a>' in page.text


def test_no_index_yet(settings: Settings, engine: Engine) -> None:
    empty = create_app(replace(settings, index_prefix=f"{settings.index_prefix}-vide"), engine).test_client()
    assert empty.get("/readyz").status_code == 503
    answer = empty.get("/api/v1/dispatches")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "index-absent")


def test_the_database_is_away_and_searching_goes_on(settings: Settings, engine: Engine, samples: Tally) -> None:
    away = create_app(settings, engine, Database("postgresql://x@127.0.0.1:9/x", timeout=1)).test_client()
    ready = away.get("/readyz")
    assert (ready.status_code, ready.get_json()["database"]) == (503, "base-injoignable")
    assert away.get("/api/v1/dispatches").status_code == 200


def test_without_an_engine_the_application_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="depeches serve"):
        create_app(replace(settings, elasticsearch_url=None))


def test_the_openapi_document_names_every_parameter_and_the_errors(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    search = document["paths"]["/api/v1/dispatches"]["get"]
    names = {parameter["name"] for parameter in search["parameters"]}
    assert {"q", "actor", "actor.all", "actor.not", "from", "to", "sort", "size", "cursor", "facets"} <= names
    problem = document["components"]["responses"]
    assert all(
        list(answer["content"]) == ["application/problem+json"] for answer in problem.values() if "content" in answer
    )


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Everything in the document that has a default."""
    if isinstance(node, dict):
        if "default" in node and "responses" not in node and not isinstance(node["default"], dict):
            yield node
        for each in node.values():
            yield from schemas(each)
    elif isinstance(node, list):
        for each in node:
            yield from schemas(each)


def test_what_the_openapi_document_says_is_the_default_is_a_value_it_allows(client: FlaskClient) -> None:
    """A document with another is refused by validators, and programs made from it ask for what is refused."""
    found = list(schemas(client.get("/api/v1/openapi.json").get_json()))
    assert len(found) > 20
    assert [each for each in found if not jsonschema_rs.is_valid(each, each["default"])] == []


@pytest.mark.parametrize("path", [f"/api/v1/dispatches{part}" for part in ("", "/{id}", "/{id}/versions", "/{id}/raw")])
def test_the_answers_keep_the_documents_promises(app: Flask, path: str) -> None:
    """Requests made from the document, right and wrong ones: no 5xx, answers of the documented status and shape."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", from_here(app))

    @given(case=schema[path]["GET"].as_strategy())
    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def check(case: Any) -> None:
        # A cursor is a text like any other to the document, and still must be one of ours.
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    check()

"""The web door: `create_app()` wires the rooms. gunicorn: `gunicorn "app:create_app()"`."""

from __future__ import annotations

import os
import re
import sys
import time
import uuid

import structlog
from flask import Flask, Response, g, request
from flask_compress import Compress
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

import access.api
import access.limits
import access.origins
import alerts.api
import indexer.api
import search.api
import search.export_api
import search.suggest_api
import web.alerts
import web.language
import web.letters
import web.mentions
import web.oembed
import web.opensearch
import web.pages
import web.portal
import web.portraits
import web.reading
import web.searching
import web.signing
import web.who
from access.gate import Gate, install
from access.local import is_local
from access.scopes import needs
from authorities.loader import load_authorities
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from engine.errors import ConfigurationError, DatabaseError, DepechesError, NotAuthenticated, for_readers, http_status
from engine.http import API_PREFIX, HTTP_DETAILS, Api, problem, problem_of, problem_of_http, wants_problem
from engine.mount import Mounted
from engine.unread import Unread
from indexer.explain import TopicWords
from indexer.intake import Intake
from mappings.lifecycle import Family
from search.exports import Exports
from search.service import Archive
from search.suggest import SAVED_EXTENSION
from search.suggest_aliases import Aliases
from search.suggest_follow import Follower
from search.suggest_kept import Kept

log = structlog.get_logger()

REQUESTS = Counter("depeches_http_requests_total", "Requêtes HTTP", ["route", "method", "status"])
LATENCY = Histogram("depeches_http_request_seconds", "Durée des requêtes HTTP, en secondes", ["route"])

# What a portal's pages may show of the archive, where it lets them: what a token opens, what CORS lets them read.
EMBEDDED = (
    "search.search_dispatches",
    "search.search_inside",
    "search.suggest_completions",
    "search.read_dispatch",
    "search.read_versions",
    "search.read_similar",
)

# What closes an answer that says nothing else of itself. Pages name their reader, errors too: no cache that several share keeps any.
CLOSED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}

# What programs call their requests by; anything else stays out of the log and the answer.
REQUEST_ID = re.compile(r"[\w.:=+/-]{1,64}", re.ASCII)

# What is counted by itself, beside searches (access/limits.py).
LIMITED = {
    "search.suggest_completions": "suggest",
    "search.search_inside": "suggest",
    "web.opensearch_suggestions": "suggest",
    "export.export_csv": "export",
    "export.export_jsonl": "export",
    "export.export_ris": "export",
    "export.export_txt": "export",
    "export.export_atom": "feed",
    "export.export_rss": "feed",
    "alerts.feed": "feed",
    "ingest.push_dispatches": "push",
    "alerts.save": "save",
    "alerts.change": "save",
    "alerts.renew_feed": "save",
    "alerts.renew_secret": "save",
    "web.make_alert": "save",
    "web.change_alert": "save",
    "web.renew_alert_feed": "save",
    "web.replay_alert": "save",
    "access.make_token": "token",
    "web.sign_in": "sign-in",
    "web.signed_in": "sign-in",
}
UNLIMITED = (
    "healthz",
    "readyz",
    "metrics",
    "web.static",
    "web.opensearch",
    "portal.element",
    "web.provider_ends",  # each that were lost would be a session that lives on
)

# What a browser loads: a page of 20 results goes from 64 KB to 9, in 1.5 ms. JSON is for programs, which are near, and its
# entity tags are told before it is made.
COMPRESSED = ["text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"]

# The query of a reader and a page of filters fit ten times over.
LARGEST_BODY = 16 * 1024 * 1024


def create_app(
    settings: Settings | None = None, engine: Engine | None = None, database: Database | None = None
) -> Flask:
    """The WSGI application.

    Args:
        settings: read from the environment when left out.
        engine: the engine to use; made from `settings.elasticsearch_url` when left out.
        database: the database to use; that of `settings.database_url`, or a file in the data folder, when left out.

    Raises:
        ConfigurationError: no engine is given and `ELASTICSEARCH_URL` is not set.
    """
    settings = settings or Settings.from_env()
    _configure_logging(settings)
    serving = engine is None
    if engine is None:
        if not settings.elasticsearch_url:
            raise ConfigurationError(
                "ELASTICSEARCH_URL n'est pas défini : lancez « depeches serve », qui démarre un nœud local, "
                "ou indiquez un serveur Elasticsearch 9."
            )
        engine = Engine.from_settings(settings)
    database = database or Database.from_settings(settings)
    app = Flask("depeches", static_folder=None)
    # An address with a slash too many is none of ours: the framework would lead, for good, to it on whatever host was asked for.
    app.url_map.merge_slashes = False
    app.config.update(
        PUBLIC_URL=settings.public_url,
        API_TITLE="Dépêches",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=API_PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        COMPRESS_MIMETYPES=COMPRESSED,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        COMPRESS_STREAMING_ENDPOINT_CONDITIONAL=["web.static"],
    )
    Compress(app)
    api = Api(
        app,
        spec_kwargs={
            "info": {
                "description": "Archive de dépêches de presse : recherche plein texte et à facettes.",
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": f"{settings.mount}/"}],
        },
    )
    family = Family(settings.index_prefix)
    authorities = load_authorities(own=settings.authorities_dir)
    archive = Archive(engine, family.read, authorities, settings.timezone)
    app.extensions[search.api.EXTENSION] = archive
    app.extensions[search.export_api.EXTENSION] = Exports(archive, settings.export_max)
    app.extensions[web.mentions.EXTENSION] = TopicWords(authorities).words
    kept = Kept(settings.data_dir / "suggest" / f"{settings.index_prefix}.jsonl")
    follower = app.extensions[search.suggest_api.EXTENSION] = Follower(
        engine, family.read, Aliases(authorities).of, kept, edition=lambda: archive.edition
    )
    if serving:
        follower.wake()  # so that the first letters typed find something
    api.register_blueprint(search.api.blueprint)
    api.register_blueprint(search.export_api.blueprint)
    app.extensions[indexer.api.EXTENSION] = Intake(engine, family, settings)
    api.register_blueprint(indexer.api.blueprint)
    app.extensions[alerts.api.EXTENSION] = alerts.api.Desk(settings, database)
    api.register_blueprint(alerts.api.blueprint)
    app.extensions[SAVED_EXTENSION] = alerts.api.of_the_reader
    api.register_blueprint(access.api.blueprint)
    app.register_blueprint(web.pages.blueprint)
    app.register_blueprint(web.letters.blueprint)
    app.register_blueprint(web.portal.blueprint)
    _register_errors(app, local=is_local(settings))
    _register_watching(app)
    _register_health(app, engine, family, database)
    if settings.mount:
        app.wsgi_app = Mounted(app.wsgi_app, settings.mount)  # type: ignore[method-assign]
    app.wsgi_app = Unread(app.wsgi_app)  # type: ignore[method-assign]
    # The style of an error page, how to search here and the element of portals are for whoever reads them.
    embedded = EMBEDDED if settings.portal_origins else ()
    limits = access.limits.limits_of(settings)
    public = ("web.static", "web.opensearch", "portal.element")
    install(app, Gate(settings, database), public=public, embedded=embedded, limits=limits)
    if limits:
        access.limits.install(app, limits, LIMITED, UNLIMITED)
    access.origins.install(app, settings.portal_origins, (*embedded, "portal.element"))
    return app


def _configure_logging(settings: Settings) -> None:
    """One line an event; as JSON for machines, in columns for people."""
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _register_errors(app: Flask, *, local: bool) -> None:
    """Errors of the API are problems, those of pages are pages. `local`: who asks is who operates."""

    @app.errorhandler(DepechesError)
    def ours(error: DepechesError) -> BaseResponse:
        status = http_status(error)
        if status >= 500:
            log.error("erreur", code=error.code, detail=error.detail, path=request.path)
        error = error if local else for_readers(error)
        if wants_problem():
            return problem_of(error)
        leading = web.signing.leads_to_sign_in() if isinstance(error, NotAuthenticated) else None
        return leading or web.pages.error_page(status, "", error.detail, error)

    @app.errorhandler(HTTPException)
    def framework(error: HTTPException) -> Response:
        if wants_problem():
            return problem_of_http(error)
        status = error.code or 500
        return web.pages.error_page(status, "", HTTP_DETAILS.get(status, ("", error.description or ""))[1])

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.exception("exception", path=request.path)
        if wants_problem():
            return problem(500, *HTTP_DETAILS[500])
        return web.pages.error_page(500, "", HTTP_DETAILS[500][1])


def _register_watching(app: Flask) -> None:
    """A request id, headers that close what pages do not need, and measures."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()
        told = request.headers.get("X-Request-Id", "")
        g.request_id = told if REQUEST_ID.fullmatch(told) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def finish(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "inconnue"
        REQUESTS.labels(route, request.method, response.status_code).inc()
        LATENCY.labels(route).observe(time.perf_counter() - g.started)
        response.headers["X-Request-Id"] = g.request_id
        for name, value in CLOSED.items():
            response.headers.setdefault(name, value)
        return response


def _register_health(app: Flask, engine: Engine, family: Family, database: Database) -> None:
    @app.get("/healthz")
    @needs("nothing")
    def healthz() -> dict[str, str]:
        """The process lives."""
        return {"status": "ok"}

    @app.get("/readyz")
    @needs("nothing")
    def readyz() -> tuple[dict[str, str], int]:
        """The engine answers, the index and the tables of the database are there: traffic may come."""
        found = {"engine": "ok", "index": "ok", "database": "ok"}
        if not engine.ready():
            found |= {"engine": "ne répond pas", "index": "inconnu"}
        elif family.read not in engine.aliases(family.read):
            found["index"] = "absent : depeches index create"
        try:
            database.check()
        except DatabaseError as error:
            found["database"] = error.code
        well = set(found.values()) == {"ok"}
        return {"status": "ok" if well else "indisponible"} | found, 200 if well else 503

    @app.get("/metrics")
    def metrics() -> Response:
        """Prometheus; under several workers each answers for itself unless PROMETHEUS_MULTIPROC_DIR is set."""
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            from prometheus_client import CollectorRegistry
            from prometheus_client.multiprocess import MultiProcessCollector

            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

"""What a page costs: the server, beside the API call behind it; the wire, compressed; the reader, by the browser's own clock.

    python -m bench.page [--count 100000] [--rounds 12] [--requests 48] [--visits 7] [--prefix KEPT] [--json]

Server time: the search page with everything against `GET /api/v1/dispatches` with the parameters the page asks with, the
same searches both ways and never one twice, in short rounds that take turns in going first (`bench.query` has the archive, the
searches and the clients); one client, then sixteen.

Bytes: the page with its styles and scripts as they come over the wire, compressed; then what one change of a filter brings.

Paint: medians of visits in new contexts of one Chromium, so that nothing is kept; beside each page a bare one of the same
text, without style or script, from this process. Blocking is the time of long tasks beyond 50 ms each after the first paint.
"""

from __future__ import annotations

import html as escaping
import json
import re
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import click
from lxml import html
from playwright.sync_api import Browser, Page, Response, sync_playwright

from authorities.loader import load_authorities
from bench.load import drop
from bench.query import BARE, PAGE, Call, Clients, Figures, filled, searches
from engine.config import Settings
from engine.node import engine_for
from mappings.lifecycle import Family
from tests.indexer.served import served
from tests.web.second_origin import portal
from tests.web.test_browser import CHROMIUM, FLAGS
from web.pages import OFTEN_WITH

# What is aimed at: times the API call, bytes at first view, bytes of a change.
RATIO, FIRST_VIEW, CHANGE = 1.3, 60_000, 15_000

CROWD = 16

# Of a search with thousands of results, and of which dispatches have actors: "annoncé".
WORD = quote("annoncé")

# Before any script of the page: what the browser saw, kept where the end of the visit finds it.
WATCH = """(() => {
  const seen = window.seen = { lcp: 0, cls: 0, tasks: [] };
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
  watch("longtask", (entry) => { seen.tasks.push([entry.startTime, entry.duration]); });
})()"""

SEEN = """async () => {
  // Two frames after everything has come, and once nothing waits to be done.
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  await new Promise((done) => requestIdleCallback(done, { timeout: 1000 }));
  const [page] = performance.getEntriesByType("navigation");
  const first = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
  const blocking = seen.tasks.filter(([at]) => at >= first).reduce((sum, [, lasted]) => sum + Math.max(0, lasted - 50), 0);
  return { answered: page.responseStart, painted: first, largest: seen.lcp, shift: seen.cls, blocked: blocking, loaded: page.loadEventEnd };
}"""


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visit took, in milliseconds since it began; `shift` has no unit."""

    answered: float
    painted: float
    largest: float
    shift: float
    blocked: float
    loaded: float


def median(visits: Sequence[Visit]) -> Visit:
    return Visit(
        *(statistics.median(values) for values in zip(*(asdict(each).values() for each in visits), strict=True))
    )


# -- the server ------------------------------------------------------------------------------------------------------


def both_ways(parameters: list[tuple[str, str]]) -> tuple[Call, Call]:
    """A search as a page, and as the API call it makes."""
    asked = urlencode(parameters)
    return Call(PAGE, "GET", f"/?{asked}"), Call(BARE, "GET", f"/api/v1/dispatches?{asked}&often_with={OFTEN_WITH}")


def server_times(
    port: int, pile: Iterator[list[tuple[str, str]]], rounds: int, requests: int, clients: int
) -> dict[str, Any]:
    """Medians of rounds: p50 and p95 of either side in milliseconds, and the median of each round's ratio."""
    crowd = Clients(clients)
    told: dict[str, list[Figures]] = {"page": [], "api": []}
    try:
        for round_ in range(rounds + 1):
            calls = [both_ways(parameters) for parameters in islice(pile, requests)]
            ways = [("page", [page for page, _ in calls]), ("api", [api for _, api in calls])]
            for name, piled in ways if round_ % 2 else reversed(ways):
                figures = crowd.ask(f"127.0.0.1:{port}", piled)
                if round_:  # in the first everybody loads what they load once
                    told[name].append(figures)
    finally:
        crowd.close()

    def of(name: str, quantile: int) -> float:
        return statistics.median(each.quantile(quantile) for each in told[name])

    def ratio(quantile: int) -> float:
        return statistics.median(
            a.quantile(quantile) / b.quantile(quantile) for a, b in zip(told["page"], told["api"], strict=True)
        )

    return {
        "clients": clients,
        **{f"{name}_p{at}": of(name, at) for name in ("page", "api") for at in (50, 95)},
        "ratio_p50": ratio(50),
        "ratio_p95": ratio(95),
    }


# -- the wire --------------------------------------------------------------------------------------------------------


def packed(response: Response) -> int:
    """The bytes of an answer's body as they came: compressed, where the service or a proxy in front does that."""
    return response.request.sizes()["responseBodySize"]


@contextmanager
def counting(page: Page) -> Iterator[dict[str, int]]:
    """The compressed bytes of what the page asks for meanwhile, by path and its kind."""
    answers: list[Response] = []

    def heard(answer: Response) -> None:
        answers.append(answer)

    page.on("response", heard)
    found: dict[str, int] = {}
    yield found
    page.wait_for_load_state("networkidle")
    page.remove_listener("response", heard)
    for answer in answers:
        found[f"{answer.request.resource_type} {answer.url.split('/', 3)[-1].partition('?')[0]}"] = packed(answer)


def first_view_and_change(browser: Browser, address: str) -> tuple[dict[str, int], dict[str, int]]:
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    with counting(page) as first:
        page.goto(f"/?q={WORD}")
    value = page.locator(".facets a.value").first
    with counting(page) as change:
        value.click()
        page.wait_for_url(lambda url: "actor" in url or "venue" in url or "topic" in url)
    context.close()
    return first, change


# -- the reader ------------------------------------------------------------------------------------------------------


def visit(browser: Browser, address: str) -> Visit:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(address, wait_until="load")
    page.wait_for_load_state("networkidle")
    seen = Visit(**page.evaluate(SEEN))
    context.close()
    return seen


def bare(source: str) -> str:
    """A page of the same text and nothing else."""
    texts = (" ".join(str(text).split()) for text in html.document_fromstring(source).itertext())
    lines = "".join(f"<p>{escaping.escape(text)}" for text in texts if text)
    return f"<!doctype html><html lang=fr><meta charset=utf-8><title>.</title>{lines}"


def fetched(address: str) -> str:
    with urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())


def paths(address: str) -> dict[str, str]:
    """The pages that are looked at: a search, a dispatch of it, its actor, alerts."""
    for number in range(5):
        saved = {"name": f"Recherche {number}", "params": {"q": f"mot{number} accord"}}
        request = Request(
            f"{address}/api/v1/saved-searches", json.dumps(saved).encode(), {"Content-Type": "application/json"}
        )
        urlopen(request, timeout=30).close()
    first = json.loads(fetched(f"{address}/api/v1/dispatches?q={WORD}&facets=none"))["results"][0]
    dispatch = f"/depeches/{first['id']}?q={WORD}"
    found = {"recherche": f"/?q={WORD}", "dépêche": dispatch, "alertes": "/alertes"}
    actors = re.findall(r'href="(/acteurs/[^"]+)"', fetched(f"{address}{dispatch}"))
    return found | ({"acteur": escaping.unescape(actors[0])} if actors else {})


def paint_times(browser: Browser, address: str, visits: int) -> dict[str, dict[str, dict[str, float]]]:
    told = {}
    looked_at = paths(address)
    with portal("127.0.0.1") as beside:
        plain = beside.origin
        beside.pages.update({f"/{quote(name)}": bare(fetched(address + path)) for name, path in looked_at.items()})
        for name, path in looked_at.items():
            seen: dict[str, list[Visit]] = {"page": [], "bare": []}
            for _ in range(visits):
                seen["page"].append(visit(browser, address + path))
                seen["bare"].append(visit(browser, f"{plain}/{quote(name)}"))
            told[name] = {side: asdict(median(each)) for side, each in seen.items()}
    return told


# -- the run ---------------------------------------------------------------------------------------------------------


def table(told: dict[str, Any]) -> str:
    """All of it for people."""
    rows = [_row("serveur, ms", "page p50", "API p50", "rapport", "page p95", "API p95", "rapport")]
    for each in told["server"]:
        sides = [(each[f"page_p{at}"], each[f"api_p{at}"], each[f"ratio_p{at}"]) for at in (50, 95)]
        numbers = [f"{value:.{digits}f}" for side in sides for value, digits in zip(side, (1, 1, 2), strict=True)]
        rows.append(_row(f"{each['clients']} client{'s' if each['clients'] > 1 else ''}", *numbers))
    rows.append(f"(visé : rapport d'au plus {RATIO})")
    for title, name, most in (("première vue", "first_view", FIRST_VIEW), ("changement", "change", CHANGE)):
        parts = told["bytes"][name]
        rows += ["", f"{title} : {sum(parts.values())} octets compressés (visé : moins de {most})"]
        rows += [f"  {size:7} {part}" for part, size in parts.items()]
    rows += ["", _row("navigateur, ms", "réponse", "1re peinte", "la grande", "décalage", "bloqué", "chargée")]
    for name, sides in told["paint"].items():
        for side, seen in sides.items():
            numbers = [f"{value:.{3 if field == 'shift' else 0}f}" for field, value in seen.items()]
            rows.append(_row(name if side == "page" else "  texte nu", *numbers))
    return "\n".join(rows)


def _row(name: str, *cells: str) -> str:
    return "".join((f"{name:16}", *(f"{cell:>11}" for cell in cells)))


@click.command()
@click.option("--count", default=100_000, show_default=True)
@click.option("--rounds", default=12, show_default=True)
@click.option("--requests", default=48, show_default=True, help="Searches of a round, each way.")
@click.option("--visits", default=7, show_default=True, help="Visits of each page.")
@click.option(
    "--settle", default=90.0, show_default=True, help="Seconds for which workers may make their tables first."
)
@click.option("--prefix", help="An archive to keep, or to use again.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def main(count: int, rounds: int, requests: int, visits: int, settle: float, prefix: str | None, as_json: bool) -> None:
    settings, authorities = Settings.from_env(), load_authorities()
    family = Family(prefix or f"bench-{uuid.uuid4().hex[:8]}")
    with ExitStack() as stack:
        engine = stack.enter_context(engine_for(settings))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        if not prefix:
            stack.callback(drop, engine, family)
        filled(engine, family, authorities, count)
        ours = replace(settings, index_prefix=family.prefix, data_dir=Path(folder))
        port = stack.enter_context(served(ours, engine.address.url, workers=settings.workers))
        address = f"http://127.0.0.1:{port}"
        pile = (parameters for answer, parameters in searches(authorities) if answer == PAGE)
        settled = time.monotonic() + settle
        while time.monotonic() < settled:
            fetched(f"{address}/?{urlencode(next(pile))}")
        told: dict[str, Any] = {
            "count": count,
            "server": [server_times(port, pile, rounds, requests, clients) for clients in (1, CROWD)],
        }
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.callback(browser.close)
        first, change = first_view_and_change(browser, address)
        told["bytes"] = {"first_view": first, "change": change}
        told["paint"] = paint_times(browser, address, visits)
    print(json.dumps(told, ensure_ascii=False, indent=1) if as_json else table(told))


if __name__ == "__main__":
    main()

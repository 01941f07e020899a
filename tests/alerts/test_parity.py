"""Alerts are searches, exactly, and every one arrives: hundreds of saved searches, 500 dispatches, and processes that are killed.

The dispatches come in random batches, corrections and withdrawals among them, while those who load, match and deliver are
killed (-9) at random moments and begun again, two at once for a part of the time. Webhooks go to receivers that fail half
the time, letters to a server that refuses every fifth. Then

- what was announced is what the search finds, for each saved search, among these dispatches, or found while they came;
- a correction or a withdrawal is announced to those who had what it changes, and to nobody else;
- every message arrived, and what arrived twice has the same id.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from alerts import outbox, saved
from alerts.match import Matcher
from alerts.models import Channel, Delivery, DeliveryHit, Hit
from alerts.params import check, request_of
from alerts.saved import Wanted, WantedChannel
from alerts.start import BEGINNING
from app import create_app
from authorities.model import Authorities
from bench.corpus import MONTHS, Corpus
from engine.client import Engine
from engine.config import Settings
from engine.database import Database
from engine.errors import RequestError
from indexer.build import Builder
from indexer.ingest import Ingest
from indexer.placing import candidate_of
from indexer.raw import RawDispatch
from indexer.stories import Candidate, Placement, absorb
from mappings import lifecycle
from mappings.dispatch import Dispatch, Source, Status, from_document
from mappings.fields import STATUS_LABELS
from mappings.lifecycle import Family
from search.facets import filters_in_force
from search.request import FacetFilter
from search.service import Archive
from tests.alerts import working
from tests.alerts.post_office import TAKEN, PostOffice, post_office
from tests.alerts.questions import Questions
from tests.alerts.receivers import Answer, Call, Receiver, receiver
from tests.alerts.rows import NOW, user
from tests.test_kills import wait_for

SEED = 20261126
# Every run asks some of them; `make parity` asks 2,000.
SEARCHES, DISPATCHES = int(os.environ.get("PARITY_SEARCHES", "600")), 500

# Saved searches whose alerts go out, by webhook and by letter; the rest are read in their feeds.
WEBHOOKS, LETTERS, READERS = 40, 40, 8

# Kills of those who match, and of those who deliver when all was matched.
MATCHERS, MORE_KILLS = 10, 6

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.alerts.working", "tests.loading"])

Params = dict[str, list[str]]
Pairs = set[tuple[int, str]]


# -- what is asked, and of what ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class World:
    """Dispatches in the order they come, the states each goes through, what becomes of it, and what each search finds in
    the end."""

    dispatches: list[Dispatch]
    states: dict[str, set[Status]]
    ended: dict[str, Dispatch]
    questions: list[Params]
    found: Pairs


@pytest.fixture(scope="module")
def world(settings: Settings, engine: Engine, index_prefix: str, authorities: Authorities) -> Iterator[World]:
    """The same for both databases: what becomes of an archive does not depend on how it was loaded."""
    chance = random.Random(SEED)
    dispatches = list(_dispatches(chance, Builder(authorities)))
    assert len({each.id for each in dispatches}) == DISPATCHES
    family = Family(f"{index_prefix}-{uuid.uuid4().hex[:6]}")
    lifecycle.create(engine, family)
    with tempfile.TemporaryDirectory() as folder:
        Ingest(engine, family, Path(folder) / "lock").enter(dispatches)
    archive = Archive(engine, family.read, authorities, working.TIMEZONE)
    questions = Questions(chance, dispatches, datetime.now(ZoneInfo(working.TIMEZONE)).date())
    asked: list[Params] = []
    found: Pairs = set()
    while len(asked) < SEARCHES:
        params = questions.params()
        try:
            check(params)
            found |= {(len(asked), id) for id in results(archive, params)}
        except RequestError:
            continue  # it would meet everything, or cannot be read
        asked.append(params)
    _as_the_api_says(settings, engine, family, asked, found)
    yield World(dispatches, states_of(dispatches), ended(engine, family), asked, found)
    for name in engine.indices(family.pattern):
        engine.delete_index(name)


def _dispatches(chance: random.Random, builder: Builder) -> Iterator[Dispatch]:
    """Texts of these days and of the year before, some told again at length, corrected or withdrawn, in any order."""
    today = datetime.now(ZoneInfo(working.TIMEZONE)).date()
    texts = []
    for text in Corpus(seed=SEED).dispatches(DISPATCHES - 80):
        title, _, first, *rest = text.split("\n")[:7]
        day = today - timedelta(days=chance.choice((0, 1, chance.randint(2, 9), chance.randint(10, 400))))
        dated = re.sub(r", \d+ \w+ \d{4} \(", f", {day.day} {MONTHS[day.month - 1]} {day.year} (", first, count=1)
        speaker = re.search(r"(?:déclaré|estimé|annoncé) ([^,]+),", text)
        said = f"« {rest[1].partition(',')[0]} », a déclaré {speaker[1]}." if speaker else ""
        texts.append("\n".join((title, "", dated, *rest, "", said)))
    changed = []
    for number, text in enumerate(chance.sample(texts, 80)):
        title, dated = text.split("\n")[0], text.split("\n")[2]
        if number < 40:
            changed.append(f"{text}\n\nUn dernier paragraphe, venu plus tard, numéro {number}.")
        elif number < 60:
            changed.append(f"{title} (CORRECTION)" + text.removeprefix(title) + "\n\nUne précision.")
        else:
            dateline = dated.partition(" - ")[0]
            changed.append(f"ANNULATION - {title}\n\n{dateline} - Prière d'annuler la dépêche « {title} ».")
    texts += changed
    chance.shuffle(texts)
    for text in texts:
        yield builder.build(RawDispatch(text.encode(), text, "utf-8", Source()))


def states_of(dispatches: list[Dispatch]) -> dict[str, set[Status]]:
    """The states of each while they come one by one: whatever the batches, it has no other when one ends."""
    there: dict[str, tuple[Candidate, Placement]] = {}
    found: defaultdict[str, set[Status]] = defaultdict(set)
    for each in dispatches:
        new = candidate_of(each)
        for placement in absorb(there.values(), [new]):
            member = new if placement.id == new.id else there[placement.id][0]
            there[placement.id] = member, placement
            found[placement.id].add(placement.status)
    return found


def results(archive: Archive, params: Params, **otherwise: Any) -> set[str]:
    """All that a search finds, page by page."""
    request = replace(request_of(params), size=100, facets=(), highlight=False, sort="newest", **otherwise)
    found: set[str] = set()
    while True:
        page = archive.search(request)
        found |= {hit.id for hit in page.hits}
        if page.next is None:
            return found
        request = replace(request, cursor=page.next)


def _as_the_api_says(settings: Settings, engine: Engine, family: Family, asked: list[Params], found: Pairs) -> None:
    """Some of the searches over HTTP, with the very parameters that are saved."""
    client = create_app(replace(settings, index_prefix=family.prefix), engine).test_client()
    for number, params in enumerate(asked[:30]):
        query: dict[str, Any] = {**params, "size": 100, "facets": "none"}
        told: set[str] = set()
        while True:
            answer = client.get("/api/v1/dispatches", query_string=query).get_json()
            told |= {each["id"] for each in answer["results"]}
            if not answer["page"]["next"]:
                break
            query["cursor"] = answer["page"]["next"]
        assert {(number, id) for id in told} == {pair for pair in found if pair[0] == number}, params


def ended(engine: Engine, family: Family) -> dict[str, Dispatch]:
    return {hit["_id"]: from_document(hit["_source"]) for hit in engine.scan({"match_all": {}}, index=family.read)}


def save_all(database: Database, world: World, webhooks: list[Receiver]) -> list[str]:
    """The ids of the saved searches, in the order of the questions."""
    readers = [user(database, f"lecteur{number}") for number in range(READERS)]
    # Those that find something, and not so much that its messages take minutes.
    few = [number for number, count in Counter(number for number, _ in world.found).items() if 2 <= count <= 20]
    sending = {
        number: (WantedChannel("webhook", webhooks[at % len(webhooks)].url),)
        for at, number in enumerate(few[:WEBHOOKS])
    }
    sending |= {
        number: (WantedChannel("email", f"lecteur{number % READERS}@example.org"),)
        for number in few[WEBHOOKS : WEBHOOKS + LETTERS]
    }
    assert len(sending) == WEBHOOKS + LETTERS
    with database.writing() as session:
        return [
            saved.create(
                session,
                readers[number % READERS],
                Wanted(f"n° {number}", params, sending.get(number, ())),
                start=BEGINNING,
                now=NOW,
            ).id
            for number, params in enumerate(world.questions)
        ]


# -- processes that are killed -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Crew:
    """Processes by what they do: begun, killed at random, begun again.

    `beat`: the seconds in which a process gets something done on this machine, today.
    """

    chance: random.Random
    begin: dict[str, Callable[[], BaseProcess]]
    beat: float = 1.0
    running: list[tuple[str, BaseProcess]] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)

    def fill(self, **most: int) -> None:
        """One of each, or more for a part of the time, as many as `most`."""
        self.running = [(kind, process) for kind, process in self.running if process.is_alive()]
        for kind, count in most.items():
            there = sum(each == kind for each, _ in self.running)
            for _ in range(self.chance.randint(1, count) - there):
                self.running.append((kind, self.begin[kind]()))

    def kill_one(self, *kinds: str) -> None:
        """At some moment of what it does."""
        wanted = self.chance.choice(kinds)
        kind, process = self.chance.choice([each for each in self.running if each[0] == wanted])
        process.join(self.chance.uniform(0.02, 1.2) * self.beat)
        if process.is_alive():
            process.kill()
            self.killed[kind] += 1
        process.join(10)

    def end(self, *kinds: str) -> None:
        """All, or those of these kinds."""
        for kind, process in list(self.running):
            if not kinds or kind in kinds:
                process.kill()
                process.join(10)
                self.running.remove((kind, process))


def process(target: Callable[..., None], *told: object) -> BaseProcess:
    made = PROCESSES.Process(target=target, args=told, daemon=True)
    made.start()
    return made


def moody(chance: random.Random, over: threading.Event, accepted: set[str]) -> Callable[[Call], Answer]:
    """Half the time it fails: by an error, by silence, by hanging up, sometimes when it has taken the message."""

    def answer(call: Call) -> Answer:
        mood = chance.random()
        if mood < 0.5:
            accepted.add(call.id)
            return Answer()
        if mood < 0.52:
            return Answer(before=over.wait)
        if mood < 0.6:
            return Answer(cut=True)
        return Answer(chance.choice((500, 502, 404, 301)))

    return answer


@pytest.mark.timeout(900)
def test_alerts_are_searches_and_all_arrive_whoever_dies(
    world: World,
    settings: Settings,
    engine: Engine,
    family: Family,
    authorities: Authorities,
    database: Database,
    tmp_path: Path,
) -> None:
    print(f"graine {SEED}")
    chance, over, accepted = random.Random(SEED), threading.Event(), set[str]()
    with ExitStack() as stack:
        webhooks = [stack.enter_context(receiver(moody(chance, over, accepted))) for _ in range(4)]
        stack.callback(over.set)
        post = stack.enter_context(post_office(lambda number: TAKEN if number % 5 else "451 Plus tard"))
        ids = save_all(database, world, webhooks)
        sending = replace(
            settings, host="127.0.0.1", smtp_host="127.0.0.1", smtp_port=post.port, smtp_security="none", mail_from="a@exemple.fr"
        )  # fmt: skip
        url, address = engine.address.url, database.url.render_as_string(hide_password=False)
        came = 40
        crew = Crew(chance, {
            "load": lambda: process(
                working.load, url, family.prefix, tmp_path / "lock", world.dispatches[:came], chance.random()
            ),
            "match": lambda: process(working.match, url, family.read, address, chance.random()),
            "deliver": lambda: process(working.deliver, url, family.read, address, sending),
        })  # fmt: skip
        stack.callback(crew.end)
        crew.fill(load=1, match=1)
        began = time.monotonic()
        wait_for(lambda: bool(told(database, ids)), 240)
        crew.beat = time.monotonic() - began
        while came < DISPATCHES or crew.killed["match"] < MATCHERS:
            came += chance.randint(10, 40)
            crew.fill(load=1, match=2, deliver=2)
            crew.kill_one("match", "match", "deliver", "load")
        crew.end("load", "match")
        loading = crew.begin["load"]()
        loading.join(240)
        assert loading.exitcode == 0
        archive = Archive(engine, family.read, authorities, working.TIMEZONE)
        while Matcher(engine, archive, database).once().hits:
            pass
        for _ in range(MORE_KILLS):
            crew.fill(deliver=2)
            crew.kill_one("deliver")
        crew.fill(deliver=1)
        wait_for(lambda: set(states(database)) == {"done"}, 240)
        print(f"tués : {dict(crew.killed)}")
    assert ended(engine, family).keys() == world.ended.keys()
    assert {id: each.status for id, each in ended(engine, family).items()} == {
        id: each.status for id, each in world.ended.items()
    }
    _hits_are_results(world, archive, told(database, ids))
    _all_arrived(database, webhooks, accepted, post)


def states(database: Database) -> dict[Any, int]:
    with database.reading() as session:
        return dict(outbox.counts(session))


def told(database: Database, ids: list[str]) -> set[tuple[int, str, str]]:
    """Every hit: the number of its search, its dispatch, its kind."""
    number = {id: at for at, id in enumerate(ids)}
    with database.reading() as session:
        rows = session.execute(select(Hit.saved_search_id, Hit.dispatch, Hit.kind)).all()
    return {(number[row[0]], row[1], row[2]) for row in rows}


def _hits_are_results(world: World, archive: Archive, hits: set[tuple[int, str, str]]) -> None:
    arrived = {(search, id) for search, id, kind in hits if kind != "withdrawal"}
    withdrawn = {(search, id) for search, id, kind in hits if kind == "withdrawal"}
    assert len(world.found) > 2 * SEARCHES
    missed = sorted(world.found - arrived - withdrawn)
    assert not missed, [(world.questions[search], id, world.ended[id].status) for search, id in missed[:5]]
    # Beside what it finds: what was in a state it asks for for a while, and what replaced something it had.
    more = (arrived | withdrawn) - world.found
    whenever = {search: _of_any_status(world.questions[search]) for search in {pair[0] for pair in more}}
    before = {search: results(archive, params, versions="all") for search, params in whenever.items()}
    for search, id in more:
        found = id in before[search] and not world.states[id].isdisjoint(_states_asked_for(world.questions[search]))
        told_why = found or any((search, each) in arrived for each in _corrected_by(world, id))
        assert told_why, (world.questions[search], id)
    for search, id in arrived:
        each = world.ended[id]
        if each.status == "corrected":
            assert all((search, later) in arrived for later in _in_force(world, each)), (world.questions[search], id)
        if each.status == "withdrawn":
            assert (search, id) in withdrawn
    assert all(world.ended[id].status == "withdrawn" for _, id in withdrawn)
    assert {kind for _, _, kind in hits} == {"new", "correction", "withdrawal"}


def _of_any_status(params: Params) -> Params:
    return {name: values for name, values in params.items() if not name.startswith("status")}


def _states_asked_for(params: Params) -> set[str]:
    request = request_of(params)
    asked = filters_in_force(request).get("status", FacetFilter())
    return {
        each
        for each in STATUS_LABELS
        if each not in asked.none and (not asked.any or each in asked.any) and all(each == one for one in asked.all)
    }


def _chain(world: World, one: Dispatch) -> list[Dispatch]:
    return [each for each in world.ended.values() if (each.story, each.agency) == (one.story, one.agency)]


def _corrected_by(world: World, id: str) -> list[str]:
    one = world.ended[id]
    return [each.id for each in _chain(world, one) if each.status == "corrected" and each.version < one.version]


def _in_force(world: World, one: Dispatch) -> list[str]:
    return [each.id for each in _chain(world, one) if each.status == "current" and each.version > one.version]


def _all_arrived(database: Database, webhooks: list[Receiver], accepted: set[str], post: PostOffice) -> None:
    """Each hit of a search that has a channel went out in one message, which arrived, whatever it took."""
    with database.reading() as session:
        wanted = session.execute(
            select(func.count()).select_from(Hit).join(Channel, Channel.saved_search_id == Hit.saved_search_id)
        ).scalar_one()
        carried = session.execute(
            select(DeliveryHit.delivery_id, Delivery.type, Hit.dispatch, Hit.kind, Channel.saved_search_id)
            .join(Delivery, Delivery.id == DeliveryHit.delivery_id)
            .join(Hit, Hit.id == DeliveryHit.hit_id)
            .join(Channel, Channel.id == DeliveryHit.channel_id)
        ).all()
    assert len(carried) == wanted
    posted = {
        row.delivery_id: (row.saved_search_id, row.dispatch, row.kind) for row in carried if row.type == "webhook"
    }
    letters = {row.delivery_id for row in carried if row.type == "email"}
    assert len(set(posted.values())) == len(posted) > 2 * WEBHOOKS
    assert len(letters) > LETTERS / 2
    assert accepted == posted.keys()
    calls = [call for each in webhooks for call in each.calls]
    said: defaultdict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for call in calls:
        hit = call.json["hit"]
        said[call.id].add((call.json["saved_search"]["id"], hit["dispatch"]["id"], hit["kind"]))
    assert said == {id: {what} for id, what in posted.items()}
    assert len(calls) > 1.5 * len(posted)
    assert {id.strip("<>").partition("@")[0] for id in post.ids} == letters
    assert post.asked > len(letters)

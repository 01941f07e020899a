"""The one place that talks to Elasticsearch, and the one that turns its exceptions into ours.

`Engine` is thin on purpose: a method per thing this product asks of the engine, bodies in and bodies out.
Every call has a timeout (`Settings.elasticsearch_timeout`), and reads refuse partial answers: a search that lost a
shard would otherwise show a shorter archive as if it were the whole one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import elastic_transport
import elasticsearch
from elastic_transport.client_utils import DEFAULT
from elasticsearch import Elasticsearch, OrjsonSerializer, helpers

from engine.config import Settings
from engine.errors import (
    DepechesError,
    EngineDenied,
    EngineError,
    EngineOverloaded,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    IndexNotReady,
    PointInTimeGone,
)

Body = dict[str, Any]

# Chunks on their way at once. Two keep one shard busy while the client makes the next; more only wait in its queue.
BULK_SENDERS = 2


# Stands between texts analysed together: no analyzer of ours changes it, and nobody writes it.
TEXT_END = "zzfindetextezz"

# Letters analysed in one request, in at most half as many tokens: Elasticsearch refuses to give more than 10,000.
ANALYSED = 15_000


@dataclass(frozen=True, slots=True)
class Address:
    """Where an Elasticsearch answers and how to prove who we are."""

    url: str
    api_key: str | None = None
    basic_auth: tuple[str, str] | None = None
    ca_certs: Path | None = None


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of one bulk action, known by its document id; `error` is None when it was done."""

    id: str
    done: bool
    status: int
    error: str | None
    blocked: bool = False  # refused for now: the index is being swapped


@dataclass(frozen=True, slots=True)
class TermsOf:
    """The terms of a document, and where they stand. `version`: how often the engine had taken it then.

    Read from the engine's answer as they are asked for: of a thousand terms, few are.
    """

    version: int
    vectors: Mapping[str, Any]

    def of(self, field: str) -> Iterable[str]:
        """The terms of a field, each once."""
        return self.vectors[field]["terms"] if field in self.vectors else ()

    def places(self, field: str, term: str) -> list[int]:
        """Where a term stands in a field, in order; elements of a list are as far from each other as they are indexed."""
        found = self.vectors.get(field, {}).get("terms", {}).get(term)
        return [token["position"] for token in found["tokens"]] if found else []


def translate(error: Exception, url: str) -> DepechesError:
    """Our error for one of the client's; the table is in the order of the tests."""
    if isinstance(error, elastic_transport.ConnectionTimeout):
        return EngineTimeout(f"Elasticsearch ({url}) n'a pas répondu à temps ; réessayez ou restreignez la demande.")
    if isinstance(error, elastic_transport.TlsError):
        return EngineUnavailable(
            f"Elasticsearch ({url}) présente un certificat que nous ne reconnaissons pas : "
            "indiquez son autorité par ELASTICSEARCH_CA_CERTS."
        )
    if isinstance(error, elastic_transport.TransportError):
        return EngineUnavailable(
            f"Elasticsearch ne répond pas à {url}. Vérifiez ELASTICSEARCH_URL, ou démarrez le nœud local : depeches node start."
        )
    if isinstance(error, elasticsearch.UnsupportedProductError):
        return EngineRefused(f"{url} répond, mais n'est pas un Elasticsearch : vérifiez ELASTICSEARCH_URL.")
    if isinstance(error, elasticsearch.ApiError):
        status, reason = error.status_code, _reason(error)
        if status in (401, 403):
            return EngineDenied(f"Elasticsearch refuse notre clé d'API (ELASTICSEARCH_API_KEY) : {reason}")
        if status == 404 and error.error in ("index_not_found_exception", "alias_not_found_exception"):
            return IndexNotReady(
                "L'index des dépêches n'existe pas encore : depeches index create, puis depeches load."
            )
        if status == 404 and "search_context_missing_exception" in str(error.info):
            return PointInTimeGone("Cette page de résultats a expiré ; relancez la recherche.")
        if status == 429 or error.error == "circuit_breaking_exception":
            return EngineOverloaded("Elasticsearch est surchargé pour l'instant ; réessayez dans quelques secondes.")
        if status == 408:
            return EngineTimeout("Elasticsearch n'a pas répondu à temps ; réessayez ou restreignez la demande.")
        if status >= 500:
            return EngineUnavailable(f"Elasticsearch a échoué ({status}) : {reason}")
        return EngineRefused(f"Elasticsearch refuse la demande ({status}) : {reason}")
    return EngineError(f"Réponse inattendue d'Elasticsearch : {error}")


def _reason(error: elasticsearch.ApiError) -> str:
    info = error.info if isinstance(error.info, Mapping) else {}
    cause = info.get("error", {})
    if isinstance(cause, Mapping):
        roots = cause.get("root_cause") or [{}]
        return str(roots[0].get("reason") or cause.get("reason") or error.error)
    return str(cause or error.error)


class Engine:
    """A connection to one Elasticsearch. Safe to share between threads."""

    def __init__(self, address: Address, *, timeout: float = 30.0) -> None:
        self.address = address
        self.timeout = timeout
        self.closed = False
        self._client = Elasticsearch(
            hosts=[address.url],
            api_key=address.api_key,
            basic_auth=address.basic_auth,
            ca_certs=str(address.ca_certs) if address.ca_certs else DEFAULT,
            request_timeout=timeout,
            # A read is retried once by the transport on another connection: a restart of the engine
            # closes idle connections, which is no error of the reader's.
            max_retries=1,
            retry_on_timeout=False,
            # orjson writes a document in a fifth of the time of the standard library's json.
            serializers={"application/json": OrjsonSerializer()},
        )

    @classmethod
    def from_settings(cls, settings: Settings) -> Engine:
        """The cluster of `ELASTICSEARCH_URL`. Raises nothing: the first call says whether it answers."""
        assert settings.elasticsearch_url is not None
        address = Address(
            settings.elasticsearch_url,
            api_key=settings.elasticsearch_api_key,
            ca_certs=settings.elasticsearch_ca_certs,
        )
        return cls(address, timeout=settings.elasticsearch_timeout)

    def close(self) -> None:
        """End the connections; who works in the background for this engine sees `closed`, and ends too."""
        self.closed = True
        self._client.close()

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except (elasticsearch.ApiError, elastic_transport.TransportError) as error:
            raise translate(error, self.address.url) from error

    # -- the server ------------------------------------------------------------------------------

    def info(self) -> Body:
        """Name and version of the server."""
        with self._speaking():
            return dict(self._client.info())

    def ready(self, *, timeout: float = 2.0) -> bool:
        """True when the cluster answers and its primary shards are there."""
        try:
            answer = self._client.options(request_timeout=timeout, max_retries=0).cluster.health(
                wait_for_status="yellow", timeout=f"{max(int(timeout * 500), 1)}ms"
            )
        except (elasticsearch.ApiError, elastic_transport.TransportError):
            return False
        return answer["status"] in ("yellow", "green")

    def create_api_key(self, name: str, role: Mapping[str, Any]) -> str:
        """A key with just the rights of `role`, as `ELASTICSEARCH_API_KEY` takes it."""
        with self._speaking():
            answer = self._client.security.create_api_key(name=name, role_descriptors={name: dict(role)})
            return str(answer["encoded"])

    # -- reading ---------------------------------------------------------------------------------

    def search(self, body: Body, *, index: str | None = None, preference: str | None = None) -> Body:
        """One search. `index` is left out when `body` names a point in time; equal `preference`s ask equal copies."""
        with self._speaking():
            # `perform_request`, not `search(**body)`: the body is ours to the letter, and the client's 60 keyword
            # arguments would only rename it.
            path = "/_search" if index is None else f"/{index}/_search"
            answer = self._client.perform_request(
                "POST",
                path,
                params={"allow_partial_search_results": "false"} | ({"preference": preference} if preference else {}),
                headers={"accept": "application/json", "content-type": "application/json"},
                body=body,
            )
            return dict(answer.body)

    def search_all(self, bodies: Sequence[Body], *, index: str) -> list[Body]:
        """Several searches in one call, answered in their order."""
        if not bodies:
            return []
        lines: list[Body] = []
        for body in bodies:
            lines += [{}, body]
        with self._speaking():
            answers = self._client.msearch(index=index, searches=lines)["responses"]
        for answer in answers:
            if "error" in answer or answer["_shards"]["failed"]:
                # Rare, and alone it says what is wrong with it.
                return [self.search(body, index=index) for body in bodies]
        return list(answers)

    def scan(
        self,
        query: Body,
        *,
        index: str,
        source: Sequence[str] | bool = True,
        page: int = 500,
        preference: str | None = None,
    ) -> Iterator[Body]:
        """Every hit of a query, by `id`, however many; what is written meanwhile may or may not be among them."""
        body: Body = {"query": query, "size": page, "sort": [{"id": "asc"}], "_source": source}
        while True:
            asked = body | {"track_total_hits": False}
            hits = self.search(asked, index=index, preference=preference)["hits"]["hits"]
            yield from hits
            if len(hits) < page:
                return
            body["search_after"] = hits[-1]["sort"]

    def count(self, index: str, query: Body | None = None) -> int:
        with self._speaking():
            return int(self._client.count(index=index, query=query)["count"])

    def get(self, index: str, id: str) -> Body | None:
        """The source of a document, or None."""
        with self._speaking():
            try:
                return dict(self._client.get(index=index, id=id)["_source"])
            except elasticsearch.NotFoundError as error:
                if error.error == "index_not_found_exception":
                    raise
                return None

    def get_many(self, index: str, ids: Sequence[str], *, source: Sequence[str] | None = None) -> dict[str, Body]:
        """The documents that exist, by id, or some fields of them; what was just written is seen."""
        if not ids:
            return {}
        with self._speaking():
            found = self._client.mget(index=index, ids=ids, source_includes=source)["docs"]
        for entry in found:
            if "error" in entry:
                raise EngineRefused(f"Elasticsearch ne rend pas {entry['_id']} : {entry['error']['reason']}")
        return {entry["_id"]: dict(entry.get("_source", {})) for entry in found if entry["found"]}

    def open_point_in_time(self, index: str, keep_alive: str) -> str:
        with self._speaking():
            return str(self._client.open_point_in_time(index=index, keep_alive=keep_alive)["id"])

    def close_point_in_time(self, id: str) -> None:
        with self._speaking():
            self._client.close_point_in_time(id=id)

    def analyze(self, index: str, analyzer: str, text: str) -> list[Body]:
        """The tokens an analyzer of the index makes of a text."""
        with self._speaking():
            return list(self._client.indices.analyze(index=index, analyzer=analyzer, text=text)["tokens"])

    def term_vectors(self, index: str, id: str, field: str) -> Body:
        """The terms of one field of a document, each with how many documents have it and where it stands.

        Empty for a field without terms, and for a document that does not exist or cannot be searched yet.
        """
        with self._speaking():
            answer = self._client.termvectors(
                index=index, id=id, fields=[field], term_statistics=True, payloads=False, realtime=False
            )
            return dict(answer.get("term_vectors", {}).get(field, {}))

    def analyze_all(
        self, index: str, analyzer: str, texts: Sequence[str], *, normalizer: bool = False
    ) -> list[list[Body]]:
        """The tokens an analyzer makes of each of several texts, in few requests; the one that a normalizer makes."""
        found: list[list[Body]] = []
        by: Body = {"normalizer" if normalizer else "analyzer": analyzer}
        for some in _analyzable(texts):
            # The engine runs them together: a mark between two says where one ends.
            marked = [each for text in some for each in (text, TEXT_END)]
            with self._speaking():
                tokens = self._client.indices.analyze(index=index, **by, text=marked)["tokens"]
            of_text: list[Body] = []
            for token in tokens:
                if token["token"] == TEXT_END:
                    found.append(of_text)
                    of_text = []
                else:
                    of_text.append(token)
        return found

    def terms_of(
        self, index: str, ids: Sequence[str], fields: Sequence[str], *, preference: str | None = None
    ) -> dict[str, TermsOf]:
        """The terms that documents are found by, as a search sees them, by id. What is not there is left out."""
        if not ids:
            return {}
        with self._speaking():
            documents = self._client.mtermvectors(
                index=index,
                ids=list(ids),
                fields=list(fields),
                positions=True,
                offsets=False,
                payloads=False,
                field_statistics=False,
                realtime=False,
                preference=preference,
            )["docs"]
        for each in documents:
            if "error" in each:
                raise EngineRefused(f"Elasticsearch ne rend pas les termes de {each['_id']} : {each['error']}")
        return {each["_id"]: TermsOf(each["_version"], each["term_vectors"]) for each in documents if each["found"]}

    # -- writing ---------------------------------------------------------------------------------

    def bulk(
        self,
        actions: Iterable[Body],
        *,
        chunk_bytes: int = 8 * 1024 * 1024,
        chunk_size: int = 500,
        patience: float = 60.0,
        waiting: Callable[[DepechesError], None] = lambda error: None,
    ) -> Iterator[BulkOutcome]:
        """Send bulk actions as they come; one outcome each.

        Chunks are sent by `BULK_SENDERS` threads while the next is being made: `actions` is read, and outcomes are
        given, in the caller's thread. A chunk that finds the engine away or busy is tried again, whole, for `patience`
        seconds before the error is raised (`waiting` hears of each try, in a sender's thread): actions must be
        harmless when repeated (`create`, or `index` by id).
        """
        under_way: deque[Future[list[BulkOutcome]]] = deque()
        with ThreadPoolExecutor(BULK_SENDERS, thread_name_prefix="bulk") as senders:
            try:
                for chunk in _chunks(actions, chunk_size, chunk_bytes):
                    while len(under_way) >= BULK_SENDERS:
                        yield from under_way.popleft().result()
                    under_way.append(senders.submit(self._send, chunk, chunk_bytes, patience, waiting))
                while under_way:
                    yield from under_way.popleft().result()
            finally:
                for future in under_way:
                    future.cancel()

    def _send(
        self, chunk: list[Body], chunk_bytes: int, patience: float, waiting: Callable[[DepechesError], None]
    ) -> list[BulkOutcome]:
        """The outcomes of one chunk, sent as often as it takes within `patience` seconds."""
        deadline = time.monotonic() + patience
        pause = 0.5
        settled: list[BulkOutcome] = []
        while True:
            try:
                outcomes = [
                    _outcome(ok, item)
                    for ok, item in helpers.streaming_bulk(
                        self._client,
                        chunk,
                        chunk_size=len(chunk),
                        max_chunk_bytes=4 * chunk_bytes,
                        raise_on_error=False,
                        raise_on_exception=True,
                        max_retries=5,  # per document, on 429
                        initial_backoff=0.5,
                    )
                ]
            except (elasticsearch.ApiError, elastic_transport.TransportError) as error:
                ours = translate(error, self.address.url)
                passing = isinstance(ours, EngineUnavailable | EngineTimeout | EngineOverloaded)
                if not passing or time.monotonic() > deadline:
                    raise ours from error
                waiting(ours)
            else:
                # A rebuild blocks writes for a moment while it swaps generations: those items wait their turn.
                blocked = {outcome.id for outcome in outcomes if outcome.blocked}
                if not blocked or time.monotonic() > deadline:
                    return settled + outcomes
                settled += [outcome for outcome in outcomes if not outcome.blocked]
                chunk = [action for action in chunk if action["_id"] in blocked]
            time.sleep(pause)
            pause = min(pause * 2, 5.0)

    def refresh(self, index: str) -> None:
        with self._speaking():
            self._client.indices.refresh(index=index)

    # -- indices ---------------------------------------------------------------------------------

    def create_index(self, name: str, settings: Body, mappings: Body) -> bool:
        """Create an index; False when it exists already."""
        with self._speaking():
            try:
                self._client.indices.create(index=name, settings=settings, mappings=mappings)
            except elasticsearch.BadRequestError as error:
                if error.error == "resource_already_exists_exception":
                    return False
                raise
            return True

    def indices(self, pattern: str) -> dict[str, Body]:
        """Indices by name, with `aliases`, `mappings` and `settings`; empty when none fits."""
        with self._speaking():
            return dict(self._client.indices.get(index=pattern, allow_no_indices=True, ignore_unavailable=True))

    def index_sizes(self, pattern: str) -> dict[str, int]:
        """Bytes on disk by index name. Not documents: `_cat` counts every quote as one; see `count`."""
        with self._speaking():
            rows: Sequence[Any] = self._client.cat.indices(  # type: ignore[assignment]
                index=pattern, format="json", bytes="b", h="index,store.size"
            )
            return {row["index"]: int(row["store.size"] or 0) for row in rows}

    def aliases(self, name: str) -> dict[str, list[str]]:
        """The indices behind each alias that fits `name` (a comma list or pattern)."""
        with self._speaking():
            try:
                found = self._client.indices.get_alias(name=name)
            except elasticsearch.NotFoundError:
                return {}
            by_alias: dict[str, list[str]] = {}
            for index, entry in found.items():
                for alias in entry["aliases"]:
                    by_alias.setdefault(alias, []).append(index)
            return by_alias

    def update_aliases(self, actions: list[Body]) -> None:
        """All or none of the actions, in one step."""
        with self._speaking():
            self._client.indices.update_aliases(actions=actions)

    def put_meta(self, index: str, meta: Body) -> None:
        with self._speaking():
            self._client.indices.put_mapping(index=index, meta=meta)

    def add_field(self, index: str, name: str, mapping: Body) -> None:
        """Let an index hold a field it did not know.

        Raises:
            EngineRefused: it lacks what the field needs, an analyzer say.
        """
        with self._speaking():
            self._client.indices.put_mapping(index=index, properties={name: mapping})

    def put_settings(self, index: str, settings: Body) -> None:
        with self._speaking():
            self._client.indices.put_settings(index=index, settings=settings)

    def delete_index(self, name: str) -> None:
        """Delete one index, by its own name: never an alias or a pattern."""
        with self._speaking():
            self._client.indices.delete(index=name, ignore_unavailable=True)

    def block_writes(self, name: str) -> None:
        """Refuse writes to an index; returns when those under way have ended."""
        with self._speaking():
            self._client.indices.add_block(index=name, block="write")

    def unblock_writes(self, name: str) -> None:
        with self._speaking():
            self._client.indices.put_settings(index=name, settings={"index.blocks.write": None})

    def last_seq_no(self, name: str) -> int:
        """The highest sequence number every shard of an index has reached; -1 when it is empty."""
        with self._speaking():
            shards = self._client.indices.stats(index=name, level="shards")["indices"][name]["shards"]
            return min(int(copy["seq_no"]["max_seq_no"]) for copies in shards.values() for copy in copies)

    def reindex(self, source: str, dest: str, query: Body, report: Callable[[int, int], None]) -> int:
        """Copy the documents that meet `query` from one index to another, inside the engine.

        Waits for the end; `report` gets (done, total). Returns how many were copied.
        """
        with self._speaking():
            task = self._client.reindex(
                source={"index": source, "query": query, "size": 1000}, dest={"index": dest}, wait_for_completion=False
            )["task"]
            while True:
                # Not `tasks.get`: the client calls it a preview at every call, in a warning of five lines.
                state = self._client.perform_request(
                    "GET", f"/_tasks/{task}", headers={"accept": "application/json"}
                ).body
                status = state["task"]["status"]
                done = int(status["created"]) + int(status["updated"])
                report(done, int(status["total"]))
                if state["completed"]:
                    break
                time.sleep(0.2)
        failures = state.get("error") or state["response"]["failures"]
        if failures:
            raise EngineRefused(f"La recopie de {source} vers {dest} a échoué : {failures}")
        return done

    # -- snapshots -------------------------------------------------------------------------------

    def repository_paths(self) -> list[str]:
        """The folders under which every node may keep snapshots (`path.repo`)."""
        with self._speaking():
            nodes = self._client.nodes.info(metric="settings", filter_path="nodes.*.settings.path.repo").get(
                "nodes", {}
            )
            found = [node["settings"]["path"]["repo"] for node in nodes.values()]
        return list(dict.fromkeys(path for paths in found for path in ([paths] if isinstance(paths, str) else paths)))

    def repositories(self) -> dict[str, Body]:
        """The snapshot repositories that are registered, by name: `type` and `settings`."""
        with self._speaking():
            return dict(self._client.snapshot.get_repository())

    def put_repository(self, name: str, location: str) -> None:
        """Register a folder as a repository, afresh: what was known of its content is forgotten.

        Raises:
            EngineRefused: the folder is not under `path.repo`, not every node can write there, or a snapshot is being made.
        """
        with self._speaking():
            try:
                self._client.options(ignore_status=404).snapshot.delete_repository(name=name)
                self._client.snapshot.create_repository(
                    name=name, repository={"type": "fs", "settings": {"location": location}}, verify=True
                )
            except elasticsearch.ApiError as error:
                # Said with status 500, as if the server were not well.
                if str(error.error).startswith("repository_"):
                    raise EngineRefused(_reason(error)) from error
                raise

    def snapshot(self, repository: str, name: str) -> Body | None:
        """What is known of a snapshot (`state`: IN_PROGRESS, SUCCESS, PARTIAL, FAILED); None when it is not there."""
        with self._speaking():
            try:
                return dict(self._client.snapshot.get(repository=repository, snapshot=name)["snapshots"][0])
            except elasticsearch.NotFoundError:
                return None

    def start_snapshot(self, repository: str, name: str, index: str, metadata: Body) -> None:
        """Begin to keep one index as it is now, without aliases or anything of the cluster."""
        with self._speaking():
            self._client.snapshot.create(
                repository=repository,
                snapshot=name,
                indices=index,
                include_global_state=False,
                metadata=metadata,
                wait_for_completion=False,
            )

    def snapshot_bytes(self, repository: str, name: str) -> tuple[int, int, int]:
        """Of a snapshot: bytes written so far, bytes to write (what no earlier one has), bytes in all."""
        with self._speaking():
            stats = self._client.snapshot.status(repository=repository, snapshot=name)["snapshots"][0]["stats"]
            new = int(stats["incremental"]["size_in_bytes"])
            return int(stats.get("processed", {}).get("size_in_bytes", new)), new, int(stats["total"]["size_in_bytes"])

    def delete_snapshot(self, repository: str, name: str) -> bool:
        """Delete a snapshot, or stop the making of one; False when it is not there."""
        with self._speaking():
            answer = self._client.options(ignore_status=404, request_timeout=max(self.timeout, 300)).snapshot.delete(
                repository=repository, snapshot=name
            )
            return bool(answer.get("acknowledged", False))

    def start_restore(self, repository: str, snapshot: str, index: str, target: str) -> None:
        """Begin to bring back one index of a snapshot, under another name, behind no alias."""
        with self._speaking():
            self._client.snapshot.restore(
                repository=repository,
                snapshot=snapshot,
                indices=index,
                rename_pattern=".+",
                rename_replacement=target,
                include_aliases=False,
                include_global_state=False,
                ignore_index_settings=["index.blocks.write"],
                # What is damaged does not mend by being read five times.
                index_settings={"index.allocation.max_retries": 1},
                wait_for_completion=False,
            )

    def restored(self, index: str) -> tuple[bool, int, int]:
        """Of an index that is being brought back: whether it is there, bytes so far, bytes in all.

        Raises:
            EngineRefused: a shard cannot be brought back; says why.
        """
        with self._speaking():
            rows: Sequence[Any] = self._client.cat.shards(  # type: ignore[assignment]
                index=index, format="json", h="state,prirep,unassigned.reason,unassigned.details"
            )
            primaries = [row for row in rows if row["prirep"] == "p"]
            failed = [row for row in primaries if row["unassigned.reason"] == "ALLOCATION_FAILED"]
            if failed:
                raise EngineRefused(_cause(failed[0]["unassigned.details"] or ""))
            sizes = [
                shard["index"]["size"]
                for entry in self._client.indices.recovery(index=index).values()
                for shard in entry["shards"]
                if shard["primary"]
            ]
        there = bool(primaries) and all(row["state"] == "STARTED" for row in primaries)
        return there, sum(size["recovered_in_bytes"] for size in sizes), sum(size["total_in_bytes"] for size in sizes)


def _cause(details: str) -> str:
    """The innermost cause in what Elasticsearch says of a shard: the last of a trace of many lines.

    "...Caused by: org.apache.lucene.index.CorruptIndexException: verification failed (hardware problem?)..." -> its message
    """
    last = details.rpartition("Caused by: ")[2].splitlines()
    return last[0].rpartition("Exception: ")[2][:300] if last else ""


def _analyzable(texts: Sequence[str]) -> Iterator[list[str]]:
    some: list[str] = []
    letters = 0
    for text in texts:
        weight = len(text) + len(TEXT_END)
        if some and letters + weight > ANALYSED:
            yield some
            some, letters = [], 0
        some.append(text)
        letters += weight
    if some:
        yield some


def _chunks(actions: Iterable[Body], size: int, limit: int) -> Iterator[list[Body]]:
    """Lists of actions, at most `size` of them; a rough bound of `limit` on the characters they carry."""
    chunk: list[Body] = []
    weight = 0
    for action in actions:
        chunk.append(action)
        weight += _weight(action.get("_source") or action.get("doc", {}))
        if len(chunk) >= size or weight >= limit:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk


def _weight(source: Body) -> int:
    """The characters of a document, two levels down: exact weighing would serialise it twice."""
    weight = 0
    for value in source.values():
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
        weight += sum([len(text) for text in inner if isinstance(text, str)])
    return weight


def _outcome(ok: bool, item: Mapping[str, Any]) -> BulkOutcome:
    (answer,) = item.values()
    cause = answer.get("error")
    blocked = isinstance(cause, Mapping) and cause.get("type") == "cluster_block_exception"
    if isinstance(cause, Mapping):
        nested = cause.get("caused_by") or {}
        cause = f"{cause.get('reason')}" + (f" ({nested.get('reason')})" if nested else "")
    return BulkOutcome(
        id=answer.get("_id", ""), done=ok, status=int(answer.get("status", 500)), error=cause, blocked=blocked
    )

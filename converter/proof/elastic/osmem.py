"""The Elastic side: documents and Query DSL on an in-memory server that speaks the OpenSearch REST API.

One server process serves a whole session (`OsmemServer` is a context manager). One index holds many documents and
many queries travel in one `_msearch`; measured: start 0.02 s, 2,000 documents 0.1 s, 200 wildcard queries over
them 0.4 s.
"""

from __future__ import annotations

import atexit
import importlib
import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import Protocol, Self, TypeAlias, cast

from converter.proof.elastic.osmem_mapping import FieldType, index_body
from converter.proof.judges.errors import EngineUnavailable

Query: TypeAlias = Mapping[str, object]

_MAX_HITS = 10_000


class ElasticError(Exception):
    """The server refused a request, as Elasticsearch does a number that is none (status and reason in the text)."""


@cache
def shared() -> OsmemServer:
    """One server for the whole process, stopped when it ends; indices are told apart by their names."""
    server = OsmemServer()
    server.__enter__()
    atexit.register(server.__exit__, None, None, None)
    return server


class _Process(Protocol):
    url: str
    process: subprocess.Popen[str]


def _launch() -> _Process:
    try:
        package = importlib.import_module("osmem_server")
    except ImportError as error:
        raise EngineUnavailable("osmem-server is not installed (pip install 'siemglot[judges]')") from error
    try:
        return cast("_Process", package.OsmemServer.start(japanese=False))
    except package.OsmemError as error:
        raise EngineUnavailable(f"osmem-server does not start: {error}") from error


class OsmemServer:
    """A running server; every index is addressed by name."""

    def __init__(self) -> None:
        self._process: _Process | None = None

    def __enter__(self) -> Self:
        self._process = _launch()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            process = self._process.process
            process.kill()  # asked to stop it would say so on our stderr; it keeps nothing
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
            self._process = None

    def create(self, index: str, fields: Mapping[str, FieldType], *, dynamic: bool = False) -> None:
        """Make `index` with the types of `fields` (paths); other fields are not indexed unless `dynamic`."""
        self._call("PUT", f"/{index}", _encode(index_body(fields, dynamic=dynamic)))

    def delete(self, index: str) -> None:
        """Forget the index and its documents."""
        self._call("DELETE", f"/{index}", b"")

    def index(self, index: str, documents: Mapping[str, Mapping[str, object]]) -> None:
        """Store documents by id; a document the mapping refuses is an error that names it."""
        lines: list[bytes] = []
        for identity, document in documents.items():
            lines += [_encode({"index": {"_id": identity}}), _encode(document)]
        if not lines:
            return
        answer = self._call("POST", f"/{index}/_bulk?refresh=true", b"\n".join(lines) + b"\n")
        if answer.get("errors"):
            items = cast("Sequence[Mapping[str, Mapping[str, object]]]", answer["items"])
            bad = [item["index"] for item in items if "error" in item["index"]]
            raise ElasticError(f"document {bad[0]['_id']}: {bad[0]['error']}")

    def search(self, index: str, query: Query) -> frozenset[str]:
        """The ids of all documents that match."""
        answer = self._call("POST", f"/{index}/_search", _encode(_search_body(query)))
        return _hits(answer)

    def search_many(self, index: str, queries: Sequence[Query]) -> list[frozenset[str] | ElasticError]:
        """`search` for each query in one request; a refused query gives its error in place of ids."""
        if not queries:
            return []
        lines: list[bytes] = []
        for query in queries:
            lines += [b"{}", _encode(_search_body(query))]
        try:
            answer = self._call("POST", f"/{index}/_msearch", b"\n".join(lines) + b"\n")
        except ElasticError:
            # One query that does not parse fails the whole request: ask one by one.
            return [self._search_or_error(index, query) for query in queries]
        responses = cast("Sequence[Mapping[str, object]]", answer["responses"])
        return [ElasticError(str(one["error"])) if "error" in one else _hits(one) for one in responses]

    def aggregate(self, index: str, query: Query, aggregations: Mapping[str, object]) -> Mapping[str, object]:
        """The `aggregations` part of the answer."""
        body = {"size": 0, "query": query, "aggs": aggregations}
        answer = self._call("POST", f"/{index}/_search", _encode(body))
        return cast("Mapping[str, object]", answer["aggregations"])

    def _search_or_error(self, index: str, query: Query) -> frozenset[str] | ElasticError:
        try:
            return self.search(index, query)
        except ElasticError as error:
            return error

    def _call(self, method: str, path: str, body: bytes) -> Mapping[str, object]:
        if self._process is None:
            raise EngineUnavailable("the server is not running: use it in a with statement")
        kind = (
            "application/x-ndjson"
            if path.split("?", maxsplit=1)[0].endswith(("_bulk", "_msearch"))
            else "application/json"
        )
        request = urllib.request.Request(  # noqa: S310 (a server of our own)
            self._process.url + path, data=body or None, method=method, headers={"Content-Type": kind}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                return cast("Mapping[str, object]", json.load(response))
        except urllib.error.HTTPError as error:
            with error:
                raise ElasticError(_reason(error.code, error.read())) from None


def _encode(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _search_body(query: Query) -> Mapping[str, object]:
    return {"query": query, "_source": False, "size": _MAX_HITS, "track_total_hits": True}


def _hits(answer: Mapping[str, object]) -> frozenset[str]:
    hits = cast("Mapping[str, Sequence[Mapping[str, str]]]", answer["hits"])
    total = cast("Mapping[str, Mapping[str, int]]", answer["hits"])["total"]["value"]
    if total > _MAX_HITS:
        raise ElasticError(f"{total} hits, more than one answer holds ({_MAX_HITS})")
    return frozenset(hit["_id"] for hit in hits["hits"])


def _reason(status: int, body: bytes) -> str:
    try:
        error = json.loads(body)["error"]
        causes = error.get("root_cause") or [error]
        return f"{status} {causes[0].get('type')}: {causes[0].get('reason')}"
    except (ValueError, KeyError, AttributeError):
        return f"{status} {body[:300]!r}"

"""Elastic's side: the rule's own query as the Query DSL that Elastic makes of it, on a server with a Lucene of its own.

It judges no artifact: it stands beside the reference, for whether the rule was understood.
"""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Mapping

from converter.fields.ecs import load_ecs
from converter.model.predicate import Compare
from converter.model.rule import Match, Rule
from converter.model.value import Field, Kind, Now
from converter.model.walk import leaves
from converter.proof.elastic import dsl_eql, dsl_kuery
from converter.proof.elastic.osmem import OsmemServer
from converter.proof.judge import CannotJudgeError, Verdicts
from converter.proof.judges.errors import Unsupported
from converter.proof.rows import detection_fields, nested_paths, verdicts
from converter.proof.staging import Scene
from converter.readers import eql, kuery
from converter.reference.event import coerce, raw_values


class Osmem:
    """An engine on a running server."""

    name = "osmem"

    def __init__(self, server: OsmemServer) -> None:
        """The server runs as long as this is used."""
        self._server = server
        self._numbers = itertools.count(1)

    def run(self, rule: Rule, scene: Scene) -> Verdicts:
        """The verdicts on single events."""
        if not isinstance(rule.detection, Match):
            raise CannotJudgeError("not a detection of single events")
        if any(isinstance(leaf, Compare) and isinstance(leaf.value, Now) for leaf in leaves(rule.detection.where)):
            raise CannotJudgeError("osmem: it runs by its own clock")
        types = _types(rule)
        query = _dsl(rule, types)
        index = f"rule{next(self._numbers)}"
        self._server.create(index, types)
        try:
            held = self._store(index, scene, rule)
            found = {int(one) for one in self._server.search(index, query)}
        finally:
            self._server.delete(index)
        return verdicts(found, held)

    def _store(self, index: str, scene: Scene, rule: Rule) -> list[bool]:
        """Malformed values are left out: the server refuses the document, the indices of the rules ignore the value."""
        known = detection_fields(rule.detection)
        held = [not _malformed(event, known) and not _two_ways(event) for event in scene.events]
        self._server.index(index, {str(i): event for i, event in enumerate(scene.events) if held[i]})
        return held


def _two_ways(event: Mapping[str, object]) -> bool:
    """A dotted name beside an array of objects of the same prefix: the server loses the dotted one (0.1.6)."""
    arrays = [
        path for path, value in event.items() if isinstance(value, list) and any(isinstance(v, dict) for v in value)
    ]
    return any(other.startswith(path + ".") for path in arrays for other in event)


def _malformed(event: Mapping[str, object], known: Mapping[str, Field]) -> bool:
    return any(
        coerce(raw, field.kind) is None or (field.kind is Kind.BOOLEAN and raw == "")
        for path, field in known.items()
        for raw in raw_values(event, path)
    )


_ELASTIC = {Kind.KEYWORD: "keyword", Kind.TEXT: "text", Kind.LONG: "long", Kind.DOUBLE: "double"}
_ELASTIC |= {Kind.BOOLEAN: "boolean", Kind.IP: "ip", Kind.DATE: "date"}


@functools.cache
def _ecs_types() -> dict[str, str]:
    return {path: kind for path, kind, _ in load_ecs()}


def _types(rule: Rule) -> dict[str, str]:
    """The mapping: the rule's fields, and the ECS fields whose name stands in its query (multi-fields)."""
    types = {path: _ELASTIC[field.kind] for path, field in detection_fields(rule.detection).items()}
    types |= dict.fromkeys(nested_paths(rule.detection), "nested")
    written = {re.sub(r"^\?", "", word) for word in re.findall(r"[@\w][\w.@-]*", rule.meta.query)}
    for path, kind in _ecs_types().items():
        if path in written and path not in types and kind not in ("object", "nested", "group"):
            types[path] = kind
    for word in written:
        base, _, suffix = word.rpartition(".")
        if suffix == "caseless" and base in types:
            types[word] = "keyword"
        elif suffix == "text" and base in types:
            types[word] = "text"
    return types


def _dsl(rule: Rule, types: Mapping[str, str]) -> dict[str, object]:
    try:
        if rule.meta.language == "kuery":
            # Kibana looks for each part of a pattern by itself where the field is of the type wildcard.
            wild = {path: "wildcard" for path in types if _ecs_types().get(path) == "wildcard"}
            kinds = {**types, **wild}
            query = dsl_kuery.to_dsl(kuery.parse(rule.meta.query), kinds, strictly_kibana=True)
        elif rule.meta.language == "eql":
            category = rule.meta.event_category_override or dsl_eql.CATEGORY
            query = dsl_eql.to_dsl(eql.parse(rule.meta.query), types, category_field=category)
        else:
            raise CannotJudgeError(f"osmem: language {rule.meta.language}")
    except Unsupported as error:
        raise CannotJudgeError(f"osmem: {str(error)[:60]}") from error
    whole = _filtered(rule, query)
    if _folds_beyond_ascii(whole):
        # osmem folds all letters in a term; Elasticsearch folds ASCII alone (query-dsl-term-query).
        raise CannotJudgeError("osmem: letters beyond ASCII without regard to case")
    return whole


def _folds_beyond_ascii(query: object) -> bool:
    """Whether a term that takes both cases of its letters has some that are not ASCII's."""
    match query:
        case {"value": str() as value, "case_insensitive": True}:
            return not value.isascii()
        case dict():
            return any(map(_folds_beyond_ascii, query.values()))
        case list():
            return any(map(_folds_beyond_ascii, query))
        case _:
            return False


def _filtered(rule: Rule, query: Mapping[str, object]) -> dict[str, object]:
    clauses = [(json.loads(one.json), one.negate) for one in rule.meta.filters if not one.disabled]
    if not clauses:
        return dict(query)
    must = [query, *(clause for clause, negate in clauses if not negate)]
    return {"bool": {"must": must, "must_not": [clause for clause, negate in clauses if negate]}}

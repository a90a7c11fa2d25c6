"""Elastic's `eql` for Python as a judge of the rules that the `elastic` target writes in EQL.

The package is older than Elasticsearch's EQL, and differs from it in what is not judged here: a missing field under a
negation, several values in one field, letters' case in `==`, `in` and join keys, letters beyond ASCII, a line break at
the end of a text, `?` in wildcards, addresses of IPv4 in IPv6, regular expressions and functions, samples, `until`, and
events of one moment in a sequence.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from converter import rulefile
from converter.model.pattern import Case, Wild
from converter.model.predicate import Compare, InNetwork, Like, OneOf, Predicate, Present
from converter.model.rule import Match, Rule, Sequence
from converter.model.value import Field, Instant, Kind
from converter.model.walk import leaves, placed
from converter.proof.judge import CannotJudgeError, Verdicts
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.rows import detection_fields
from converter.proof.staging import Scene
from converter.reference.event import instant
from converter.target.artifact import Artifact

_DIALECT = ("elasticsearch_syntax", "ignore_missing_functions", "allow_runs", "allow_sample", "allow_negation")
_PLAIN = "skip_optimizations"
"""What the package makes shorter means another thing: `a in ("x", "y") or a != "z"` finds nothing in it."""

_TICKS = 10_000
"""Of the package's clock in a millisecond."""


class EqlPackage:
    """Whether each event belongs to what a query finds. It judges the scenes that `held` gives."""

    name = "eql"
    target = "elastic"
    fields = "ecs"

    def __init__(self) -> None:
        """Raises EngineUnavailable without the package."""
        package()

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
        """Run the query of the rule in the artifact. Raises CannotJudgeError for a scene with more than `held` gives."""
        if self.held(rule, scene).events != scene.events:
            raise CannotJudgeError("eql: an event that it does not take as Elasticsearch does")
        meta = rulefile.read_text(artifact.text, artifact.filename).meta
        if meta.language != "eql":
            raise CannotJudgeError("eql: the rule is not written in EQL")
        known = ("@timestamp", *detection_fields(rule.detection))
        events = [{name: event[name] for name in known if name in event} for event in scene.events]
        found = members(meta.query, events)
        return [number in found for number in range(len(scene.events))]

    def held(self, rule: Rule, scene: Scene) -> Scene:
        """The events on which the package and Elasticsearch mean the same. Raises CannotJudgeError for a rule."""
        wheres = placed(rule.detection)
        known = detection_fields(rule.detection)
        tests = [_is_alike(leaf) for where in wheres for leaf in leaves(where)]
        events = [
            dict(event)
            for event in scene.events
            if all(_is_plain(event.get(name), field) for name, field in known.items())
            and all(test(event) for test in tests)
        ]
        match rule.detection:
            case Match():
                return replace(scene, events=tuple(events))
            case Sequence(steps, _, None):
                keys = [key.field.path for step in steps for key in step.by]
                return replace(scene, events=tuple(_in_turn(events, keys)))
            case _:
                raise CannotJudgeError(f"eql: {type(rule.detection).__name__}, or one with until")


Test = Callable[[Mapping[str, object]], bool]


def _is_alike(leaf: Predicate) -> Test:
    """Whether a leaf means the same of an event. Raises CannotJudgeError where it never does."""
    match leaf:
        case OneOf(field, values, Case.SENSITIVE):
            listed, folded = frozenset(values), frozenset(value.lower() for value in values)
            return lambda event: event[field.path] in listed or str(event[field.path]).lower() not in folded
        case Like(_, patterns) if any(Wild.ANY_ONE in pattern.parts for pattern in patterns):
            raise CannotJudgeError("eql: ? in a wildcard")
        case OneOf(field) | Like(field, _, Case.INSENSITIVE):
            return lambda event: isinstance(event[field.path], str)
        case Compare(field, _, Instant()):
            return lambda event: _MOMENT.fullmatch(str(event[field.path])) is not None
        case Compare(field, _, value):
            kinds = (bool,) if isinstance(value, bool) else (int, float)
            return lambda event: type(event[field.path]) in kinds
        case InNetwork() | Present():
            return lambda _: True
        case _:
            raise CannotJudgeError(f"eql: {type(leaf).__name__}")


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def _is_plain(value: object, field: Field) -> bool:
    """Whether a value is there, alone, and one that nobody reads in two ways."""
    if field.kind in (Kind.LONG, Kind.DOUBLE, Kind.BOOLEAN):
        return isinstance(value, int | float)
    if field.kind is not Kind.IP:
        return isinstance(value, str) and value.isascii() and "\n" not in value
    try:
        address = ipaddress.ip_address(str(value))
    except ValueError:
        return False
    return isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped is None


def _in_turn(events: list[dict[str, object]], keys: list[str]) -> Iterator[dict[str, object]]:
    """One event a moment, and one spelling of a key."""
    spellings: dict[tuple[str, str], object] = {}
    moments: set[object] = set()
    for event in events:
        alone = event["@timestamp"] not in moments
        if alone and all(spellings.setdefault((k, str(event[k]).lower()), event[k]) == event[k] for k in keys):
            moments.add(event["@timestamp"])
            yield event


@functools.cache
def package() -> Any:
    """The package. Raises EngineUnavailable where it is not installed."""
    try:
        import eql
    except ModuleNotFoundError as error:
        raise EngineUnavailable("eql is not installed") from error
    return eql


def members(query: str, events: list[dict[str, object]]) -> set[int]:
    """The numbers of the events in the results of a query; events in the order of their times, where they have one."""
    eql = package()
    found: set[int] = set()
    with ExitStack() as stack:
        for name in (*_DIALECT, _PLAIN):
            stack.enter_context(getattr(eql.parser, name))
        engine = eql.PythonEngine()
        engine.add_output_hook(lambda result: found.update(event.data["number"] for event in result.events))
        engine.add_query(eql.parse_query(query))
        engine.stream_events(
            eql.Event("generic", _ticks(event), {**_nested(event), "number": number})
            for number, event in enumerate(events)
        )
    return found


def _ticks(event: Mapping[str, object]) -> int:
    return (instant(event.get("@timestamp")) or 0) * _TICKS


def _nested(event: Mapping[str, object]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for path, value in event.items():
        *parents, last = path.split(".")
        inner = whole
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = value
    return whole

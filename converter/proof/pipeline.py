"""Events for pipelines: those that the first filters turn on, in groups of the sizes that the rule speaks of.

The fields that later stages read are filled with the values that these compare them with and with others, left out,
empty, or given twice where they may hold several.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import assert_never

from converter.model.pattern import Wild
from converter.model.pipeline import (
    Apply,
    Constant,
    Expression,
    Filter,
    Found,
    InlineSummarise,
    Like,
    Matches,
    Pipeline,
    Reference,
    Summarise,
)
from converter.model.predicate import Predicate
from converter.model.references import expressions, parts, stored_fields
from converter.model.value import Field, Kind
from converter.proof.example import NOW, iso
from converter.proof.staging import Scene
from converter.proof.witness import LIMIT, witnesses
from converter.readers.esql.detection import guide
from converter.reference.event import raw_values
from converter.reference.predicate import matches

MOST = 60
"""Events that a group may need; larger counts are not staged."""
_SCENES = 24
_PLAIN: Mapping[Kind, tuple[object, ...]] = {
    Kind.KEYWORD: ("alpha", "Beta", "gamma delta"),
    Kind.TEXT: ("alpha", "Beta", "gamma delta"),
    Kind.LONG: (0, 1, 7, 250),
    Kind.DOUBLE: (0.5, 1.0, 7.25),
    Kind.BOOLEAN: (True, False),
    Kind.IP: ("10.0.0.1", "203.0.113.9", "2001:db8::1"),
    Kind.DATE: (),
}


def pipeline_scenes(pipeline: Pipeline) -> Iterator[Scene]:
    """Every witness alone among the others, then groups of matching events around each number of the rule."""
    made = tuple(witnesses(pipeline.where, LIMIT))
    yield Scene("witnesses", made)
    wanted = guide(pipeline)
    hits = [event for event in witnesses(wanted, LIMIT) if _hits(wanted, event)]
    hits = hits or [event for event in made if _hits(pipeline.where, event)] or [{}]
    pools = _pools(pipeline)
    chance = random.Random(0)  # noqa: S311 -- the same scenes on every run
    counts = _counts(pipeline)
    keys = _keys(pipeline)
    for number in range(_SCENES):
        size = counts[-1 - number // 2 % len(counts)]
        base = hits[0 if number % 4 else number % len(hits)]
        ways = {field: _way(number, field.path in keys, chance) for field in pools}
        events = tuple(_filled(base, pools, chance, ways, place) for place in range(max(size, 2)))
        yield Scene(f"{len(events)} events", events)


class _Way(Enum):
    """How the values of a field run through a scene."""

    SAME = "one value"
    OTHER = "each its own"
    MIXED = "any of those that the rule names"


def _way(number: int, is_key: bool, chance: random.Random) -> _Way:  # noqa: FBT001 -- what the field is
    """Every other scene is one group of events that differ, the rest are what chance makes."""
    if number % 2:
        return chance.choice(tuple(_Way))
    return _Way.SAME if is_key else _Way.OTHER if number % 4 else _Way.MIXED


def _keys(pipeline: Pipeline) -> set[str]:
    """The fields that groups are made by."""
    return {
        part.column.field.path
        for stage in pipeline.stages
        if isinstance(stage, Summarise | InlineSummarise)
        for key in stage.keys
        for part in parts(key.expression)
        if isinstance(part, Reference) and part.column.field is not None
    }


def _value(field: Field, pool: tuple[object, ...], way: _Way, chance: random.Random, place: int) -> object:
    match way:
        case _Way.SAME:
            return pool[len(field.path) % len(pool)]
        case _Way.OTHER if field.kind in (Kind.KEYWORD, Kind.TEXT):
            return f"{pool[0]}{place}"
        case _Way.OTHER if field.kind is Kind.IP:
            return f"10.0.{place // 250}.{place % 250 + 1}"
        case _Way.OTHER | _Way.MIXED:
            return chance.choice(pool)
        case _:
            assert_never(way)


def _hits(where: Predicate, event: Mapping[str, object]) -> bool:
    return matches(where, event, NOW)


def _filled(
    base: Mapping[str, object],
    pools: Mapping[Field, tuple[object, ...]],
    chance: random.Random,
    ways: Mapping[Field, _Way],
    place: int,
) -> dict[str, object]:
    event = dict(base)
    for field, pool in pools.items():
        if any(raw_values(base, field.path)) or not pool or chance.random() < 0.05:  # noqa: PLR2004 -- one in twenty lacks it
            continue
        event[field.path] = _value(field, pool, ways[field], chance, place)
        if field.many and chance.random() < 0.05:  # noqa: PLR2004
            event[field.path] = list(dict.fromkeys((event[field.path], chance.choice(pool))))
    event["@timestamp"] = iso(NOW - 1_000 - 7_000 * place)
    return event


def _pools(pipeline: Pipeline) -> dict[Field, tuple[object, ...]]:
    """Values for each field that the stages read."""
    texts, numbers = list(_texts(pipeline)), sorted(set(_numbers(pipeline)))
    pools: dict[Field, tuple[object, ...]] = {}
    for field in stored_fields(pipeline):
        plain = _PLAIN[field.kind]
        if field.kind in (Kind.KEYWORD, Kind.TEXT):
            pools[field] = (*plain[:1], *dict.fromkeys(texts), *plain[1:])
        elif field.kind in (Kind.LONG, Kind.DOUBLE):
            pools[field] = (*plain, *(n for n in numbers if abs(n) < 10**9))
        else:
            pools[field] = plain
    return pools


def _all_parts(pipeline: Pipeline) -> Iterator[Expression]:
    for stage in pipeline.stages:
        for expression in expressions(stage):
            yield from parts(expression)


def _texts(pipeline: Pipeline) -> Iterator[str]:
    """The texts that conditions name, wildcards filled."""
    for part in _all_parts(pipeline):
        match part:
            case Constant(str(value)) if len(value) < 80:  # noqa: PLR2004 -- no whole prompts
                yield value
            case Like(_, patterns):
                for pattern in patterns:
                    yield "".join(
                        p if isinstance(p, str) else "xy" if p is Wild.ANY_RUN else "x" for p in pattern.parts
                    )
            case Constant() | Matches() | Reference() | Apply() | Found():
                continue
            case _:
                assert_never(part)


def _numbers(pipeline: Pipeline) -> Iterator[int]:
    for part in _all_parts(pipeline):
        if isinstance(part, Constant) and isinstance(part.value, int) and not isinstance(part.value, bool):
            yield from (part.value - 1, part.value, part.value + 1)


def _counts(pipeline: Pipeline) -> list[int]:
    """The sizes that filters compare with, and their neighbours."""
    found = {1, 2, 5}
    for stage in pipeline.stages:
        if isinstance(stage, Filter):
            for part in parts(stage.where):
                if isinstance(part, Constant) and isinstance(part.value, int):
                    found |= {part.value - 1, part.value, part.value + 1}
    return sorted(n for n in found if 0 < n <= MOST)

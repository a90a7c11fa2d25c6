"""Detections as EQL queries: one event, a sequence, a sample."""

from __future__ import annotations

from collections.abc import Sequence as Listed
from typing import Final, assert_never

from backends.elastic.condition.eql import eql
from backends.elastic.condition.names import Names
from converter.languages.eql import syntax
from converter.languages.eql.write import write
from converter.model.pattern import Case
from converter.model.predicate import And, Constant, OneOf, Predicate
from converter.model.rule import Key, Match, Sample, Sequence, Step
from converter.readers.eql.lower import EVENT_CATEGORY

_ALWAYS: Final = Constant(value=True)


def event_query(detection: Match | Sequence | Sample, names: Names, category: str = "") -> str:
    """The query's text; `category` is the field of event categories where the rule overrides it.

    Raises UnsaidError for a condition that EQL has no words for.
    """
    return write(syntax.Query(_body(detection, _Writer(names, category or EVENT_CATEGORY))))


def _body(detection: Match | Sequence | Sample, writer: _Writer) -> syntax.Event | syntax.Sequence | syntax.Sample:
    match detection:
        case Match(where):
            return writer.event(where)
        case Sequence(steps, maxspan_ms, until):
            common = _common((*steps, *((until,) if until else ())))
            return syntax.Sequence(
                tuple(writer.step(step, common) for step in steps),
                writer.keys(steps[0].by[:common]),
                maxspan_ms,
                None if until is None else writer.step(until, common),
            )
        case Sample(steps):
            common = _common(steps)
            return syntax.Sample(tuple(writer.step(s, common) for s in steps), writer.keys(steps[0].by[:common]))
        case _:
            assert_never(detection)


def _common(steps: Listed[Step]) -> int:
    """How many keys all steps have in common at the front: those of `sequence by`."""
    shared = 0
    for keys in zip(*(step.by for step in steps), strict=False):
        if len(set(keys)) > 1:
            break
        shared += 1
    return shared


class _Writer:
    def __init__(self, names: Names, category: str) -> None:
        self._names = names
        self._category = category

    def event(self, where: Predicate) -> syntax.Event:
        """The category, where the condition asks for one of all events, and the rest."""
        terms = where.terms if isinstance(where, And) else (where,)
        for number, term in enumerate(terms):
            match term:
                case OneOf(field, (category,), Case.SENSITIVE) if field.path == self._category:
                    rest = (*terms[:number], *terms[number + 1 :])
                    left = _ALWAYS if not rest else rest[0] if len(rest) == 1 else And(rest)
                    return syntax.Event(category, eql(left, self._names))
                case _:
                    continue
        return syntax.Event(None, eql(where, self._names))

    def step(self, step: Step, common: int) -> syntax.Step:
        """A step with the keys that not all have."""
        return syntax.Step(self.event(step.where), self.keys(step.by[common:]), step.missing, step.runs)

    def keys(self, keys: Listed[Key]) -> tuple[syntax.Name, ...]:
        """Join keys by their names."""
        return tuple(syntax.Name(self._names.of(k.field) or k.field.path, k.optional) for k in keys)

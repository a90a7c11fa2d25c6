"""An EQL tree to what it means (rules E01 to E22): the events, how they are joined, and what was found on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from converter.fields.schema import Schema
from converter.languages.eql.codes import E020
from converter.languages.eql.syntax import Event, Name, Query, Sample, Sequence, Step
from converter.model import rule
from converter.model.pattern import Case
from converter.model.predicate import And, Constant, OneOf, Predicate
from converter.readers.eql.condition import condition
from converter.readers.eql.context import Context, inferred
from converter.readers.lowered import LoweredDetection

EVENT_CATEGORY = "event.category"
"""Where EQL looks for the category unless a rule says otherwise."""


def lower(tree: Query, schema: Schema, event_category_field: str = EVENT_CATEGORY) -> LoweredDetection:
    """The meaning of a query; never raises, see `converter.readers.lowered`."""
    conditions = [e.where for e in _events(tree)]
    context = Context(schema, inferred(conditions, schema))
    for pipe in tree.pipes:
        hint = "Remove the pipe: a rule looks at every match of its window."
        context.refuse(E020, f"the pipe {pipe.name} cannot be carried", pipe.span, hint)
    lowering = _Lowering(context, event_category_field)
    match tree.body:
        case Event():
            detection: rule.Detection = rule.Match(lowering.event(tree.body))
        case Sequence():
            detection = lowering.sequence(tree.body)
        case Sample():
            detection = rule.Sample(tuple(lowering.step(s, tree.body.by) for s in tree.body.steps))
        case _:
            assert_never(tree.body)
    return LoweredDetection(detection, context.diagnostics())


def _events(tree: Query) -> Iterable[Event]:
    if isinstance(tree.body, Event):
        return (tree.body,)
    steps = [*tree.body.steps]
    if isinstance(tree.body, Sequence) and tree.body.until is not None:
        steps.append(tree.body.until)
    return (s.event for s in steps)


class _Lowering:
    def __init__(self, context: Context, category_field: str) -> None:
        self._context = context
        self._category_field = category_field

    def event(self, node: Event) -> Predicate:
        """The category and the condition (rule E01)."""
        where = condition(self._context, node.where)
        if node.category is None:
            return where
        field = self._context.schema.info(self._category_field).field(node.category_span)
        category = OneOf(field, (node.category,), Case.SENSITIVE, node.category_span)
        if where == Constant(value=True):
            return category
        return And((category, *where.terms) if isinstance(where, And) else (category, where))

    def sequence(self, node: Sequence) -> rule.Sequence:
        """The steps with the keys of all before their own (rule E17)."""
        until = None if node.until is None else self.step(node.until, node.by)
        return rule.Sequence(tuple(self.step(s, node.by) for s in node.steps), node.maxspan_ms, until)

    def step(self, node: Step, by: tuple[Name, ...]) -> rule.Step:
        """One step; `by` are the keys of all."""
        keys = []
        for name in (*by, *node.by):
            field = self._context.field(name)
            if field is not None:
                keys.append(rule.Key(field, name.optional))
        return rule.Step(self.event(node.event), tuple(keys), node.missing, node.runs, node.span)

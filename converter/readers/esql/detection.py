"""What an ES|QL rule detects: single events, a count of events, or a pipeline.

A pipeline that only filters is a `Match`, one that counts matching events by keys and asks for a least number is a
`Threshold`, where their meanings are the same, so that every target profits. Columns that only fill the alert are said
in a note.
"""

from __future__ import annotations

from dataclasses import field
from typing import assert_never

from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Severity
from converter.fields.schema import Schema
from converter.languages.esql.codes import Q032, Q042
from converter.languages.esql.parse import parse
from converter.model.normalise import normalise
from converter.model.operation import Operation
from converter.model.pipeline import (
    Adjoin,
    Apply,
    Compute,
    Constant,
    Drop,
    Expand,
    Expression,
    Extract,
    Filter,
    Found,
    InlineSummarise,
    Keep,
    Like,
    Limit,
    Matches,
    Pipeline,
    Reference,
    Rename,
    Rows,
    Sort,
    Stage,
    Summarise,
    Type,
)
from converter.model.predicate import And, Predicate
from converter.model.recognition import as_match, as_threshold
from converter.model.rule import Detection
from converter.readers.esql.expansion import conjuncts, without_expansion
from converter.readers.esql.lowering import lower
from converter.readers.esql.truth import ALWAYS, truth

_Read = tuple[Detection, tuple[Diagnostic, ...]]


def read(query: str, schema: Schema, filters: Predicate = ALWAYS) -> _Read:
    """What the query detects; `filters` act under it, before the first command (rule Q07).

    Raises QuerySyntaxError. Where a finding is an error the detection must not be used.
    """
    lowered = lower(parse(query), schema)
    pipeline = settled(without_expansion(lowered.pipeline), filters)
    found = list(lowered.diagnostics)
    if isinstance(pipeline.source, Rows):
        message = "a query that begins with row reads no events"
        found.append(Diagnostic(Q032, message, hint="Write the rule with from."))
    match, dropped = as_match(pipeline)
    if match is not None:
        return match, (*found, *_presented(dropped))
    threshold, dropped = as_threshold(pipeline)
    if threshold is not None:
        return threshold, (*found, *_presented(dropped))
    return pipeline, tuple(found)


def _presented(names: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    if not names:
        return ()
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")  # noqa: PLR2004
    message = f"columns that only fill the alert are left to the target's own: {shown}"
    return (Diagnostic(Q042, message, Severity.NOTE),)


# ---- the head of a pipeline ----


@dataclass(slots=True)
class Definitions:
    """What columns are, in terms of the event, as far as it is known."""

    known: dict[str, Expression] = field(default_factory=dict)

    def of(self, node: Expression) -> Expression:
        """The expression over the fields of the event."""
        match node:
            case Reference(column):
                return self.known.get(column.name, node)
            case Apply(_, arguments):
                return replace(node, arguments=tuple(map(self.of, arguments)))
            case Like() | Matches():
                return replace(node, operand=self.of(node.operand))
            case Constant() | Found():
                return node
            case _:
                assert_never(node)


def settled(pipeline: Pipeline, filters: Predicate) -> Pipeline:
    """The pipeline with what its first filters ask of an event said as a predicate.

    A filter that the predicate says exactly is gone; the others stay too.
    """
    definitions = Definitions()
    asked: list[Predicate] = [filters]
    stages: list[Stage] = []
    rest = list(pipeline.stages)
    while rest:
        stage = rest[0]
        if not _by_row(stage):
            break
        rest.pop(0)
        if isinstance(stage, Filter):
            left: list[Expression] = []
            guards: list[Expression] = []
            for term in conjuncts(stage.where):
                found = truth(definitions.of(term))
                asked.append(found.true)
                if not found.exact:
                    (guards if found.single else left).append(term)
            stages += [_filter(guards, stage, guard=True)] if guards else []
            stages += [_filter(left, stage, guard=False)] if left else []
            continue
        define(stage, definitions)
        stages.append(stage)
    return replace(pipeline, where=normalise(And(tuple(asked))), stages=(*stages, *rest))


def _filter(terms: list[Expression], of: Filter, *, guard: bool) -> Filter:
    where = terms[0] if len(terms) == 1 else Apply(Operation.AND, tuple(terms), Type.BOOLEAN, of.span)
    return Filter(where, of.span, guard)


def guide(pipeline: Pipeline) -> Predicate:
    """What an event is best like to pass every filter before the first group: for those who look for examples."""
    definitions = Definitions()
    asked: list[Predicate] = [pipeline.where]
    for stage in pipeline.stages:
        if isinstance(stage, Summarise | InlineSummarise):
            break
        if isinstance(stage, Filter):
            asked.append(truth(definitions.of(stage.where)).true)
        elif isinstance(stage, Expand):
            definitions.known[stage.column.name] = Reference(stage.column)
        define(stage, definitions)
    return normalise(And(tuple(asked)))


def _by_row(stage: Stage) -> bool:
    """Whether a stage works on each row by itself and gives one row or none."""
    match stage:
        case Filter() | Compute() | Keep() | Drop() | Rename() | Extract() | Sort():
            return True
        case Summarise() | InlineSummarise() | Limit() | Expand() | Adjoin():
            return False
        case _:
            assert_never(stage)


def define(stage: Stage, definitions: Definitions) -> None:
    """Learn the columns that a stage makes of each row."""
    match stage:
        case Compute(columns):
            for named in columns:
                definitions.known[named.column.name] = definitions.of(named.expression)
        case Rename(pairs):
            for old, new in pairs:
                definitions.known[new.name] = definitions.of(Reference(old))
        case Extract(_, _, columns):
            for column in columns:
                definitions.known[column.name] = Reference(column)
        case _:
            return

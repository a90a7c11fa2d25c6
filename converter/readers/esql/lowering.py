"""A whole query as a pipeline: each command by its own function, which sees the columns that the one before left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Span
from converter.fields.schema import Schema
from converter.languages.esql import query as esql
from converter.languages.esql.codes import Q001, Q020, Q029, Q030, Q031, Q032
from converter.languages.esql.syntax import Name
from converter.model.pipeline import (
    Capturing,
    Column,
    Compute,
    Documents,
    Expand,
    Extract,
    Filter,
    InlineSummarise,
    Limit,
    Named,
    Order,
    Pipeline,
    Reference,
    Rows,
    Sort,
    Stage,
    Summarise,
    Type,
    is_many,
    is_placed,
    type_of,
)
from converter.model.references import expressions, parts
from converter.readers.esql import selection
from converter.readers.esql.context import Context, Tables
from converter.readers.esql.dissection import cutting
from converter.readers.esql.expression import Lowering
from converter.readers.esql.grok import capturing
from converter.readers.esql.joining import enriched, looked_up
from converter.readers.esql.scope import Scope, stored
from converter.readers.esql.summary import stats
from converter.readers.esql.typing import STRINGS, settled

_METADATA: Final[Mapping[str, tuple[Type, bool]]] = {
    "_id": (Type.KEYWORD, False),
    "_index": (Type.KEYWORD, False),
    "_version": (Type.LONG, False),
    "_source": (Type.KEYWORD, False),
    "_ignored": (Type.KEYWORD, True),
    "_index_mode": (Type.KEYWORD, False),
    "_score": (Type.DOUBLE, False),
    "_tier": (Type.KEYWORD, False),
    "_tsid": (Type.KEYWORD, False),
}


@dataclass(frozen=True, slots=True)
class Lowered:
    """A query's meaning; where a finding is an error it must not be used."""

    pipeline: Pipeline
    diagnostics: tuple[Diagnostic, ...]


def lower(node: esql.Query, schema: Schema, tables: Tables | None = None) -> Lowered:
    """The meaning of a query over events with these fields, or over `tables` whose columns are all known."""
    claims: dict[str, Type] = {}
    while True:
        known = len(claims)
        found, claims = _lower(node, schema, tables, claims)
        # What a late command says of a field's type holds from the start.
        if len(claims) == known:
            return found


def _lower(
    node: esql.Query, schema: Schema, tables: Tables | None, claims: dict[str, Type]
) -> tuple[Lowered, dict[str, Type]]:
    context = Context(schema, Scope(), dict(claims), tables=tables)
    head, *rest = node.commands
    source = _source(context, head, tables)
    stages = [stage for command in rest for stage in _command(context, command)]
    columns = tuple(context.scope.columns.values())
    pipeline = Pipeline(source, tuple(stages), columns, context.scope.stored is not None)
    return Lowered(pipeline, context.diagnostics()), context.claims


# ---- sources ----


def _source(context: Context, node: esql.Command, tables: Tables | None) -> Documents | Rows:
    match node:
        case esql.From():
            return _documents(context, node, tables)
        case esql.Row(columns):
            context.searchable = False
            stage = _compute(context, columns)
            return Rows(stage.columns)
        case _:
            hint = "Write the rule with from."
            context.refuse(Q032, "the source of this query cannot be carried", node.span, hint)
            return Documents(())


def _documents(context: Context, node: esql.From, tables: Tables | None) -> Documents:
    metadata = []
    for name in node.metadata:
        known = _METADATA.get(name)
        if known is None:
            context.refuse(Q020, f"there is no metadata column {name}", node.span, "Known are _id, _index, _source.")
        else:
            metadata.append(Column(name, *known))
    if tables is None:
        context.scope = Scope(stored=stored(context.schema))
    else:
        context.scope = tables(node.sources, node.span, context)
    for column in metadata:
        context.scope.put(column)
    return Documents(node.sources, tuple(metadata))


# ---- commands ----


def _command(context: Context, node: esql.Command) -> list[Stage]:
    match node:
        case esql.Where(condition):
            return [Filter(Lowering(context).condition(condition), node.span)]
        case esql.Eval(columns):
            return [_compute(context, columns)]
        case esql.Stats():
            read = context.unknown
            found = stats(context, node)
            _too_early(context, read, found)
            context.searchable = context.searchable and node.inline
            return found
        case esql.Keep(patterns):
            return [selection.keep(context, patterns)]
        case esql.Drop(patterns):
            return [selection.drop(context, patterns)]
        case esql.Rename():
            return [selection.rename(context, node)]
        case esql.Sort(orders):
            return [_sort(context, orders)]
        case esql.Limit():
            return _limit(context, node)
        case esql.Grok():
            return _grok(context, node)
        case esql.Dissect():
            return _dissect(context, node)
        case esql.MvExpand(column):
            return _expand(context, column)
        case esql.From() | esql.Row():
            context.refuse(Q001, "a source stands at the start only", node.span)
            return []
        case esql.LookupJoin() if context.tables is not None:
            return looked_up(context, node)
        case esql.Enrich() if context.tables is not None:
            return enriched(context, node)
        case esql.Enrich() | esql.LookupJoin() | esql.Completion() | esql.ChangePoint() | esql.Unread():
            return _uncarried(context, node)
        case _:
            assert_never(node)


def _too_early(context: Context, read: Mapping[str, Span], stages: list[Stage]) -> None:
    """Report columns that only this command makes and that earlier ones read, as nothing declares a field of the name.

    A name with a dot may be a field that an integration brings, and one that the command itself reads is a field.
    """
    for stage in stages:
        made = stage.aggregates if isinstance(stage, Summarise | InlineSummarise) else ()
        own = {p.column.name for e in expressions(stage) for p in parts(e) if isinstance(p, Reference)}
        for name in (a.column.name for a in made):
            if name in read and "." not in name and name not in own:
                context.refuse(Q020, f"there is no column {name} yet", read[name], "The stats behind makes it.")


def _uncarried(
    context: Context,
    node: esql.Enrich | esql.LookupJoin | esql.Completion | esql.ChangePoint | esql.Unread,
) -> list[Stage]:
    """A command that is read and refused; the columns that it makes are known, so that later commands are read."""
    match node:
        case esql.Completion(target):
            message = "completion asks a language model, whose answer nobody can reproduce"
            context.refuse(Q029, message, node.span, "Convert the rule without it, and triage its alerts elsewhere.")
            context.scope.put(Column(target.path if target else "completion", Type.KEYWORD, many=False))
        case esql.Enrich(policy, _, columns):
            hint = "Use a lookup or watchlist of the target."
            context.refuse(Q030, f"enrich needs the policy {policy}, which is kept in Elasticsearch", node.span, hint)
            for column in columns:
                name = (column.new or column.field).plain
                if name is not None:
                    context.scope.put(Column(name, Type.UNKNOWN))
        case esql.LookupJoin(index):
            hint = "Use a lookup or watchlist of the target."
            message = f"lookup join needs the index {index}, which is kept in Elasticsearch"
            context.refuse(Q030, message, node.span, hint)
        case esql.ChangePoint(_, _, names):
            context.refuse(Q032, "change_point cannot be carried", node.span, "")
            made = [n.path for n in names] if names else ["type", "pvalue"]
            context.scope.put(Column(made[0], Type.KEYWORD, many=False))
            context.scope.put(Column(made[1], Type.DOUBLE, many=False))
        case esql.Unread(name):
            context.refuse(Q032, f"the command {name} cannot be carried", node.span, "")
        case _:
            assert_never(node)
    return []


def _compute(context: Context, columns: tuple[esql.Assignment, ...]) -> Compute:
    """EVAL and ROW: each column sees those before it (rule Q36)."""
    made = []
    for assignment in columns:
        value = Lowering(context).value(assignment.expression)
        claimed = context.claimed(assignment.name)
        if claimed is not None and type_of(value) is Type.UNKNOWN:
            value = context.assume(value, claimed)
        column = Column(assignment.name, type_of(value), is_many(value), placed=is_placed(value))
        made.append(Named(column, value))
        context.scope.put(column)
    return Compute(tuple(made))


def _sort(context: Context, orders: tuple[esql.Order, ...]) -> Sort:
    found = []
    for order in orders:
        value = settled(Lowering(context).value(order.expression))
        nulls_first = order.descending if order.nulls_first is None else order.nulls_first
        found.append(Order(value, order.descending, nulls_first))
    return Sort(tuple(found))


def _limit(context: Context, node: esql.Limit) -> list[Stage]:
    context.searchable = False
    if node.by:
        context.refuse(Q032, "limit by cannot be carried", node.span, "")
        return []
    return [Limit(node.count)]


def _text(context: Context, node: esql.Grok | esql.Dissect) -> Extract:
    """What GROK and DISSECT cut, with nothing cut yet."""
    words = "grok" if isinstance(node, esql.Grok) else "dissect"
    source = Lowering(context).argument(node.source, STRINGS, f"what {words} cuts")
    return Extract(source, (), ())


def _grok(context: Context, node: esql.Grok) -> list[Stage]:
    extract = _text(context, node)
    found = [capturing(context, text) for text in node.patterns]
    how = tuple(f for f in found if f is not None)
    counts: dict[str, int] = {}
    types: dict[str, Type] = {}
    for one in how:
        _count(context, one, counts, types, node.span)
    many = is_many(extract.source)
    columns = tuple(Column(name, types[name], many or counts[name] > 1) for name in counts)
    for column in columns:
        context.scope.put(column)
    return [replace(extract, how=how, columns=columns)]


def _count(context: Context, capture: Capturing, counts: dict[str, int], types: dict[str, Type], span: Span) -> None:
    here: dict[str, int] = {}
    for one in capture.captures:
        here[one.into] = here.get(one.into, 0) + 1
        if types.setdefault(one.into, one.type) is not one.type:
            context.refuse(Q031, f"{one.into} is captured with two types", span)
    for name, count in here.items():
        counts[name] = max(counts.get(name, 0), count)


def _dissect(context: Context, node: esql.Dissect) -> list[Stage]:
    extract = _text(context, node)
    how = cutting(context, node)
    if how is None:
        return []
    many = is_many(extract.source)
    names = dict.fromkeys(key.into for key in how.keys if key.into)
    columns = tuple(Column(name, Type.KEYWORD, many) for name in names)
    for column in columns:
        context.scope.put(column)
    return [replace(extract, how=how, columns=columns)]


def _expand(context: Context, name: Name) -> list[Stage]:
    found = context.scope.find(name.path)
    if found is None or not found.many:  # one value is one row
        context.column(name.path, name.span)
        return []
    context.searchable = False
    context.column(name.path, name.span)
    # The column keeps its place among the others.
    context.scope.columns[name.path] = replace(found, many=False, field=None)
    return [Expand(found)]

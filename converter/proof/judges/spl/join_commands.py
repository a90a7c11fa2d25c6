"""Commands that bring in other rows: lookups, joins, subsearches."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from converter.proof.judges.spl.cursor import Cursor, cook_search
from converter.proof.judges.spl.errors import SplError, whole
from converter.proof.judges.spl.functions import Environment
from converter.proof.judges.spl.lookups import LookupTable, as_row, enrich
from converter.proof.judges.spl.parser import parse_subsearch
from converter.proof.judges.spl.search_match import plan_search
from converter.proof.judges.spl.stats_commands import moment
from converter.proof.judges.spl.syntax import (
    AllOf,
    AnyOf,
    Branches,
    FieldTest,
    ForEach,
    InputLookup,
    Join,
    Lookup,
    Pipeline,
    Plain,
    SearchExpression,
    Term,
    Value,
)
from converter.proof.judges.spl.values import Row, key, text, values

Step = Callable[[list[Row]], list[Row]]


class PlanPipeline(Protocol):
    """Plans a subsearch; `given` says that it works on rows it is handed."""

    def __call__(self, pipeline: Pipeline, *, given: bool = False) -> Step: ...


def _table(name: str, tables: Mapping[str, LookupTable], at: int) -> LookupTable:
    found = tables.get(name)
    if found is None:
        raise SplError(f"there is no lookup table {name}", at)
    return found


def plan_lookup(node: Lookup, tables: Mapping[str, LookupTable]) -> Step:
    _table(node.table, tables, node.at)

    def step(rows: list[Row]) -> list[Row]:
        source = _table(node.table, tables, node.at)
        matched = {name for name, _ in node.match}
        columns = {name: None for line in source.rows for name in line if name not in matched}
        output = [(name, name) for name in columns] if node.output is None else node.output
        found: list[Row] = []
        for row in rows:
            wanted = [(name, [text(one) for one in values(row.get(target))]) for name, target in node.match]
            lines = source.find(wanted) if all(given for _, given in wanted) else []
            found.append(enrich(row, lines, output, only_new=node.only_new) if lines or node.output else row)
        return found

    return step


def plan_inputlookup(node: InputLookup, tables: Mapping[str, LookupTable], env: Environment) -> Step:
    if node.options.keys() - {"append", "max"}:
        raise SplError("this option of inputlookup is not supported", node.at)
    _table(node.table, tables, node.at)
    keep = None if node.where is None else plan_search(node.where, env, None)
    append = node.options.get("append", "false").lower() in {"true", "t", "1"}
    limit = whole(node.options["max"], node.at) if "max" in node.options else None

    def step(rows: list[Row]) -> list[Row]:
        read = [as_row(line) for line in _table(node.table, tables, node.at).rows]
        kept = [row for row in read if keep is None or keep(row)][:limit]
        return [*rows, *kept] if append else kept

    return step


def plan_join(node: Join, plan_pipeline: PlanPipeline) -> Step:
    """inner by default; the first match only (max=1); fields of the subsearch overwrite."""
    kind = node.options.get("type", "inner").lower()
    if kind not in {"inner", "left", "outer"} or node.options.keys() - {"type", "max", "overwrite"}:
        raise SplError("this option of join is not supported", node.at)
    inner = plan_pipeline(node.pipeline)
    limit = whole(node.options.get("max", "1"), node.at) or None
    overwrite = node.options.get("overwrite", "true").lower() in {"true", "t", "1"}

    def step(rows: list[Row]) -> list[Row]:
        others = inner([])
        names = node.names or _shared(rows, others)
        index: dict[tuple[tuple[str, ...], ...], list[Row]] = {}
        for other in others:
            if (group := _join_key(other, names)) is not None:
                index.setdefault(group, []).append(other)
        found: list[Row] = []
        for row in rows:
            group = _join_key(row, names)
            matches = index.get(group, [])[:limit] if group is not None else []
            found += [{**row, **other} if overwrite else {**other, **row} for other in matches]
            if not matches and kind != "inner":
                found.append(row)
        return found

    return step


def _shared(rows: Sequence[Row], others: Sequence[Row]) -> tuple[str, ...]:
    ours = {name for row in rows for name in row}
    theirs = {name for row in others for name in row}
    return tuple(sorted(name for name in ours & theirs if not name.startswith("_")))


def _join_key(row: Row, names: Sequence[str]) -> tuple[tuple[str, ...], ...] | None:
    stored = [row.get(name) for name in names]
    return None if None in stored or not stored else tuple(key(one) for one in stored if one is not None)


def plan_branches(node: Branches, plan_pipeline: PlanPipeline, *, first: bool) -> Step:
    branches = [plan_pipeline(one, given=node.kind == "appendpipe") for one in node.pipelines]

    def step(rows: list[Row]) -> list[Row]:
        given = rows if node.kind == "appendpipe" else []
        added = [row for branch in branches for row in branch(given)]
        match node.kind:
            case "append" | "appendpipe":
                return [*rows, *added]
            case "union":
                return added if first else [*rows, *added]
            case "multisearch":
                # Streams are merged in time order, the newest first, as for any search.
                return sorted(added, key=lambda row: -(moment(row) or 0.0))

    if node.kind == "multisearch" and not first:
        raise SplError("multisearch must be the first command", node.at)
    return step


def plan_foreach(node: ForEach, plan_pipeline: PlanPipeline) -> Step:
    if node.options:
        raise SplError("foreach is supported without options only", node.at)

    def step(rows: list[Row]) -> list[Row]:
        present = sorted({name for row in rows for name in row})
        for listed in node.names:
            groups = re.compile("(.*)".join(re.escape(piece) for piece in listed.split("*")), re.DOTALL)
            names = [one for one in present if groups.fullmatch(one)] if "*" in listed else [listed]
            for name in names:
                found = groups.fullmatch(name)
                rows = plan_pipeline(_filled(node, name, found.groups() if found else ()), given=True)(rows)
        return rows

    return step


def _filled(node: ForEach, name: str, segments: Sequence[str]) -> Pipeline:
    body = node.template.replace("<<FIELD>>", name).replace("<<MATCHSTR>>", segments[0] if segments else name)
    for number, segment in enumerate(segments, start=1):
        body = body.replace(f"<<MATCHSEG{number}>>", segment)
    cursor = Cursor(body)
    pipeline = parse_subsearch(cursor)
    if cursor.at < len(body):
        cursor.fail("unexpected text in foreach")
    return pipeline


def subsearched(pipeline: Pipeline, plan_pipeline: PlanPipeline) -> SearchExpression:
    """The rows of a subsearch as search terms: ((a="x" AND b="y") OR …).

    A field named search or query is text itself.
    """
    found = plan_pipeline(pipeline)([])
    last = pipeline.commands[-1]
    if isinstance(last, Plain) and last.name == "return":
        return _returned(last, found)
    if isinstance(last, Plain) and (last.options or last.arguments):
        raise SplError("format is supported without options only", last.at)
    return AnyOf(tuple(AllOf(tuple(_terms(row))) for row in found))


def _terms(row: Row) -> list[SearchExpression]:
    terms: list[SearchExpression] = []
    for name, stored in row.items():
        if name.startswith("_"):
            continue
        one = [_test(name, name, text(value)) for value in values(stored)]
        terms.append(one[0] if len(one) == 1 else AnyOf(tuple(one)))
    return terms


def _test(name: str, source: str, shown: str) -> SearchExpression:
    value = Value(shown.replace("\\", "\\\\").replace('"', '\\"'), quoted=True)
    return Term(value) if source in {"search", "query"} else FieldTest(name, "=", value)


def _returned(node: Plain, found: Sequence[Row]) -> SearchExpression:
    """return [count] (field | alias=field | $field)*"""
    words = [cook_search(one) for one in " ".join(node.arguments).split()]
    count = int(words.pop(0)) if words and words[0].isdigit() else 1
    rows: list[SearchExpression] = []
    for row in found[:count]:
        terms: list[SearchExpression] = []
        for word in words:
            alias, _, source = word.rpartition("=")
            name = source.removeprefix("$")
            kind = "search" if source.startswith("$") else name
            terms += [_test(alias or name, kind, text(value)) for value in values(row.get(name))[:1]]
        rows.append(AllOf(tuple(terms)))
    return AnyOf(tuple(rows))

"""Operators that make columns: extend, project and its kin, summarize."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import count

from converter.proof.judges.kusto import evaluate
from converter.proof.judges.kusto.aggregates import EXTREMES, extreme_row, identity
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.naming import own_name
from converter.proof.judges.kusto.rows import Row, Rows
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.syntax import Call, Expression, Item, Name, Star, Summarize
from converter.proof.judges.kusto.values import Kind, Value, null


def names(items: Sequence[Item], made_up: str = "Column{}", first: int = 1) -> list[str]:
    """The columns that items make; those without a name are numbered, a name used twice gets a number."""
    numbers = count(first)
    found: list[str] = []
    for item in items:
        name = item.name or own_name(item.expression) or made_up.format(next(numbers))
        if name in found:
            suffix = next(number for number in count(1) if f"{name}{number}" not in found)
            name = f"{name}{suffix}"
        found.append(name)
    return found


def kinds(rows: Sequence[Row], name: str, known: Kind | None = None) -> Kind | None:
    """The type of a column, told by its rows; rows of several types are an error of the query."""
    found = {row[name].kind for row in rows}
    if len(found) > 1:
        if found <= {"int", "long", "real"}:
            return "real" if "real" in found else "long"
        raise KustoError(f"column {name} is of types {', '.join(sorted(found))}")
    return next(iter(found), known)


def extend(items: tuple[Item, ...], rows: Rows, scope: Scope) -> Rows:
    """Every item sees the row as it was before; of serialized rows also those that stand before it."""
    named = list(zip(names(items), items, strict=True))
    found: list[Row] = []
    for place, row in enumerate(rows.rows):
        inner = replace(scope.at(row), before=rows.rows[:place] if rows.serialized else None)
        found.append({**row, **{name: evaluate.evaluate(item.expression, inner) for name, item in named}})
    columns = {**rows.columns, **{name: kinds(found, name) for name, _ in named}}
    return Rows(columns, found, rows.serialized)


def project(items: tuple[Item, ...], rows: Rows, scope: Scope, made_up: str = "Column{}", first: int = 1) -> Rows:
    named = list(zip(names(items, made_up, first), items, strict=True))
    found = [
        {name: evaluate.evaluate(item.expression, inner) for name, item in named}
        for inner in (scope.at(row) for row in rows.rows)
    ]
    columns: dict[str, Kind | None] = {}
    for name, item in named:
        known = rows.columns.get(item.expression.name) if isinstance(item.expression, Name) else None
        columns[name] = kinds(found, name, known)
    return Rows(columns, found, rows.serialized)


def select(how: str, patterns: tuple[str, ...], rows: Rows) -> Rows:
    """project-away, -keep, -reorder; a plain name must exist."""
    for pattern in patterns:
        if "*" not in pattern and pattern not in rows.columns:
            raise KustoError(f"no column {pattern}")
    matched = [name for pattern in patterns for name in rows.columns if name == pattern or fnmatchcase(name, pattern)]
    matched = list(dict.fromkeys(matched))
    others = [name for name in rows.columns if name not in matched]
    match how:
        case "away":
            kept = others
        case "keep":
            kept = [name for name in rows.columns if name in matched]
        case _:
            kept = matched + others
    return _keep(kept, rows)


def _keep(kept: Sequence[str], rows: Rows) -> Rows:
    found = [{name: row[name] for name in kept} for row in rows.rows]
    return Rows({name: rows.columns[name] for name in kept}, found, rows.serialized)


def rename(pairs: tuple[tuple[str, str], ...], rows: Rows) -> Rows:
    new_of = {old: new for new, old in pairs}
    for old in new_of:
        if old not in rows.columns:
            raise KustoError(f"no column {old}")
    found = [{new_of.get(name, name): row[name] for name in rows.columns} for row in rows.rows]
    return Rows({new_of.get(name, name): kind for name, kind in rows.columns.items()}, found, rows.serialized)


def summarize(operator: Summarize, rows: Rows, scope: Scope) -> Rows:
    """One row a group; without `by` one row even of nothing, nulls are a group: summarize-operator page."""
    by_names = names(operator.by)
    groups: dict[object, tuple[Row, list[Row]]] = {}
    for row in rows.rows:
        inner = scope.at(row)
        values = [evaluate.evaluate(item.expression, inner) for item in operator.by]
        if any(value.kind == "dynamic" for value in values):
            raise KustoError("summarize by a dynamic: use tostring()")
        key = tuple(identity(value) for value in values)
        groups.setdefault(key, (dict(zip(by_names, values, strict=True)), []))[1].append(row)
    if not groups and not operator.by:
        groups[()] = ({}, [])
    found = [_group_row(operator, key, group, rows, scope) for key, group in groups.values()]
    if not found:
        stars = any(isinstance(i.expression, Call) and Star() in i.expression.arguments for i in operator.aggregates)
        made = [] if stars else names(operator.aggregates)
        return Rows(dict.fromkeys([*by_names, *(rows.columns if stars else ()), *made]), ())
    return Rows({name: kinds(found, name) for name in found[0]}, found)


def _group_row(operator: Summarize, key: Row, group: list[Row], rows: Rows, scope: Scope) -> Row:
    inner = scope.over(group)
    by_names = {item.expression.name for item in operator.by if isinstance(item.expression, Name)}
    found: dict[str, Value] = dict(key)
    for name, item in zip(names(operator.aggregates), operator.aggregates, strict=True):
        match item.expression:
            case Call(function, (extreme, *returned)) if function in EXTREMES:
                listed = _returned(returned, [column for column in rows.columns if column not in by_names])
                label = item.name or own_name(extreme) or f"{function.removeprefix('arg_')}_"
                found |= _extreme(function, extreme, label, listed, group, inner)
            case Call("take_any", (Star(),)):  # take-any-aggregation-function page: of all columns, one row's values
                found |= {name: group[0][name] for name in rows.columns if name not in by_names} if group else {}
            case expression:
                if name in found:
                    raise KustoError(f"summarize makes {name} twice: name one")
                found[name] = evaluate.evaluate(expression, inner)
    return found


def _returned(returned: Sequence[Expression], columns: list[str]) -> list[tuple[str, Expression]]:
    found: list[tuple[str, Expression]] = []
    for expression in returned:
        if isinstance(expression, Star):
            found += [(column, Name(column)) for column in columns]
        else:
            name = own_name(expression)
            if name is None:
                raise KustoError("arg_max returns a value without a name")
            found.append((name, expression))
    return found


def _extreme(
    function: str, extreme: Expression, label: str, listed: list[tuple[str, Expression]], group: list[Row], scope: Scope
) -> dict[str, Value]:
    if not group:
        return {label: null("dynamic"), **{name: null("dynamic") for name, _ in listed}}
    row, value = extreme_row(function, extreme, scope, evaluate.evaluate)
    inner = Scope(scope.tables, scope.lets, scope.reading, scope.now, scope.queries, row)
    others = {name: evaluate.evaluate(one, inner) for name, one in listed}
    return {label: value} | others | {label: value}

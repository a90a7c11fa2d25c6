"""What the search command keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, assert_never

from converter.proof.judges.spl.cursor import cook_search
from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.functions import Environment
from converter.proof.judges.spl.macros import is_index_macro
from converter.proof.judges.spl.network import inside, network
from converter.proof.judges.spl.syntax import (
    AllOf,
    AnyOf,
    CompareOp,
    FieldIn,
    FieldTest,
    MacroTerm,
    NoneOf,
    Pipeline,
    SearchExpression,
    SubsearchTerm,
    Term,
    Value,
)
from converter.proof.judges.spl.timespec import resolve
from converter.proof.judges.spl.values import Row, Stored, number, text, values

Keep = Callable[[Row], bool]
Subsearched = Callable[[Pipeline], SearchExpression]

TIME_MODIFIERS: Final = frozenset(
    {"earliest", "latest", "starttime", "endtime", "_index_earliest", "_index_latest"},
)
# Where the events came from. Events of a test have none of these: the predicate then decides nothing.
_ORIGIN: Final = frozenset({"index", "sourcetype", "source", "eventtype"})
# Between characters of one indexed segment; anything else breaks it (segmenters.conf, major and minor breakers).
_INSIDE: Final = "[A-Za-z0-9]"


def plan_search(
    node: SearchExpression, env: Environment, subsearched: Subsearched | None, *, positive: bool = True
) -> Keep:
    """`positive` is false under an odd number of NOTs."""
    match node:
        case AllOf(parts=parts):
            tests = [plan_search(one, env, subsearched, positive=positive) for one in parts]
            return lambda row: all(test(row) for test in tests)
        case AnyOf(parts=parts):
            tests = [plan_search(one, env, subsearched, positive=positive) for one in parts]
            return lambda row: any(test(row) for test in tests)
        case NoneOf(part=part):
            inner = plan_search(part, env, subsearched, positive=not positive)
            return lambda row: not inner(row)
        case Term():
            return _plan_term(node)
        case FieldTest():
            return _plan_test(node, env, positive=positive)
        case FieldIn(name=name, values=listed):
            return plan_search(
                AnyOf(tuple(FieldTest(name, "=", one, node.at) for one in listed)), env, None, positive=positive
            )
        case MacroTerm(text=called, at=at):
            if not is_index_macro(called):
                raise SplError(f"unknown macro `{called}`", at)
            return lambda _row: positive
        case SubsearchTerm(pipeline=pipeline, at=at):
            if subsearched is None:
                raise SplError("a subsearch is not possible here", at)
            return plan_search(subsearched(pipeline), env, subsearched, positive=positive)
        case _:
            assert_never(node)


def _plan_term(node: Term) -> Keep:
    """A word or phrase, looked for in _raw."""
    cooked = cook_search(node.value.raw)
    if cooked == "*":
        return lambda _row: True
    pieces = (re.escape(one) for one in cooked.split("*"))
    body = r"[^\s\[\]<>(){}|!;,'\"&?+]*".join(pieces)
    before = "" if cooked.startswith("*") or not cooked[:1].isalnum() else f"(?<!{_INSIDE})"
    after = "" if cooked.endswith("*") or not cooked[-1:].isalnum() else f"(?!{_INSIDE})"
    pattern = re.compile(before + body + after, 0 if node.value.exact_case else re.IGNORECASE)
    return lambda row: any(pattern.search(text(one)) for one in values(row.get("_raw")))


def _plan_test(node: FieldTest, env: Environment, *, positive: bool) -> Keep:
    name = cook_search(node.name)
    if name in TIME_MODIFIERS:
        return _plan_time(name, node, env, positive=positive)
    test = _plan_value(node.op, node.value, env)
    if "*" in name:
        names = wildcard(name, exact_case=True)
        return lambda row: any(test(stored) for one, stored in list(row.items()) if names.fullmatch(one))
    if name in _ORIGIN:
        return lambda row: test(row[name]) if name in row else positive
    return lambda row: test(row.get(name))


@lru_cache(maxsize=4096)
def wildcard(pattern: str, *, exact_case: bool) -> re.Pattern[str]:
    """A backslash cannot escape an asterisk (search-manual/9.4/search-primer/backslashes)."""
    body = ".*".join(re.escape(one) for one in pattern.split("*"))
    return re.compile(body, re.DOTALL if exact_case else re.DOTALL | re.IGNORECASE)


def _plan_value(op: CompareOp, value: Value, env: Environment) -> Callable[[Stored | None], bool]:
    cooked = cook_search(value.raw)
    match op:
        case "=":
            return _plan_equal(cooked, value, env)
        case "!=":
            equal = _plan_equal(cooked, value, env)
            if env.reading.search_unequal_many == "any":
                return lambda stored: any(not equal(one) for one in values(stored))
            return lambda stored: stored is not None and not equal(stored)
        case "<" | ">" | "<=" | ">=":
            ordered = _plan_order(op, cooked)
            return lambda stored: any(ordered(text(one)) for one in values(stored))
        case _:
            assert_never(op)


def _plan_equal(cooked: str, value: Value, env: Environment) -> Callable[[Stored | None], bool]:
    """Text against text, any value of the field: "1" does not match "1.0"."""
    reading = env.reading
    if cooked == "" and reading.search_empty == "missing_too":
        return lambda stored: stored is None or "" in values(stored)
    pattern = wildcard(cooked, exact_case=value.exact_case)
    subnet = network(cooked)
    star_only = cooked != "" and not cooked.strip("*")

    def equal(stored: Stored | None) -> bool:
        for one in values(stored):
            shown = text(one)
            if star_only and shown == "" and reading.search_star_empty == "no_match":
                continue
            if pattern.fullmatch(shown) or (subnet is not None and inside(subnet, shown)):
                return True
        return False

    return equal


def _plan_order(op: CompareOp, cooked: str) -> Callable[[str], bool]:
    """Two numbers numerically, anything else lexicographically (10.0, search)."""
    limit = number(cooked)

    def ordered(shown: str) -> bool:
        found = number(shown)
        if limit is not None and found is not None:
            less, more = found < limit, found > limit
        else:
            less, more = shown < cooked, shown > cooked
        match op:
            case "<":
                return less
            case ">":
                return more
            case "<=":
                return not more
            case _:
                return not less

    return ordered


def _plan_time(name: str, node: FieldTest, env: Environment, *, positive: bool) -> Keep:
    """Greater than or equal to earliest, less than latest (help.splunk.com SCS_Search_Timemodifiers).

    An event without a time decides nothing.
    """
    if node.op not in {"=", "!="}:
        raise SplError(f"{name} takes = only", node.at)
    limit = resolve(cook_search(node.value.raw), env.now)
    first = "_indextime" if name.startswith("_index") else "_time"
    from_start = name.endswith(("earliest", "starttime"))

    def keep(row: Row) -> bool:
        stored = values(row.get(first)) or values(row.get("_time"))
        moment = number(stored[0]) if stored else None
        if moment is None:
            return positive
        return (moment >= limit if from_start else moment < limit) is (node.op == "=")

    return keep

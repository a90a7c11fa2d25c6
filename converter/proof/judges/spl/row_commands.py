"""Commands that filter, change, order or drop rows one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cmp_to_key

from converter.proof.judges.spl import timespec
from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.evaluate import plan, plan_condition
from converter.proof.judges.spl.functions import Environment
from converter.proof.judges.spl.kinds import require_value
from converter.proof.judges.spl.network import address
from converter.proof.judges.spl.search_match import wildcard
from converter.proof.judges.spl.syntax import Bin, Dedup, Eval, Fields, Head, Rename, Sort, SortKey, Where
from converter.proof.judges.spl.values import Row, Scalar, Stored, key, number, text, tidy, values

Step = Callable[[list[Row]], list[Row]]


def plan_where(node: Where, env: Environment) -> Step:
    """Only results for which the expression is TRUE (10.0, where)."""
    test = plan_condition(node.condition, env, "where")
    return lambda rows: [row for row in rows if test(row) is True]


def plan_eval(node: Eval, env: Environment) -> Step:
    for name, expression in node.assignments:
        require_value(expression, f"eval {name}")
        if "{" in name.replace("{}", ""):
            raise SplError(f"a computed field name such as {name} is not supported", node.at)
    assignments = [(name, plan(expression, env)) for name, expression in node.assignments]

    def one(row: Row) -> Row:
        changed = dict(row)
        for name, run in assignments:
            found = run(changed)
            if found is None or isinstance(found, bool):
                changed.pop(name, None)
            else:
                changed[name] = found
        return changed

    return lambda rows: [one(row) for row in rows]


def plan_fields(node: Fields) -> Step:
    """`fields` keeps the internal fields, whose names begin with _, unless dropped by name; `table` does not."""
    patterns = [wildcard(name, exact_case=True) for name in node.names]

    def listed(name: str) -> bool:
        return any(pattern.fullmatch(name) for pattern in patterns)

    def kept(name: str) -> bool:
        match node.kind:
            case "drop":
                return not listed(name)
            case "keep":
                return listed(name) or name.startswith("_")
            case "table":
                return listed(name)

    return lambda rows: [{name: stored for name, stored in row.items() if kept(name)} for row in rows]


def plan_rename(node: Rename) -> Step:
    for old, new in node.pairs:
        if old.count("*") != new.count("*"):
            raise SplError(f"wildcard mismatch between {old} and {new}", node.at)

    def one(row: Row) -> Row:
        for old, new in node.pairs:
            row = _renamed(row, old, new)
        return row

    return lambda rows: [one(row) for row in rows]


def _renamed(row: Row, old: str, new: str) -> Row:
    """Renaming a field that does not exist onto one that does removes the latter (docs.opensearch.org, ppl rename)."""
    changed = dict(row)
    if "*" not in old:
        stored = changed.pop(old, None)
        changed.pop(new, None)
        if stored is not None:
            changed[new] = stored
        return changed
    pattern = re.compile("(.*)".join(re.escape(piece) for piece in old.split("*")), re.DOTALL)
    for name in row:
        if name.startswith("_") and not old.startswith("_"):
            continue
        if found := pattern.fullmatch(name):
            stored = changed.pop(name)
            pieces = new.split("*")
            changed[pieces[0] + "".join(a + b for a, b in zip(found.groups(), pieces[1:], strict=True))] = stored
    return changed


def plan_head(node: Head, env: Environment) -> Step:
    test = None if node.condition is None else plan_condition(node.condition, env, "head")

    def step(rows: list[Row]) -> list[Row]:
        found: list[Row] = []
        for row in rows if node.limit < 0 else rows[: node.limit]:
            verdict = True if test is None else test(row)
            if verdict is None and node.keep_null:
                verdict = True
            if verdict is not True:
                return [*found, row] if node.keep_last else found
            found.append(row)
        return found

    return step


def plan_sort(node: Sort, env: Environment) -> Step:
    """Each pair is compared as numbers if both are, else as text; a missing value comes last (10.0, sort)."""

    def compare_rows(a: Row, b: Row) -> int:
        return _compare_rows(a, b, node.keys)

    def step(rows: list[Row]) -> list[Row]:
        given = rows[::-1] if env.reading.sort_ties == "reversed" else rows
        ordered = sorted(given, key=cmp_to_key(compare_rows))
        if node.reverse:
            ordered.reverse()
        return ordered[: node.limit] if node.limit else ordered

    return step


def _compare_rows(a: Row, b: Row, keys: Sequence[SortKey]) -> int:
    for one in keys:
        left, right = _sortable(a.get(one.name), one.kind), _sortable(b.get(one.name), one.kind)
        if left is None or right is None:
            verdict = (left is None) - (right is None)
        else:
            verdict = _compare_scalars(left, right, as_text=one.kind in {"str", "ip"}) * (-1 if one.descending else 1)
        if verdict:
            return verdict
    return 0


def _sortable(stored: Stored | None, kind: str) -> Scalar | None:
    found = values(stored)
    if not found:
        return None
    match kind:
        case "num":
            return number(found[0])
        case "ip":
            parsed = address(text(found[0]))
            return None if parsed is None else f"{parsed.version}{int(parsed):039d}"
        case _:
            return found[0]


def _compare_scalars(left: Scalar, right: Scalar, *, as_text: bool) -> int:
    a, b = number(left), number(right)
    if a is not None and b is not None and not as_text:
        return (a > b) - (a < b)
    return (text(left) > text(right)) - (text(left) < text(right))


def plan_dedup(node: Dedup) -> Step:
    """Events that lack a field go unless keepempty=true; several values must be equal in all (10.0, dedup)."""
    if node.sortby:
        raise SplError("dedup sortby is not supported: sort first", node.at)
    on = {name for name, value in node.options.items() if value.lower() in {"true", "t", "1"}}

    def step(rows: list[Row]) -> list[Row]:
        seen: dict[tuple[tuple[str, ...], ...], int] = {}
        found: list[Row] = []
        for row in rows:
            stored = [row.get(name) for name in node.names]
            if any(one is None for one in stored):
                if "keepempty" in on:
                    found.append(row)
                continue
            group = tuple(key(one) for one in stored if one is not None)
            if "consecutive" in on and group not in seen:
                seen.clear()
            seen[group] = seen.get(group, 0) + 1
            if seen[group] <= node.count:
                found.append(row)
            elif "keepevents" in on:
                found.append({name: one for name, one in row.items() if name not in node.names})
        return found

    return step


def plan_bin(node: Bin) -> Step:
    unsupported = node.options.keys() - {"span"}
    span = node.options.get("span")
    if unsupported or span is None:
        raise SplError("bin is supported with span= only", node.at)
    timespec.floor(0, span)

    def one(row: Row) -> Row:
        stored = values(row.get(node.name))
        parsed = number(stored[0]) if len(stored) == 1 else None
        if parsed is None:
            return row
        if node.name == "_time":
            return {**row, node.to: tidy(timespec.floor(parsed, span))}
        size = number(span)
        if size is None:
            return {**row, node.to: tidy(timespec.floor(parsed, span))}
        low = parsed // size * size
        return {**row, node.to: f"{text(low)}-{text(low + size)}"}

    return lambda rows: [one(row) for row in rows]

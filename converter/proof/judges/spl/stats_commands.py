"""stats, eventstats, streamstats over rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from converter.proof.judges.spl import timespec
from converter.proof.judges.spl.aggregate import COUNTS, Fold, Sample, fold
from converter.proof.judges.spl.cursor import Cursor, cook_eval
from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.evaluate import plan, plan_condition
from converter.proof.judges.spl.expression_parser import parse_expression
from converter.proof.judges.spl.functions import Environment
from converter.proof.judges.spl.kinds import kind, require_value
from converter.proof.judges.spl.search_match import wildcard
from converter.proof.judges.spl.syntax import Aggregate, Stats
from converter.proof.judges.spl.values import Many, Row, Scalar, Stored, key, number, text, values

Step = Callable[[list[Row]], list[Row]]
Key = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One result: where its values come from, what is done with them, what it is called."""

    read: Callable[[Row], Many]
    fold: Fold
    name: str
    function: str


def moment(row: Row) -> float | None:
    stored = values(row.get("_time"))
    return number(stored[0]) if stored else None


def plan_stats(node: Stats, env: Environment) -> Step:
    wild = [one for one in node.aggregates if isinstance(one.argument, str) and "*" in one.argument]
    for one in node.aggregates:
        fold(one.function, one.at)
    fixed = [_column(one, env) for one in node.aggregates if one not in wild]
    run = _RUNNERS[node.kind](node, env)

    def step(rows: list[Row]) -> list[Row]:
        return run(rows, [*fixed, *_expanded(wild, rows, node.by, env)])

    return step


def _column(one: Aggregate, env: Environment) -> Column:
    return Column(_reader(one, env), fold(one.function, one.at), one.name, one.function)


def _reader(one: Aggregate, env: Environment) -> Callable[[Row], Many]:
    match one.argument:
        case None:
            if one.function not in COUNTS:
                raise SplError(f"{one.function}() needs a field", one.at)
            return lambda _row: (1,)
        case str() as name:
            return lambda row: values(row.get(name))
        case expression:
            if kind(expression) == "condition" and one.function in COUNTS:
                test = plan_condition(expression, env, "eval()")
                return lambda row: (1,) if test(row) is True else ()
            require_value(expression, f"{one.function}(eval())")
            inner = plan(expression, env)

            def read(row: Row) -> Many:
                found = inner(row)
                return () if isinstance(found, bool) else values(found)

            return read


def _expanded(wild: Sequence[Aggregate], rows: list[Row], by: Sequence[str], env: Environment) -> list[Column]:
    """A column for each field that the wildcard of a function covers."""
    columns: list[Column] = []
    present = sorted({name for row in rows for name in row if not name.startswith("_")} - set(by))
    for one in wild:
        if not isinstance(one.argument, str):
            raise TypeError(one)  # `plan_stats` chose those that name fields
        pattern = wildcard(one.argument, exact_case=True)
        for name in present:
            if pattern.fullmatch(name):
                shown = one.name.replace(one.argument, name) if one.argument in one.name else one.name
                columns.append(_column(Aggregate(one.function, name, shown, one.at), env))
    return columns


def _results(columns: Sequence[Column], rows: Sequence[Row]) -> dict[str, Stored | None]:
    return {c.name: c.fold([Sample(c.read(row), moment(row)) for row in rows]) for c in columns}


def _order(group: tuple[Scalar | None, ...]) -> list[tuple[int, float, str]]:
    ranked: list[tuple[int, float, str]] = []
    for one in group:
        parsed = None if one is None else number(one)
        if parsed is not None:
            ranked.append((0, parsed, ""))
        else:
            ranked.append((2, 0.0, "") if one is None else (1, 0.0, text(one)))
    return ranked


Runner = Callable[[list[Row], list[Column]], list[Row]]


def _plan_stats(node: Stats, env: Environment) -> Runner:
    dedup = node.options.get("dedup_splitvals", "false").lower() in {"true", "t", "1"}

    def choices(row: Row, name: str) -> list[Scalar | None]:
        """A row counts in the group of each of its values, and as often as a value stands there."""
        stored = values(row.get(name))
        if not stored:
            return [None] if env.reading.stats_missing_by == "group" else []
        if not dedup:
            return list(stored)
        return list({text(one): one for one in reversed(stored)}.values())

    def run(rows: list[Row], columns: list[Column]) -> list[Row]:
        if not node.by:
            only = {name: one for name, one in _results(columns, rows).items() if one is not None}
            return [only] if only else []
        groups: dict[tuple[str | None, ...], tuple[tuple[Scalar | None, ...], list[Row]]] = {}
        for row in rows:
            for group in itertools.product(*(choices(row, name) for name in node.by)):
                same = tuple(None if one is None else text(one) for one in group)
                groups.setdefault(same, (group, []))[1].append(row)
        found: list[Row] = []
        for group, members in sorted(groups.values(), key=lambda one: _order(one[0])):
            results = _results(columns, members)
            heads: Row = {name: one for name, one in zip(node.by, group, strict=True) if one is not None}
            found.append(heads | {name: one for name, one in results.items() if one is not None and name not in heads})
        return found

    return run


def _group_key(row: Row, node: Stats, env: Environment) -> Key | None:
    """The group of a row for eventstats and streamstats; None where the row belongs to none.

    eventstats uses only events that have the fields concerned (9.2.2406, eventstats); for streamstats it is open.
    """
    grouped = node.kind == "streamstats" and env.reading.streamstats_missing_by == "group"
    found: list[tuple[str, ...]] = []
    for name in node.by:
        stored = row.get(name)
        if stored is None:
            if not grouped:
                return None
            found.append(())
        elif isinstance(stored, tuple) and env.reading.streamstats_many_by == "none":
            return None
        else:
            found.append(key(stored))
    return tuple(found)


def _with_results(row: Row, results: dict[str, Stored | None], env: Environment) -> Row:
    changed = dict(row)
    for name, one in results.items():
        if one is not None:
            changed[name] = one
        elif env.reading.stats_null_result == "clears":
            changed.pop(name, None)
    return changed


def _plan_eventstats(node: Stats, env: Environment) -> Runner:
    def run(rows: list[Row], columns: list[Column]) -> list[Row]:
        groups: dict[Key, list[Row]] = {}
        keys = [_group_key(row, node, env) for row in rows]
        for row, group in zip(rows, keys, strict=True):
            if group is not None:
                groups.setdefault(group, []).append(row)
        results = {group: _results(columns, members) for group, members in groups.items()}
        return [
            row if group is None else _with_results(row, results[group], env)
            for row, group in zip(rows, keys, strict=True)
        ]

    return run


@dataclass(slots=True)
class _Running:
    """A result carried along a stream, kept small where the function allows it."""

    column: Column
    samples: list[Sample] = field(default_factory=list)
    count: int = 0

    def add(self, sample: Sample) -> None:
        self.count += len(sample.values)
        if self.column.function in COUNTS or not sample.values:
            return
        self.samples.append(sample)
        match self.column.function:
            case "max" | "min":
                if all(number(one) is not None for kept in self.samples for one in kept.values):
                    self.samples = [Sample(values(self.column.fold(self.samples)), None)]
            case "last":
                self.samples = self.samples[-1:]
            case "first":
                self.samples = self.samples[:1]
            case "values" | "dc" | "distinct_count":
                merged = {text(one): one for kept in self.samples for one in kept.values}
                self.samples = [Sample(tuple(merged.values()), None)]
            case _:
                pass

    def result(self) -> Stored | None:
        return self.count if self.column.function in COUNTS else self.column.fold(self.samples)


@dataclass(frozen=True, slots=True)
class _Stream:
    """The options of one streamstats."""

    current: bool
    window: int
    apart: bool
    span: float | None
    on_change: bool
    before: Callable[[Row], bool | None]
    after: Callable[[Row], bool | None]


def _never(_row: Row) -> bool | None:
    return False


def _reset(node: Stats, name: str, env: Environment) -> Callable[[Row], bool | None]:
    r"""reset_before="("f==\"x\"")": a quoted expression in parentheses, its own quotes escaped."""
    raw = node.options.get(name)
    if raw is None:
        return _never
    cursor = Cursor(cook_eval(raw))
    expression = parse_expression(cursor)
    if not cursor.at_end():
        cursor.fail(f"unexpected text in {name}")
    return plan_condition(expression, env, name)


def _stream(node: Stats, env: Environment) -> _Stream:
    def on(name: str, default: str) -> bool:
        return node.options.get(name, default).lower() in {"true", "t", "1"}

    width = node.options.get("window", "0")
    if not width.isdigit():
        raise SplError(f"window={width} is not a number of events", node.at)
    window = int(width)
    if window == 0 and env.reading.streamstats_window == "10000":
        window = 10_000
    span = node.options.get("time_window")
    return _Stream(
        current=on("current", "true"),
        window=window,
        apart=not on("global", "true"),
        span=None if span is None else timespec.seconds(span),
        on_change=on("reset_on_change", "false"),
        before=_reset(node, "reset_before", env),
        after=_reset(node, "reset_after", env),
    )


def _plan_streamstats(node: Stats, env: Environment) -> Runner:
    stream = _stream(node, env)

    def run(rows: list[Row], columns: list[Column]) -> list[Row]:
        carried = stream.span is None and (stream.window == 0 or stream.window >= len(rows))
        walk = _Carried(columns) if carried else _Windowed(columns, stream, env)
        found: list[Row] = []
        previous: Key | None = None
        for row in rows:
            group = _group_key(row, node, env)
            if group is None:
                found.append(row)
                continue
            if stream.before(row) is True or (stream.on_change and previous is not None and group != previous):
                walk.reset()
            previous = group
            changed = _with_results(row, walk.take(group, row, current=stream.current), env)
            found.append(changed)
            if stream.after(changed) is True:
                walk.reset()
        return found

    return run


class _Carried:
    """No window: one running result per group and column."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._groups: dict[Key, list[_Running]] = {}

    def reset(self) -> None:
        self._groups.clear()

    def take(self, group: Key, row: Row, *, current: bool) -> dict[str, Stored | None]:
        running = self._groups.setdefault(group, [_Running(column) for column in self._columns])
        results = {} if current else {one.column.name: one.result() for one in running}
        for one in running:
            one.add(Sample(one.column.read(row), moment(row)))
        return {one.column.name: one.result() for one in running} if current else results


class _Windowed:
    """A window by number of events (over all groups, or one per group with global=f) or by time."""

    def __init__(self, columns: Sequence[Column], stream: _Stream, env: Environment) -> None:
        self._columns = columns
        self._stream = stream
        self._edge_in = env.reading.time_window_edge == "in"
        self._seen: list[tuple[Key, Row]] = []

    def reset(self) -> None:
        self._seen.clear()

    def take(self, group: Key, row: Row, *, current: bool) -> dict[str, Stored | None]:
        before = [one for one in self._seen if one[0] == group] if self._stream.apart else self._seen
        visible = [*before, (group, row)] if current else list(before)
        if self._stream.window:
            visible = visible[-self._stream.window :]
        members = [one for same, one in visible if same == group and self._near(row, one)]
        self._seen.append((group, row))
        return _results(self._columns, members)

    def _near(self, row: Row, other: Row) -> bool:
        span, now, then = self._stream.span, moment(row), moment(other)
        if span is None:
            return True
        if now is None or then is None:
            return False
        return abs(now - then) <= span if self._edge_in else abs(now - then) < span


_RUNNERS: dict[str, Callable[[Stats, Environment], Runner]] = {
    "stats": _plan_stats,
    "eventstats": _plan_eventstats,
    "streamstats": _plan_streamstats,
}

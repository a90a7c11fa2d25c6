"""How a query joins the rows of steps to a sequence: by the row before, by runs, or by a scan.

From what its operators name (the columns of time and key, the steps of its scan, the one span of time) the text is
written that such a sequence has, and the operators must be that text's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from converter.deferred import compiled, dataclass
from converter.languages.kusto.layout import flat
from converter.languages.kusto.parse import program
from converter.languages.kusto.syntax import (
    Among,
    Binary,
    Call,
    Columns,
    Duration,
    Expression,
    Extend,
    Item,
    Name,
    Negative,
    Number,
    Operator,
    Partition,
    Project,
    Scan,
    Sort,
    Step,
    Summarize,
)
from converter.languages.kusto.walk import map_operator, walk
from converter.readers.frames import Chain, Keyed
from converter.readers.kusto.condition import milliseconds
from converter.readers.unraised import UnraisedError

STAGE = Name("Stage")
_TIMES = compiled(r"Time[1-9][0-9]?")
_EVENTS = compiled(r"Event[1-9][0-9]?")
_ABSENT = compiled(r"Absent([0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class Join:
    """What the operators behind the rows ask. `rows` are the numbers of rows for each stage of the sequence.

    `by` are the columns of the key, `run`: how many rows of the first step, each at another moment, stand for one.
    """

    rows: Mapping[int, int]
    last: int
    gaps: Mapping[int, tuple[int, ...]]
    maxspan_ms: int | None
    time: Expression
    by: tuple[Expression, ...]
    run: int = 1

    def chain(self, found: Mapping[int, Keyed]) -> Chain:
        """The sequence of these rows. Raises UnraisedError where there are other rows."""
        if set(self.rows.values()) != set(found):
            raise UnraisedError("rows that no step asks for")
        return Chain({stage: found[row] for stage, row in self.rows.items()}, self.last, self.gaps, self.maxspan_ms)


def is_join(operator: Operator) -> bool:
    """Whether the operator is the first that looks at several rows."""
    return isinstance(operator, Sort | Partition | Scan | Summarize)


def joined(operators: Sequence[Operator]) -> Join:
    """What the operators join. Raises UnraisedError."""
    plain = tuple(_plain(operators))
    match plain:
        case (Summarize(), Sort(keys), *_):
            return _checked(plain, *_run(plain, [key.expression for key in keys]))
        case (Sort(keys), Extend((_, Item(_, "Follows"))), *_):
            return _checked(plain, *_before(plain, [key.expression for key in keys]))
        case (Partition(column, body, "native"),):
            text, join = _scanned(body, (Name(column),))
            by = flat(Name(column))
            return _checked(plain, f"partition hint.strategy=native by {by} ({text})", join)
        case (Sort(), *_):
            return _checked(plain, *_scanned(plain, ()))
        case _:
            raise UnraisedError("steps that are joined otherwise")


def _checked(operators: Sequence[Operator], text: str, join: Join) -> Join:
    if program(f"T | {text}").query.operators != tuple(operators):
        raise UnraisedError("steps that are joined otherwise")
    return join


# ---- what is only shown


def _plain(operators: Sequence[Operator]) -> Iterator[Operator]:
    for operator in operators:
        match operator:
            case Columns("away", names) if names != ("Enough",):
                continue
            case Project(items) if all(isinstance(item.expression, Name) for item in items):
                continue
            case Extend((Item(Name(), name),)) if _TIMES.fullmatch(name):
                continue
            case Extend(items):
                yield Extend(tuple(item for item in items if not item.name.startswith("First")))
            case Partition(column, body, how):
                yield Partition(column, tuple(_plain(body)), how)
            case Scan(declared, steps):
                kept = tuple(one for one in declared if not _EVENTS.fullmatch(one[0]))
                yield Scan(kept, tuple(map(_without_events, steps)))
            case _:
                yield operator


def _without_events(step: Step) -> Step:
    kept = tuple(item for item in step.assigned if not _EVENTS.fullmatch(item.name))
    return Step(step.name, step.condition, kept, step.output)


# ---- the row before, and runs


def _same(by: Sequence[Expression], back: int = 1) -> list[str]:
    behind = "" if back == 1 else f", {back}"
    return [f"prev({flat(key)}{behind}) == {flat(key)}" for key in by]


def _sorted(by: Sequence[Expression], time: str, *, staged: bool) -> str:
    keys = [f"{flat(key)} asc" for key in by]
    return f"sort by {', '.join([*keys, f'{time} asc', *(['Stage desc'] if staged else [])])}"


def _before(operators: Sequence[Operator], keys: Sequence[Expression]) -> tuple[str, Join]:
    if len(keys) < 2 or keys[-1] != STAGE:  # noqa: PLR2004 - a time, and the number of the step
        raise UnraisedError("steps that are not in the order of time")
    *by, time, _ = keys
    spans = _spans(operators)
    start = next((i.expression for o in operators if isinstance(o, Extend) for i in o.items if i.name == "Time1"), None)
    run = start == Call("prev", (Name("Time1"),))
    at = flat(time)
    text = (
        f"{_sorted(by, at, staged=True)} | extend Time1 = prev({'Time1' if run else at}),"
        f" Follows = {' and '.join([*_same(by), 'prev(Stage) == 1'])}"
        f" | where Stage == 2 and Follows{_within(spans, at)}"
    )
    # how long a run is, its own operators say: 0 until they are read
    return text, Join({1: 1, 2: 2}, 2, {}, _longest(spans), time, tuple(by), 0 if run else 1)


def _within(spans: Sequence[Duration], time: str) -> str:
    return f" and {time} - Time1 <= {flat(spans[0])}" if spans else ""


def _run(operators: Sequence[Operator], keys: Sequence[Expression]) -> tuple[str, Join]:
    *by, time = keys
    text, length = run_of(operators, by, time)
    spans = _spans(operators)
    ends = f" | where {flat(time)} - Time1 <= {flat(spans[0])}" if spans else ""
    join = Join(dict.fromkeys(range(1, length + 1), 1), length, {}, _longest(spans), time, tuple(by), length)
    return text + ends, join


def run_of(operators: Sequence[Operator], by: Sequence[Expression], time: Expression) -> tuple[str, int]:
    """The operators that keep the rows that end a run, and how many rows that has. Raises UnraisedError."""
    back = 0
    for operator in operators:
        for node in (i.expression for i in operator.items) if isinstance(operator, Extend) else ():
            match node:
                case Call("prev", (held,)) if held == time:
                    back = 1
                case Call("prev", (held, Number(int(number)))) if held == time:
                    back = number
    if not back:
        raise UnraisedError("a run of no length")
    at, behind = flat(time), "" if back == 1 else f", {back}"
    enough = " and ".join(_same(by, back)) or f"isnotnull(prev({at}{behind}))"
    text = (
        f"summarize take_any(*) by {', '.join([*map(flat, by), at])} | {_sorted(by, at, staged=False)}"
        f" | extend Time1 = prev({at}{behind}), Enough = {enough} | where Enough | project-away Enough"
    )
    return text, back + 1


def run_before(operators: Sequence[Operator], join: Join) -> int:
    """How long the run is whose operators these are. Raises UnraisedError."""
    text, length = run_of(operators, join.by, join.time)
    if program(f"T | {text}").query.operators != tuple(operators):
        raise UnraisedError("a run that is joined otherwise")
    return length


# ---- a scan


def _scanned(operators: Sequence[Operator], by: tuple[Expression, ...]) -> tuple[str, Join]:
    scans = [operator for operator in operators if isinstance(operator, Scan)]
    times = {key.expression for o in operators if isinstance(o, Sort) for key in o.keys} - {STAGE}
    if not scans or len(times) != 1:
        raise UnraisedError("steps that are not in the order of time")
    (time,) = times
    last = len(scans[-1].steps)
    marks = {i.name: i.expression for scan in scans[:-1] for step in scan.steps for i in step.assigned}
    gaps = {int(found[1]): _codes(value) for name, value in marks.items() if (found := _ABSENT.fullmatch(name))}
    spans = _spans(operators)
    until = "LastUntil" in marks
    text = " | ".join(_Text(last, gaps, flat(spans[0]) if spans else "", flat(time), until=until).parts())
    named = [*range(1, last + 1), *(code for codes in gaps.values() for code in codes), *([0] if until else [])]
    return text, Join({stage: stage for stage in named}, last, gaps, _longest(spans), time, by)


def _codes(value: Expression) -> tuple[int, ...]:
    match value:
        case Call("iff", (Binary("==", held, code), _, _)) if held == STAGE:
            return (number(code),)
        case Call("iff", (Among("in", held, codes), _, _)) if held == STAGE:
            return tuple(map(number, codes))
        case _:
            raise UnraisedError("a mark of no step")


def number(node: Expression) -> int:
    """A whole number. Raises UnraisedError."""
    match node:
        case Number(int(found)):
            return found
        case Negative(Number(int(found))):
            return -found
        case _:
            raise UnraisedError("a step that is no number")


@dataclass(frozen=True, slots=True)
class _Text:
    """The operators on the rows of one key, in words."""

    last: int
    gaps: Mapping[int, tuple[int, ...]]
    span: str
    time: str
    until: bool

    def parts(self) -> Iterator[str]:
        """The operators, one after another."""
        if self.last in self.gaps:
            yield f"sort by {self.time} desc, Stage desc"
            yield self._fill([(f"Absent{self.last}", self._test(self.last))])
        yield f"sort by {self.time} asc, Stage desc"
        carried = [("LastUntil", "Stage == 0")] if self.until else []
        carried += [(f"Absent{after}", self._test(after)) for after in sorted(self.gaps) if after < self.last]
        if carried:
            yield self._fill(carried)
        if carried or self.gaps:
            yield "where Stage > 0"
        yield self._scan()
        yield from (f"where {limit}" for limit in self._limits())

    def _test(self, after: int) -> str:
        codes = self.gaps[after]
        return f"Stage == {codes[0]}" if len(codes) == 1 else f"Stage in ({', '.join(map(str, codes))})"

    def _fill(self, columns: Sequence[tuple[str, str]]) -> str:
        declared = ", ".join(f"{name}: datetime" for name, _ in columns)
        values = ", ".join(f"{name} = iff({test}, {self.time}, fill.{name})" for name, test in columns)
        return f"scan declare ({declared}) with (step fill: true => {values};)"

    @property
    def _kept(self) -> list[int]:
        """The gaps that are judged later than they end."""
        return [after for after in sorted(self.gaps) if after < self.last - 1]

    def _scan(self) -> str:
        names = [*(f"Time{n}" for n in range(1, self.last + 1)), *(f"Gap{after}" for after in self._kept)]
        steps = " ".join(map(self._step, range(1, self.last + 1)))
        return f"scan declare ({', '.join(f'{name}: datetime' for name in names)}) with ({steps})"

    def _step(self, n: int) -> str:
        tests = [f"Stage == {n}"]
        if n > 1:
            tests.append(f"isnull(s{n}.Time{n})")
            tests += [f"{self.time} - s1.Time1 <= {self.span}"] if self.span else []
            before = f"s{n - 1}.Time{n - 1}"
            tests += [f"(isnull(LastUntil) or LastUntil < {before})"] if self.until else []
        values = [f"Gap{after} = Absent{after}" for after in self._kept if after == n - 1]
        values.append(f"Time{n} = {self.time}")
        if n == self.last:
            values = [f"Time{k} = s{k}.Time{k}" for k in range(1, n)] + values
            values += [f"Gap{after} = s{after + 1}.Gap{after}" for after in self._kept if after < n - 1]
        output = "" if n == self.last else " output=none"
        return f"step s{n}{output}: {' and '.join(tests)} => {', '.join(values)};"

    def _seen(self, after: int) -> str:
        return f"Gap{after}" if after in self._kept else f"Absent{after}"

    def _limits(self) -> Iterator[str]:
        for after in sorted(self.gaps):
            if 0 < after < self.last:
                yield f"isnull({self._seen(after)}) or {self._seen(after)} <= Time{after}"
        if not self.span:
            return
        ends, start = [], "Time1"
        if 0 in self.gaps:
            start = self._seen(0)
            ends.append(f"isnull({start}) or {start} < {self.time} - {self.span}")
        if self.last in self.gaps:
            seen = self._seen(self.last)
            ends.append(f"isnull({seen}) or {seen} > {start} + {self.span}")
        if ends:
            yield " or ".join(ends)


# ---- spans


def _spans(operators: Sequence[Operator]) -> list[Duration]:
    """The spans of time that the operators name, the most frequent first."""
    found: list[Duration] = []

    def seen(node: Expression) -> Expression:
        found.extend(part for part in walk(node) if isinstance(part, Duration))
        return node

    for operator in operators:
        map_operator(operator, seen)
    return sorted(found, key=found.count, reverse=True)


def _longest(spans: Sequence[Duration]) -> int | None:
    return milliseconds(spans[0]) if spans else None


def kept(operators: Sequence[Operator]) -> tuple[tuple[Operator, ...], tuple[Operator, ...]]:
    """The operators before the first that looks at several rows, and the rest."""
    at = next((n for n, operator in enumerate(operators) if is_join(operator)), len(operators))
    return tuple(operators[:at]), tuple(operators[at:])

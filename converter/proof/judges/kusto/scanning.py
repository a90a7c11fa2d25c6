"""scan, as https://learn.microsoft.com/en-us/kusto/query/scan-operator states its logic.

A record is tried against the steps from the last to the first. Check 1: the previous step is active and the condition,
read with that state, is true: the state moves to this step. Else check 2: this step is active, or is the first, and
the condition, read with its own state, is true: its values are replaced. A step's own columns show their declared
default before it has matched. `none` suppresses both kinds of output, as the page's session example has it; the match
id grows when the first step was not active (same example: repeated matches keep their id).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from converter.proof.judges.kusto import columns, evaluate
from converter.proof.judges.kusto.comparison import truth
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.rows import Row, Rows
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.syntax import Scan
from converter.proof.judges.kusto.values import Kind, Value, from_python, long, null, plain


@dataclass(slots=True)
class _State:
    """An active sequence: the rows of its steps so far."""

    rows: dict[str, Row]
    match_id: int
    last: Row | None = None  # waits for output=last
    last_at: int = 0


@dataclass(slots=True)
class _Run:
    operator: Scan
    scope: Scope
    blank: Row
    defaults: Row
    states: list[_State | None]
    found: list[Row] = field(default_factory=list)
    next_id: int = 0
    at: int = 0

    def record(self, row: Row) -> None:
        self.at += 1
        for position in reversed(range(len(self.operator.steps))):
            if not self._advance(position, row):
                self._repeat(position, row)

    def _advance(self, position: int, row: Row) -> bool:
        """Check 1."""
        previous = self.states[position - 1] if position else None
        if previous is None or not self._holds(position, row, previous.rows):
            return False
        self._flush(position)
        self._flush(position - 1)
        moved = _State(previous.rows, previous.match_id)
        self.states[position - 1] = None
        self.states[position] = moved
        self._store(position, row, moved)
        return True

    def _repeat(self, position: int, row: Row) -> None:
        """Check 2."""
        active = self.states[position]
        if (active is None and position) or not self._holds(position, row, active.rows if active else {}):
            return
        if active is None:
            active = _State({}, self.next_id)
            self.next_id += 1
            self.states[position] = active
        self._store(position, row, active)

    def _steps(self, position: int, rows: dict[str, Row]) -> dict[str, Row]:
        """A step sees itself and those before it."""
        return {step.name: rows.get(step.name, self.blank) for step in self.operator.steps[: position + 1]}

    def _inner(self, position: int, row: Row, rows: dict[str, Row]) -> Scope:
        of = self.scope
        steps = self._steps(position, rows)
        return Scope(of.tables, of.lets, of.reading, of.now, of.queries, row, None, steps)

    def _holds(self, position: int, row: Row, rows: dict[str, Row]) -> bool:
        condition = self.operator.steps[position].condition
        return truth(evaluate.evaluate(condition, self._inner(position, row, rows))) is True

    def _store(self, position: int, row: Row, state: _State) -> None:
        step = self.operator.steps[position]
        inner = self._inner(position, row, state.rows)
        assigned: dict[str, Value] = {}
        for item in step.assignments:
            if item.name is None or item.name not in self.defaults:
                raise KustoError(f"scan: {item.name} is not declared")
            kind = self.defaults[item.name].kind
            assigned[item.name] = from_python(kind, plain(evaluate.evaluate(item.expression, inner)))
        extended = {**row, **self.defaults, **assigned}
        if self.operator.match_id is not None:
            extended[self.operator.match_id] = long(state.match_id)
        state.rows = {**state.rows, step.name: extended}
        if step.output == "all":
            self.found.append(extended)
        elif step.output == "last":
            state.last, state.last_at = extended, self.at

    def _flush(self, position: int) -> None:
        state = self.states[position]
        if state is not None and state.last is not None:
            self.found.append(state.last)
            state.last = None

    def finish(self) -> list[Row]:
        """What still waits, in the order of the records."""
        waiting = [state for state in self.states if state is not None and state.last is not None]
        self.found += [state.last for state in sorted(waiting, key=lambda one: one.last_at) if state.last is not None]
        return self.found


def scan(operator: Scan, rows: Rows, scope: Scope) -> Rows:
    if not rows.serialized:
        raise KustoError("scan needs serialized rows: sort them first")
    if len({step.name for step in operator.steps}) < len(operator.steps):
        raise KustoError("scan: two steps of one name")
    defaults = {
        name: null(kind) if default is None else from_python(kind, plain(evaluate.evaluate(default, scope)))
        for name, kind, default in operator.declared
    }
    blank = {**{name: null(kind or "dynamic") for name, kind in rows.columns.items()}, **defaults}
    run = _Run(operator, scope, blank, defaults, [None] * len(operator.steps))
    for row in rows.rows:
        run.record(row)
    found = run.finish()
    kinds: dict[str, Kind | None] = {**rows.columns, **{name: value.kind for name, value in defaults.items()}}
    if operator.match_id is not None:
        kinds[operator.match_id] = "long"
    return Rows({name: columns.kinds(found, name, kind) for name, kind in kinds.items()}, found, serialized=True)

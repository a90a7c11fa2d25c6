"""Witness events of a rule, and the same verdict in every engine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from converter.model.rule import Rule
from converter.proof.engine import Engine as Engine
from converter.proof.engine import Reference as Reference
from converter.proof.example import NOW
from converter.proof.judge import CannotJudgeError as CannotJudgeError
from converter.proof.judge import Judge as Judge
from converter.proof.judged import Judged as Judged
from converter.proof.minimise import minimise
from converter.proof.panel.python import PythonArtifact as PythonArtifact
from converter.proof.scene import scenes
from converter.proof.staging import Scene as Scene
from converter.reference import Clock, clock_of
from converter.reference.event import Event

OWN_ENGINES: tuple[Engine, ...] = (Reference(), PythonArtifact())
"""The engines of the package; the first is the one that others are held to."""

_ROWS = 40
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One event and what each engine says of it; None = it cannot say."""

    scene: Scene
    number: int
    verdicts: tuple[bool | None, ...]

    @property
    def event(self) -> Event:
        """The event."""
        return self.scene.events[self.number]

    @property
    def agree(self) -> bool:
        """Whether all engines that judged say the same."""
        return len({verdict for verdict in self.verdicts if verdict is not None}) <= 1


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The first event on which two engines differ, and the smallest scene that still divides them."""

    row: Row
    engine: str
    smallest: Scene


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Events against engines. `skipped`: engine and reason, with how many scenes it did not judge."""

    rule_name: str
    engines: tuple[str, ...]
    rows: tuple[Row, ...]
    skipped: Mapping[tuple[str, str], int] = field(default_factory=dict)
    disagreement: Disagreement | None = None

    @property
    def agree(self) -> bool:
        """Whether no two engines differ on any event."""
        return self.disagreement is None

    @property
    def judged(self) -> bool:
        """Whether an engine beside the first has a verdict on any event."""
        return any(verdict is not None for row in self.rows for verdict in row.verdicts[1:])

    @property
    def matched(self) -> int:
        """How many events belong to an alert, as the first engine sees it."""
        return sum(row.verdicts[0] is True for row in self.rows)

    @property
    def summary(self) -> str:
        """One line."""
        judged = ", ".join(self.engines)
        differing = sum(not row.agree for row in self.rows)
        outcome = "all engines agree" if self.agree else f"engines differ on {differing}"
        outcome = outcome if self.judged else "nothing was judged"
        return f"{self.rule_name}: {len(self.rows)} events, {self.matched} in alerts ({judged}): {outcome}"

    def __str__(self) -> str:
        lines = [self.summary]
        lines += [f"  {name} did not judge {count}: {reason}" for (name, reason), count in self.skipped.items()]
        width = max(map(len, self.engines), default=0)
        heads = " ".join(f"{name:<{width}}" for name in self.engines)
        lines.append(f"  {heads} event")
        shown = self.rows if self.agree else [row for row in self.rows if not row.agree]
        for row in shown[:_ROWS]:
            cells = " ".join(f"{_word(verdict):<{width}}" for verdict in row.verdicts)
            text = _text(row.event)
            lines.append(f"  {cells} {text[:_WIDTH]}{'...' if len(text) > _WIDTH else ''}")
        if len(shown) > _ROWS:
            lines.append(f"  and {len(shown) - _ROWS} more")
        if self.disagreement is not None:
            first = self.disagreement
            lines.append(
                f"first disagreement: {self.engines[0]} and {first.engine}, smallest events ({first.smallest.name}):"
            )
            lines += [f"  {_text(event)}" for event in first.smallest.events]
            lines += [f"  indicator {_text(event)}" for event in first.smallest.indicators]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        heads = "".join(f"<th>{escape(name)}</th>" for name in self.engines)
        shown = sorted(self.rows, key=lambda row: row.agree)[:_ROWS]
        body = "".join(f"<tr>{''.join(map(_cell, (*map(_word, r.verdicts), _text(r.event))))}</tr>" for r in shown)
        table = f"<table><tr>{heads}<th>event</th></tr>{body}</table>"
        first = self.disagreement
        smallest = "" if first is None else "".join(f"<pre>{escape(_text(e))}</pre>" for e in first.smallest.events)
        return f"<div><b>{escape(self.summary)}</b>{table}{smallest}</div>"


def _cell(text: str) -> str:
    return f"<td>{escape(text)}</td>"


def _word(verdict: bool | None) -> str:  # noqa: FBT001
    return "-" if verdict is None else "yes" if verdict else "no"


def _text(event: Event) -> str:
    return json.dumps(event, ensure_ascii=False, default=str)


def verify(rule: Rule, events: Sequence[Event] | None = None, engines: Sequence[Engine] = OWN_ENGINES) -> Verdicts:
    """The verdicts of every engine on `events`, or on witnesses made from the rule.

    Events belong to one run of the rule; its window is applied to new terms only.
    """
    if events is None:
        made = scenes(rule.detection, window_ms=rule.meta.window.from_ms)
    else:
        made = [Scene("given", tuple(events), now=_newest(rule, events))]
    rows: list[Row] = []
    skipped: dict[tuple[str, str], int] = {}
    for scene in made:
        columns = [_judge(engine, rule, scene, skipped) for engine in engines]
        rows += [Row(scene, i, tuple(c[i] if c else None for c in columns)) for i in range(len(scene.events))]
    first = next((row for row in rows if not row.agree), None)
    disagreement = None if first is None else _explain(rule, first, engines)
    names = tuple(engine.name for engine in engines)
    return Verdicts(rule.meta.name, names, tuple(rows), skipped, disagreement)


def _newest(rule: Rule, events: Sequence[Event]) -> int:
    """The moment of the newest event: the run that looks at these events is taken to be then."""
    clock: Clock = clock_of(rule)
    return max((ms for event in events if (ms := clock.time(event)) is not None), default=NOW)


def _judge(engine: Engine, rule: Rule, scene: Scene, skipped: dict[tuple[str, str], int]) -> Sequence[bool | None]:
    """The engine's verdicts; nothing if it has none, noted in `skipped`."""
    try:
        return engine.run(rule, scene)
    except CannotJudgeError as reason:
        key = (engine.name, str(reason))
        skipped[key] = skipped.get(key, 0) + 1
        return ()


def _explain(rule: Rule, row: Row, engines: Sequence[Engine]) -> Disagreement:
    """Who differs from the first engine that judged, and on how little."""
    judged = [i for i, verdict in enumerate(row.verdicts) if verdict is not None]
    against = next(i for i in judged if row.verdicts[i] is not row.verdicts[judged[0]])
    left, right = engines[judged[0]], engines[against]

    def divides(scene: Scene) -> bool:
        try:
            pairs = zip(left.run(rule, scene), right.run(rule, scene), strict=True)
            return any(one is not other and one is not None and other is not None for one, other in pairs)
        except CannotJudgeError:
            return False

    start = row.scene
    if len(start.events) > 1 and divides(alone := Scene(start.name, (row.event,), start.indicators, start.now)):
        start = alone
    return Disagreement(row, right.name, minimise(start, divides))

"""Alerts over several events, as an engine's results name them: what these have in common with the reference's alerts.

A sequence's result is the moment it ends, a group's and a new term's are its values, a sample's only that there is
one a key. A scene with an event that the platform cannot hold is not judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from converter.model.pipeline import Pipeline
from converter.model.recognition import comparable, sums_up
from converter.model.rule import NewTerms, Rule, Sample, Threshold
from converter.model.rule import Sequence as EqlSequence
from converter.proof.engine import clock_for
from converter.proof.judge import CannotJudgeError
from converter.proof.rows import NUMBER
from converter.proof.staging import Scene
from converter.reference import alerts

Answer: TypeAlias = Counter[Hashable]
"""What was found, each as often as it was."""


def expected(rule: Rule, scene: Scene, *, by_event: bool = False, without: Collection[str] = ()) -> Answer:
    """The reference's alerts, as an engine's results would name them.

    `by_event`: new terms by the event they are first seen in, where the results keep it and show an array whole.
    `without`: the columns that the artifact leaves out.
    """
    found = alerts(rule.detection, scene.events, clock=clock_for(rule, scene), indicators=scene.indicators)
    match rule.detection:
        case EqlSequence():
            return _times(scene, (alert.events[-1] for alert in found))
        case Sample():
            return Counter({"samples": len(found)} if found else {})
        case NewTerms() if by_event:
            return Counter(alert.events[0] for alert in found)
        case Pipeline() if sums_up(rule.detection):
            names = [c.name for c in comparable(rule.detection)]
            kept = [at for at, name in enumerate(names) if name not in without]
            return Counter(tuple(_cell_text(alert.key[at]) for at in kept) for alert in found)
        case Pipeline():
            return Counter(alert.events[0] for alert in found)
        case Threshold() | NewTerms():
            return Counter(tuple(map(_text, alert.key)) for alert in found)
        case _:
            raise CannotJudgeError(f"no form of results for {type(rule.detection).__name__}")


def _times(scene: Scene, ends: Iterable[int]) -> Answer:
    """When sequences end: which of several events of one time ends it is not promised (rule E14)."""
    return Counter(dict.fromkeys((str(scene.events[i]["@timestamp"]) for i in ends), 1))


def answer(
    rule: Rule,
    scene: Scene,
    rows: Sequence[Mapping[str, object]],
    *,
    by_event: bool = False,
    without: Collection[str] = (),
) -> Answer:
    """An engine's results in the same terms."""
    named = isinstance(rule.detection, EqlSequence) or (by_event and isinstance(rule.detection, NewTerms))
    if named and any(NUMBER not in row for row in rows):
        raise CannotJudgeError("its results do not say which events they are: leave its closing columns out")
    match rule.detection:
        case EqlSequence():
            return _times(scene, (int(str(row[NUMBER])) for row in rows))
        case Sample():
            return Counter({"samples": len(rows)} if rows else {})
        case NewTerms() if by_event:
            return Counter(int(str(row[NUMBER])) for row in rows)
        case Pipeline() if sums_up(rule.detection):
            names = [c.name for c in comparable(rule.detection) if c.name not in without]
            return Counter(tuple(_cell_text(row.get(name)) for name in names) for row in rows)
        case Pipeline():
            return Counter(int(str(row[NUMBER])) for row in rows)
        case Threshold(group_by=by) | NewTerms(fields=by):
            return Counter(tuple(_text(_cell(row, field.path)) for field in by) for row in rows)
        case _:
            raise CannotJudgeError(f"no form of results for {type(rule.detection).__name__}")


def _cell(row: Mapping[str, object], path: str) -> object:
    """A key's column: named as the field, or as a word where the query had to make one of an array."""
    return row[path] if path in row else row[path.replace(".", "_").replace("@", "")]


def _cell_text(value: object) -> str:
    """A value of a result, whether the engine has numbers or writes them as text."""
    if isinstance(value, datetime):
        value = value.timestamp() * 1000
    text = _text(value)
    if not text:
        return "None"  # the empty text is how Kusto says null
    try:
        return f"{float(text):.9g}"
    except ValueError:
        return text


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.9g}"
    return str(value)

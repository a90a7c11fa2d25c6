"""Do two rules find the same events: shown, refuted by an event that only one finds, or left open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from converter.forms.same import same_under
from converter.model.equivalence import same
from converter.model.rule import Match, Rule
from converter.proof.engine import Engine, Reference
from converter.proof.judge import CannotJudgeError
from converter.proof.minimise import minimise
from converter.proof.readback import Outcome
from converter.proof.scene import scenes
from converter.proof.staging import Scene

NOBODY: Final = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How it comes out. `how` says what shows it or what was tried; `finder` (0 or 1) is who alone finds `scene`."""

    outcome: Outcome
    how: str
    finder: int | None = None
    scene: Scene | None = None


def compare_rules(one: Rule, other: Rule) -> Comparison:
    """Two rules that were understood."""
    if same(one.detection, other.detection):
        return Comparison(Outcome.EQUAL, "their conditions are the same tree")
    shown = (
        isinstance(one.detection, Match)
        and isinstance(other.detection, Match)
        and same_under(one.detection.where, other.detection.where, {}, empties=True)
    )
    if shown:
        return Comparison(Outcome.EQUAL, "their conditions are shown to hold of the same events")
    return divided((Reference(), Reference()), (one, other), _scenes((one, other)))


def divided(engines: tuple[Engine, Engine], rules: tuple[Rule, Rule], tried: Sequence[Scene]) -> Comparison:
    """The first scene on which the engines differ, each on its rule; or how much was tried in vain."""
    judged, mute = 0, NOBODY
    for scene in tried:
        found = _verdicts(engines, rules, scene)
        if isinstance(found, str):
            mute = found
            continue
        pairs = [pair for pair in zip(*found, strict=True) if None not in pair]
        judged += len(pairs)
        if any(left is not right for left, right in pairs):
            return _smallest(engines, rules, scene)
    how = f"no proof that they are the same, and both agree on {judged} events made to tell"
    if not judged:
        how = f"nothing could be judged: {mute}" if mute else "no event was found to try"
    return Comparison(Outcome.UNDECIDED, how)


def _smallest(engines: tuple[Engine, Engine], rules: tuple[Rule, Rule], scene: Scene) -> Comparison:
    def divides(smaller: Scene) -> bool:
        found = _verdicts(engines, rules, smaller)
        return not isinstance(found, str) and any(
            left is not right and left is not None and right is not None for left, right in zip(*found, strict=True)
        )

    if len(scene.events) > 1:
        alone = (replace(scene, events=(event,)) for event in scene.events)
        scene = next((one for one in alone if divides(one)), scene)
    scene = minimise(scene, divides)
    found = _verdicts(engines, rules, scene)
    assert not isinstance(found, str)  # noqa: S101 - it divides
    finder = 0 if any(left and not right for left, right in zip(*found, strict=True)) else 1
    return Comparison(Outcome.DIFFERENT, "an event that only one of them finds", finder, scene)


def _verdicts(
    engines: tuple[Engine, Engine], rules: tuple[Rule, Rule], scene: Scene
) -> tuple[Sequence[bool | None], Sequence[bool | None]] | str:
    try:
        left, right = (engine.run(rule, scene) for engine, rule in zip(engines, rules, strict=True))
    except CannotJudgeError as why:
        return str(why)
    return left, right


def _scenes(rules: Iterable[Rule]) -> list[Scene]:
    """The scenes of both, as wide as the window of each."""
    return [scene for rule in rules for scene in scenes(rule.detection, window_ms=rule.meta.window.from_ms)]

"""Emitted searches, run by the SPL interpreter under several readings of Splunk's documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from converter.model.rule import Match, Rule
from converter.proof.alerts import Answer, answer
from converter.proof.assumption import breach
from converter.proof.judge import CannotJudgeError, Verdicts
from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.reading import READINGS, Reading
from converter.proof.judges.spl.run import run
from converter.proof.rows import (
    Row,
    Unrepresentable,
    detection_fields,
    found_numbers,
    lay,
    mapped_ipv4,
    nested_paths,
    splunk_event,
    under_all,
    verdicts,
)
from converter.proof.staging import Scene
from converter.target.artifact import Artifact


class SplJudge:
    """A verdict is the default reading's; an event on which a reading differs gets the opposite of the default's."""

    name = "spl"
    target = "splunk"
    fields = "ecs"
    by_event = False

    def __init__(self, readings: Sequence[Reading] = READINGS[:1]) -> None:
        """The first reading gives the verdicts."""
        self._readings = readings

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
        """The verdicts on single events."""
        if not isinstance(rule.detection, Match):
            raise CannotJudgeError("not a detection of single events")
        rows, held = _rows(rule, artifact, scene)
        found = [found_numbers(rows, partial(_results, artifact, scene, one)) for one in self._readings]
        return verdicts(under_all(found), held)

    def answers(self, rule: Rule, artifact: Artifact, scene: Scene) -> Mapping[str, Answer]:
        """The results of each reading over several events, as `converter.proof.alerts` names them."""
        rows, held = _rows(rule, artifact, scene)
        if not all(held):
            raise CannotJudgeError("spl cannot hold an event")
        for row in rows:
            row["_indextime"] = row["_time"]
        left_out = artifact.left_out
        return {
            one.name: answer(rule, scene, _run(artifact, rows, one, scene), without=left_out) for one in self._readings
        }


def _results(artifact: Artifact, scene: Scene, reading: Reading, rows: Sequence[Row]) -> list[dict[str, object]]:
    return _run(artifact, rows, reading, scene)


def _run(artifact: Artifact, rows: Sequence[Row], reading: Reading, scene: Scene) -> list[dict[str, object]]:
    try:
        return [dict(row) for row in run(artifact.text, rows, reading=reading, now=scene.now / 1000)]
    except SplError as error:
        raise CannotJudgeError(f"spl: {type(error).__name__} {str(error).splitlines()[0][:80]}") from error


def _rows(rule: Rule, artifact: Artifact, scene: Scene) -> tuple[list[Row], list[bool]]:
    """The events as Splunk holds them; one that breaks what the artifact assumes is not judged."""
    known, nested = detection_fields(rule.detection), nested_paths(rule.detection)
    broken = breach(rule, artifact)

    def make(event: Mapping[str, object], number: int) -> Row:
        if mapped_ipv4(event, known):
            raise Unrepresentable("an IPv4 address in IPv6 spelling")
        if broken(event) is not None:
            raise Unrepresentable("a value that breaks what the artifact assumes")
        return splunk_event(event, number, known, nested)

    return lay(scene, make)

"""Emitted rules of Elastic, read as every rule is: run by the reference, and by Elastic's side on its server."""

from __future__ import annotations

import dataclasses

from converter import rulefile
from converter.diagnostics import Severity
from converter.diagnostics.errors import ConverterError
from converter.fields.schema import Schema
from converter.model.rule import Opaque, Rule
from converter.proof.engine import Reference
from converter.proof.judge import CannotJudgeError, Verdicts
from converter.proof.panel.elastic import Osmem
from converter.proof.staging import Scene
from converter.readers.detection import read_detection
from converter.target.artifact import Artifact


class RuleJudge:
    """Reads the rule with the reader that every rule has, and evaluates what it means."""

    name = "elastic"
    target = "elastic"
    fields = "ecs"

    def __init__(self, schema: Schema) -> None:
        """`schema`: the fields that are known to the rule that was converted."""
        self._schema = schema

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
        """Whether each event belongs to an alert of the rule in the artifact."""
        return Reference().run(read_artifact(rule, artifact, self._schema), scene)


class OsmemJudge:
    """Gives the rule's query and filters to a server with a Lucene of its own."""

    name = "osmem"
    target = "elastic"
    fields = "ecs"

    def __init__(self, osmem: Osmem, schema: Schema) -> None:
        """The server of `osmem` runs as long as this is used."""
        self._osmem = osmem
        self._schema = schema

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
        """The verdicts on single events."""
        return self._osmem.run(read_artifact(rule, artifact, self._schema), scene)


def read_artifact(rule: Rule, artifact: Artifact, schema: Schema) -> Rule:
    """The rule that the artifact holds, with the schedule of the one it was made from.

    Raises CannotJudgeError where it is no rule, or one without a meaning.
    """
    try:
        text = rulefile.read_text(artifact.text, artifact.filename)
        detection, found = read_detection(text.meta, schema)
    except ConverterError as error:
        raise CannotJudgeError(f"elastic: not a rule: {str(error).splitlines()[0][:80]}") from error
    wrong = [d.message for d in found if d.severity is Severity.ERROR]
    if isinstance(detection, Opaque):
        wrong.append(detection.diagnostic.message)
    if wrong:
        raise CannotJudgeError(f"elastic: {wrong[0][:80]}")
    return dataclasses.replace(rule, meta=text.meta, detection=detection)

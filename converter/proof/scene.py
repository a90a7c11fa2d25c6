"""Scenes: sets of events over which a detection is run, made to stand just on either side of its limits.

A detection of single events has one scene, its witnesses. Sequences, samples, thresholds, new terms and indicators
have many small ones, each named after what is in it. Nothing is claimed about alerts; the evaluator finds them.
"""

from __future__ import annotations

import itertools
import json
from typing import assert_never

from converter.model import rule
from converter.model.pipeline import Pipeline
from converter.model.predicate import Or
from converter.model.rule import AnyOf, Detection, IndicatorMatch, Match, NewTerms, Opaque, Sample, Threshold
from converter.proof.grouping import indicator_scenes, new_terms_scenes, threshold_scenes
from converter.proof.pipeline import pipeline_scenes
from converter.proof.staging import Scene
from converter.proof.stream import sample_scenes, sequence_scenes
from converter.proof.witness import LIMIT, witnesses

SCENES = 40
"""How many scenes a detection over several events gives unless asked otherwise."""


def scenes(detection: Detection, limit: int = SCENES, window_ms: int = 360_000) -> list[Scene]:
    """The scenes of a detection; `window_ms` is how far back from now a run looks."""
    match detection:
        case Match(where=where):
            return [Scene("witnesses", tuple(witnesses(where, LIMIT)))]
        case AnyOf(matches=arms):
            return [Scene("witnesses", tuple(witnesses(Or(tuple(arm.where for arm in arms)), LIMIT)))]
        case rule.Sequence():
            made = sequence_scenes(detection)
        case Sample(steps=steps):
            made = sample_scenes(steps)
        case Threshold():
            made = threshold_scenes(detection)
        case NewTerms():
            made = new_terms_scenes(detection, window_ms)
        case IndicatorMatch():
            made = indicator_scenes(detection)
        case Pipeline():
            made = pipeline_scenes(detection)
        case Opaque():
            return []
        case _:
            assert_never(detection)
    found: dict[str, Scene] = {}
    for scene in itertools.islice(made, 4 * limit):
        found.setdefault(json.dumps([scene.events, scene.indicators], sort_keys=True), scene)
        if len(found) >= limit:
            break
    return list(found.values())

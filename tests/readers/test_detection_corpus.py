"""Every shared rule in kuery or Lucene is understood, without an error and in normal form."""

from __future__ import annotations

from collections import Counter

from shared import corpus_rules, needs_shared

from converter.diagnostics import Severity
from converter.diagnostics.catalogue import lookup
from converter.fields.schema import ecs_schema
from converter.model.normalise import normalise_detection
from converter.readers.detection import read_detection
from converter.rulefile import read_path

TYPES = ("query", "threshold", "new_terms", "threat_match")


@needs_shared
def test_every_kuery_and_lucene_rule_is_understood() -> None:
    counted: Counter[str] = Counter()
    for path in corpus_rules():
        meta = read_path(path).meta
        if meta.type not in TYPES:
            continue
        detection, found = read_detection(meta, ecs_schema())
        counted[type(detection).__name__] += 1
        assert [d for d in found if d.severity is Severity.ERROR] == [], path
        assert all(lookup(d.code) for d in found), path
        assert normalise_detection(detection) == detection, path
    assert sum(counted.values()) >= 453
    assert set(counted) == {"Match", "Threshold", "NewTerms", "IndicatorMatch"}

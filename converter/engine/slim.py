"""Rules without what only people read, for where many of them are held for long or sent to workers."""

from __future__ import annotations

import functools
from dataclasses import replace

from converter.diagnostics import Source
from converter.model.metadata import Technique, Threat
from converter.model.rule import Rule


def slim(rule: Rule) -> Rule:
    """The rule without its text and the texts beside its query: it means the same, and alerts say the same of it."""
    nowhere = Source("", "")
    meta = replace(
        rule.meta, description="", query="", note="", setup="", references=(), false_positives=(), tags=(),
        author=(), license="", required_fields=(), related_integrations=(), exported=(), unknown=(), filters=(),
        min_stack_comments="", threat=tuple(map(_shared, rule.meta.threat)),
    )  # fmt: skip
    return replace(rule, meta=meta, source=nowhere, query_source=nowhere, notes=())


@functools.lru_cache(maxsize=4096)
def _technique(same: Technique) -> Technique:
    """The first technique that is the same: thousands of rules name a few hundred, each time with all its texts."""
    return same


@functools.lru_cache(maxsize=4096)
def _shared(threat: Threat) -> Threat:
    return replace(threat, techniques=tuple(map(_technique, threat.techniques)))

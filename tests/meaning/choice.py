"""Rules of the corpus for the tests of meaning: all of them for a sweep, else few that together have every feature."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from shared import corpus_rule, corpus_rules

from converter import api
from converter.model.predicate import And, Holds, Not, Or, Predicate
from converter.model.rule import Opaque, Rule
from converter.model.walk import children, predicates, value_fields

WANTED = 60


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Every rule of the corpus that has a meaning here."""
    found = []
    for path in corpus_rules():
        rule = corpus_rule(path)
        if rule is not None and not isinstance(rule.detection, Opaque) and not api.errors_of(rule):
            found.append(rule)
    return tuple(found)


def chosen(kinds: tuple[type, ...], *, everything: bool, wanted: int = WANTED) -> list[Rule]:
    """The rules of these detections; unless `everything`, one for each feature and then evenly more."""
    pool = [rule for rule in rules() if isinstance(rule.detection, kinds)]
    if everything:
        return pool
    seen: set[object] = set()
    picked: list[Rule] = []
    for rule in pool:
        new = set(features(rule)) - seen
        if new:
            picked.append(rule)
            seen |= new
    rest = [rule for rule in pool if rule not in picked]
    stride = max(1, len(rest) // max(1, wanted - len(picked)))
    return (picked + rest[::stride])[: max(wanted, len(picked))]


def features(rule: Rule) -> Iterator[object]:
    """What of the language the rule uses, as far as engines may differ on it."""
    for where in predicates(rule.detection):
        yield from _of(where, negated=False)
    yield bool(rule.meta.filters)
    yield rule.meta.language


def _of(node: Predicate, *, negated: bool) -> Iterator[object]:
    if isinstance(node, (And, Or, Not)):
        for child in children(node):
            yield from _of(child, negated=negated != isinstance(node, Not))
    elif isinstance(node, Holds):
        yield node.call.function, negated
        yield from ((type(node), node.call.function, f.kind) for f in value_fields(node.call))
    else:
        field = getattr(node, "field", None)
        kind = (field.kind, field.many) if field is not None else None
        yield type(node), kind, getattr(node, "case", None), negated

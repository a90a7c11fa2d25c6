"""Values that do differ in case only, on a column that is otherwise of one spelling."""

from __future__ import annotations

from collections.abc import Mapping

from converter.datasets.rewriting.values import fits
from converter.deferred import replace
from converter.model.fact import Fact
from converter.model.pattern import Case, fold
from converter.model.predicate import Leaf, Like, OneOf, Predicate
from converter.model.value import Column
from converter.model.walk import map_leaves

Variants = Mapping[str, tuple[str, ...]]
"""Of a column: the values that occur in more than one spelling, each in all of its spellings."""


def with_variants(predicate: Predicate, variants: Variants) -> Predicate:
    """The predicate where a leaf that tells two spellings of a value apart does not count its column as closed."""
    if not variants:
        return predicate

    def change(leaf: Leaf) -> Predicate:
        if not isinstance(leaf, OneOf | Like) or not _tells(leaf, variants):
            return leaf
        open_field = replace(leaf.field, facts=leaf.field.facts - {Fact.ONE_SPELLING})
        return replace(leaf, field=open_field)

    return map_leaves(predicate, change)


def _tells(leaf: OneOf | Like, variants: Variants) -> bool:
    """Whether a leaf may hold for one spelling of a value and not for another."""
    way = leaf.field.way
    if leaf.case is Case.INSENSITIVE or not isinstance(way, Column):
        return False
    texts = variants.get(way.text, ())
    if isinstance(leaf, OneOf):
        wanted = {fold(v, Case.INSENSITIVE) for v in leaf.values}
        return any(fold(t, Case.INSENSITIVE) in wanted for t in texts)
    return any(fits(p, t, Case.INSENSITIVE) for p in leaf.patterns for t in texts)

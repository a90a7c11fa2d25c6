"""Places of documents that concern each other: they count from the start of one of them."""

from __future__ import annotations

from converter.deferred import replace
from converter.diagnostics import Diagnostic, Span
from converter.model.metadata import Metadata
from converter.model.predicate import Holds, Leaf, Predicate
from converter.model.walk import map_leaves


def apart(meta: Metadata, beside: Metadata) -> int | None:
    """How far the document begins behind the other one; None where the two stand in different files."""
    if meta.query_span is None or beside.query_span is None:
        return None
    return meta.query_span.start - beside.query_span.start


def moved(diagnostic: Diagnostic, by: int) -> Diagnostic:
    """What was found, at its place counted from the other document."""
    return replace(diagnostic, span=_at(diagnostic.span, by))


def shifted(predicate: Predicate, by: int) -> Predicate:
    """The condition with all its places counted from the other document."""

    def leaf_moved(leaf: Leaf) -> Leaf:
        if isinstance(leaf, Holds):
            return replace(leaf, span=_at(leaf.span, by))
        field = replace(leaf.field, span=_at(leaf.field.span, by))
        return replace(leaf, field=field, span=_at(leaf.span, by))

    return map_leaves(predicate, leaf_moved)


def _at(span: Span | None, by: int) -> Span | None:
    return span.shifted(by) if span is not None else None

"""What a predicate comes to: a condition, and the walks over arrays that must be done before it can be asked.

An array is walked once, however many conditions ask for it; each condition counts its own hits, so that two of them
may hold for different elements (the flattened meaning), and one `Element` counts elements that satisfy all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.sentinel.condition import tree
from converter.deferred import dataclass
from converter.languages.kusto.syntax import (
    Array,
    Binary,
    Call,
    Dynamic,
    Expansion,
    Expression,
    Item,
    MvApply,
    MvExpand,
    Null,
    Number,
    Operator,
    Summarize,
)


@dataclass(frozen=True, slots=True)
class Values:
    """A dynamic to walk over: an array, a scalar or null; with `objects` an array of objects or null."""

    expression: Expression
    objects: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk over the elements of an array, or over every combination of several.

    A `late` one stands behind the others, so that its conditions may use their hits.
    """

    sources: tuple[Values, ...]
    elements: tuple[str, ...]
    late: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A column `name` that is true where an element of the walk passes the test."""

    name: str
    walk: Walk
    test: Test


@dataclass(frozen=True, slots=True)
class Test:
    """A condition over the row's columns and the columns of `hits`."""

    condition: Expression
    hits: tuple[Hit, ...] = ()


def hits_of(tests: Iterable[Test]) -> tuple[Hit, ...]:
    """The hits of all, each once."""
    return tuple(dict.fromkeys(h for t in tests for h in t.hits))


def all_of(tests: Sequence[Test]) -> Test:
    """All pass."""
    return Test(tree.all_of(t.condition for t in tests), hits_of(tests))


def any_of(tests: Sequence[Test]) -> Test:
    """One passes."""
    return Test(tree.any_of(t.condition for t in tests), hits_of(tests))


def opposite(test: Test) -> Test:
    """It does not pass."""
    return Test(tree.negate(test.condition), test.hits)


_ONE_NULL = Dynamic(Array((Null(),)))


def expansion(source: Values, name: str) -> Expansion:
    """What is walked is never an empty array: mv-expand loses such a row (rule M04)."""
    values = source.expression
    length = Call("array_length", (values,))
    if source.objects:
        some = Binary(">", tree.call("coalesce", length, Number(0)), Number(0))
        return Expansion(tree.call("iff", some, values, _ONE_NULL), name)
    single = (tree.call("isnull", length), tree.call("pack_array", values))
    return Expansion(tree.call("case", *single, Binary("==", length, Number(0)), _ONE_NULL, values), name)


def walks(hits: Sequence[Hit]) -> tuple[Operator, ...]:
    """The operators that make the columns of the hits, one a walk, late ones last."""
    grouped: dict[Walk, list[Hit]] = {}
    for hit in hits:
        grouped.setdefault(hit.walk, []).append(hit)
    ordered = sorted(grouped.items(), key=lambda item: item[0].late)
    return tuple(_walk(walk, found) for walk, found in ordered)


def _walk(walk: Walk, hits: Sequence[Hit]) -> MvApply:
    first, *more = zip(walk.sources, walk.elements, strict=True)
    crossed = tuple(MvExpand((expansion(source, name),)) for source, name in more)
    inner = walks(hits_of(h.test for h in hits))
    counted = tuple(Item(Binary(">", tree.call("countif", h.test.condition), Number(0)), h.name) for h in hits)
    return MvApply((expansion(*first),), (*crossed, *inner, Summarize(counted)))

"""The syntax tree of a kuery, as written: no meaning is decided here.

Spans count characters from the start of the query and are left out of comparisons.
"""

from __future__ import annotations

import dataclasses
from enum import Enum

from converter.deferred import dataclass
from converter.diagnostics import Span

_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Literal:
    """Text in quotes or without; only the bare words true, false and null are typed (rule K17).

    As the field of an `Is`, the null literal stands for "no field": free text.
    """

    value: str | bool | None
    quoted: bool = False
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Unquoted text with stars; `parts` are the texts between them, so there is a star less than parts."""

    parts: tuple[str, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)

    @property
    def alone(self) -> bool:
        """Whether this is one star and nothing else."""
        return self.parts == ("", "")


Value = Literal | Wildcard


class Order(Enum):
    """The operators of a range, by their names in Elasticsearch's range query."""

    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"


@dataclass(frozen=True, slots=True)
class Is:
    """`field: value`, or a value alone."""

    field: Value
    value: Value
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Range:
    """`field < value`."""

    field: Value
    order: Order
    value: Value
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Nested:
    """`path: { ... }`; the fields inside are written relative to `path`."""

    path: Value
    term: Node
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """`not term`."""

    term: Node
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """Two or more terms joined by `and`; parentheses stay visible as nested nodes."""

    terms: tuple[Node, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """Two or more terms joined by `or`."""

    terms: tuple[Node, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


Node = And | Or | Not | Is | Range | Nested

ANYTHING = Is(Wildcard(("", "")), Wildcard(("", "")))
"""What the empty query means: `*:*`."""

"""The syntax tree of a Lucene query string, as the classic query parser takes it apart.

Spans count characters from the start of the query and are left out of comparisons. `field` is None where no
field is written.
"""

from __future__ import annotations

import dataclasses
from enum import Enum

from converter.deferred import dataclass
from converter.diagnostics import Span
from converter.model.pattern import Pattern

_NOWHERE = Span(0, 0)


class Occur(Enum):
    """What a clause is to the query around it."""

    MUST = "must"
    SHOULD = "should"
    MUST_NOT = "must not"


@dataclass(frozen=True, slots=True)
class Name:
    """A field's name; with stars it stands for several fields."""

    text: str
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several bare words in a row, which are one text to the field's analyzer."""

    field: Name | None
    text: str
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text in quotes."""

    field: Name | None
    text: str
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A word with * or ?."""

    field: Name | None
    pattern: Pattern
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Regexp:
    """A regular expression between slashes, without them."""

    field: Name | None
    text: str
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Between:
    """A range; an end that is None is open, the others are part of the range if inclusive."""

    field: Name | None
    low: str | None
    high: str | None
    low_inclusive: bool
    high_inclusive: bool
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A fuzzy word or words near each other; `what` says which."""

    what: str
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a boolean query."""

    occur: Occur
    node: Node


@dataclass(frozen=True, slots=True)
class Boolean:
    """All MUST hold, no MUST_NOT holds, and if there is no MUST, some SHOULD holds."""

    clauses: tuple[Clause, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


Node = Boolean | Term | Phrase | Wildcard | Regexp | Between | Likeness

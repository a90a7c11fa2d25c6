"""What must hold of one event, as one closed union of frozen nodes.

Two-valued: a leaf on a missing field is false, `Not` is classical, there is no "not equal". A leaf on a
field with many values holds if any value satisfies it. Sources with other logic are lowered to say so.
Normal form (`converter.model.normalise`): no nested And in And or Or in Or, at least two terms in each, no
Not of Not or of Constant, no Constant inside anything, sibling OneOf/Like/Matches/InNetwork of one field
and case under one Or merged, values without repeats, order of terms kept.
"""

from __future__ import annotations

import dataclasses
from enum import Enum

from converter.deferred import dataclass
from converter.diagnostics import Span
from converter.model.pattern import Case, Pattern, Regex
from converter.model.value import Call, Field, Scalar


@dataclass(frozen=True, slots=True)
class And:
    """Every term holds; of no terms: true."""

    terms: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some term holds; of no terms: false."""

    terms: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The term does not hold (rule K09: true on a missing field)."""

    term: Predicate


@dataclass(frozen=True, slots=True)
class Constant:
    """Always, or never."""

    value: bool


@dataclass(frozen=True, slots=True)
class Present:
    """The field has at least one value; "" is a value, null, [] and [null] are not (rule K10)."""

    field: Field
    span: Span | None = dataclasses.field(default=None, compare=False, repr=False)


class Comparison(Enum):
    """The order relations of `Compare`."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    EQ = "=="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Compare:
    """Some value of the field stands in the relation to `value`.

    The field's kind decides the order: numbers for LONG and DOUBLE (value int or float), false < true for
    BOOLEAN (value bool, EQ only), time for DATE (value Instant or Now), code points for KEYWORD (value str, never
    EQ: that is `OneOf`).
    """

    field: Field
    comparison: Comparison
    value: Scalar
    span: Span | None = dataclasses.field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class End:
    """An end of `Between`: a value as `Compare` takes it, and whether the end itself counts."""

    value: Scalar
    included: bool = True


@dataclass(frozen=True, slots=True)
class Between:
    """Some one value of the field lies between two ends, in the order of `Compare` (rule K08: a range is one clause).

    Of a single value two `Compare` say the same, which a target may write. Normal form: the ends differ.
    """

    field: Field
    low: End
    high: End
    span: Span | None = dataclasses.field(default=None, compare=False, repr=False)

    @property
    def ends(self) -> tuple[Compare, Compare]:
        """The two comparisons that one value has to satisfy together."""
        low = Comparison.GE if self.low.included else Comparison.GT
        high = Comparison.LE if self.high.included else Comparison.LT
        return Compare(self.field, low, self.low.value, self.span), Compare(
            self.field, high, self.high.value, self.span
        )


@dataclass(frozen=True, slots=True)
class OneOf:
    """Some value of a KEYWORD field is one of these texts, as a whole."""

    field: Field
    values: tuple[str, ...]
    case: Case
    span: Span | None = dataclasses.field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Like:
    """Some value of a KEYWORD field matches one of these patterns, as a whole."""

    field: Field
    patterns: tuple[Pattern, ...]
    case: Case
    span: Span | None = dataclasses.field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Matches:
    """Some value of a KEYWORD field matches one of these regular expressions, as a whole."""

    field: Field
    regexes: tuple[Regex, ...]
    case: Case
    span: Span | None = dataclasses.field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class InNetwork:
    """Some address of the field lies in one of these networks, IPv4 or IPv6, written `address/bits`.

    A single address is a network of full length. A text field's value that is no address is in none.
    """

    field: Field
    networks: tuple[str, ...]
    span: Span | None = dataclasses.field(default=None, compare=False, repr=False)


class Analyzer(Enum):
    """How a TEXT field is cut into tokens, which are compared in lower case."""

    STANDARD = "standard"  # Unicode words (UAX 29)
    POWERSHELL = "powershell"  # runs of letters, digits, _ and - (rule K14)


@dataclass(frozen=True, slots=True)
class Phrase:
    """The field's text has these tokens one after another; tokens are lower case already.

    A token may be a pattern (a wildcard on a text field is matched per token, rule K13).
    """

    field: Field
    tokens: tuple[Pattern, ...]
    analyzer: Analyzer
    span: Span | None = dataclasses.field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the nested array at `path` satisfies `term` by itself (rule K20).

    The fields inside carry their full paths.
    """

    path: str
    term: Predicate
    span: Span | None = dataclasses.field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Holds:
    """The script is true for some combination of the values of the fields it mentions (rule E10)."""

    call: Call
    span: Span | None = dataclasses.field(default=None, compare=False, repr=False)


FieldLeaf = Present | Compare | Between | OneOf | Like | Matches | InNetwork | Phrase
"""The leaves over one field."""

Leaf = FieldLeaf | Holds
Predicate = And | Or | Not | Constant | Element | Leaf

"""ES|QL's expressions as a tree: what they say, with the place of each part, and no opinion on what it means.

Names are one dotted text: `` `a.b`.c `` and `a.b.c` are the same column. Spans are half-open offsets into the query
and take no part in equality. https://www.elastic.co/docs/reference/query-languages/esql/esql-syntax
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Final

from converter.deferred import dataclass
from converter.diagnostics import Span

_NOWHERE: Final = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Name:
    """A column."""

    path: str
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A string, unescaped."""

    value: str
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number (int) or a decimal (float), with its sign."""

    value: int | float
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    value: bool
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Null:
    """`null`."""

    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Duration:
    """A count and a unit as written: `1 hour`."""

    count: int
    unit: str
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Array:
    """`[1, 2]`: several constants as one value."""

    items: tuple[Text | Number | Boolean, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Options:
    """`{"name": constant, ...}`, the last argument of some functions and commands."""

    entries: tuple[tuple[str, Literal], ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`function(argument, ...)`; `star` is `function(*)`. The function's name is as written."""

    function: str
    arguments: tuple[Expression, ...]
    star: bool = False
    options: Options | None = None
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)
    name_span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Cast:
    """`operand::type`; the type's name is as written."""

    operand: Expression
    type: str
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """`-operand`."""

    operand: Expression
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


class ArithmeticOperator(Enum):
    """The operators between numbers, and between a date and a duration."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    MODULO = "%"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left operator right`."""

    operator: ArithmeticOperator
    left: Expression
    right: Expression
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


class ComparisonOperator(Enum):
    """The comparisons, which cannot be chained."""

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`."""

    operator: ComparisonOperator
    left: Expression
    right: Expression
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class In:
    """`operand [not] in (value, ...)`."""

    operand: Expression
    values: tuple[Expression, ...]
    negated: bool = False
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


class PatternOperator(Enum):
    """The two languages of patterns."""

    LIKE = "like"
    RLIKE = "rlike"


@dataclass(frozen=True, slots=True)
class Like:
    """`operand [not] like pattern`; `listed` if the patterns stand in parentheses."""

    operator: PatternOperator
    operand: Expression
    patterns: tuple[Expression, ...]
    listed: bool = False
    negated: bool = False
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    """`operand is [not] null`."""

    operand: Expression
    negated: bool = False
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Search:
    """`field : constant`, the match operator; `type` is that of `field::type : constant`, or ""."""

    field: Name
    query: Literal
    type: str = ""
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """`not operand`."""

    operand: Expression
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """`a and b and ...`, two terms or more."""

    terms: tuple[Expression, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """`a or b or ...`, two terms or more."""

    terms: tuple[Expression, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


Literal = Text | Number | Boolean | Null | Duration | Array
Expression = (
    Name | Literal | Call | Cast | Negative | Arithmetic | Comparison | In | Like | IsNull | Search | Not | And | Or
)

"""The syntax tree of an EQL query: what is written, with spans, and no meaning.

Chains of `and` and of `or` are flat. Parentheses leave no node. Spans count characters from the start of the query.
"""

from __future__ import annotations

import dataclasses
from enum import Enum

from converter.deferred import dataclass
from converter.diagnostics import Span

_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Name:
    """A field, dotted, without backquotes; `optional` if written `?field`."""

    path: str
    optional: bool = False
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A string, escapes resolved; wildcard signs in it are not told apart here."""

    value: str
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number:
    """An integer or decimal literal without sign."""

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
class Call:
    """A function call. `function` is the name as written without its `~`; `name_span` covers the name and `~`."""

    function: str
    arguments: tuple[Expression, ...]
    insensitive: bool = False
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)
    name_span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """Unary minus (unary plus leaves no node)."""

    operand: Expression
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


class ArithmeticOperator(Enum):
    """The arithmetic operators."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    MODULO = "%"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left operator right`, left-associative."""

    operator: ArithmeticOperator
    left: Expression
    right: Expression
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


class ComparisonOperator(Enum):
    """The operators between two expressions."""

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


class LookupOperator(Enum):
    """The operators between an expression and one or several values."""

    EQ_INSENSITIVE = ":"
    IN = "in"
    IN_INSENSITIVE = "in~"
    LIKE = "like"
    LIKE_INSENSITIVE = "like~"
    REGEX = "regex"
    REGEX_INSENSITIVE = "regex~"


@dataclass(frozen=True, slots=True)
class Lookup:
    """`operand operator value` or `operand operator (value, ...)`; `negated` for `not in` and `not in~`.

    The values of all operators but `in` and `in~` are literals.
    """

    operator: LookupOperator
    operand: Expression
    values: tuple[Expression, ...]
    negated: bool = False
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


Literal = Text | Number | Boolean | Null
Expression = Name | Literal | Call | Negative | Arithmetic | Comparison | Lookup | Not | And | Or


@dataclass(frozen=True, slots=True)
class Event:
    """`category where condition`; `category` None = `any`."""

    category: str | None
    where: Expression
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)
    category_span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """`[event] by keys with runs=n`, or `![event]` if `missing`. `by` holds the step's own keys only."""

    event: Event
    by: tuple[Name, ...] = ()
    missing: bool = False
    runs: int = 1
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """`sequence by keys with maxspan=time [..] [..] until [..]`; `maxspan_ms` in milliseconds."""

    steps: tuple[Step, ...]
    by: tuple[Name, ...] = ()
    maxspan_ms: int | None = None
    until: Step | None = None
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """`sample by keys [..] [..]`."""

    steps: tuple[Step, ...]
    by: tuple[Name, ...] = ()
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Pipe:
    """`| name argument, ...`."""

    name: str
    arguments: tuple[Expression, ...] = ()
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query and the pipes after it."""

    body: Event | Sequence | Sample
    pipes: tuple[Pipe, ...] = ()
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)

"""A pipeline: rows of typed columns, and stages that each give the next one its rows.

A value of a row is null, one value, or several. Conditions are three-valued; a filter keeps the rows where its
condition is true. `converter.model.truth` says when one is true, and when false, without a third value.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import assert_never

from converter.deferred import dataclass
from converter.diagnostics import Span
from converter.model.operation import GIVES_MANY, PASSES, PER_VALUE, Aggregator, Operation
from converter.model.pattern import Pattern, Regex
from converter.model.predicate import Constant as Always
from converter.model.predicate import Predicate
from converter.model.value import Field


class Type(Enum):
    """The types of columns and expressions, as Elasticsearch names them."""

    KEYWORD = "keyword"
    TEXT = "text"
    INTEGER = "integer"
    LONG = "long"
    UNSIGNED_LONG = "unsigned_long"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    DATE = "date"  # milliseconds since 1970 (UTC)
    IP = "ip"  # a number of 128 bits; IPv4 as ::ffff:a.b.c.d
    VERSION = "version"
    POINT = "geo_point"  # longitude and latitude
    PERIOD = "date_period"  # a constant: months and days
    DURATION = "time_duration"  # a constant: milliseconds
    NULL = "null"
    UNKNOWN = "unknown"  # a field that no schema declares, until its use says more


@dataclass(frozen=True, slots=True)
class Period:
    """A span of the calendar."""

    months: int
    days: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column by name. `many`: a row may hold several values; `field`: the field of the event, if it is stored.

    `placed`: its several values stand in the order of their places in a text, not in that of their size (rule Q06).
    """

    name: str
    type: Type
    many: bool = True
    field: Field | None = None
    placed: bool = False


Scalar = str | int | float | bool | tuple[float, float] | Period


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of a type; None is null, several values are a tuple `many`."""

    value: Scalar | None
    type: Type
    many: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of a column in this row."""

    column: Column
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation on arguments, with the type of its result."""

    operation: Operation
    arguments: tuple[Expression, ...]
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Like:
    """The one value of the operand matches one of the patterns as a whole, in its case (rule Q03)."""

    operand: Expression
    patterns: tuple[Pattern, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Matches:
    """The one value of the operand matches one of the expressions as a whole, in its case (rule Q28)."""

    operand: Expression
    regexes: tuple[Regex, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A search of the event itself, with any value of an array: never null (rules Q04, Q14)."""

    predicate: Predicate
    span: Span | None = field(default=None, compare=False, repr=False)


Expression = Constant | Reference | Apply | Like | Matches | Found


def type_of(expression: Expression) -> Type:
    """The type of an expression's value."""
    match expression:
        case Constant() | Apply():
            return expression.type
        case Reference():
            return expression.column.type
        case Like() | Matches() | Found():
            return Type.BOOLEAN
        case _:
            assert_never(expression)


def is_many(expression: Expression) -> bool:
    """Whether an expression may have several values in a row."""
    match expression:
        case Constant():
            return bool(expression.many)
        case Reference():
            return expression.column.many
        case Apply(operation, arguments):
            if operation in GIVES_MANY:
                return True
            return (operation in PER_VALUE or operation in PASSES) and any(map(is_many, arguments))
        case Like() | Matches() | Found():
            return False
        case _:
            assert_never(expression)


def is_never_zero(expression: Expression) -> bool:
    """Whether this is a number that can be divided by, whatever the row."""
    return isinstance(expression, Constant) and isinstance(expression.value, int | float) and bool(expression.value)


def is_placed(expression: Expression) -> bool:
    """Whether several values stand in the order of their places in a text, as SPLIT gives them."""
    match expression:
        case Reference():
            return expression.column.placed
        case Apply(operation, arguments):
            return operation is Operation.SPLIT or (any(map(is_placed, arguments)) and is_many(expression))
        case Constant() | Like() | Matches() | Found():
            return False
        case _:
            assert_never(expression)


# ---- stages ----


@dataclass(frozen=True, slots=True)
class Named:
    """A column that a stage makes."""

    column: Column
    expression: Expression


@dataclass(frozen=True, slots=True)
class Aggregation:
    """A function over the rows of a group for which `where` is true; `precision` is what the query asks of a count."""

    function: Aggregator
    arguments: tuple[Expression, ...]
    type: Type
    where: Expression | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Aggregated:
    """A column that a summary makes."""

    column: Column
    aggregation: Aggregation


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows for which the condition is true.

    `guard`: the pipeline's `where` says as much already, but for fields that hold several values (rule Q02).
    """

    where: Expression
    span: Span | None = field(default=None, compare=False, repr=False)
    guard: bool = False


@dataclass(frozen=True, slots=True)
class Compute:
    """More columns, or other values for some, one after another."""

    columns: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Summarise:
    """One row a group of equal keys; null is a key, several values put a row into several groups (rules Q05, Q37).

    Without keys one row, even of no rows.
    """

    aggregates: tuple[Aggregated, ...]
    keys: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class InlineSummarise:
    """Every row, with the columns of its group beside its own (rule Q43)."""

    aggregates: tuple[Aggregated, ...]
    keys: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Keep:
    """These columns in this order, and those of the event whose name matches `patterns` (texts between stars)."""

    columns: tuple[Column, ...]
    patterns: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Drop:
    """Every column but these, and but those of the event whose name matches `patterns`."""

    columns: tuple[str, ...]
    patterns: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Rename:
    """The column `old` is called `new`, one pair after another."""

    pairs: tuple[tuple[Column, Column], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """A key of a sort; of several values the least counts, or the greatest if `descending` (rule Q45)."""

    expression: Expression
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Sort:
    """The rows in order."""

    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """The first rows."""

    count: int


@dataclass(frozen=True, slots=True)
class Key:
    """A part of a text that DISSECT cuts out: the text up to `delimiter`.

    `into` "" is skipped; `append` joins the parts of one name, by `rank`; `padded`: the delimiter may be repeated.
    """

    into: str
    delimiter: str
    append: bool = False
    rank: int = 0
    padded: bool = False


@dataclass(frozen=True, slots=True)
class Cutting:
    """DISSECT: `head`, then each key and its delimiter (rule Q47)."""

    head: str
    keys: tuple[Key, ...]
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """A group of a GROK pattern: its number in `regex`, and the type it is converted to."""

    group: str
    into: str
    type: Type


@dataclass(frozen=True, slots=True)
class Capturing:
    """GROK: the first of the expressions that is found anywhere in the text (rule Q48).

    `regex` is in the common dialect of Python and PCRE, with groups named by `captures`.
    """

    regex: str
    captures: tuple[Capture, ...]


@dataclass(frozen=True, slots=True)
class Extract:
    """Columns cut out of a text, all null where it does not fit."""

    source: Expression
    how: Cutting | tuple[Capturing, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Expand:
    """One row a value of the column; null keeps its row (rule Q46)."""

    column: Column


@dataclass(frozen=True, slots=True)
class Pair:
    """What a join asks of a row and one of the other table: `left` compares so with its column `right`."""

    left: Expression
    comparison: Operation
    right: str


@dataclass(frozen=True, slots=True)
class Adjoin:
    """Each row beside those of another table for which all pairs hold; null where there is none (rule Q49).

    `columns`: the row's new columns, and the names that they have in the table. Several rows of the table make several
    rows, or several values of one row if it `gathers`.
    """

    table: str
    on: tuple[Pair, ...]
    columns: tuple[tuple[Column, str], ...]
    gathers: bool = False


Stage = Filter | Compute | Summarise | InlineSummarise | Keep | Drop | Rename | Sort | Limit | Extract | Expand | Adjoin


@dataclass(frozen=True, slots=True)
class Documents:
    """The events of indices; `metadata` are columns beside their fields (`_id`, `_index`)."""

    indices: tuple[str, ...]
    metadata: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """One row of constants."""

    columns: tuple[Named, ...]


_ALWAYS = Always(value=True)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages over the events of a source for which `where` holds.

    `columns` are those of the result, in order; if `open`, fields of the event follow.
    """

    source: Documents | Rows
    stages: tuple[Stage, ...]
    columns: tuple[Column, ...]
    open: bool = False
    where: Predicate = _ALWAYS

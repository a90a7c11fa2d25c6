"""Queries and expressions of Kusto as frozen values.

What two spellings share is one value: `a.b` and `a["b"]`, `'x'` and `"x"` and `@"x"`. A chain of `and` or `or` is one
node; one that stood in parentheses inside the same word stays a node of its own.
https://learn.microsoft.com/en-us/kusto/query/
"""

from __future__ import annotations

from typing import Literal

from converter.deferred import dataclass

# ---- expressions


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A long (int) or a real (float)."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Duration:
    """A timespan in one unit: d, h, m, s, ms, microsecond, tick."""

    amount: int | float
    unit: str


@dataclass(frozen=True, slots=True)
class Typed:
    """`datetime(2024-01-01)`, `long(null)`, `guid(...)`: a type's own literal; `text` is what stands inside."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Null:
    """`null`, inside of a dynamic."""


@dataclass(frozen=True, slots=True)
class Array:
    """`[...]`, inside of a dynamic."""

    items: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Bag:
    """`{...}`, inside of a dynamic."""

    pairs: tuple[tuple[str, Json], ...]


Json = Text | Number | Truth | Null | Array | Bag


@dataclass(frozen=True, slots=True)
class Dynamic:
    """`dynamic(...)`."""

    value: Json


@dataclass(frozen=True, slots=True)
class Name:
    """A column, a variable, or (`$left`) a side of a join."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A property of a dynamic by its name."""

    target: Expression
    key: str


@dataclass(frozen=True, slots=True)
class Index:
    """An element of a dynamic by a computed key or a number."""

    target: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A function of arguments; `not` is one."""

    function: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus something that is no number literal."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and a sign or word between them, `and` and `or` excepted."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Among:
    """`in`, `!in`, `in~`, `!in~`, `has_any`, `has_all` and what stands in its parentheses."""

    operator: str
    target: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """`between (low .. high)`, both included; or its opposite."""

    target: Expression
    low: Expression
    high: Expression
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """Two or more conditions joined by one word."""

    word: Literal["and", "or"]
    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Star:
    """`*`, as an argument: all columns."""


@dataclass(frozen=True, slots=True)
class Subquery:
    """A query where a value or a list stands: `in (T | distinct X)`, `toscalar(T | ...)`."""

    query: Query


Expression = (
    Text
    | Number
    | Truth
    | Duration
    | Typed
    | Dynamic
    | Name
    | Member
    | Index
    | Call
    | Negative
    | Binary
    | Among
    | Between
    | Chain
    | Star
    | Subquery
)


@dataclass(frozen=True, slots=True)
class Item:
    """`name = expression`, or (name "") an expression that names itself."""

    expression: Expression
    name: str = ""


# ---- tabular operators


@dataclass(frozen=True, slots=True)
class Where:
    """The rows for which the condition is true."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Extend:
    """More columns; with `serialize` the rows keep their order from here on, and there may be no column."""

    items: tuple[Item, ...]
    serialize: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """These columns only, in this order."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """`project-away`, `project-keep`, `project-reorder`, by names that may hold `*`."""

    how: Literal["away", "keep", "reorder"]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rename:
    """`project-rename`: pairs of the new name and the old."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Summarize:
    """One row a group."""

    aggregates: tuple[Item, ...]
    by: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Expansion:
    """A dynamic to walk over, its name and the type of its elements ("" = dynamic)."""

    expression: Expression
    name: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class MvExpand:
    """One row an element; `index` names the column of its position."""

    columns: tuple[Expansion, ...]
    index: str = ""


@dataclass(frozen=True, slots=True)
class MvApply:
    """A subquery over the elements of each row."""

    columns: tuple[Expansion, ...]
    body: tuple[Operator, ...]
    index: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A key to sort by. `nulls`: "first", "last" or "" (the default of the direction)."""

    expression: Expression
    ascending: bool = False
    nulls: str = ""


@dataclass(frozen=True, slots=True)
class Sort:
    """`sort by`; with a `limit` it is `top`."""

    keys: tuple[Order, ...]
    limit: Expression | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Some rows."""

    count: Expression


@dataclass(frozen=True, slots=True)
class Distinct:
    """The combinations of values."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """The number of rows."""


@dataclass(frozen=True, slots=True)
class Join:
    """`join` or (`lookup`) `lookup` with a query by conditions: names, or `$left.a == $right.b`."""

    right: Query
    on: tuple[Expression, ...]
    kind: str = ""
    lookup: bool = False


@dataclass(frozen=True, slots=True)
class Union:
    """The rows of several queries, as a source or as an operator. `options` in their order: (isfuzzy, true)."""

    queries: tuple[Query, ...]
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Partition:
    """A subquery over the rows of each value of a column."""

    column: str
    body: tuple[Operator, ...]
    strategy: str = "native"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a scan: its condition, what it assigns, which of its rows come out ("" = all)."""

    name: str
    condition: Expression
    assigned: tuple[Item, ...] = ()
    output: Literal["", "all", "last", "none"] = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """Matches of steps over rows in order; `declared`: the columns that steps assign, with their types."""

    declared: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]


Operator = (
    Where
    | Extend
    | Project
    | Columns
    | Rename
    | Summarize
    | MvExpand
    | MvApply
    | Sort
    | Take
    | Distinct
    | Count
    | Join
    | Union
    | Partition
    | Scan
)

# ---- sources and statements


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or a variable that holds one."""

    name: str


@dataclass(frozen=True, slots=True)
class Invocation:
    """A function that gives a table: `_GetWatchlist('x')`."""

    function: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Datatable:
    """Rows written out: columns with their types, cells row by row."""

    columns: tuple[tuple[str, str], ...]
    cells: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Print:
    """One row of values."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Nested:
    """A query in parentheses."""

    query: Query


Source = Table | Invocation | Datatable | Print | Nested | Union


@dataclass(frozen=True, slots=True)
class Query:
    """A source and the operators on it."""

    source: Source
    operators: tuple[Operator, ...] = ()


@dataclass(frozen=True, slots=True)
class Let:
    """`let name = ...;`."""

    name: str
    value: Query | Expression


@dataclass(frozen=True, slots=True)
class Program:
    """Statements, then one query."""

    query: Query
    lets: tuple[Let, ...] = ()

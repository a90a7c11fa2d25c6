"""Trees of queries and expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from converter.proof.judges.kusto.values import Kind, Value

# --- expressions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    target: Expression
    key: str


@dataclass(frozen=True, slots=True)
class Index:
    target: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Among:
    """in, !in, in~, !in~, has_any, has_all: each item is a value, an array, or a table's first column."""

    operator: str
    target: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Between:
    negated: bool
    target: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class Star:
    pass


@dataclass(frozen=True, slots=True)
class Subquery:
    query: Query


Expression: TypeAlias = (
    "Constant | Name | Member | Index | Call | Negative | Binary | Among | Between | Star | Subquery"
)


@dataclass(frozen=True, slots=True)
class Item:
    """`name = expression`, or an expression that names itself."""

    name: str | None
    expression: Expression


# --- tabular operators ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Where:
    predicate: Expression


@dataclass(frozen=True, slots=True)
class Extend:
    """extend, and serialize."""

    items: tuple[Item, ...]
    serializes: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Select:
    """project-away, project-keep, project-reorder: names may hold `*`."""

    how: Literal["away", "keep", "reorder"]
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rename:
    pairs: tuple[tuple[str, str], ...]  # (new, old)


@dataclass(frozen=True, slots=True)
class Summarize:
    aggregates: tuple[Item, ...]
    by: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Expansion:
    name: str | None
    expression: Expression
    kind: Kind


@dataclass(frozen=True, slots=True)
class MvExpand:
    bag_as_array: bool
    index_name: str | None
    columns: tuple[Expansion, ...]
    limit: int | None


@dataclass(frozen=True, slots=True)
class MvApply:
    expand: MvExpand
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Join:
    kind: str
    right: Query
    on: tuple[tuple[Expression, Expression], ...]
    is_lookup: bool = False


@dataclass(frozen=True, slots=True)
class Union:
    kind: Literal["outer", "inner"]
    source_column: str | None
    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class SortKey:
    expression: Expression
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Sort:
    keys: tuple[SortKey, ...]
    limit: Expression | None = None  # of top


@dataclass(frozen=True, slots=True)
class Take:
    count: Expression


@dataclass(frozen=True, slots=True)
class Distinct:
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Count:
    pass


@dataclass(frozen=True, slots=True)
class Partition:
    key: str
    strategy: str
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    output: Literal["all", "last", "none"]
    condition: Expression
    assignments: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    match_id: str | None
    declared: tuple[tuple[str, Kind, Expression | None], ...]
    steps: tuple[Step, ...]


Operator: TypeAlias = (
    "Where | Extend | Project | Select | Rename | Summarize | MvExpand | MvApply | Join | Union | Sort | Take | "
    "Distinct | Count | Partition | Scan"
)

# --- sources and statements -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TableName:
    name: str


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """A call of a let function that gives a table."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Datatable:
    columns: tuple[tuple[str, Kind], ...]
    cells: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Print:
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Range:
    column: str
    low: Expression
    high: Expression
    step: Expression


@dataclass(frozen=True, slots=True)
class Nested:
    query: Query


Source: TypeAlias = "TableName | FunctionSource | Datatable | Print | Range | Nested | Union"


@dataclass(frozen=True, slots=True)
class Query:
    source: Source
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Function:
    parameters: tuple[tuple[str, Kind | None, Expression | None], ...]  # no kind: a table
    lets: tuple[Let, ...]
    body: Query | Expression


@dataclass(frozen=True, slots=True)
class Let:
    name: str
    value: Query | Expression | Function


@dataclass(frozen=True, slots=True)
class Program:
    lets: tuple[Let, ...]
    query: Query

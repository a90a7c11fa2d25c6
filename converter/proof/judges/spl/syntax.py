"""The syntax trees: eval expressions, search expressions, commands. `at` is an offset into the parsed text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# --- eval expressions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    value: int | float
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A double-quoted literal; `raw` is what stands between the quotes, escapes untouched."""

    raw: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    args: tuple[Expression, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expression
    at: int = field(default=0, compare=False)


ArithmeticOp = Literal["+", "-", "*", "/", "%", "."]
CompareOp = Literal["=", "!=", "<", ">", "<=", ">="]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    op: ArithmeticOp
    left: Expression
    right: Expression
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    op: CompareOp
    left: Expression
    right: Expression
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    op: Literal["AND", "OR", "XOR"]
    left: Expression
    right: Expression
    at: int = field(default=0, compare=False)


Expression = Number | Text | Field | Call | Negative | Arithmetic | Compare | Not | Logic

# --- search expressions -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Value:
    """The right side of a comparison, or a term: escapes untouched."""

    raw: str
    quoted: bool = False
    exact_case: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    value: Value
    whole: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class FieldTest:
    name: str
    op: CompareOp
    value: Value
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class FieldIn:
    name: str
    values: tuple[Value, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[SearchExpression, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[SearchExpression, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    part: SearchExpression


@dataclass(frozen=True, slots=True)
class MacroTerm:
    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SubsearchTerm:
    pipeline: Pipeline
    at: int = field(default=0, compare=False)


SearchExpression = Term | FieldTest | FieldIn | AllOf | AnyOf | NoneOf | MacroTerm | SubsearchTerm

# --- commands ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Search:
    where: SearchExpression
    at: int = 0


@dataclass(frozen=True, slots=True)
class Where:
    condition: Expression
    at: int = 0


@dataclass(frozen=True, slots=True)
class Eval:
    assignments: tuple[tuple[str, Expression], ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`function(argument) AS name`; the argument is a field (possibly with wildcards), an expression or absent."""

    function: str
    argument: str | Expression | None
    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Stats:
    kind: Literal["stats", "eventstats", "streamstats"]
    aggregates: tuple[Aggregate, ...]
    by: tuple[str, ...]
    options: Mapping[str, str]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Tstats:
    """Statistics (`stats`) of the events that a dataset of a data model has and for which `where` holds."""

    model: str
    where: SearchExpression | None
    stats: Stats
    options: Mapping[str, str]
    at: int = 0


@dataclass(frozen=True, slots=True)
class SortKey:
    name: str
    descending: bool
    kind: Literal["auto", "num", "str", "ip"]


@dataclass(frozen=True, slots=True)
class Sort:
    limit: int
    keys: tuple[SortKey, ...]
    reverse: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class Fields:
    """`fields`, `fields -` and `table`."""

    kind: Literal["keep", "drop", "table"]
    names: tuple[str, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Rename:
    pairs: tuple[tuple[str, str], ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    limit: int
    condition: Expression | None
    keep_null: bool
    keep_last: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class Dedup:
    count: int
    names: tuple[str, ...]
    options: Mapping[str, str]
    sortby: tuple[SortKey, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Bin:
    name: str
    to: str
    options: Mapping[str, str]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Rex:
    name: str
    pattern: str
    options: Mapping[str, str]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Regex:
    name: str
    pattern: str
    negated: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class Lookup:
    table: str
    match: tuple[tuple[str, str], ...]
    output: tuple[tuple[str, str], ...] | None
    only_new: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class InputLookup:
    table: str
    where: SearchExpression | None
    options: Mapping[str, str]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Join:
    names: tuple[str, ...]
    options: Mapping[str, str]
    pipeline: Pipeline
    at: int = 0


@dataclass(frozen=True, slots=True)
class Branches:
    """`append`, `appendpipe`, `multisearch`, `union`."""

    kind: Literal["append", "appendpipe", "multisearch", "union"]
    pipelines: tuple[Pipeline, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class ForEach:
    names: tuple[str, ...]
    options: Mapping[str, str]
    template: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Plain:
    """A command whose arguments are options and field names: fillnull, makemv, mvexpand, tail, reverse, …"""

    name: str
    options: Mapping[str, str]
    arguments: tuple[str, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class MacroCommand:
    text: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Generic:
    """A command that is read but not executed."""

    name: str
    text: str
    at: int = 0


Command = (
    Search | Where | Eval | Stats | Sort | Fields | Rename | Head | Dedup | Bin | Rex | Regex | Lookup | InputLookup
    | Join | Branches | ForEach | Plain | MacroCommand | Generic | Tstats
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The commands of one search or subsearch; a generating search starts with another command than Search."""

    commands: tuple[Command, ...]
    text: str = field(default="", compare=False)

"""SPL as frozen values: searches, expressions of eval, and the stages between the bars.

A value holds no layout: `write` decides blanks, breaks and parentheses, `parse` reads them back. What Splunk's
documents leave open about string literals stays open here: a `Text` and a `Word` hold what stands between the quotation
marks.
"""

from __future__ import annotations

from enum import Enum

from converter.deferred import dataclass

# ---- expressions of eval and where


@dataclass(frozen=True, slots=True)
class Name:
    """A field."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal; `raw` is what stands between the quotation marks, with its escapes."""

    raw: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number without sign, in the digits written."""

    digits: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$name$`: an argument in the definition of a macro."""

    name: str


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro between backticks, with its arguments."""

    name: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A function of eval."""

    function: str
    arguments: tuple[Expression, ...] = ()


class Sign(Enum):
    """The operators between two values."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    EQUALS = "="
    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    ADD = "+"
    SUBTRACT = "-"
    CONCAT = "."
    MULTIPLY = "*"
    DIVIDE = "/"
    MODULO = "%"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two values and the operator between them."""

    sign: Sign
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negative:
    """`-x`."""

    term: Expression


@dataclass(frozen=True, slots=True)
class Among:
    """`x IN (...)`."""

    term: Expression
    items: tuple[Expression, ...]


class Junction(Enum):
    """How conditions are joined."""

    AND = "AND"
    OR = "OR"


@dataclass(frozen=True, slots=True)
class Logic:
    """Conditions joined by one word, at least two."""

    junction: Junction
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """`NOT x`."""

    term: Expression


Expression = Name | Text | Number | Parameter | Macro | Call | Binary | Negative | Among | Logic | Negation

# ---- terms of search


class Quoting(Enum):
    """How the value of a search term is written: as a word, in quotation marks, or inside `CASE()`."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    BARE = "bare"
    QUOTED = "quoted"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Word:
    """A value of `search`, with its wildcards and escapes."""

    raw: str
    quoting: Quoting = Quoting.QUOTED


class Relation(Enum):
    """What a search term asks of a field."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Test:
    """`field=value`."""

    field: str
    relation: Relation
    value: Word


@dataclass(frozen=True, slots=True)
class OneOf:
    """`field IN (...)`."""

    field: str
    values: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase looked for in the event's text."""

    word: Word


@dataclass(frozen=True, slots=True)
class Every:
    """All of the terms, at least two."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One of the terms, at least two."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Excluding:
    """`NOT` a term."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Subsearch:
    """A search in brackets."""

    pipeline: Pipeline


Condition = Test | OneOf | Term | Every | Some | Excluding | Macro | Subsearch

# ---- stages


@dataclass(frozen=True, slots=True)
class Search:
    """`search`; the first stage of a pipeline, where the word is left out, or a later one."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Where:
    """`where`."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Eval:
    """`eval`: columns by name, computed one after the other."""

    columns: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`function(field) AS alias`; `count` alone has no field."""

    function: str
    field: str | None = None
    alias: str | None = None


Options = tuple[tuple[str, str], ...]
"""`name=value` words of a command, in the order written."""


@dataclass(frozen=True, slots=True)
class Stats:
    """`stats`, `eventstats` or `streamstats`."""

    command: str
    aggregates: tuple[Aggregate, ...]
    by: tuple[str, ...] = ()
    options: Options = ()


@dataclass(frozen=True, slots=True)
class Tstats:
    """`tstats`: statistics of what a dataset of a data model (`model`, like Web.Web) sums up; opens a search."""

    model: str
    aggregates: tuple[Aggregate, ...]
    where: Condition | None = None
    by: tuple[str, ...] = ()
    options: Options = ()


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by; `kind` is auto, num, str or ip."""

    field: str
    descending: bool = False
    kind: str = "auto"


@dataclass(frozen=True, slots=True)
class Sort:
    """`sort 0`: all results."""

    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class Mvexpand:
    """`mvexpand`."""

    field: str


@dataclass(frozen=True, slots=True)
class Pair:
    """`source AS target` of lookup and rename."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """`lookup`: `keys` are the table's columns AS the event's fields, `outputs` columns AS new fields."""

    table: str
    keys: tuple[Pair, ...]
    outputs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Fields:
    """`fields`, or `fields -`."""

    names: tuple[str, ...]
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`table`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rename:
    """`rename`."""

    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Dedup:
    """`dedup`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rex:
    """`rex`; `pattern` is what stands between the quotation marks."""

    pattern: str
    options: Options = ()


@dataclass(frozen=True, slots=True)
class Inputlookup:
    """`inputlookup`."""

    table: str


@dataclass(frozen=True, slots=True)
class Outputlookup:
    """`outputlookup`."""

    table: str


@dataclass(frozen=True, slots=True)
class Multisearch:
    """`multisearch`: several searches at once."""

    searches: tuple[Pipeline, ...]


@dataclass(frozen=True, slots=True)
class Append:
    """`append`: the results of another search behind these."""

    search: Pipeline
    options: Options = ()


Stage = (
    Search
    | Where
    | Eval
    | Stats
    | Tstats
    | Sort
    | Mvexpand
    | Lookup
    | Fields
    | Table
    | Rename
    | Dedup
    | Rex
    | Inputlookup
    | Outputlookup
    | Multisearch
    | Append
    | Macro
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages of a search, at least one."""

    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """Text between triple backticks, which holds none; its lines stand as they are."""

    lines: tuple[str, ...]


Document = tuple[Comment | Pipeline, ...]
"""A text with comments around its search."""

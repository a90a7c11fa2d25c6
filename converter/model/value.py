"""What a predicate compares: fields, literals and the scalar expressions of EQL scripts."""

from __future__ import annotations

from dataclasses import field
from enum import Enum

from converter.deferred import dataclass
from converter.diagnostics import Span
from converter.model.fact import Fact
from converter.model.pattern import Case, Pattern


class Kind(Enum):
    """How Elasticsearch indexes a field, as far as it changes meaning."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    KEYWORD = "keyword"  # also wildcard, constant_keyword, flattened children, version
    TEXT = "text"  # analysed: lower-cased tokens
    LONG = "long"  # every integer type
    DOUBLE = "double"  # every floating type
    BOOLEAN = "boolean"
    IP = "ip"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """A column or field of the platform by its name, which the emitter quotes.

    `type` is the column's type where the platform has types (Kusto: string, dynamic, long, ...), else "".
    """

    text: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Macro:
    """A named piece of the target's language with parameters, written once where the platform keeps such pieces.

    In `call` and `definition` a parameter stands between dollar signs.
    """

    name: str
    parameters: tuple[str, ...]
    call: str
    definition: str
    note: str = ""

    def called(self, *arguments: str) -> str:
        """The call with these arguments."""
        return self._filled(self.call, arguments)

    def expanded(self, *arguments: str) -> str:
        """What the call stands for."""
        return self._filled(self.definition, arguments)

    def _filled(self, text: str, arguments: tuple[str, ...]) -> str:
        for parameter, argument in zip(self.parameters, arguments, strict=True):
            text = text.replace(f"${parameter}$", argument)
        return text


@dataclass(frozen=True, slots=True)
class Computed:
    """A finished expression of the target's language, written in a data set table and never by a rule.

    Where it calls `macros`, `called` is the same expression with the calls, and `text` has what they stand for.
    """

    text: str
    type: str = ""
    called: str = ""
    macros: tuple[Macro, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """One member of the objects of an array: `text` is the array's column, `member` the dotted way inside an object."""

    text: str
    member: str


@dataclass(frozen=True, slots=True)
class Spelled:
    """Text that stands as it is: one value of a field, by a name that the emitter gave it."""

    text: str


Way = Column | Computed | Members | Spelled
"""How a target reaches a field: set by the binding, in the target's own words."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the event.

    `path` is the dotted ECS name (after binding still the ECS name: `way` says where it is).
    `many`: it may hold several values; a leaf holds if any value does. `facts` are declared of its values.
    """

    path: str
    kind: Kind = Kind.KEYWORD
    many: bool = True
    facts: frozenset[Fact] = frozenset()
    way: Way | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time: milliseconds since 1970-01-01T00:00:00Z."""

    ms: int


@dataclass(frozen=True, slots=True)
class Now:
    """Date math relative to the moment a rule runs: now + `offset_ms`, rounded down to `round_to`.

    `round_to` is "" or one of s m h d (elastic: date math; `now-30d/d`).
    """

    offset_ms: int
    round_to: str = ""


Scalar = str | int | float | bool | Instant | Now
"""A literal. `bool` before `int` in every match: True is an int in Python."""


class Function(Enum):
    """The functions of EQL scripts (elastic: EQL function reference), named as EQL names them.

    The comparisons are functions too when one side is computed: a script is true if any combination of
    the values of the fields it mentions makes it true (rule E10); any null argument gives null, unless
    said otherwise, and null is not true.
    """

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    ADD = "add"
    SUBTRACT = "subtract"
    MULTIPLY = "multiply"
    DIVIDE = "divide"
    MODULO = "modulo"
    BETWEEN = "between"
    CIDR_MATCH = "cidrMatch"
    CONCAT = "concat"
    ENDS_WITH = "endsWith"
    INDEX_OF = "indexOf"
    LENGTH = "length"
    LIKE = "like"
    NUMBER = "number"
    STARTS_WITH = "startsWith"
    STRING = "string"
    STRING_CONTAINS = "stringContains"
    SUBSTRING = "substring"
    IS_NULL = "isNull"  # true or false, never null
    AND = "and"  # three-valued, inside a script only
    OR = "or"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Call:
    """A function over values; `case` matters to the text functions only."""

    function: Function
    arguments: tuple[Value, ...]
    case: Case = Case.SENSITIVE
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant inside a script; None is EQL's null; a `Pattern` is the right side of LIKE."""

    value: Scalar | Pattern | None


Value = Field | Literal | Call

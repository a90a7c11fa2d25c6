"""ES|QL's commands as a tree, each a node with its own parts."""

from __future__ import annotations

import dataclasses
from typing import Final

from converter.deferred import dataclass
from converter.diagnostics import Span
from converter.languages.esql.syntax import Expression, Name, Options, Text

_NOWHERE: Final = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = expression`; without a name the column is called by its source text, which `name` then holds."""

    name: str
    expression: Expression
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NamePattern:
    """Columns by name: the texts between the stars; one part is a plain name."""

    parts: tuple[str, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)

    @property
    def plain(self) -> str | None:
        """The name if there is no star in it."""
        return self.parts[0] if len(self.parts) == 1 else None


@dataclass(frozen=True, slots=True)
class From:
    """`from source, ... metadata name, ...`."""

    sources: tuple[str, ...]
    metadata: tuple[str, ...] = ()
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Row:
    """`row name = constant, ...`."""

    columns: tuple[Assignment, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Where:
    """`where condition`."""

    condition: Expression
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Eval:
    """`eval name = expression, ...`."""

    columns: tuple[Assignment, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`name = expression where condition`, one column of STATS."""

    column: Assignment
    where: Expression | None = None
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Stats:
    """`[inline] stats aggregate, ... by key, ...`."""

    aggregates: tuple[Aggregate, ...]
    by: tuple[Assignment, ...] = ()
    inline: bool = False
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Keep:
    """`keep pattern, ...`."""

    columns: tuple[NamePattern, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Drop:
    """`drop pattern, ...`."""

    columns: tuple[NamePattern, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Renaming:
    """`old as new`, or `new = old`."""

    old: Name
    new: Name


@dataclass(frozen=True, slots=True)
class Rename:
    """`rename old as new, ...`."""

    columns: tuple[Renaming, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """One key of SORT; `nulls_first` None where the query does not say."""

    expression: Expression
    descending: bool = False
    nulls_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Sort:
    """`sort key, ...`."""

    orders: tuple[Order, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """`limit count [by key, ...]`."""

    count: int
    by: tuple[Expression, ...] = ()
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Grok:
    """`grok expression pattern, ...`."""

    source: Expression
    patterns: tuple[Text, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Dissect:
    """`dissect expression pattern [append_separator = text]`."""

    source: Expression
    pattern: Text
    separator: str = ""
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MvExpand:
    """`mv_expand name`."""

    column: Name
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Enriched:
    """`new = field` of an ENRICH."""

    new: NamePattern | None
    field: NamePattern


@dataclass(frozen=True, slots=True)
class Enrich:
    """`enrich policy [on field] [with [new =] field, ...]`."""

    policy: str
    on: NamePattern | None = None
    columns: tuple[Enriched, ...] = ()
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LookupJoin:
    """`lookup join index on condition, ...`."""

    index: str
    on: tuple[Expression, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Completion:
    """`completion [target =] prompt with {...}`."""

    target: Name | None
    prompt: Expression
    options: Options | None = None
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """`change_point value [on key] [as type, pvalue]`."""

    value: Name
    key: Name | None = None
    names: tuple[Name, Name] | None = None
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """A command of ES|QL that is known by name only; `tokens` are the texts of what follows the name."""

    name: str
    tokens: tuple[str, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)


Source = From | Row
Command = (
    Source
    | Where
    | Eval
    | Stats
    | Keep
    | Drop
    | Rename
    | Sort
    | Limit
    | Grok
    | Dissect
    | MvExpand
    | Enrich
    | LookupJoin
    | Completion
    | ChangePoint
    | Unread
)


@dataclass(frozen=True, slots=True)
class Query:
    """Commands, each working on the rows that the one before it gives."""

    commands: tuple[Command, ...]
    span: Span = dataclasses.field(default=_NOWHERE, compare=False, repr=False)

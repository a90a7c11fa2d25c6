"""What lowering ES|QL knows and collects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from difflib import get_close_matches

from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Severity, Span
from converter.diagnostics.code import Code
from converter.fields.schema import Schema
from converter.languages.esql.codes import Q020, Q021, Q027, Q040
from converter.model.pipeline import Constant, Expression, Reference, Type, type_of
from converter.readers.esql.literal import typed
from converter.readers.esql.scope import Scope
from converter.readers.esql.typing import (
    FROM_TEXT,
    NUMBERS,
    POINTS,
    STRINGS,
    assumed,
    is_text,
    of_type,
    settled,
    word,
    words,
)

Tables = Callable[[tuple[str, ...], Span, "Context"], Scope]
"""The scope of what FROM or a join names."""

NOTHING = Constant(None, Type.NULL)
"""What stands where an error was reported."""

_MADE = "= "
"""Before the names of columns that commands make, among the claims."""


@dataclass(slots=True)
class Context:
    """`schema`: the fields of events; `scope`: the columns that the present command sees.

    `claims`: what the query's own use says of fields that nothing declares. `searchable`: whether the rows are still
    the events, so that a search of them can be said. `tables` are those that are at hand, None where none is.
    """

    schema: Schema
    scope: Scope
    claims: dict[str, Type] = field(default_factory=dict)
    searchable: bool = True
    tables: Tables | None = None
    _found: dict[Diagnostic, None] = field(default_factory=dict)
    _unknown: dict[str, Span] = field(default_factory=dict)

    def refuse(self, code: Code, message: str, span: Span, hint: str = "") -> Constant:
        """Report an error; null stands in its place."""
        self._found[Diagnostic(code, message, span=span, hint=hint)] = None
        return NOTHING

    def note(self, code: Code, message: str, span: Span) -> None:
        """State a fact."""
        self._found[Diagnostic(code, message, Severity.NOTE, span)] = None

    def add(self, found: tuple[Diagnostic, ...], span: Span) -> None:
        """What another language's reader found in a text that stands at `span`."""
        for diagnostic in found:
            self._found[replace(diagnostic, span=span)] = None

    def column(self, name: str, span: Span) -> Expression:
        """The value of a column, or null, reported."""
        found = self.scope.find(name)
        if found is None:
            close = get_close_matches(name, [*self.scope.columns], 1)
            hint = f"Did you mean {close[0]}?" if close else _left(self.scope)
            return self.refuse(Q020, f"there is no column {name} here", span, hint)
        if found.type is Type.UNKNOWN and found.field is not None:
            self._unknown.setdefault(name, span)
            claimed = self.claims.get(found.field.path)
            if claimed is not None:
                found = of_type(found, claimed)
        return Reference(found, span)

    def as_one_of(self, value: Expression, kinds: frozenset[Type], span: Span, subject: str) -> Expression:
        """The value, if it is of one of these types or can be taken so; else null, reported."""
        kind = type_of(value)
        if kind in kinds or kind is Type.NULL:
            return value
        if kind is Type.UNKNOWN:
            return self.assume(value, _first(kinds))
        if kinds == POINTS and isinstance(value, Reference) and value.column.field is not None:
            # The schema's kinds have no points: they are kept as text.
            return replace(value, column=replace(value.column, type=Type.POINT))
        if is_text(value) and isinstance(value, Constant) and not kinds & STRINGS and kinds & FROM_TEXT:
            return self.cast_text(value, kinds, span)
        return self.refuse(Q021, f"{subject} must be {words(kinds)}, but is {word(kind)}", span)

    def cast_text(self, value: Constant, kinds: frozenset[Type], span: Span) -> Expression:
        """A string constant as a value of one of these types (rule Q15)."""
        for kind in kinds:
            found = typed(str(value.value), kind)
            if found is not None and found.type in kinds:
                return found
        return self.refuse(Q027, f"{value.value!r} is not {words(kinds)}", span)

    def assume(self, value: Expression, kind: Type) -> Expression:
        """A value whose type nothing declares, taken as of this type."""
        if isinstance(value, Reference) and kind not in STRINGS:
            field = value.column.field
            self.claims.setdefault(_MADE + value.column.name if field is None else field.path, kind)
        return assumed(value, kind)

    def claimed(self, name: str) -> Type | None:
        """What a later command says of the column that one makes under this name, whose type nothing declares."""
        return self.claims.get(_MADE + name)

    def alike(self, left: Expression, right: Expression) -> tuple[Expression, Expression]:
        """Two values that stand beside each other, each taken as what the other is, where it is not known itself."""
        one, other = type_of(left), type_of(right)
        if one is Type.UNKNOWN and other is Type.UNKNOWN:
            return settled(left), settled(right)
        if one is Type.UNKNOWN and other is not Type.NULL:
            left = self.assume(left, Type.KEYWORD if other in STRINGS else other)
        elif other is Type.UNKNOWN and one is not Type.NULL:
            right = self.assume(right, Type.KEYWORD if one in STRINGS else one)
        return left, right

    @property
    def unknown(self) -> dict[str, Span]:
        """Names that were read so far and that nothing declares, with the place of their first reading."""
        return dict(self._unknown)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, and what is to be said of the fields."""
        if self._unknown:
            names = ", ".join(self._unknown)
            words_ = "is not a known field: it is" if len(self._unknown) == 1 else "are not known fields: they are"
            message = f"{names} {words_} taken as mapped; where no index maps a column, Elasticsearch refuses the query"
            self.note(Q040, message, next(iter(self._unknown.values())))
        return tuple(self._found)


def _first(kinds: frozenset[Type]) -> Type:
    if Type.KEYWORD in kinds:
        return Type.KEYWORD
    if kinds & NUMBERS:
        return Type.DOUBLE if Type.DOUBLE in kinds else Type.LONG
    return min(kinds, key=lambda k: list(Type).index(k))


def _left(scope: Scope) -> str:
    if scope.stored is not None or not scope.columns:
        return "A command before may have dropped it."
    shown = list(scope.columns)
    more = f" and {len(shown) - 8} more" if len(shown) > 8 else ""  # noqa: PLR2004 -- as many as read well
    return f"The columns here are {', '.join(shown[:8])}{more}."

"""What lowering knows and collects: the fields of the query, and what was found wrong or worth saying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity, Span
from converter.diagnostics.code import Code
from converter.fields.schema import FieldInfo, Schema
from converter.languages.eql.codes import E025, E026, E040, E041
from converter.languages.eql.syntax import (
    And,
    Arithmetic,
    Call,
    Comparison,
    ComparisonOperator,
    Expression,
    Lookup,
    Name,
    Negative,
    Not,
    Or,
)
from converter.model.predicate import Constant
from converter.model.value import Field, Kind
from converter.readers.eql.fold import fold
from converter.readers.eql.functions import FUNCTIONS, Type
from converter.readers.leaf import NEVER

_OPTIONAL = (
    "optional and not among the known fields: taken as mapped. Where no index maps it, Elasticsearch reads null for "
    "it, and a negated comparison with it never holds instead of always"
)
_UNKNOWN = "not among the known fields: taken as a field that may hold several values"


@dataclass(slots=True)
class Context:
    """`kinds`: what the query itself says of fields that nothing declares (a number beside it: a number)."""

    schema: Schema
    kinds: dict[str, Kind] = field(default_factory=dict)
    _found: dict[Diagnostic, None] = field(default_factory=dict)
    _optional: dict[str, Span] = field(default_factory=dict)
    _unknown: dict[str, Span] = field(default_factory=dict)
    _infos: dict[str, FieldInfo] = field(default_factory=dict)

    def refuse(self, code: Code, message: str, span: Span, hint: str = "") -> Constant:
        """Report an error; "never" stands in its place."""
        self._found[Diagnostic(code, message, span=span, hint=hint)] = None
        return NEVER

    def note(self, code: Code, message: str, span: Span) -> None:
        """State a fact."""
        self._found[Diagnostic(code, message, Severity.NOTE, span)] = None

    def diagnostics_so_far(self) -> tuple[Diagnostic, ...]:
        """What was found until now, without what is said of the fields at the end."""
        return tuple(self._found)

    def info(self, name: Name) -> FieldInfo | None:
        """The facts of a field; None, reported, where EQL cannot use it (rule E13)."""
        info = self._infos.get(name.path)
        if info is None:
            info = self._infos[name.path] = self._look_up(name.path)
        if not info.declared:
            seen = self._optional if name.optional else self._unknown
            seen.setdefault(name.path, name.span)
        if info.kind is Kind.TEXT:
            hint = "Use its keyword field, or write the rule in kuery."
            self.refuse(E025, f"{name.path} is analysed text, which EQL cannot search", name.span, hint)
            return None
        array = self.schema.array_around(info.path, itself=True)
        if array:
            hint = "Write the rule in kuery: array: { field: value }."
            self.refuse(E026, f"{name.path} lies in the nested array {array}, which EQL cannot search", name.span, hint)
            return None
        return info

    def _look_up(self, path: str) -> FieldInfo:
        info = self.schema.info(path)
        kind = self.kinds.get(path)
        if info.declared or kind is None:
            return info
        return FieldInfo(info.path, kind, info.many, declared=False)

    def field(self, name: Name) -> Field | None:
        """The model's field, or None, reported."""
        info = self.info(name)
        return None if info is None else info.field(name.span)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, and what is to be said of the fields."""
        for code, seen, words in ((E040, self._optional, _OPTIONAL), (E041, self._unknown, _UNKNOWN)):
            if seen:
                verb = "is" if len(seen) == 1 else "are"
                self.note(code, f"{', '.join(seen)} {verb} {words}", next(iter(seen.values())))
        return tuple(self._found)


def inferred(nodes: list[Expression], schema: Schema) -> dict[str, Kind]:
    """The kinds of undeclared fields by what they are compared with; the strongest claim wins."""
    claims: dict[str, Kind] = {}
    for node in nodes:
        for path, kind in _claims(node):
            known = claims.get(path)
            if known is None or (known, kind) == (Kind.LONG, Kind.DOUBLE):
                claims[path] = kind
    return {path: kind for path, kind in claims.items() if not schema.info(path).declared}


def _claims(node: Expression, *, condition: bool = True) -> Iterator[tuple[str, Kind]]:
    match node:
        case Name(path):
            if condition:
                yield path, Kind.BOOLEAN
        case Not(operand):
            yield from _claims(operand, condition=condition)
        case And(terms) | Or(terms):
            for term in terms:
                yield from _claims(term, condition=condition)
        case Comparison(operator, left, right):
            equality = operator in (ComparisonOperator.EQ, ComparisonOperator.NE)
            yield from _compared(left, (right,), ordered=not equality)
            yield from _compared(right, (left,), ordered=not equality)
        case Lookup(_, operand, values):
            yield from _compared(operand, values, ordered=False)
        case Arithmetic(_, left, right):
            for side in (left, right):
                yield from ((side.path, Kind.LONG),) if isinstance(side, Name) else _claims(side, condition=False)
        case Negative(operand):
            yield from ((operand.path, Kind.LONG),) if isinstance(operand, Name) else _claims(operand, condition=False)
        case Call():
            yield from _arguments(node)
        case _:
            return


def _arguments(node: Call) -> Iterator[tuple[str, Kind]]:
    signature = FUNCTIONS.get(node.function.lower())
    for position, argument in enumerate(node.arguments):
        if not isinstance(argument, Name):
            yield from _claims(argument, condition=False)
        elif signature is not None and signature.type_of(position) in (Type.NUMBER, Type.INTEGER):
            yield argument.path, Kind.LONG


def _compared(node: Expression, values: tuple[Expression, ...], *, ordered: bool) -> Iterator[tuple[str, Kind]]:
    if not isinstance(node, Name):
        yield from _claims(node, condition=False)
        return
    for value in map(fold, values):
        if isinstance(value, bool):
            yield node.path, Kind.BOOLEAN
        elif isinstance(value, int | float):
            # A whole number beside < says nothing of the field's own fractions.
            yield node.path, Kind.DOUBLE if ordered or isinstance(value, float) else Kind.LONG

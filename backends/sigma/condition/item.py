"""One leaf of a predicate as detection items: a key (field and modifiers) and its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from backends.sigma.condition.regex import matching, phrase, uses_dot
from backends.sigma.condition.text import escaped, wildcard
from converter.diagnostics import Diagnostic, Severity, Span
from converter.languages.regex.render import Shape, shape
from converter.model.pattern import Case, Pattern
from converter.model.predicate import (
    Analyzer,
    Between,
    Compare,
    Comparison,
    Holds,
    InNetwork,
    Leaf,
    Like,
    Matches,
    OneOf,
    Phrase,
    Present,
)
from converter.model.value import Column, Field, Function, Instant, Kind, Literal, Now
from converter.target.contract import Notebook

SigmaValue = str | int | float | bool
_FIELD_MARK = "|"


@dataclass(frozen=True, slots=True)
class Item:
    """`key: values`; the values are alternatives."""

    key: str
    values: tuple[SigmaValue, ...]


Alternatives = tuple[Item, ...]
"""Items of which one must hold; none = the leaf was refused."""

_ORDERS: Mapping[Comparison, str] = {
    Comparison.LT: "lt",
    Comparison.LE: "lte",
    Comparison.GT: "gt",
    Comparison.GE: "gte",
}
_SHAPES: Mapping[Shape, str] = {Shape.PREFIX: "startswith", Shape.SUFFIX: "endswith", Shape.CONTAINS: "contains"}


class Items:
    """Makes items of leaves; what Sigma cannot say goes to the notebook."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook

    def refuse(self, code: str, message: str, span: Span | None) -> Alternatives:
        """Refuse a leaf."""
        self.notebook.add(Diagnostic(code, message, Severity.ERROR, span))
        return ()

    def name(self, field: Field) -> str | None:
        """The field's name as a key; None if Sigma's key syntax cannot hold it."""
        text = field.way.text if field.way else field.path
        if _FIELD_MARK in text or not text or not isinstance(field.way, Column | None):
            self.refuse("T104", f"the field {field.path} cannot be named in a Sigma key ({text})", field.span)
            return None
        return text

    def of(self, leaf: Leaf) -> Alternatives:
        """The items of a leaf."""
        if isinstance(leaf, Holds):
            return self._script(leaf)
        name = self.name(leaf.field)
        if name is None:
            return ()
        match leaf:
            case Present():
                return (Item(f"{name}|exists", (True,)),)
            case OneOf(field, values, case):
                key = name + _cased(field, case)
                return (Item(key, tuple(escaped(v) for v in values)),)
            case Like(field, patterns, case):
                return _like(name, field, patterns, case)
            case Matches(_, regexes, case):
                texts = tuple(matching(r, case) for r in regexes)
                if any(text.endswith("$") for text in texts):
                    message = "the end of a regular expression ($) may also stand before a final line break"
                    self.notebook.add(Diagnostic("T117", message, Severity.NOTE))
                dots = "|s" if any(uses_dot(r) for r in regexes) else ""
                return (Item(f"{name}|re{dots}", texts),)
            case InNetwork(_, networks):
                return (Item(f"{name}|cidr", networks),)
            case Compare():
                return self._compare(leaf, name)
            case Between():  # `Detection` writes its two ends
                return self.refuse("T103", f"two ends of {leaf.field.path} are no item", leaf.span)
            case Phrase():
                return self.phrases([leaf])
            case _:
                assert_never(leaf)

    def phrases(self, leaves: Sequence[Phrase]) -> Alternatives:
        """One item for phrases of one field and analyzer, of which one must be there."""
        first = leaves[0]
        name = self.name(first.field)
        if name is None:
            return ()
        if first.analyzer is Analyzer.STANDARD:
            message = f"words of {first.field.path} are cut at every sign but letters, digits and _"
            self.notebook.add(Diagnostic("T105", message, Severity.WARNING, first.span))
        return (Item(f"{name}|re|i", (phrase([leaf.tokens for leaf in leaves], first.analyzer),)),)

    def _compare(self, leaf: Compare, name: str) -> Alternatives:
        value = leaf.value
        if isinstance(value, Instant | Now):
            return self.refuse("T103", f"Sigma compares no points in time ({leaf.field.path})", leaf.span)
        if isinstance(value, str) or leaf.field.kind is Kind.KEYWORD:
            return self.refuse("T103", f"Sigma compares the order of numbers only ({leaf.field.path})", leaf.span)
        if leaf.comparison is Comparison.EQ:
            return (Item(name, (value,)),)
        return (Item(f"{name}|{_ORDERS[leaf.comparison]}", (value,)),)

    def _script(self, leaf: Holds) -> Alternatives:
        """Two fields can be compared for equality (`fieldref`); nothing else can be computed."""
        call = leaf.call
        match call.function, call.arguments:
            case Function.EQ, (Field() as left, Field() as right):
                names = (self.name(left), self.name(right))
                if names[0] is not None and names[1] is not None:
                    return (Item(f"{names[0]}|fieldref", (names[1],)),)
                return ()
            case _, arguments:
                what = call.function.value
                fields = sum(isinstance(a, Field) for a in arguments)
                why = "with two fields" if fields > 1 and not any(isinstance(a, Literal) for a in arguments) else ""
                return self.refuse("T102", f"Sigma cannot compute {what} {why}".strip(), leaf.span or call.span)


def _cased(field: Field, case: Case) -> str:
    """`|cased`, unless case does not matter or cannot differ."""
    return "|cased" if case is Case.SENSITIVE and not field.closed else ""


def _like(name: str, field: Field, patterns: tuple[Pattern, ...], case: Case) -> Alternatives:
    """One item for each kind of pattern, in the order of first use."""
    found: dict[str, list[SigmaValue]] = {}
    for pattern in patterns:
        kind, text = shape(pattern)
        modifier = _SHAPES.get(kind)
        if modifier is not None:
            key, value = f"{name}|{modifier}{_cased(field, case)}", escaped(text, sign_follows=True)
        elif kind is Shape.ANY:
            found.setdefault(f"{name}|exists", []).append(True)
            continue
        else:
            key, value = name + _cased(field, case), wildcard(pattern)
        found.setdefault(key, []).append(value)
    return tuple(Item(key, tuple(dict.fromkeys(values))) for key, values in found.items())

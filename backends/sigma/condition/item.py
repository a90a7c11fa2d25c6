"""One leaf of a predicate as detection items: a key (field and modifiers) and its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from backends.sigma.codes import T102, T103, T104, T105, T117, T119
from backends.sigma.condition.manner import Manner
from backends.sigma.condition.regex import folds_whole, longer_than, matching, phrase, uses_dot
from backends.sigma.condition.text import escaped, wildcard
from converter.deferred import compiled, dataclass
from converter.diagnostics import Diagnostic, Severity, Span
from converter.diagnostics.code import Code
from converter.forms import finite
from converter.model import pattern as patterns_of
from converter.model.fact import Fact
from converter.model.pattern import Case, Pattern, Regex, Wild
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
from converter.model.value import Call, Column, Field, Function, Instant, Kind, Literal, Now

SigmaValue = str | int | float | bool
_FIELD_MARK = "|"


@dataclass(frozen=True, slots=True)
class Item:
    """`key: values`; the values are alternatives."""

    key: str
    values: tuple[SigmaValue, ...]

    @property
    def column(self) -> str:
        """The key without its modifiers."""
        return self.key.partition(_FIELD_MARK)[0]

    @property
    def modifiers(self) -> tuple[str, ...]:
        """The key's modifiers, in order."""
        return tuple(self.key.split(_FIELD_MARK)[1:])

    def joined(self, other: Item) -> Item:
        """The alternatives of both, which have one key; a value that says the same again is left out."""
        return Item(self.key, _distinct(self.key, (*self.values, *other.values)))


Alternatives = tuple[Item, ...]
"""Items of which one must hold; none = the leaf was refused."""

_ORDERS: Mapping[Comparison, str] = {
    Comparison.LT: "lt",
    Comparison.LE: "lte",
    Comparison.GT: "gt",
    Comparison.GE: "gte",
}
_FEW = 4
"""So many `?` in a row can be read."""
_INTEGER = compiled(r"0|[1-9][0-9]{0,14}")


def _distinct(key: str, values: Iterable[SigmaValue]) -> tuple[SigmaValue, ...]:
    """The values without those that Sigma takes for the same: texts that differ in ASCII case only, without `cased`."""
    exact = "cased" in key or "|re" in key
    found: dict[object, SigmaValue] = {}
    for value in values:
        same = value.lower() if isinstance(value, str) and value.isascii() and not exact else value
        found.setdefault((type(value), same), value)
    return tuple(found.values())


class Items:
    """Makes items of leaves; what Sigma cannot say goes to the notebook."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self.notebook = manner.notebook

    def refuse(self, code: Code, message: str, span: Span | None) -> Alternatives:
        """Refuse a leaf."""
        self.notebook.add(Diagnostic(code, message, Severity.ERROR, span))
        return ()

    def name(self, field: Field) -> str | None:
        """The field's name as a key; None if Sigma's key syntax cannot hold it."""
        text = field.way.text if field.way else field.path
        if text == _FIELD_MARK:
            return ""  # the whole event
        if _FIELD_MARK in text or not text or not isinstance(field.way, Column | None):
            self.refuse(T104, f"the field {field.path} cannot be named in a Sigma key ({text})", field.span)
            return None
        return text

    def _scalar(self, of: Field, text: str) -> SigmaValue:
        """A text as a value: a whole number as a number, as every backend and SigmaHQ's own rules have it.

        A number equals every way to write it: 123 finds 0123 too, unless numbers are written plainly (a fact).
        """
        if not _INTEGER.fullmatch(text) or not self.manner.ledger.holds(Fact.PLAIN_NUMBER, of):
            return escaped(text)
        self.manner.ledger.use(Fact.PLAIN_NUMBER, of)
        return int(text)

    def of(self, leaf: Leaf) -> Alternatives:
        """The items of a leaf."""
        self.manner.ledger.wrote(leaf)
        if isinstance(leaf, Holds):
            return self._script(leaf)
        name = self.name(leaf.field)
        if name is None:
            return ()
        match leaf:
            case Present():
                return (Item(f"{name}|exists", (True,)),)
            case OneOf(field, values, case):
                cased = self.manner.cased(field, case, values)
                made = tuple(escaped(v) if cased else self._scalar(field, v) for v in values)
                return (Item(name + cased, _distinct(cased, made)),)
            case Like(field, patterns, case):
                return self._like(name, field, patterns, case)
            case Matches(field, regexes, case):
                return self._matches(name, field, regexes, case)
            case InNetwork(_, networks):
                return (Item(f"{name}|cidr", networks),)
            case Compare():
                return self._compare(leaf, name)
            case Between():
                raise AssertionError("`Detection` writes its two ends")
            case Phrase():
                return self.phrases([leaf])
            case _:
                assert_never(leaf)

    def phrases(self, leaves: Sequence[Phrase]) -> Alternatives:
        """One item for phrases of one field and analyzer, of which one must be there."""
        first = leaves[0]
        for leaf in leaves:
            self.manner.ledger.wrote(leaf)
        name = self.name(first.field)
        if name is None:
            return ()
        if first.analyzer is Analyzer.STANDARD:
            message = f"words of {first.field.path} are cut at every sign but letters, digits and _"
            self.notebook.add(Diagnostic(T105, message, Severity.WARNING, first.span))
        return (Item(f"{name}|re|i", (phrase([leaf.tokens for leaf in leaves], first.analyzer),)),)

    def _like(self, name: str, field: Field, patterns: Sequence[Pattern], case: Case) -> Alternatives:
        """One item for each kind of pattern, in the order of first use."""
        texts = tuple(part for p in patterns for part in p.parts if isinstance(part, str))
        cased = self.manner.cased(field, case, texts)
        found: dict[str, list[SigmaValue]] = {}
        for pattern in patterns:
            if pattern.parts == (Wild.ANY_RUN,):
                found.setdefault(f"{name}|exists", []).append(True)
                continue
            if pattern.literal is not None and not cased:
                found.setdefault(name, []).append(self._scalar(field, pattern.literal))
                continue
            modifier, inner = _shape(self._drive_free(pattern, field))
            found.setdefault(name + modifier + cased, []).append(inner)
        return tuple(Item(key, _distinct(key, values)) for key, values in found.items())

    def _drive_free(self, pattern: Pattern, field: Field) -> Pattern:
        r"""`?:\dir` as `*:\dir`, which people write, where the column holds Windows paths (a fact)."""
        match pattern.parts:
            case (Wild.ANY_ONE, str(text), *rest) if text.startswith(":\\"):
                if self.manner.ledger.holds(Fact.DRIVE_PATH, field):
                    self.manner.ledger.use(Fact.DRIVE_PATH, field)
                    return patterns_of.of(Wild.ANY_RUN, text, *rest)
        return pattern

    def _matches(self, name: str, field: Field, regexes: Sequence[Regex], case: Case) -> Alternatives:
        """Expressions that are a few wildcard patterns as such; the others as expressions."""
        patterns: list[Pattern] = []
        others: list[Regex] = []
        for regex in regexes:
            expanded = None if self.manner.verbatim else finite.patterns([regex], case)
            if expanded is None:
                others.append(regex)
            else:
                patterns += expanded
        items = self._like(name, field, patterns, case) if patterns else ()
        return (*items, *self._expressions(name, field, others, case))

    def _expressions(self, name: str, field: Field, regexes: Sequence[Regex], case: Case) -> Alternatives:
        """Items of expressions, those with the same flags together."""
        ledger = self.manner.ledger
        found: dict[str, list[SigmaValue]] = {}
        for regex in regexes:
            flags = ""
            folded = case
            if case is Case.INSENSITIVE and self.manner.verbatim and folds_whole(regex):
                flags, folded = "|i", Case.SENSITIVE
            elif case is Case.INSENSITIVE and ledger.holds(Fact.ASCII_CASE, field) and folds_whole(regex):
                ledger.use(Fact.ASCII_CASE, field)
                flags, folded = "|i", Case.SENSITIVE
            text = matching(regex, folded)
            if text.endswith("$"):
                message = "the end of a regular expression ($) may also stand before a final line break"
                self.notebook.add(Diagnostic(T117, message, Severity.NOTE))
            if uses_dot(regex):
                if ledger.holds(Fact.ONE_LINE, field):
                    ledger.use(Fact.ONE_LINE, field)
                else:
                    flags += "|s"
            found.setdefault(f"{name}|re{flags}", []).append(text)
        return tuple(Item(key, _distinct(key, values)) for key, values in found.items())

    def _compare(self, leaf: Compare, name: str) -> Alternatives:
        value = leaf.value
        if isinstance(value, Instant | Now):
            return self.refuse(T103, f"Sigma compares no points in time ({leaf.field.path})", leaf.span)
        if isinstance(value, str) or leaf.field.kind is Kind.KEYWORD:
            return self.refuse(T103, f"Sigma compares the order of numbers only ({leaf.field.path})", leaf.span)
        if leaf.comparison is Comparison.EQ:
            return (Item(name, (value,)),)
        return (Item(f"{name}|{_ORDERS[leaf.comparison]}", (value,)),)

    def _script(self, leaf: Holds) -> Alternatives:
        """Two fields can be compared for equality (`fieldref`), a length with a number; nothing else is computed."""
        call = leaf.call
        match call.function, call.arguments:
            case Function.EQ, (Field() as left, Field() as right):
                names = (self.name(left), self.name(right))
                if names[0] is not None and names[1] is not None:
                    return (Item(f"{names[0]}|fieldref", (names[1],)),)
                return ()
            case Function.GT | Function.GE, (Call(Function.LENGTH, (Field() as field,)), Literal(int(least))):
                return self._length(field, least + (call.function is Function.GT), leaf.span)
            case _, arguments:
                what = call.function.value
                fields = sum(isinstance(a, Field) for a in arguments)
                why = "with two fields" if fields > 1 and not any(isinstance(a, Literal) for a in arguments) else ""
                return self.refuse(T102, f"Sigma cannot compute {what} {why}".strip(), leaf.span or call.span)

    def _length(self, field: Field, least: int, span: Span | None) -> Alternatives:
        name = self.name(field)
        if name is None:
            return ()
        message = f"the length of {field.path} is counted in characters, by Elasticsearch in units of UTF-16"
        self.notebook.add(Diagnostic(T119, message, Severity.WARNING, span))
        if least <= _FEW:
            return (Item(name, ("?" * least + "*",)),)
        return (Item(f"{name}|re|s", (longer_than(least),)),)


def _shape(pattern: Pattern) -> tuple[str, SigmaValue]:
    """The modifier and value of a pattern: runs at its ends become `contains`, `startswith` or `endswith`."""
    parts = pattern.parts
    opens, closes = parts[:1] == (Wild.ANY_RUN,), parts[-1:] == (Wild.ANY_RUN,)
    inner = patterns_of.of(*parts[opens : len(parts) - closes])
    if not (opens or closes):
        return "", wildcard(pattern)
    if (opens and isinstance(inner.parts[0], Wild)) or (closes and isinstance(inner.parts[-1], Wild)):
        return "", wildcard(pattern)
    modifier = "contains" if opens and closes else "endswith" if opens else "startswith"
    return f"|{modifier}", wildcard(inner)

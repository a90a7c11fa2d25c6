"""Leaves that `search` has no words for, as tests of eval.

Splunk's documents leave open what NOT, AND and OR make of NULL and what a comparison makes of several values. So a
test that may be NULL stands alone in a `where`, or inside `if`, which takes its second value whenever the test is not
true. A field that may hold several values is asked by `isnotnull(f) AND isnotnull(mvfind(f, regex))`, which is true or
false.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from backends.splunk.codes import T202, T205, T206
from backends.splunk.condition import regex, wildcard
from backends.splunk.condition.ascii import folds_beyond, pattern_regex, regex_of_classes
from backends.splunk.condition.columns import Columns, ElementColumns
from backends.splunk.condition.literal import is_plain, string
from backends.splunk.condition.moment import TIME_MS, milliseconds, moment
from backends.splunk.condition.order import ordered
from backends.splunk.condition.phrase import phrases
from backends.splunk.condition.scalar import Unsayable
from backends.splunk.condition.script import Scripts, any_network, at_least_one, certain
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity, Span
from converter.forms.choose import Ledger
from converter.languages.spl.shorthand import (
    FALSE,
    TRUE,
    binary,
    call,
    conjunction,
    disjunction,
    equal,
    negation,
    number,
)
from converter.languages.spl.syntax import Among, Expression, Name, Sign, Text
from converter.model.fact import Fact
from converter.model.pattern import Case, Pattern, Wild, of
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Field, Instant, Now
from converter.target.contract import Notebook

LARGEST = 2**53
"""Beyond it the doubles of eval and search do not hold every whole number."""

SIGNS = {
    Comparison.EQ: Sign.EQ,
    Comparison.LT: Sign.LT,
    Comparison.LE: Sign.LE,
    Comparison.GT: Sign.GT,
    Comparison.GE: Sign.GE,
}

_NOT_EMPTY = of(Wild.ANY_ONE, Wild.ANY_RUN)

Test = Present | Compare | Between | OneOf | Like | Matches | InNetwork | Phrase | Element | Holds


@dataclass(frozen=True, slots=True)
class Check:
    """A test of eval. `total`: it is true or false, never NULL. `opposite` says its negation, if shorter."""

    test: Expression
    total: bool = False
    opposite: Expression | None = None

    def positive(self) -> Expression:
        """The test anywhere."""
        return self.test if self.total else certain(self.test)

    def negative(self) -> Expression:
        """Its negation: true where the test is false or NULL."""
        return self.opposite if self.opposite is not None else negation(self.positive())


def _there(value: Expression) -> Check:
    """The field has a value."""
    return Check(call("isnotnull", value), total=True, opposite=call("isnull", value))


class Checks:
    """Writes tests; what cannot be said goes to the notebook."""

    def __init__(self, columns: Columns, notebook: Notebook, ledger: Ledger) -> None:
        self._columns = columns
        self._notebook = notebook
        self._ledger = ledger

    def check(self, leaf: Test) -> Check:
        """The test of a leaf."""
        if not isinstance(leaf, Element):
            self._ledger.wrote(leaf)
        match leaf:
            case Present(field):
                return _there(self._columns.value(field))
            case OneOf(field, values, folding):
                return self._one_of(field, values, folding)
            case Like(field, patterns) if not field.many and patterns == (_NOT_EMPTY,):
                return Check(binary(call("len", self._columns.value(field)), Sign.GT, number(0)))
            case Like(field, patterns, folding):
                return self._like(field, patterns, folding)
            case Matches(field, regexes, folding):
                found = regexes if self._folds(field, folding) else tuple(map(regex_of_classes, regexes))
                return self._regex(field, regex.flagged(regex.regexes(found, folding), folding))
            case Compare():
                return self._compare(leaf)
            case Between(field):
                return self._each(field, lambda value: conjunction(self._one_value(end, value) for end in leaf.ends))
            case InNetwork(field, networks):
                return self._each(field, lambda value: any_network(value, list(networks)))
            case Phrase():
                return self.phrases([leaf])
            case Element():
                return self._element(leaf)
            case Holds(script):
                try:
                    return Check(Scripts(self._columns).truth(script), total=True)
                except Unsayable as why:
                    return self._refused(f"the script has no exact form in SPL: {why}", leaf.span)
            case _:
                assert_never(leaf)

    def phrases(self, found: Sequence[Phrase]) -> Check:
        """Any of several phrases of one field."""
        for one in found:
            self._ledger.wrote(one)
        field, analyzer = found[0].field, found[0].analyzer
        if analyzer is Analyzer.STANDARD:
            self._notebook.add(_STANDARD)
        return self._regex(field, regex.flagged(phrases([f.tokens for f in found], analyzer), Case.INSENSITIVE))

    def _refused(self, why: str, span: Span | None) -> Check:
        self._notebook.add(Diagnostic(T202, why, span=span))
        return Check(FALSE, total=True)

    def _element(self, leaf: Element) -> Check:
        """One object of the array, whose JSON text the field of its path holds, satisfies the term."""
        if isinstance(self._columns, ElementColumns):
            return self._refused("a nested array inside a nested array has no form in SPL", leaf.span)
        array = self._columns.elements(leaf.path)
        if isinstance(leaf.term, Constant):  # what names no field has no place in mvfilter
            return _there(Name(array)) if leaf.term.value else Check(FALSE, total=True)
        inner = Checks(ElementColumns(self._notebook, leaf.path, array), self._notebook, self._ledger)
        return Check(at_least_one(inner.whole(leaf.term)), total=True)

    def whole(self, predicate: Predicate) -> Expression:
        """A predicate as one test, never NULL."""
        match predicate:
            case And(terms):
                return conjunction(self.whole(t) for t in terms)
            case Or(terms):
                return disjunction(self.whole(t) for t in terms)
            case Constant(value):
                return TRUE if value else FALSE
            case Not(And() | Or() | Not() | Constant() as term):
                return negation(self.whole(term))
            case Not(term):
                return self.check(term).negative()  # type: ignore[arg-type]
            case _:
                return self.check(predicate).positive()

    def _one_of(self, field: Field, values: tuple[str, ...], folding: Case) -> Check:
        folds = folding is Case.INSENSITIVE and any(c.isascii() and c.isalpha() for v in values for c in v)
        if field.many or folds or not all(map(is_plain, values)):
            return self._like(field, tuple(of(v) for v in values), folding)
        value = self._columns.value(field)
        if len(values) == 1:
            return Check(equal(value, string(values[0])))
        return Check(Among(value, tuple(map(string, values))))

    def _like(self, field: Field, patterns: tuple[Pattern, ...], folding: Case) -> Check:
        """Some value matches one of the patterns."""
        if not field.many and len(patterns) <= wildcard.MOST and wildcard.sayable(patterns, folding):
            folds = folding is Case.INSENSITIVE and wildcard.has_letters(patterns)
            beyond = folds and any(folds_beyond(p) for one in patterns for p in one.parts if isinstance(p, str))
            if not beyond or self._folds(field, folding):
                value = self._columns.value(field)
                return Check(wildcard.test(call("lower", value) if folds else value, patterns, lower=folds))
        cut = self._columns.cut(field)
        if cut is not None and folding is Case.SENSITIVE and (found := wildcard.piece(cut, patterns)) is not None:
            return Check(found)
        text = "".join(p for one in patterns for p in one.parts if isinstance(p, str))
        if folding is Case.INSENSITIVE and folds_beyond(text) and not self._folds(field, folding):
            wanted = regex.regexes([pattern_regex(p) for p in patterns], folding)
        elif any(p.literal is None for p in patterns):
            wanted = regex.patterns(patterns, folding)
        else:
            wanted = regex.texts([p.literal or "" for p in patterns], folding)
        return self._regex(field, regex.flagged(wanted, folding))

    def _folds(self, field: Field, folding: Case) -> bool:
        """Whether `(?i)` will do: letters are compared as they are, or fold as in ASCII, which is then noted."""
        if folding is Case.SENSITIVE:
            return True
        if not self._ledger.holds(Fact.ASCII_CASE, field):
            return False
        self._ledger.use(Fact.ASCII_CASE, field)
        return True

    def _regex(self, field: Field, pattern: str) -> Check:
        """Some value of the field has a match of `pattern`, which carries its own anchors."""
        value = self._columns.value(field)
        if not pattern:
            return _there(value)
        if not field.many:
            return Check(call("match", value, Text(pattern)))
        found = call("isnotnull", call("mvfind", value, Text(pattern)))
        return Check(conjunction([call("isnotnull", value), found]), total=True)

    def _each(self, field: Field, test: Callable[[Expression], Expression]) -> Check:
        """Some value of the field passes a test that is written for one value."""
        value = self._columns.value(field)
        if not field.many:
            return Check(test(value))
        if isinstance(self._columns, ElementColumns):
            return self._refused(f"several numbers or addresses of {field.path} inside one nested object", field.span)
        return Check(at_least_one(test(value)), total=True)

    def _one_value(self, leaf: Compare, value: Expression) -> Expression:
        """A comparison of one value of a field."""
        wanted, sign = leaf.value, SIGNS[leaf.comparison]
        match wanted:
            case bool() | str():
                pattern = regex.flagged(ordered(leaf.comparison, str(wanted)), Case.SENSITIVE)
                return call("match", value, Text(pattern))
            case int() | float():
                note_size(leaf, self._notebook)
                return binary(call("tonumber", value), sign, number(wanted))
            case Instant() | Now():
                return binary(milliseconds(value), sign, moment(wanted))
            case _:
                assert_never(wanted)

    def _compare(self, leaf: Compare) -> Check:
        value, sign, field = leaf.value, SIGNS[leaf.comparison], leaf.field
        match value:
            case bool():
                return self._one_of(field, (str(value).lower(),), Case.INSENSITIVE)
            case int() | float():
                note_size(leaf, self._notebook)
                return self._each(field, lambda name: binary(call("tonumber", name), sign, number(value)))
            case str():
                return self._regex(field, regex.flagged(ordered(leaf.comparison, value), Case.SENSITIVE))
            case Instant() | Now():
                if self._columns.is_time(field):
                    return Check(binary(TIME_MS, sign, moment(value)))
                return self._each(field, lambda name: binary(milliseconds(name), sign, moment(value)))
            case _:
                assert_never(value)


_STANDARD = Diagnostic(
    T206,
    "words of analysed text are told apart as in ASCII text: letters beyond ASCII beside a word do not join it",
    Severity.NOTE,
)


def note_size(leaf: Compare, notebook: Notebook) -> None:
    """Say that a number is beyond what Splunk's doubles hold exactly."""
    if isinstance(leaf.value, int | float) and abs(leaf.value) > LARGEST:
        notebook.add(
            Diagnostic(T205, "SPL compares numbers beyond 2^53 inexactly", Severity.WARNING, leaf.span),
        )

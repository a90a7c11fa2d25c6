"""Predicates as conditions of `where`, never NULL where a NULL could change the result.

Splunk's documents leave open what NOT, AND and OR make of NULL and what a comparison makes of several values.
So a test that may be NULL stands alone only as a conjunct of the whole condition, where NULL and false are both
dropped. Anywhere else it is asked by `if(test,1,0)==1`, or, negated, `if(test,0,1)==1`: `if` takes its second
branch whenever the test is not true. A field that may hold several values is asked by `isnotnull(f) AND
isnotnull(mvfind(f, regex))`, which is true or false and holds if any value matches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from backends.splunk.condition import regex
from backends.splunk.condition.expression import Unsayable
from backends.splunk.condition.layout import Condition, Group, Join, Line, Negated, inline, joined
from backends.splunk.condition.literal import is_plain, string
from backends.splunk.condition.moment import TIME_MS, milliseconds, moment
from backends.splunk.condition.names import ElementNames, Names
from backends.splunk.condition.number import LARGEST, number
from backends.splunk.condition.order import ordered
from backends.splunk.condition.phrase import phrases
from backends.splunk.condition.script import Scripts
from converter.diagnostics import Diagnostic, Severity, Span
from converter.model.pattern import Case
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Leaf,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Call, Field, Instant, Now
from converter.target.contract import Notebook


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on one field; `total`: it is true or false, never NULL. `opposite` says its negation, if shorter."""

    condition: Condition
    total: bool = False
    opposite: Condition | None = None

    def conjunct(self) -> Condition:
        """As a conjunct of the whole condition, where NULL is as good as false."""
        return self.condition

    def positive(self) -> Condition:
        """Anywhere else."""
        return self.condition if self.total else Line(f"if({_text(self.condition)},1,0)==1")

    def negative(self) -> Condition:
        """Its negation: true where the test is false or NULL."""
        if self.opposite is not None:
            return self.opposite
        return Negated(self.condition) if self.total else Line(f"if({_text(self.condition)},0,1)==1")


def _text(condition: Condition) -> str:
    if not isinstance(condition, Line):
        raise TypeError(condition)
    return condition.text


def partial(text: str) -> Test:
    """A test that is NULL on a missing field."""
    return Test(Line(text))


def total(text: str) -> Test:
    """A test that is never NULL."""
    return Test(Line(text), total=True)


def _there(name: str) -> Test:
    """The field has a value."""
    return Test(Line(f"isnotnull({name})"), total=True, opposite=Line(f"isnull({name})"))


class Atoms:
    """Writes conditions of `where`; what cannot be said goes to the notebook."""

    def __init__(self, names: Names, notebook: Notebook) -> None:
        self._names = names
        self._notebook = notebook

    def conjunct(self, predicate: Predicate) -> Condition:
        """The condition at the outside of a `where`."""
        if isinstance(predicate, Between) and not predicate.field.many:
            return self.conjunct(And(predicate.ends))
        if isinstance(predicate, And):
            return joined(Join.AND, [self.conjunct(t) for t in predicate.terms]) if predicate.terms else Line("1==1")
        return self._write(predicate, Test.conjunct)

    def condition(self, predicate: Predicate) -> Condition:
        """The condition anywhere: never NULL."""
        return self._write(predicate, Test.positive)

    def _write(self, predicate: Predicate, leaf: Callable[[Test], Condition]) -> Condition:
        match predicate:
            case And(terms):
                return joined(Join.AND, [self.condition(t) for t in terms]) if terms else Line("1==1")
            case Or(terms):
                return joined(Join.OR, self._alternatives(terms)) if terms else Line("1==0")
            case Between(field) if not field.many:
                return self._write(And(predicate.ends), leaf)
            case Not(term):
                return self._negated(term)
            case Constant(value):
                return Line("1==1" if value else "1==0")
            case _:
                return leaf(self._test(predicate))

    def _alternatives(self, terms: tuple[Predicate, ...]) -> list[Condition]:
        """The terms of an or; phrases of one field become one regular expression, where the first of them stands."""
        groups: dict[tuple[Field, Analyzer], list[Phrase]] = {}
        for term in terms:
            if isinstance(term, Phrase):
                groups.setdefault((term.field, term.analyzer), []).append(term)
        out = []
        for term in terms:
            if not isinstance(term, Phrase):
                out.append(self.condition(term))
            elif (found := groups.pop((term.field, term.analyzer), None)) is not None:
                out.append(self._phrases(found).positive())
        return out

    def _phrases(self, found: list[Phrase]) -> Test:
        """Any of several phrases of one field."""
        field, analyzer = found[0].field, found[0].analyzer
        if analyzer is Analyzer.STANDARD:
            self._notebook.add(_STANDARD)
        return self.regex(field, regex.flagged(phrases([f.tokens for f in found], analyzer), Case.INSENSITIVE))

    def _negated(self, term: Predicate) -> Condition:
        match term:
            case Between(field) if not field.many:
                return Negated(self.condition(term))
            case And() | Or():
                return Negated(self.condition(term))
            case Not(inner):
                return self.condition(inner)
            case Constant(value):
                return Line("1==0" if value else "1==1")
            case _:
                return self._test(term).negative()

    def _test(self, leaf: Leaf | Element) -> Test:
        match leaf:
            case Present(field):
                return _there(self._names.eval(field))
            case OneOf(field, values, case):
                return self._one_of(field, values, case)
            case Like(field, patterns, case):
                return self.regex(field, regex.flagged(regex.patterns(patterns, case), case))
            case Matches(field, regexes, case):
                return self.regex(field, regex.flagged(regex.regexes(regexes, case), case))
            case Compare():
                return self._compare(leaf)
            case Between():
                return self._between(leaf)
            case InNetwork(field, networks):
                return self._networks(field, networks)
            case Phrase():
                return self._phrases([leaf])
            case Element():
                return self._element(leaf)
            case Holds(call):
                return self._script(leaf, call)
            case _:
                assert_never(leaf)

    def _refused(self, why: str, span: Span | None) -> Test:
        self._notebook.add(Diagnostic("T202", why, span=span))
        return total("1==0")

    def _script(self, leaf: Holds, call: Call) -> Test:
        try:
            return Test(Scripts(self._names).truth(call), total=True)
        except Unsayable as why:
            return self._refused(f"the script has no exact form in SPL: {why}", leaf.span)

    def _element(self, leaf: Element) -> Test:
        """One object of the array, whose JSON text the field of its path holds, satisfies the term."""
        if isinstance(self._names, ElementNames):
            return self._refused("a nested array inside a nested array has no form in SPL", leaf.span)
        array = self._names.elements(leaf.path)
        inner = Atoms(ElementNames(self._notebook, leaf.path, array), self._notebook)
        return total(f"coalesce(mvcount(mvfilter({inline(inner.condition(leaf.term))})),0)>0")

    def _one_of(self, field: Field, values: tuple[str, ...], case: Case) -> Test:
        folds = case is Case.INSENSITIVE and any(c.isascii() and c.isalpha() for v in values for c in v)
        if field.many or folds or not all(map(is_plain, values)):
            return self.regex(field, regex.flagged(regex.texts(values, case), case))
        name = self._names.eval(field)
        if len(values) == 1:
            return partial(f"{name}=={string(values[0])}")
        return partial(f"{name} IN ({', '.join(map(string, values))})")

    def regex(self, field: Field, pattern: str) -> Test:
        """Some value of the field has a match of `pattern`, which carries its own anchors."""
        name = self._names.eval(field)
        if not pattern:
            return _there(name)
        if not field.many:
            return partial(f'match({name}, "{pattern}")')
        return Test(
            Group(Join.AND, (Line(f"isnotnull({name})"), Line(f'isnotnull(mvfind({name}, "{pattern}"))'))), total=True
        )

    def each(self, field: Field, test: Callable[[str], str]) -> Test:
        """Some value of the field passes an eval test that is written for one value."""
        name = self._names.eval(field)
        if not field.many:
            return partial(test(name))
        if isinstance(self._names, ElementNames):
            return self._refused(f"several numbers or addresses of {field.path} inside one nested object", field.span)
        return total(f"coalesce(mvcount(mvfilter({test(name)})),0)>0")

    def _networks(self, field: Field, networks: tuple[str, ...]) -> Test:
        def test(name: str) -> str:
            tests = [f"cidrmatch({string(n)}, {name})" for n in networks]
            if len(tests) == 1:
                return tests[0]
            return f"case({', '.join(f'{t}, 1' for t in tests)}, true(), 0)==1"

        return self.each(field, test)

    def _between(self, leaf: Between) -> Test:
        """One value passes both tests."""
        return self.each(leaf.field, lambda name: " AND ".join(self._one_value(end, name) for end in leaf.ends))

    def _one_value(self, leaf: Compare, name: str) -> str:
        """The comparison as an eval test of one value."""
        value, sign = leaf.value, leaf.comparison.value
        match value:
            case bool() | str():
                return f'match({name}, "{regex.flagged(ordered(leaf.comparison, str(value)), Case.SENSITIVE)}")'
            case int() | float():
                if abs(value) > LARGEST:
                    self._notebook.add(_large(leaf))
                return f"tonumber({name}){sign}{number(value)}"
            case Instant() | Now():
                return f"{milliseconds(name)}{sign}{moment(value)}"
            case _:
                assert_never(value)

    def _compare(self, leaf: Compare) -> Test:
        value, sign, field = leaf.value, leaf.comparison.value, leaf.field
        match value:
            case bool():
                return self._one_of(field, (str(value).lower(),), Case.INSENSITIVE)
            case int() | float():
                return self.each(field, lambda name: self._one_value(leaf, name))
            case str():
                return self.regex(field, regex.flagged(ordered(leaf.comparison, value), Case.SENSITIVE))
            case Instant() | Now():
                if self._names.is_time(field):
                    return partial(f"{TIME_MS}{sign}{moment(value)}")
                return self.each(field, lambda name: self._one_value(leaf, name))
            case _:
                assert_never(value)


_STANDARD = Diagnostic(
    "T206",
    "words of analysed text are told apart as in ASCII text: letters beyond ASCII beside a word do not join it",
    Severity.NOTE,
)


def _large(leaf: Compare) -> Diagnostic:
    return Diagnostic("T205", "SPL compares numbers beyond 2^53 inexactly", Severity.WARNING, leaf.span)

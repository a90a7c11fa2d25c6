"""A predicate as stages: a `search` with all that it can say, and behind an `eval` a second one for the rest.

What `search` has no words for becomes a column of its own, 1 or 0, so that the second `search` can join it with other
terms; a single such test that has to hold stands in a `where`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from backends.splunk.condition.check import Check, Checks
from backends.splunk.condition.columns import Columns
from backends.splunk.condition.term import Leaf, Terms
from backends.splunk.condition.wildcard import possible
from converter.deferred import dataclass
from converter.forms.choose import Ledger
from converter.forms.pinned import said_once
from converter.languages.spl.flow import named, tested
from converter.languages.spl.shorthand import FALSE, call, conjunction, every, excluding, negation, some
from converter.languages.spl.syntax import (
    Condition,
    Every,
    Excluding,
    Expression,
    Number,
    OneOf,
    Quoting,
    Relation,
    Search,
    Some,
    Stage,
    Test,
    Where,
    Word,
)
from converter.model.normalise import normalise
from converter.model.predicate import Analyzer, And, Constant, Element, Holds, Not, Or, Phrase, Predicate, Present
from converter.model.value import Field
from converter.model.walk import leaves
from converter.target.contract import Notebook

_ONE = Word("1", Quoting.BARE)
_MOST_HOISTED = 60
"""Values that a search for arguments is narrowed by beforehand: more would be longer than the rest."""


@dataclass(frozen=True, slots=True)
class Writer:
    """What writes one rule: its columns, terms of `search`, tests of eval, and the findings."""

    notebook: Notebook
    columns: Columns
    terms: Terms
    checks: Checks
    ledger: Ledger
    as_words: bool = False


def writer(notebook: Notebook, columns: Columns, ledger: Ledger, *, as_words: bool = False) -> Writer:
    """A writer with no column computed yet. `as_words`: arguments may be words of the command line."""
    terms, checks = Terms(columns, ledger, notebook), Checks(columns, notebook, ledger)
    return Writer(notebook, columns, terms, checks, ledger, as_words)


@dataclass(slots=True)
class Filter:
    """The parts of a predicate: terms of the first search, tests on stored columns, and the same on computed ones."""

    early: list[Condition] = field(default_factory=list)
    tests: list[Expression] = field(default_factory=list)
    late: list[Condition] = field(default_factory=list)
    late_tests: list[Expression] = field(default_factory=list)
    never: bool = False


def filtered(write: Writer, where: Predicate) -> Filter:
    """The parts of a predicate."""
    found = Filter()
    once = said_once(possible(where, write.columns))
    kept = set(leaves(once))
    for leaf in leaves(where):
        if leaf not in kept:
            write.ledger.wrote(leaf)  # something beside it decides it
    terms = once.terms if isinstance(once, And) else (once,)
    for term in terms:
        if isinstance(term, Constant):
            found.never = not term.value
            continue
        single = _single(write, term)
        if single is None:
            condition = _condition(write, term)
            late = write.columns.is_computed(tested(condition))
            (found.late if late else found.early).append(condition)
            continue
        test, names = single
        (found.late_tests if write.columns.is_computed(names) else found.tests).append(test)
    found.early = _in_order(found.early)
    found.late = _in_order(found.late)
    return found


def stages_of(write: Writer, found: Filter, earlier: Sequence[Stage]) -> list[Stage]:
    """The stages behind the first search."""
    out: list[Stage] = []
    if found.never:
        out.append(Where(FALSE))
    out += [Where(test) for test in _one(found.tests)]
    late = every(found.late)
    if late is not None:
        stage = Search(late)
        out += [*write.columns.before(stage, [*earlier, *out]), stage]
    for test in _one(found.late_tests):
        stage_of_test = Where(test)
        out += [*write.columns.before(stage_of_test, [*earlier, *out]), stage_of_test]
    return out


def _one(tests: Sequence[Expression]) -> list[Expression]:
    return [conjunction(tests)] if tests else []


def hoisted(write: Writer, found: Filter) -> list[Condition]:
    """What the first search can ask already of events that the later terms keep: plain values of stored columns."""
    out = []
    for condition in found.late:
        narrowed = _narrowed(write, condition)
        if narrowed is not None and _count(narrowed) <= _MOST_HOISTED:
            out.append(narrowed)
    return [c for c in out if c not in found.early]


# ---- single tests


def _single(write: Writer, term: Predicate) -> tuple[Expression, list[str]] | None:
    """A conjunct that is one test of eval, with the fields it names: in a `where` NULL is as good as false."""
    inner = term.term if isinstance(term, Not) else term
    check = _phrases(write, inner)
    if check is None:
        if isinstance(inner, And | Or | Not | Constant):
            return None
        if write.as_words and not isinstance(term, Not) and write.columns.line(_field(inner)) is not None:
            return None
        found, rest = write.terms.term(inner)
        if found is not None or rest is None:
            return None
        check = write.checks.check(rest)
    if not isinstance(term, Not):
        return check.test, list(named(check.test))
    if check.opposite is None and not check.total:
        return None
    test = check.opposite if check.opposite is not None else negation(check.test)
    return test, list(named(test))


def _field(leaf: Leaf) -> Field:
    return Field("") if isinstance(leaf, Element | Holds) else leaf.field


def _phrases(write: Writer, term: Predicate) -> Check | None:
    """An or of nothing but phrases of one field."""
    if not isinstance(term, Or):
        return None
    found = [t for t in term.terms if isinstance(t, Phrase) and not write.terms.is_words(t)]
    alike = len({(t.field, t.analyzer) for t in found}) == 1 and len(found) == len(term.terms)
    return write.checks.phrases(found) if alike else None


# ---- terms of search


def _condition(write: Writer, predicate: Predicate, *, positive: bool = True) -> Condition:
    """`positive`: what is found beyond the predicate widens the whole, it hides nothing."""
    match predicate:
        case And(terms):
            return _joined(every(_excluded([_condition(write, t, positive=positive) for t in terms])))
        case Or(terms):
            return _joined(some(listed(_alternatives(write, terms, positive=positive))))
        case Not(Or(terms)) if any(isinstance(t, Not) for t in terms):
            kept = [t.term for t in terms if isinstance(t, Not)]
            excluded = normalise(Not(Or(tuple(t for t in terms if not isinstance(t, Not)))))
            return _condition(write, normalise(And((*kept, excluded))), positive=positive)
        case Not(term):
            return excluding(_condition(write, term, positive=not positive))
        case Constant(value):
            anything = Test("_time", Relation.EQUAL, Word("*", Quoting.BARE))
            return anything if value else Excluding(anything)
        case _:
            found = write.terms.words(predicate) if write.as_words and positive else None
            return _leaf(write, predicate) if found is None else found


def _joined(found: Condition | None) -> Condition:
    if found is None:
        raise AssertionError("a normal form has no empty and")
    return found


def _leaf(write: Writer, leaf: Leaf) -> Condition:
    term, rest = write.terms.term(leaf)
    if rest is None:
        return _joined(term)
    own = _flag(write, _stem(write, rest), write.checks.check(rest))
    return own if term is None else _joined(some([term, own]))


def _stem(write: Writer, leaf: Leaf) -> str:
    match leaf:
        case Holds():
            return "script_holds"
        case Element(path):
            return f"{path}_holds"
        case Present(one):
            return f"has_{write.columns.name(one)}"
        case _:
            return f"{write.columns.name(leaf.field)}_matches"


def _flag(write: Writer, stem: str, check: Check) -> Condition:
    """A column that is 1 where the test holds, else 0."""
    name = write.columns.column(stem, call("if", check.test, Number("1"), Number("0")))
    return Test(name, Relation.EQUAL, _ONE)


def _alternatives(write: Writer, terms: Sequence[Predicate], *, positive: bool) -> list[Condition]:
    """The terms of an or; phrases of one field become one column, where the first of them stands."""
    groups: dict[tuple[Field, Analyzer], list[Phrase]] = {}
    for term in terms:
        if isinstance(term, Phrase) and not write.terms.is_words(term):
            groups.setdefault((term.field, term.analyzer), []).append(term)
    out: list[Condition] = []
    for term in terms:
        if not isinstance(term, Phrase) or write.terms.is_words(term):
            out.append(_condition(write, term, positive=positive))
        elif (found := groups.pop((term.field, term.analyzer), None)) is not None:
            out.append(_flag(write, _stem(write, term), write.checks.phrases(found)))
    return out


def _as_list(condition: Condition) -> tuple[str, tuple[Word, ...]] | None:
    """The field and the values of a term that lists values, or one."""
    match condition:
        case OneOf(name, words):
            return name, words
        case Test(name, Relation.EQUAL, word) if word.quoting is not Quoting.CASE:
            return name, (word,)
        case _:
            return None


def listed(parts: Iterable[Condition]) -> list[Condition]:
    """The alternatives, values of one field in one list, where the first of them stands."""
    flat = [p for part in parts for p in (part.parts if isinstance(part, Some) else (part,))]
    values: dict[str, dict[Word, None]] = {}
    for part in flat:
        if (found := _as_list(part)) is not None:
            values.setdefault(found[0], {}).update(dict.fromkeys(found[1]))
    out: list[Condition] = []
    for part in flat:
        found = _as_list(part)
        if found is None:
            out.append(part)
        elif (words := values.pop(found[0], None)) is not None:
            listed = tuple(words)
            out.append(Test(found[0], Relation.EQUAL, listed[0]) if len(listed) == 1 else OneOf(found[0], listed))
    return out


def _excluded(parts: Iterable[Condition]) -> list[Condition]:
    """The conjuncts, excluded values of one field in one list."""
    flat = [p for part in parts for p in (part.parts if isinstance(part, Every) else (part,))]
    kept = [p for p in flat if not isinstance(p, Excluding) or _as_list(p.part) is None]
    lists = listed(p.part for p in flat if isinstance(p, Excluding) and _as_list(p.part) is not None)
    return [*kept, *map(Excluding, lists)]


# ---- order: what the index answers first


def _in_order(parts: Iterable[Condition]) -> list[Condition]:
    return sorted(_excluded(parts), key=_cost)


def _cost(condition: Condition) -> int:
    match condition:
        case Test(_, _, word):
            return _word_cost(word)
        case OneOf(_, words):
            return max(map(_word_cost, words))
        case Some(parts) | Every(parts):
            return 4 + max(map(_cost, parts))
        case Excluding():
            return 20
        case _:
            return 8


def _word_cost(word: Word) -> int:
    if word.raw == "*":
        return 3
    return 2 if word.raw.startswith("*") else 0


def _words(condition: Condition) -> Iterable[Word]:
    match condition:
        case Test(_, _, word):
            yield word
        case OneOf(_, words):
            yield from words
        case Some(parts) | Every(parts):
            for part in parts:
                yield from _words(part)
        case _:
            return


def _narrowed(write: Writer, condition: Condition) -> Condition | None:
    """Plain values of stored columns that hold where the condition does, of one column if all alternatives name it."""
    by_column = _by_column(write, condition)
    if by_column:
        return min(by_column.values(), key=_count)
    match condition:
        case Every(parts):
            found = [n for p in parts if (n := _narrowed(write, p)) is not None]
            return min(found, key=_count, default=None)
        case Some(parts):
            each = [_narrowed(write, p) for p in parts]
            return some(listed(e for e in each if e is not None)) if all(each) else None
        case _:
            return None


def _by_column(write: Writer, condition: Condition) -> Mapping[str, Condition]:
    """The plain values of each stored column that has one of them wherever the condition holds."""
    match condition:
        case Test(name) | OneOf(name):
            stored = not write.columns.is_computed([name])
            plain = stored and _as_list(condition) is not None and _cost(condition) == 0
            return {name: condition} if plain else {}
        case Every(parts):
            found: dict[str, Condition] = {}
            for part in parts:
                for name, values in _by_column(write, part).items():
                    found[name] = min((found.get(name, values), values), key=_count)
            return found
        case Some(parts):
            each = [_by_column(write, part) for part in parts]
            common = [name for name in each[0] if all(name in one for one in each)]
            return {name: listed(one[name] for one in each)[0] for name in common}
        case _:
            return {}


def _count(condition: Condition) -> int:
    return sum(1 for _ in _words(condition))

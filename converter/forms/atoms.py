"""The atoms of formulas over columns: whatever asks one column for its text is one, a comparison is one, and so on.

Two atoms about one column are the same if they say the same, or if they are proven to take the same texts. Texts that
either is made for tell most others apart before a proof is tried.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Final, TypeAlias

from converter.deferred import dataclass
from converter.forms.language import MOST_STATES, UndecidedError, accepts, same_texts
from converter.forms.options import options
from converter.forms.samples import samples
from converter.model.equivalence import ordered
from converter.model.fact import Fact
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Regex, Repeat, fold, like
from converter.model.predicate import And, Constant, Like, Matches, Not, OneOf, Or, Predicate
from converter.model.value import Field

Facts: TypeAlias = Mapping[str, frozenset[Fact]]
"""What is known of each column, by its name."""

_FEW_STATES: Final = 600
"""How far the relation of two atoms is looked into."""

_MOST_PROOFS: Final = 80
"""How often two atoms are asked whether they are the same, where no text tells them apart."""

_MOST_RELATED: Final = 16
"""Of how many atoms about one column."""

_NO_BREAK: Final = CharClass((("\n", "\n"), ("\r", "\r")), negated=True)
_ANY: Final = Repeat(AnyChar(), 0, None)


@dataclass(frozen=True, slots=True)
class _Known:
    """An atom about a column's text: its condition, its number, and texts that it was made for."""

    text: Predicate
    number: int
    samples: tuple[str, ...]


@dataclass(slots=True)
class Atoms:
    """Numbers for atoms, the same for those that take the same.

    `empties`: a column may hold the empty text. `apart`: a sign that no value of a column holds.
    """

    facts: Facts
    empties: bool
    apart: Mapping[str, str]
    _proofs: int = 0
    _most: int = MOST_STATES
    _numbers: dict[Hashable, int] = field(default_factory=dict)
    _count: int = 0
    _texts: dict[Field, list[_Known]] = field(default_factory=dict)

    def other(self, node: Predicate) -> int:
        """The number of an atom that is told by what it says."""
        return self._numbers.get(ordered(node)) or self._new(ordered(node))

    def text(self, subject: Field, node: Predicate) -> int:
        """The number of what is asked of a column's text."""
        key = (subject, said(node))
        if key in self._numbers:
            return self._numbers[key]
        within = self._within(subject)
        made = tuple(text for text in samples(node) if within is None or accepts(within, Case.SENSITIVE, text))
        for known in self._texts.get(subject, []):
            if any(holds(node, text) is not holds(known.text, text) for text in (*made, *known.samples)):
                continue
            self._proofs += 1
            if self._proofs > _MOST_PROOFS:
                raise UndecidedError
            if self._same(subject, node, known.text):
                self._numbers[key] = known.number
                return known.number
        number = self._new(key)
        self._texts.setdefault(subject, []).append(_Known(node, number, made))
        return number

    def _new(self, key: Hashable) -> int:
        self._count += 1
        self._numbers[key] = self._count
        return self._count

    def related(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Atoms about one column that hold together only where one of the others does."""
        for subject, found in self._texts.items():
            inside: dict[int, list[_Known]] = {}
            for one, other in itertools.permutations(found[:_MOST_RELATED], 2):
                # different elements of an array may meet two conditions that exclude one another
                if one.number < other.number and not subject.many and self._never(subject, (one, other), ()):
                    yield (one.number, other.number), ()
                elif self._never(subject, (one,), (other,)):
                    yield (one.number,), (other.number,)
                    inside.setdefault(other.number, []).append(one)
            for whole in found[:_MOST_RELATED]:
                if self._never(subject, (whole,), ()):
                    yield (whole.number,), ()
                parts = inside.get(whole.number, [])
                if len(parts) > 1 and self._never(subject, (whole,), parts):
                    yield (whole.number,), tuple(part.number for part in parts)
            yield from self._complements(subject, found[:_MOST_RELATED])

    def _complements(
        self, subject: Field, found: Sequence[_Known]
    ) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Of two atoms of which every text meets one, one holds wherever there is a text."""
        if subject.many or len(found) < 3:  # noqa: PLR2004 - two, and one that says that there is a text
            return
        for one, other in itertools.combinations(found, 2):
            if self._never(subject, (), (one, other)):
                yield from (((there.number,), (one.number, other.number)) for there in found)

    def _never(self, subject: Field, here: Iterable[_Known], denied: Iterable[_Known]) -> bool:
        """Whether no text meets the one and none of the others; False where that is not decided."""
        together = And((*(one.text for one in here), *(Not(one.text) for one in denied)))
        if any(holds(together, text) for one in (*here, *denied) for text in one.samples):
            return False
        try:
            nothing, within = Constant(value=False), self._within(subject)
            return same_texts(together, nothing, within, most=_FEW_STATES, empty=self._may_be_empty(subject))
        except UndecidedError:
            return False

    def _within(self, subject: Field) -> Regex | None:
        """The texts that a value of the column may be; None for all."""
        found = _within(self.facts.get(subject.path, frozenset()))
        sign = self.apart.get(subject.path, "")
        return Repeat(CharClass(((sign, sign),), negated=True), 0, None) if sign and found is None else found

    def _may_be_empty(self, subject: Field) -> bool:
        return self.empties and Fact.NEVER_EMPTY not in self.facts.get(subject.path, frozenset())

    def _same(self, subject: Field, one: Predicate, other: Predicate) -> bool:
        """Whether they take the same texts; what both list needs no proof where the rest is equal."""
        left, right = options(one) - options(other), options(other) - options(one)
        within, empty = self._within(subject), self._may_be_empty(subject)
        try:
            if left and right and same_texts(Or(tuple(left)), Or(tuple(right)), within, most=self._most, empty=empty):
                return True
            return same_texts(one, other, within, most=self._most, empty=empty)
        except UndecidedError:
            self._most = _FEW_STATES  # one large question is enough to leave the whole open
            return False


def said(node: Predicate) -> Hashable:
    """What a condition on one text says, whatever the order and the form of its parts."""
    match node:
        case And(terms):
            denied = [term.term for term in terms if isinstance(term, Not)]
            here = frozenset(said(term) for term in terms if not isinstance(term, Not))
            return "and", here, said(Or(tuple(denied))) if denied else None
        case Not(term):
            return "not", said(term)
        case Or(terms) if any(isinstance(term, And | Or | Not) for term in terms):
            joined = [term for term in terms if isinstance(term, And | Or | Not)]
            plain = Or(tuple(term for term in terms if term not in joined))
            return "or", options(plain), frozenset(map(said, joined))
        case _:
            return options(node)


def holds(node: Predicate, text: str) -> bool:
    """Whether a condition on one text holds of it."""
    match node:
        case And(terms):
            return all(holds(t, text) for t in terms)
        case Or(terms):
            return any(holds(t, text) for t in terms)
        case Not(term):
            return not holds(term, text)
        case OneOf(_, values, case):
            return fold(text, case) in {fold(v, case) for v in values}
        case Like(_, patterns, case):
            return any(like(text, p, case) for p in patterns)
        case Matches(_, regexes, case):
            return any(accepts(regex, case, text) for regex in regexes)
        case Constant(value):
            return value
        case _:
            return True  # it has a text


def _within(facts: Iterable[Fact]) -> Regex | None:
    """The texts that keep to the facts, as far as an expression says it; None for all."""
    known = set(facts)
    if Fact.LOWER_CASE in known:
        return Repeat(CharClass((("A", "Z"),), negated=True), 0, None)
    if Fact.DRIVE_PATH in known:
        letter = CharClass((("A", "Z"), ("a", "z")))
        colon, slash = Char(":"), Char("\\")
        # after the first, no colon stands before a backslash
        plain = CharClass(((":", ":"),), negated=True)
        after = CharClass(((":", ":"), ("\\", "\\")), negated=True)
        rest = Repeat(Alternate((plain, Concat((Repeat(colon, 1, None), after)))), 0, None)
        return Concat((letter, colon, slash, rest, Repeat(colon, 0, None)))
    if Fact.POSIX_PATH in known:
        return Concat((Char("/"), _ANY))
    if Fact.ONE_LINE in known:
        return Repeat(_NO_BREAK, 0, None)
    return None

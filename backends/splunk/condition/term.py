"""The forms of a leaf as a term of `search`, each with the facts about data under which it is exact.

`search` compares text without regard to case, takes any value of a field, and its NOT is true on a missing field, under
every reading of its documents; so whatever it can say is said in it.
"""

from __future__ import annotations

from typing import assert_never

from backends.splunk.codes import T230
from backends.splunk.condition import opened, wildcard, words
from backends.splunk.condition.ascii import folds_beyond
from backends.splunk.condition.check import note_size
from backends.splunk.condition.columns import Columns
from backends.splunk.condition.literal import RESERVED, blind_word, case_word
from converter.diagnostics import Diagnostic, Severity
from converter.forms import Form, Ledger, choose, finite
from converter.languages.spl.shorthand import every, number, some
from converter.languages.spl.syntax import Condition, OneOf, Quoting, Relation, Test, Word
from converter.languages.spl.write import expression
from converter.model import predicate as model
from converter.model.fact import Fact
from converter.model.pattern import Case, Pattern, Wild, of
from converter.model.predicate import (
    Analyzer,
    Compare,
    Comparison,
    Element,
    Holds,
    InNetwork,
    Like,
    Matches,
    Phrase,
    Present,
)
from converter.model.value import Field, Kind
from converter.target.contract import Notebook

_ANY = Word("*", Quoting.BARE)
_DRIVE = ":\\"

Leaf = Present | Compare | model.Between | model.OneOf | Like | Matches | InNetwork | Phrase | Element | Holds

_RELATIONS = {
    Comparison.LT: Relation.LESS,
    Comparison.LE: Relation.AT_MOST,
    Comparison.GT: Relation.MORE,
    Comparison.GE: Relation.AT_LEAST,
}


class Terms:
    """Writes leaves as terms of `search`, as far as it can say them; notes the facts that they rest on."""

    def __init__(self, columns: Columns, ledger: Ledger, notebook: Notebook) -> None:
        self._columns = columns
        self._ledger = ledger
        self._notebook = notebook

    def term(self, leaf: Leaf) -> tuple[Condition | None, Leaf | None]:
        """What `search` says of the leaf, and the rest, of which one must hold too or instead; None for nothing."""
        if not isinstance(leaf, Element):
            self._ledger.wrote(leaf)
        match leaf:
            case Present(field):
                forms: list[Form[Condition]] = [
                    Form("any value", 0, frozenset({Fact.NEVER_EMPTY}), lambda: self._test(field, _ANY))
                ]
                return self._chosen(forms, field, leaf)
            case model.OneOf(field, values, case):
                return self._patterns(field, tuple(of(v) for v in values), case, leaf)
            case Like(field, patterns, case):
                return self._patterns(field, patterns, case, leaf)
            case Matches(field, regexes, case):
                found = finite.patterns(regexes, case)
                return (None, leaf) if found is None else self._patterns(field, found, case, leaf)
            case Compare():
                return self._compare(leaf)
            case InNetwork(field, networks):
                name = self._columns.name(field)
                listed = _any_of(name, [Word(n) for n in networks]) if self._sayable(field) else None
                return listed, None if listed is not None else leaf
            case Phrase():
                found_words = self._phrase(leaf)
                return found_words, None if found_words is not None else leaf
            case model.Between(field) if not field.many:
                return self._between(leaf)
            case model.Between() | Element() | Holds():
                return None, leaf
            case _:
                assert_never(leaf)

    def words(self, leaf: Leaf) -> Condition | None:
        """Single arguments as parts of the command line: wider, and blind to quotes inside a word."""
        if not isinstance(leaf, model.OneOf | Like):
            return None
        line = self._columns.line(leaf.field)
        if line is None:
            return None
        patterns = leaf.patterns if isinstance(leaf, Like) else tuple(of(v) for v in leaf.values)
        found = [blind_word(of(Wild.ANY_RUN, *p.parts, Wild.ANY_RUN)) for p in patterns]
        listed = tuple(dict.fromkeys(w for w in found if w is not None))
        if not listed or None in found:
            return None
        self._ledger.wrote(leaf)
        self._notebook.add(_AS_WORDS)
        return Test(line, Relation.EQUAL, listed[0]) if len(listed) == 1 else OneOf(line, listed)

    def _chosen(self, forms: list[Form[Condition]], field: Field, leaf: Leaf) -> tuple[Condition | None, Leaf | None]:
        found = choose(forms, field, self._ledger) if self._sayable(field) else None
        return (None, leaf) if found is None else (found, None)

    def _sayable(self, field: Field) -> bool:
        return not self._columns.is_time(field) and self._columns.name(field) not in RESERVED

    def _test(self, field: Field, word: Word, relation: Relation = Relation.EQUAL) -> Condition:
        return Test(self._columns.name(field), relation, word)

    # ---- text

    def _patterns(
        self, field: Field, patterns: tuple[Pattern, ...], case: Case, leaf: Leaf
    ) -> tuple[Condition | None, Leaf | None]:
        """The patterns that `search` can say as one term; the others as a leaf."""
        if not self._sayable(field):
            return None, leaf
        words: list[Word] = []
        behind: list[Word] = []
        rest: list[Pattern] = []
        for pattern in patterns:
            if (word := choose(_forms(pattern, case), field, self._ledger)) is not None:
                words.append(word)
            elif (word := self._opened(pattern, case, field)) is not None:
                behind.append(word)
            else:
                rest.append(pattern)
        terms = [_any_of(self._columns.name(field), words)] if words else []
        if behind:
            terms.append(_any_of(opened.column(self._columns, field), behind))
        term = some(terms)
        if not rest:
            return term, None
        return term, leaf if term is None else _remaining(field, rest, case)

    def _opened(self, pattern: Pattern, case: Case, field: Field) -> Word | None:
        """The pattern as a value of the column that leaves the first character open."""
        found = opened.opened(pattern, field)
        if found is None or (not field.many and wildcard.sayable([pattern], case)):
            return None
        more = {Fact.PLAIN_TEXT} if field.many else set()
        forms = [Form(f.name, f.cost, f.needs | more, f.make) for f in _forms(found, case)]
        return choose(forms, field, self._ledger)

    @staticmethod
    def is_words(leaf: Phrase) -> bool:
        """Whether the phrase can be asked of the text's words."""
        powershell = leaf.analyzer is Analyzer.POWERSHELL and not leaf.field.many
        return powershell and words.word(leaf) is not None

    def _phrase(self, leaf: Phrase) -> Condition | None:
        """Words of PowerShell text one after another."""
        found = words.word(leaf) if self.is_words(leaf) else None
        if found is None:
            return None
        name = self._columns.called(f"{leaf.field.path}.words", words.MACRO, self._columns.value(leaf.field))
        return Test(name, Relation.EQUAL, found)

    # ---- numbers

    def _compare(self, leaf: Compare) -> tuple[Condition | None, Leaf | None]:
        field, value = leaf.field, leaf.value
        if isinstance(value, bool):
            return self._patterns(field, (of(str(value).lower()),), Case.INSENSITIVE, leaf)
        if not isinstance(value, int | float) or not self._sayable(field):
            return None, leaf
        note_size(leaf, self._notebook)
        digits = expression(number(value))
        if leaf.comparison is Comparison.EQ:
            return self._equal(leaf, digits)
        return self._test(field, Word(digits, Quoting.BARE), _RELATIONS[leaf.comparison]), None

    def _between(self, leaf: model.Between) -> tuple[Condition | None, Leaf | None]:
        """Of a single value both comparisons, if `search` can say both."""
        found = [self._compare(end) for end in leaf.ends]
        if any(rest is not None for _, rest in found):
            return None, leaf
        return every([term for term, _ in found if term is not None]), None

    def _equal(self, leaf: Compare, digits: str) -> tuple[Condition | None, Leaf | None]:
        """`=` compares digits, not numbers: 5 is not 5.0 there."""
        whole = isinstance(leaf.value, int) and leaf.field.kind is Kind.LONG
        if not whole:
            return None, leaf
        word = Word(digits, Quoting.BARE)
        form: Form[Condition] = Form("digits", 0, frozenset({Fact.PLAIN_NUMBER}), lambda: self._test(leaf.field, word))
        return self._chosen([form], leaf.field, leaf)


def _any_of(name: str, words: list[Word]) -> Condition:
    """One of the values. The page of `search` shows no CASE() inside IN."""
    words = list(dict.fromkeys(words))
    cased = [Test(name, Relation.EQUAL, w) for w in words if w.quoting is Quoting.CASE]
    plain = [w for w in words if w.quoting is not Quoting.CASE]
    listed: list[Condition] = []
    if plain:
        listed = [Test(name, Relation.EQUAL, plain[0]) if len(plain) == 1 else OneOf(name, tuple(plain))]
    found = some([*listed, *cased])
    if found is None:
        raise AssertionError(words)
    return found


def _forms(pattern: Pattern, case: Case) -> list[Form[Word]]:
    """The ways to say one pattern as a value."""
    text = "".join([part for part in pattern.parts if isinstance(part, str)])
    spelled = case is Case.SENSITIVE and any(map(str.isalpha, text))
    needs = [fact for fact, asked in ((Fact.ASCII_CASE, folds_beyond(text)), (Fact.ONE_SPELLING, spelled)) if asked]
    blind = frozenset(needs)
    drive = _without_drive(pattern)
    if pattern.parts == (Wild.ANY_RUN,):
        return [Form("any value", 0, frozenset({Fact.NEVER_EMPTY}), lambda: _ANY)]
    forms = [Form("value", 0, blind, lambda: blind_word(pattern))]
    if case is Case.SENSITIVE:
        forms.append(Form("CASE()", 1, frozenset(), lambda: case_word(pattern)))
    if drive is not None:
        forms.append(Form("path on any drive", 2, blind | {Fact.DRIVE_PATH}, lambda: blind_word(drive)))
    return forms


_AS_WORDS = Diagnostic(
    T230,
    "arguments are looked for as parts of the command line: more is found than the rule says, and quotes hide some",
    Severity.WARNING,
    hint="leave out --args words for the exact form",
)


def _without_drive(pattern: Pattern) -> Pattern | None:
    r"""`?:\...` as `*:\...`."""
    if len(pattern.parts) < 2 or pattern.parts[0] is not Wild.ANY_ONE:  # noqa: PLR2004 - the sign and a text
        return None
    second = pattern.parts[1]
    if not isinstance(second, str) or not second.startswith(_DRIVE):
        return None
    return of(Wild.ANY_RUN, *pattern.parts[1:])


def _remaining(field: Field, patterns: list[Pattern], case: Case) -> Leaf:
    values = tuple(p.literal for p in patterns if p.literal is not None)
    if len(values) == len(patterns):
        return model.OneOf(field, values, case)
    return Like(field, tuple(patterns), case)

"""One leaf in a place's fields: renamed, reshaped, or its values one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from converter.datasets.codes import M016, M019, M022, M025
from converter.datasets.reading.table import Always, AsIs, Counterpart, Lost, Raw, Replacement, Status, Unknown, When
from converter.datasets.rewriting import values
from converter.datasets.rewriting.entity import decoded
from converter.datasets.rewriting.missing import Role, Unmapped, missing
from converter.datasets.rewriting.outcome import Emitted, Ending, Fate, GivenUp, Ground, Implied, Rewritten
from converter.datasets.rewriting.place import Site
from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity, Span
from converter.diagnostics.code import Code
from converter.model import pattern as patterns
from converter.model.fact import Fact
from converter.model.normalise import normalise
from converter.model.pattern import Case, Pattern, Regex
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    FieldLeaf,
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
from converter.model.value import Column, Field, Kind
from converter.model.walk import fields, leaves, over


def _any(terms: Sequence[Predicate]) -> Predicate:
    """That one of the terms holds."""
    return terms[0] if len(terms) == 1 else Or(tuple(terms))


def _reshapes(part: Counterpart) -> bool:
    """Whether a column holds the field's values otherwise than whole and as they are."""
    return bool(part.rewrite or part.endings or part.separator or part.word or part.inside)


def _asks_what_is_cut(leaf: FieldLeaf, part: Counterpart) -> bool:
    """Whether the end of a path cannot say a leaf, or would say it at too great a length."""
    match leaf:
        case Matches() | Phrase():
            return True
        case OneOf(_, found) | Like(_, found):
            return part.few and len(found) > _FEW
        case _:
            return False


_FEW = 3


def _shapes(pattern: Pattern, part: Counterpart) -> tuple[Pattern | Regex, ...]:
    """What the column must match, one of them, for the field to match `pattern`."""
    if part.word:
        return values.word(pattern)
    if part.inside:
        return (values.within(pattern),)
    if part.status is Status.HEAD:
        return (patterns.of(*pattern.parts, part.separator, patterns.Wild.ANY_RUN),)
    return (values.tail(pattern, part.separator) if part.separator else pattern,)


def _in_json(leaf: FieldLeaf, part: Counterpart) -> tuple[FieldLeaf, Counterpart]:
    """Pieces that JSON text holds as they are looked for in it, not in the text that is made of it."""
    if not part.pieces or not isinstance(leaf, Like):
        return leaf, part
    shapes = [values.in_json(pattern) for pattern in leaf.patterns]
    found = tuple(shape for each in shapes for shape in each or ())
    if not all(shapes):
        return leaf, part
    computed = "(" in part.pieces
    status, note = Status.EXPR if computed else Status.EXACT, ""
    if any(map(values.ends_in_name, leaf.patterns)):
        status, note = part.status, part.note
    plain = replace(part, status=status, to=part.pieces, computed=computed, called="", macros=(), pieces="", note=note)
    return replace(leaf, patterns=found), plain


def rewrite_leaf(site: Site, unmapped: Unmapped, leaf: FieldLeaf, role: Role) -> Rewritten:
    """The leaf in the fields of a place, with what was found of it and what became of it. Remembered by the place.

    A rule and its unions ask for the same leaves over and over.
    """
    key = (id(leaf), unmapped, role.negated, role.optional)
    known = site.rewritten.get(key)
    if known is None:
        known = site.rewritten[key] = (leaf, _LeafRewriter(site, unmapped, role).rewritten(leaf))
    return known[1]


_MOST_REMEMBERED = 512  # of leaves that rules share: which rules come next, nobody knows


class _LeafRewriter:
    """Rewrites one leaf, and holds what was found of it while doing so."""

    def __init__(self, site: Site, unmapped: Unmapped, role: Role) -> None:
        self.site = site
        self.unmapped = unmapped
        self.role = role
        self._found: list[Diagnostic] = []
        self._given_up: Diagnostic | None = None
        self._ground: Ground | None = None

    def rewritten(self, leaf: FieldLeaf) -> Rewritten:
        """The leaf's rewriting and its fate."""
        alike = (leaf, self.role.negated, self.role.optional)
        known = self.site.alike.get(alike)
        if known is not None:
            return Rewritten(known[0], (), (Fate(leaf, known[1]),))
        bound = normalise(self._leaf(leaf))
        ending = self._ending(leaf, bound)
        if isinstance(leaf, OneOf) and not self._found and self._is_placeless(leaf, bound):
            if len(self.site.alike) >= _MOST_REMEMBERED:
                self.site.alike.clear()
            self.site.alike[alike] = (bound, ending)
        return Rewritten(bound, tuple(dict.fromkeys(self._found)), (Fate(leaf, ending),))

    def _is_placeless(self, leaf: FieldLeaf, bound: Predicate) -> bool:
        """Whether nothing of what a leaf has become tells where in the query it stands."""
        return leaf.span is not None and all(one.span is not leaf.span for one in leaves(bound))

    def _ending(self, leaf: FieldLeaf, bound: Predicate) -> Ending:
        grounds = (self._ground,) if self._ground is not None else ()
        if self._given_up is not None:
            return GivenUp(self._given_up, grounds)
        if isinstance(bound, Constant):
            word = "every" if bound.value else "no"
            return Implied(f"{word} event of {self.site.place.name} satisfies this of {leaf.field.path}", grounds)
        return Emitted(bound, grounds)

    def _say(self, code: Code, message: str, severity: Severity, span: Span | None = None) -> None:
        self._found.append(Diagnostic(code, message, severity, span))

    def _missing(self, path: str, what: str, node: FieldLeaf) -> Predicate:
        lost = missing(self.site, self.unmapped, path, what, node.span, self.role)
        self._found.append(lost.finding)
        if not lost.stays:
            self._given_up = self._given_up or lost.finding
        return lost.kept(node)

    def _leaf(self, leaf: FieldLeaf) -> Predicate:
        field = leaf.field
        found = self.site.find(field.path)
        if found is None:
            return self._missing(field.path, "the field", leaf)
        entry, part, name = found
        leaf, part = _in_json(leaf, part)
        self._ground = Ground(entry, part)
        part = decoded(leaf, part, self.site.place.entities, self.site.platform)
        if part.status is Status.NONE:
            why = f" ({part.note})" if part.note else ""
            return self._missing(field.path, f"the field{why}", leaf)
        if part.status is Status.ABSENT:
            self._say(M019, f"{field.path} is never set in {self.site.table.name}", Severity.NOTE, leaf.span)
            return Constant(value=False)
        self._found += self.site.faith(field.path, entry, part, leaf.span)
        if part.status is Status.KEY and not isinstance(leaf, Present):
            message = f"{field.path} is another literal here ({part.to}): it can join and group, not be compared"
            return self._missing(field.path, f"the value ({message}) of", leaf)
        if part.values:
            return self._where_present(leaf, part, self._by_values(leaf, part, name))
        if part.grouped and _asks_what_is_cut(leaf, part):
            part = replace(part, status=Status.EXPR, to=part.grouped, computed=True, separator="", present=None)
        target = self.site.target(field, part, name)
        if target is None:
            return self._missing(field.path, "the name of", leaf)
        return self._renamed(leaf, part, target)

    def _renamed(self, leaf: FieldLeaf, part: Counterpart, target: Field) -> Predicate:
        """A leaf whose values stay, but for a rewritten beginning or the tail of a path."""
        present = self._condition(part.present) if part.present is not None else None
        leaf = self._lowered(leaf, part)
        match leaf:
            case Present():
                return present if present is not None else self._told(over(leaf, target), target)
            case OneOf(_, texts, case) if _reshapes(part):
                return self._reshaped(leaf, [patterns.of(t) for t in texts], case, part, target)
            case Like(_, found, case) if _reshapes(part):
                return self._reshaped(leaf, list(found), case, part, target)
            case Matches() | Phrase() if _reshapes(part):
                return self._missing(target.path, "a regular expression over", leaf)
            case Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
                renamed = self._told(over(leaf, target), target)
                return And((present, renamed)) if isinstance(part.present, When) and present is not None else renamed
            case _:
                assert_never(leaf)

    def _lowered(self, leaf: FieldLeaf, part: Counterpart) -> FieldLeaf:
        """The leaf without regard to case where the place writes the column's values in another case than Elastic."""
        place = self.site.place
        if part.computed or not (part.to in place.folded or Fact.LOWER_CASE in place.facts.get(part.to, ())):
            return leaf
        match leaf:
            case OneOf(_, _, Case.SENSITIVE) | Like(_, _, Case.SENSITIVE) | Matches(_, _, Case.SENSITIVE):
                message = f"{part.to} holds {leaf.field.path} in another case: it is compared without regard to case"
                self._say(M025, message, Severity.NOTE, leaf.span)
                return replace(leaf, case=Case.INSENSITIVE)
            case Present() | Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
                return leaf
            case _:
                assert_never(leaf)

    def _told(self, leaf: FieldLeaf, target: Field) -> Predicate:
        """The leaf, but for the texts by which the place says that a value is missing."""
        place = self.site.place
        texts = (*place.missing, *place.missing_in.get(target.way.text if target.way else "", ()))
        match leaf:
            case Present() | Matches():
                met = texts
            case Like(_, found, case):
                met = tuple(t for t in texts if any(values.fits(p, t, case) for p in found))
            case OneOf(_, wanted, _):
                met = tuple(t for t in texts if t in wanted)
            case Compare() | Between() | InNetwork() | Phrase():
                met = ()
            case _:
                assert_never(leaf)
        if not met or target.many or target.kind not in (Kind.KEYWORD, Kind.TEXT) or self._is_number(target):
            return leaf
        return And((leaf, Not(OneOf(target, met, Case.SENSITIVE, leaf.span))))

    def _is_number(self, target: Field) -> bool:
        """Whether the column holds numbers, of which none is a text for a missing value."""
        way = target.way
        return isinstance(way, Column) and self.site.column(way.text).kind in (Kind.LONG, Kind.DOUBLE)

    def _reshaped(
        self, leaf: FieldLeaf, found: list[Pattern], case: Case, part: Counterpart, target: Field
    ) -> Predicate:
        terms: list[Predicate] = []
        for pattern in found:
            heads = values.replaced(pattern, part.rewrite, case) if part.rewrite else [pattern]
            if heads is None and part.is_open:
                heads = [pattern]
            if heads is None:
                return self._missing(target.path, "a value's beginning in", leaf)
            ended = [values.ended(head, part.endings, case) for head in heads]
            for shape in (shape for head in ended for shape in _shapes(head, part)):
                if isinstance(shape, Pattern):
                    terms.append(Like(target, (shape,), case, leaf.span))
                else:
                    terms.append(Matches(target, (shape,), case, leaf.span))
        return Or(tuple(terms))

    # ---- values

    def _by_values(self, leaf: FieldLeaf, part: Counterpart, name: str) -> Predicate:
        """A leaf over a field whose values are rewritten one by one or are constants of the place."""
        target = self.site.target(leaf.field, part, name) if part.to else None
        leaf = self._lowered(leaf, part)
        match leaf:
            case Present():
                return self._present(leaf, part, target)
            case OneOf(_, texts, case):
                return _any([self._value(leaf, text, case, part, target) for text in texts])
            case Compare(_, comparison, value) if comparison is Comparison.EQ:
                text = str(value).lower() if isinstance(value, bool) else str(value)
                return self._value(leaf, text, Case.SENSITIVE, part, target)
            case Like(_, found, case):
                return _any([self._pattern(leaf, p, case, part, target) for p in found])
            case InNetwork() | Matches() | Compare() | Between() | Phrase():
                if part.is_open and target is not None:
                    message = f"the values of {leaf.field.path} are compared as the platform writes them"
                    self._say(M016, message, Severity.WARNING, leaf.span)
                    return over(leaf, target)
                return self._missing(leaf.field.path, "a comparison over the values of", leaf)
            case _:
                assert_never(leaf)

    def _where_present(self, leaf: FieldLeaf, part: Counterpart, bound: Predicate) -> Predicate:
        """What is said of values, of the events that have the field: where other columns tell which those are."""
        if not isinstance(part.present, When) or isinstance(leaf, Present):
            return bound
        present = self._condition(part.present)
        others = any(field.way is None or field.way.text != part.to for field in fields(present))
        return And((present, bound)) if others else bound

    def _present(self, leaf: Present, part: Counterpart, target: Field | None) -> Predicate:
        if part.present is not None:
            return self._condition(part.present)
        if target is not None:
            return over(leaf, target)
        conditions = [self._replacement(leaf, r, None, Case.SENSITIVE) for r in part.values.values()]
        return Or(tuple(c for c in conditions if c is not None))

    def _condition(self, present: When | Always) -> Predicate:
        if isinstance(present, Always):
            return Constant(present.value)
        return self.site.condition(present.condition, present.span)

    def _replacement(
        self, leaf: FieldLeaf, replacement: Replacement, target: Field | None, case: Case
    ) -> Predicate | None:
        """The predicate of one replacement; None if it has no counterpart."""
        match replacement:
            case Raw(texts):
                return OneOf(target, texts, case, leaf.span) if target is not None else None
            case When(condition, span, differs):
                if differs:
                    self._differs(leaf, differs)
                return self.site.condition(condition, span)
            case Always(value):
                return Constant(value)
            case Unknown() | AsIs():
                return None
            case Lost(why):
                self._lost(leaf, why)
                return Constant(value=False)
            case _:
                assert_never(replacement)

    def _differs(self, leaf: FieldLeaf, why: str) -> None:
        message = f"a value of {leaf.field.path} is approximated: {why}"
        self._say(M016, message, Severity.WARNING, leaf.span)

    def _lost(self, leaf: FieldLeaf, why: str) -> None:
        """Say that events are missed, where the leaf asks for them; excluding what never comes is exact."""
        if self.role.negated:
            return
        place = f"{self.site.platform} {self.site.place.name}"
        message = f"{leaf.field.path}: {why} ({place}): fewer events match"
        lost = Diagnostic(M022, message, Severity.WARNING, leaf.span)
        self._found.append(lost)
        self._given_up = self._given_up or lost

    def _value(self, leaf: FieldLeaf, text: str, case: Case, part: Counterpart, target: Field | None) -> Predicate:
        found = values.listed(part.values, text, case)
        match found:
            case [] if part.is_open and target is not None:
                return OneOf(target, (text,), case, leaf.span)
            case [AsIs(differs)] if target is not None:
                self._differs(leaf, differs)
                return OneOf(target, (text,), case, leaf.span)
            case _:
                pass
        parts = [self._replacement(leaf, r, target, Case.SENSITIVE) for r in found]
        good = [p for p in parts if p is not None]
        if not found or len(good) < len(parts):
            why = next((f": {r.why}" for r in found if isinstance(r, Unknown) and r.why), "")
            return self._missing(f"{leaf.field.path} = {text}{why}", "the value", leaf)
        return _any(good)

    def _pattern(self, leaf: Like, pattern: Pattern, case: Case, part: Counterpart, target: Field | None) -> Predicate:
        """A wildcard over listed values: those that it matches, and whatever stays as it is."""
        found = values.matching(part.values, pattern, case)
        terms = [self._replacement(leaf, r, target, Case.SENSITIVE) for _, r in found]
        if any(t is None for t in terms):
            return self._missing(f"{leaf.field.path} = {found[0][0]}", "the value", leaf)
        good = [t for t in terms if t is not None]
        other = part.values.get(values.ANY_OTHER)
        if (part.is_open or isinstance(other, AsIs)) and target is not None:
            if isinstance(other, AsIs) and not any("*" in key for key, _ in found):
                self._differs(leaf, other.differs)
            rest: Predicate = Like(target, (pattern,), case, leaf.span)
            hidden = values.hidden(part.values, {k for k, _ in found}, pattern, case)
            if hidden:
                rest = And((rest, Not(OneOf(target, hidden, Case.SENSITIVE, leaf.span))))
            return Or((*good, rest))
        if not good and other is None:
            return self._missing(f"{leaf.field.path} (a wildcard)", "the value", leaf)
        if not good and other is not None:
            rest_of_all = self._replacement(leaf, other, target, case)
            why = f": {other.why}" if isinstance(other, Unknown) and other.why else ""
            return rest_of_all or self._missing(f"{leaf.field.path} (a wildcard){why}", "the value", leaf)
        return Or(tuple(good))

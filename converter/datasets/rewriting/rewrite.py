"""A predicate over Elastic's fields as one over a place's own: leaf by leaf, nothing dropped in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from converter.datasets.reading.table import Always, Counterpart, Entry, Lost, Raw, Replacement, Status, Unknown, When
from converter.datasets.rewriting import values
from converter.datasets.rewriting.place import Site
from converter.diagnostics import Diagnostic, Severity, Span
from converter.model import pattern as patterns
from converter.model.fact import Fact
from converter.model.normalise import normalise
from converter.model.pattern import Case, Pattern, Regex
from converter.model.predicate import (
    And,
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
from converter.model.value import Call, Field, Kind, Literal, Value

FieldLeaf = Present | Compare | OneOf | Like | Matches | InNetwork | Phrase
"""The leaves over one field."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a leaf is for: needed by every match, only to exclude, or one way among others."""

    negated: bool = False
    optional: bool = False

    @property
    def words(self) -> str:
        """The role, for a message."""
        if self.negated:
            return "it only excludes events"
        return "it is one alternative of an or" if self.optional else "every match needs it"

    @property
    def required(self) -> bool:
        """Whether a match is impossible to tell without it."""
        return not self.negated and not self.optional


def _reshapes(part: Counterpart) -> bool:
    """Whether a column holds the field's values otherwise than whole and as they are."""
    return bool(part.rewrite or part.separator or part.word)


def _shape(pattern: Pattern, part: Counterpart) -> Pattern | Regex:
    """What the column must match for the field to match `pattern`."""
    if part.word:
        return values.word(pattern)
    if part.status is Status.HEAD:
        return patterns.of(*pattern.parts, part.separator, patterns.Wild.ANY_RUN)
    return values.tail(pattern, part.separator) if part.separator else pattern


class Rewriter:
    """Rewrites for one place and collects what it finds. `unmapped` is refuse, drop or keep."""

    def __init__(self, site: Site, unmapped: str = "refuse") -> None:
        self.site = site
        self.unmapped = unmapped
        self._found: dict[Diagnostic, None] = {}

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was found, in order, each once."""
        return tuple(self._found)

    def _say(self, code: str, message: str, severity: Severity, span: Span | None = None, hint: str = "") -> None:
        self._found.setdefault(Diagnostic(code, message, severity, span, hint=hint))

    # ---- trees

    def predicate(self, node: Predicate, role: Role | None = None) -> Predicate:
        """The predicate in the place's fields."""
        role = role or Role()
        match node:
            case And(terms):
                return And(self._terms(terms, role, decided=False))
            case Or(terms):
                return Or(self._terms(terms, replace(role, optional=True), decided=True))
            case Not(term):
                return Not(self.predicate(term, replace(role, negated=not role.negated)))
            case Constant():
                return node
            case Element(path, _, span):
                return self._missing(path, "the nested array", span, role, node)
            case Holds(call, span):
                return self._script(node, call, span, role)
            case Present() | Compare() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
                return self._leaf(node, role)
            case _:
                assert_never(node)

    def _terms(self, terms: tuple[Predicate, ...], role: Role, *, decided: bool) -> tuple[Predicate, ...]:
        """The terms of an And or Or. One that is `decided` for every event here leaves nothing to say of the others."""
        before, done = dict(self._found), []
        for term in terms:
            known = len(self._found)
            bound = self.predicate(term, role)
            said = list(self._found)[known:]
            if normalise(bound) == Constant(decided) and all(d.severity is Severity.NOTE for d in said):
                self._found = {**before, **dict.fromkeys(said)}
                return (Constant(decided),)
            done.append(bound)
        return tuple(done)

    def _missing(self, path: str, what: str, span: Span | None, role: Role, node: Predicate) -> Predicate:
        """A predicate without counterpart: refused, dropped where that is sound to say, or kept as it is."""
        site = self.site
        where = f"{site.platform} {site.place.name} ({site.table.name})"
        message = f"{what} {path} has no counterpart in {where}; {role.words}"
        if self.unmapped == "keep":
            self._say("M020", f"{message}: kept under its Elastic name", Severity.WARNING, span)
            return node
        if self.unmapped == "drop" and not role.required:
            effect = "more events match" if role.negated else "fewer events match"
            self._say("M018", f"{message}: dropped, {effect}", Severity.WARNING, span)
            return Constant(value=False)
        choices = ["--fields ecs if your events keep Elastic's names", "--mapping FILE to name your own field"]
        if not role.required:
            choices.insert(0, "--unmapped drop to leave it out")
        self._say("M011", message, Severity.ERROR, span, "use " + ", or ".join(choices))
        return Constant(value=False)

    # ---- leaves

    def _leaf(self, leaf: FieldLeaf, role: Role) -> Predicate:
        field = leaf.field
        found = self.site.find(field.path)
        if found is None:
            return self._missing(field.path, "the field", leaf.span, role, leaf)
        entry, part, name = found
        if part.status is Status.NONE:
            why = f" ({part.note})" if part.note else ""
            return self._missing(field.path, f"the field{why}", leaf.span, role, leaf)
        if part.status is Status.ABSENT:
            self._say("M019", f"{field.path} is never set in {self.site.table.name}", Severity.NOTE, leaf.span)
            return Constant(value=False)
        self._faith(field.path, entry, part, leaf.span)
        if part.status is Status.KEY and not isinstance(leaf, Present):
            message = f"{field.path} is another literal here ({part.to}): it can join and group, not be compared"
            return self._missing(field.path, f"the value ({message}) of", leaf.span, role, leaf)
        if part.values:
            return self._by_values(leaf, part, name, role)
        target = self.site.target(field, part, name)
        if target is None:
            return self._missing(field.path, "the name of", leaf.span, role, leaf)
        return self._renamed(leaf, part, target, role)

    def _faith(self, path: str, entry: Entry, part: Counterpart, span: Span | None) -> None:
        """Say what a counterpart rests on: an approximation, a guess."""
        note = part.note or entry.note
        if part.status is Status.APPROX:
            self._say("M016", f"{path} is approximated by {part.to or 'values'}: {note}", Severity.WARNING, span)
        if part.guess:
            where = f"{self.site.platform} {self.site.place.name}"
            self._say("M017", f"the counterpart of {path} in {where} is not verified", Severity.NOTE, span)

    def _renamed(self, leaf: FieldLeaf, part: Counterpart, target: Field, role: Role) -> Predicate:
        """A leaf whose values stay, but for a rewritten beginning or the tail of a path."""
        present = self._condition(part.present) if part.present is not None else None
        leaf = self._lowered(leaf, part)
        match leaf:
            case Present():
                return present if present is not None else self._told(replace(leaf, field=target), target)
            case OneOf(_, texts, case) if _reshapes(part):
                return self._reshaped(leaf, [patterns.of(t) for t in texts], case, part, target, role)
            case Like(_, found, case) if _reshapes(part):
                return self._reshaped(leaf, list(found), case, part, target, role)
            case Matches() | Phrase() if _reshapes(part):
                return self._missing(target.path, "a regular expression over", leaf.span, role, leaf)
            case Compare() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
                renamed = self._told(replace(leaf, field=target), target)
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
                self._say("M025", message, Severity.NOTE, leaf.span)
                return replace(leaf, case=Case.INSENSITIVE)
            case Present() | Compare() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
                return leaf
            case _:
                assert_never(leaf)

    def _told(self, leaf: FieldLeaf, target: Field) -> Predicate:
        """The leaf, but for the texts by which the place says that a value is missing."""
        texts = self.site.place.missing
        match leaf:
            case Present() | Matches():
                met = texts
            case Like(_, found, case):
                met = tuple(t for t in texts if any(values.fits(p, t, case) for p in found))
            case OneOf(_, wanted, _):
                met = tuple(t for t in texts if t in wanted)
            case Compare() | InNetwork() | Phrase():
                met = ()
            case _:
                assert_never(leaf)
        if not met or target.many or target.kind not in (Kind.KEYWORD, Kind.TEXT):
            return leaf
        return And((leaf, Not(OneOf(target, met, Case.SENSITIVE, leaf.span))))

    def _reshaped(
        self, leaf: FieldLeaf, found: list[Pattern], case: Case, part: Counterpart, target: Field, role: Role
    ) -> Predicate:
        terms: list[Predicate] = []
        for pattern in found:
            heads = values.replaced(pattern, part.rewrite, case) if part.rewrite else [pattern]
            if heads is None and part.is_open:
                heads = [pattern]
            if heads is None:
                return self._missing(target.path, "a value's beginning in", leaf.span, role, leaf)
            for head in heads:
                shape = _shape(head, part)
                if isinstance(shape, Pattern):
                    terms.append(Like(target, (shape,), case, leaf.span))
                else:
                    terms.append(Matches(target, (shape,), case, leaf.span))
        return Or(tuple(terms))

    # ---- values

    def _by_values(self, leaf: FieldLeaf, part: Counterpart, name: str, role: Role) -> Predicate:
        """A leaf over a field whose values are rewritten one by one or are constants of the place."""
        target = self.site.target(leaf.field, part, name) if part.to else None
        match leaf:
            case Present():
                return self._present(leaf, part, target, role)
            case OneOf(_, texts, case):
                return Or(tuple(self._value(leaf, text, case, part, target, role) for text in texts))
            case Compare(_, comparison, value) if comparison is Comparison.EQ:
                text = str(value).lower() if isinstance(value, bool) else str(value)
                return self._value(leaf, text, Case.SENSITIVE, part, target, role)
            case Like(_, found, case):
                return Or(tuple(self._pattern(leaf, p, case, part, target, role) for p in found))
            case InNetwork() | Matches() | Compare() | Phrase():
                if part.is_open and target is not None:
                    message = f"the values of {leaf.field.path} are compared as the platform writes them"
                    self._say("M016", message, Severity.WARNING, leaf.span)
                    return replace(leaf, field=target)
                return self._missing(leaf.field.path, "a comparison over the values of", leaf.span, role, leaf)
            case _:
                assert_never(leaf)

    def _present(self, leaf: Present, part: Counterpart, target: Field | None, role: Role) -> Predicate:
        if part.present is not None:
            return self._condition(part.present)
        if target is not None:
            return replace(leaf, field=target)
        conditions = [self._replacement(leaf, r, None, Case.SENSITIVE, role) for r in part.values.values()]
        return Or(tuple(c for c in conditions if c is not None))

    def _condition(self, present: When | Always) -> Predicate:
        if isinstance(present, Always):
            return Constant(present.value)
        return self.site.condition(present.condition, present.span)

    def _replacement(
        self, leaf: FieldLeaf, replacement: Replacement, target: Field | None, case: Case, role: Role
    ) -> Predicate | None:
        """The predicate of one replacement; None if it has no counterpart."""
        match replacement:
            case Raw(texts):
                return OneOf(target, texts, case, leaf.span) if target is not None else None
            case When(condition, span):
                return self.site.condition(condition, span)
            case Always(value):
                return Constant(value)
            case Unknown():
                return None
            case Lost(why):
                self._lost(leaf, why, role)
                return Constant(value=False)
            case _:
                assert_never(replacement)

    def _lost(self, leaf: FieldLeaf, why: str, role: Role) -> None:
        """Say that events are missed, where the leaf asks for them; excluding what never comes is exact."""
        if not role.negated:
            place = f"{self.site.platform} {self.site.place.name}"
            self._say("M022", f"{leaf.field.path}: {why} ({place}): fewer events match", Severity.WARNING, leaf.span)

    def _value(
        self, leaf: FieldLeaf, text: str, case: Case, part: Counterpart, target: Field | None, role: Role
    ) -> Predicate:
        found = values.listed(part.values, text, case)
        if not found and part.is_open and target is not None:
            return OneOf(target, (text,), case, leaf.span)
        parts = [self._replacement(leaf, r, target, Case.SENSITIVE, role) for r in found]
        good = [p for p in parts if p is not None]
        if not found or len(good) < len(parts):
            why = next((f": {r.why}" for r in found if isinstance(r, Unknown) and r.why), "")
            return self._missing(f"{leaf.field.path} = {text}{why}", "the value", leaf.span, role, leaf)
        return Or(tuple(good))

    def _pattern(
        self, leaf: Like, pattern: Pattern, case: Case, part: Counterpart, target: Field | None, role: Role
    ) -> Predicate:
        """A wildcard over listed values: those that it matches, and whatever stays as it is."""
        found = values.matching(part.values, pattern, case)
        terms = [self._replacement(leaf, r, target, Case.SENSITIVE, role) for _, r in found]
        if any(t is None for t in terms):
            return self._missing(f"{leaf.field.path} = {found[0][0]}", "the value", leaf.span, role, leaf)
        good = [t for t in terms if t is not None]
        if part.is_open and target is not None:
            rest: Predicate = Like(target, (pattern,), case, leaf.span)
            hidden = self._hidden(part.values, {k for k, _ in found}, pattern, case)
            if hidden:
                rest = And((rest, Not(OneOf(target, hidden, Case.SENSITIVE, leaf.span))))
            return Or((*good, rest))
        if not good and values.ANY_OTHER not in part.values:
            return self._missing(f"{leaf.field.path} (a wildcard)", "the value", leaf.span, role, leaf)
        if not good:
            other = self._replacement(leaf, part.values[values.ANY_OTHER], target, case, role)
            return other if other is not None else Constant(value=False)
        return Or(tuple(good))

    def _hidden(
        self, table: Mapping[str, Replacement], used: set[str], pattern: Pattern, case: Case
    ) -> tuple[str, ...]:
        """Raw values that the pattern matches as they are although Elastic's value for them does not."""
        raws = [(k, v) for k, r in table.items() if isinstance(r, Raw) and k not in used for v in r.values]
        return tuple(v for k, v in raws if k != v and values.fits(pattern, v, case))

    # ---- scripts and fields that stand alone

    def _script(self, node: Holds, call: Call, span: Span | None, role: Role) -> Predicate:
        missing: list[str] = []
        bound = self._call(call, missing, span)
        if missing:
            return self._missing(", ".join(dict.fromkeys(missing)), "the field", span, role, node)
        return replace(node, call=bound)

    def _call(self, call: Call, missing: list[str], span: Span | None) -> Call:
        return replace(call, arguments=tuple(self._argument(a, missing, span) for a in call.arguments))

    def _argument(self, value: Value, missing: list[str], span: Span | None) -> Value:
        match value:
            case Literal():
                return value
            case Call():
                return self._call(value, missing, span)
            case Field():
                bound = self.field(value, for_key=False)
                if isinstance(bound, Constant):
                    return Literal(None)
                if bound is None:
                    missing.append(value.path)
                    return value
                return bound
            case _:
                assert_never(value)

    def field(self, field: Field, *, for_key: bool) -> Field | Constant | None:
        """A field that is grouped by, joined on or computed with.

        None if it has no counterpart; a Constant if it has the same value (or none: False) for every event.
        """
        found = self.site.find(field.path)
        if found is None:
            return None
        entry, part, name = found
        match part.status:
            case Status.NONE:
                return None
            case Status.ABSENT:
                return Constant(value=False)
            case Status.IMPLIED:
                return Constant(value=True) if for_key else None
            case Status.VALUES if part.is_open and part.to and not for_key:
                message = f"the values of {field.path} are computed with as the platform writes them"
                self._say("M016", message, Severity.WARNING, field.span)
                usable = True
            case Status.KEY | Status.VALUES:
                usable = for_key and bool(part.to)
            case Status.EXACT | Status.EXPR | Status.ELEMENTS | Status.APPROX:
                usable = bool(part.to) and not part.word and (for_key or not part.rewrite)
            case Status.TAIL | Status.HEAD:
                usable = False
            case _:
                assert_never(part.status)
        if not usable:
            return None
        self._faith(field.path, entry, part, field.span)
        return self.site.target(field, part, name)

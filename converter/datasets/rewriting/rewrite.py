"""A predicate over Elastic's fields as one over a place's own: leaf by leaf, nothing dropped in silence."""

from __future__ import annotations

from typing import assert_never

from converter.datasets.codes import M016
from converter.datasets.reading.table import Counterpart, Status
from converter.datasets.rewriting.leaf import rewrite_leaf
from converter.datasets.rewriting.missing import Role, Unmapped, missing
from converter.datasets.rewriting.outcome import (
    Emitted,
    Fate,
    GivenUp,
    Ground,
    Keyed,
    Rewritten,
    set_aside,
)
from converter.datasets.rewriting.place import Site
from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Severity, Span
from converter.model.predicate import (
    And,
    Between,
    Compare,
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
from converter.model.value import Call, Field, Literal, Value
from converter.model.walk import leaves, walk

_ROLES = {(negated, optional): Role(negated, optional) for negated in (False, True) for optional in (False, True)}
"""The roles that there are: made once, so that each keeps its hash."""


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Rewrites for one place. Without state: every term returns what was found of it."""

    site: Site
    unmapped: Unmapped = Unmapped.REFUSE

    def refused_or_whole(self, node: Predicate) -> Rewritten:
        """The predicate in the place's fields; of a refused conjunction no more than what refuses it."""
        if isinstance(node, And):
            return self._terms(node.terms, _ROLES[False, False], decided=False, briefly=True)
        return self.predicate(node)

    def predicate(self, node: Predicate, role: Role | None = None) -> Rewritten:
        """The predicate in the place's fields."""
        role = role or _ROLES[False, False]
        match node:
            case And(terms):
                return self._terms(terms, role, decided=False)
            case Or(terms):
                return self._terms(terms, _ROLES[role.negated, True], decided=True)
            case Not(term):
                inner = self.predicate(term, _ROLES[not role.negated, role.optional])
                return Rewritten(Not(inner.predicate), inner.findings, inner.fates)
            case Constant():
                return Rewritten(node)
            case Element():
                return self._element(node, role)
            case Holds(call, span):
                return self._script(node, call, span, role)
            case Present() | Compare() | Between() | OneOf() | Like() | Matches() | InNetwork() | Phrase():
                return rewrite_leaf(self.site, self.unmapped, node, role)
            case _:
                assert_never(node)

    def _terms(self, terms: tuple[Predicate, ...], role: Role, *, decided: bool, briefly: bool = False) -> Rewritten:
        """The terms of an And or Or. One that is `decided` for every event here leaves nothing to say of the others.

        `briefly`: what is refused needs no more than that.
        """
        done: list[Predicate] = []
        findings: list[Diagnostic] = []
        fates: list[Fate] = []
        for number, term in enumerate(terms):
            one = self.predicate(term, role)
            if one.decides(decided):
                word = "or" if decided else "and"
                why = f"the {word} it stands in is decided by a condition that every event of the place answers alike"
                rest = set_aside((*terms[:number], *terms[number + 1 :]), why)
                return Rewritten(Constant(decided), one.findings, (*one.fates, *rest))
            if briefly and one.refused:
                return one
            done.append(one.predicate)
            findings += one.findings
            fates += one.fates
        joined = Or(tuple(done)) if decided else And(tuple(done))
        return Rewritten(joined, tuple(findings), tuple(fates))

    # ---- scripts and fields that stand alone

    def _element(self, node: Element, role: Role) -> Rewritten:
        """A nested array: no place tells its elements apart, so that its conditions are asked of the array.

        That finds more; where it would find less (under a not, or with one inside) the array has no counterpart.
        """
        inner = self.predicate(node.term, role)
        given_up = any(isinstance(fate.ending, GivenUp) for fate in inner.fates)
        if role.negated or inner.refused or given_up or any(isinstance(part, Not) for part in walk(node.term)):
            lost = missing(self.site, self.unmapped, node.path, "the nested array", node.span, role)
            fates = tuple(Fate(leaf, GivenUp(lost.finding)) for leaf in leaves(node.term))
            return Rewritten(lost.kept(node), (lost.finding,), fates)
        message = f"the conditions on {node.path} may hold of different elements of it: more events match"
        said = Diagnostic(M016, message, Severity.WARNING, node.span)
        return replace(inner, findings=(*inner.findings, said))

    def _script(self, node: Holds, call: Call, span: Span | None, role: Role) -> Rewritten:
        used: list[tuple[Field, Keyed]] = []
        bound = replace(node, call=self._call(call, used))
        found = tuple(d for _, one in used for d in one.findings)
        grounds = tuple(one.ground for _, one in used if one.ground is not None)
        lacking = dict.fromkeys(field.path for field, one in used if one.target is None)
        if lacking:
            lost = missing(self.site, self.unmapped, ", ".join(lacking), "the field", span, role)
            fate = Fate(node, GivenUp(lost.finding, grounds))
            return Rewritten(lost.kept(node), (*found, lost.finding), (fate,))
        return Rewritten(bound, found, (Fate(node, Emitted(bound, grounds)),))

    def _call(self, call: Call, used: list[tuple[Field, Keyed]]) -> Call:
        return replace(call, arguments=tuple(self._argument(a, used) for a in call.arguments))

    def _argument(self, value: Value, used: list[tuple[Field, Keyed]]) -> Value:
        match value:
            case Literal():
                return value
            case Call():
                return self._call(value, used)
            case Field():
                bound = self.field(value, for_key=False)
                used.append((value, bound))
                if isinstance(bound.target, Constant):
                    return Literal(None)
                return value if bound.target is None else bound.target
            case _:
                assert_never(value)

    def field(self, field: Field, *, for_key: bool) -> Keyed:
        """A field that is grouped by, joined on or computed with."""
        found = self.site.find(field.path)
        if found is None:
            return Keyed(None)
        entry, part, name = found
        ground = Ground(entry, part)
        match part.status:
            case Status.ABSENT:
                return Keyed(Constant(value=False), ground=ground)
            case Status.IMPLIED:
                return Keyed(Constant(value=True) if for_key else None, ground=ground)
            case Status.NONE:
                usable = False
            case Status.TAIL | Status.HEAD:
                part, usable = replace(part, to=part.grouped, computed=True), bool(part.grouped)
            case Status.KEY | Status.VALUES | Status.EXACT | Status.EXPR | Status.ELEMENTS | Status.APPROX:
                usable = _usable(part, for_key=for_key)
            case _:
                assert_never(part.status)
        if not usable:
            return Keyed(None, ground=ground)
        said: list[Diagnostic] = []
        if part.status is Status.VALUES and part.is_open and not for_key:
            message = f"the values of {field.path} are computed with as the platform writes them"
            said.append(Diagnostic(M016, message, Severity.WARNING, field.span))
        said += self.site.faith(field.path, entry, part, field.span)
        return Keyed(self.site.target(field, part, name), tuple(said), ground)


def _usable(part: Counterpart, *, for_key: bool) -> bool:
    """Whether a counterpart's values can be grouped by (or, without `for_key`, computed with)."""
    if not part.to:
        return False
    if part.status is Status.KEY:
        return for_key
    if part.status is Status.VALUES:
        return for_key or part.is_open
    return not (part.word or part.inside) and (for_key or not part.rewrite)

"""A Sigma rule read back by `converter.readers.sigma`, under its own names of fields, and its bound rule in these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.sigma.deploy.metadata import log_source
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import FieldInfo, Schema
from converter.forms.choose import Assumption
from converter.model.duration import SECOND
from converter.model.fact import Fact
from converter.model.predicate import And, Between, Holds, Leaf, Phrase, Predicate
from converter.model.rule import AnyOf, Match, Sample, Threshold
from converter.model.value import Call, Field, Function, Kind
from converter.model.walk import fields, leaves, map_fields, map_leaves
from converter.plan.branch import Branch
from converter.plan.group import plan_group
from converter.plan.sample import plan_sample
from converter.plan.window import plan_window
from converter.readers.frames import Frame
from converter.readers.phrases import as_regex
from converter.readers.sigma.artifact import close, condition, correlated, count, documents
from converter.readers.sigma.document import Document
from converter.readers.unraised import UnraisedError
from converter.target.contract import Binding, Bound, Emission
from converter.target.readback import NotRaised, Raised, Reading, Several, Unlike


def raised(bound: Bound, emission: Emission) -> Reading:
    """The conditions of the documents, and those of the rule that they were made from."""
    detection = bound.rule.detection
    try:
        found = documents(emission.text)
        match detection:
            case Match(where):
                _as_many(found, 1)
                return _raised(bound, where, bound.binding, found[0], emission)
            case AnyOf(matches):
                _as_many(found, len(matches))
                arms = zip(matches, bound.bindings, found, strict=True)
                return Several(tuple(_raised(bound, one.where, here, of, emission) for one, here, of in arms))
            case _:
                return _correlated(bound, found, emission)
    except UnraisedError as error:
        return NotRaised(str(error))
    except QuerySyntaxError as error:
        return NotRaised(f"no Sigma that is read here: {error.diagnostics[0].message}")


def _correlated(bound: Bound, found: Sequence[Document], emission: Emission) -> Several | Unlike:
    """What a correlation asks, and then condition by condition."""
    wanted = _frame(bound)
    _as_many(found, len(wanted.conditions) + 1)
    bindings = [part.binding for part in _parts(bound)] or [bound.binding]
    arms = zip(wanted.conditions, bindings, found, strict=False)
    several = Several(tuple(_raised(bound, where, here, of, emission) for where, here, of in arms))
    read = correlated(found, [part.found for part in several.parts])
    return several if wanted.alike(read) else Unlike(str(wanted), str(read))


def _parts(bound: Bound) -> list[Branch]:
    detection = bound.rule.detection
    if not isinstance(detection, Sample):
        return []
    return [part.branch for part in plan_sample(detection, bound.bindings).parts]


def _frame(bound: Bound) -> Frame:
    """The frame of the rule. Raises UnraisedError for a detection that has none here."""
    detection, meta = bound.rule.detection, bound.rule.meta
    span = -(-plan_window(meta).length_ms // SECOND) * SECOND
    match detection:
        case Threshold():
            plan = plan_group(detection, meta)
            keys = [_named(key).path for key in plan.keys]
            if plan.distinct is not None:
                least, of = plan.distinct.at_least, _named(plan.distinct.field).path
                return count([plan.where], keys, least, of, span)
            return count([plan.where], keys, plan.count or 1, "", span)
        case Sample():
            parts = _parts(bound)
            return close([one.where for one in parts], [[_named(k.field).path for k in one.by] for one in parts], span)
        case _:
            raise UnraisedError(f"a detection of the kind {type(detection).__name__}")


def _as_many(found: Sequence[Document], wanted: int) -> None:
    if len(found) != wanted:
        raise UnraisedError("several documents" if wanted == 1 else "other documents than the rule's")


def _raised(bound: Bound, where: Predicate, binding: Binding, document: Document, emission: Emission) -> Raised:
    wanted = _as_said(where)
    known = {field.path: field for field in fields(wanted)}
    schema = Schema(FieldInfo(f.path, f.kind, f.many) for f in known.values())
    source = log_source(bound.rule.meta, binding)
    found = map_fields(condition(document, schema, source), lambda f: known.get(f.path, f))
    return Raised(wanted, found, _facts(where, emission.assumed), empties=True)


def _as_said(where: Predicate) -> Predicate:
    found = map_leaves(where, _said)
    if any(isinstance(leaf, Phrase) for leaf in leaves(found)):
        raise UnraisedError("words of analysed text")
    return map_fields(found, _named)


def _said(leaf: Leaf) -> Predicate:
    """The leaf in the words that Sigma has: both ends by themselves."""
    match as_regex(leaf):
        case Between() as between:
            return And(between.ends)
        case Holds(Call(Function.EQ, (Field(), Field()))) as compared:
            return compared
        case Holds():
            raise UnraisedError("a script")
        case found:
            return found


def _named(field: Field) -> Field:
    kind = Kind.KEYWORD if field.kind is Kind.TEXT else field.kind
    return Field(field.way.text if field.way is not None else field.path, kind, field.many)


def _facts(where: Predicate, assumed: Iterable[Assumption]) -> dict[str, frozenset[Fact]]:
    """The facts that the text rests on, by the names of its fields."""
    told: dict[str, set[Fact]] = {}
    for one in assumed:
        told.setdefault(one.column, set()).add(one.fact)
    named = {_named(field).path for field in fields(where)}
    return {name: frozenset(facts) for name, facts in told.items() if name in named}

"""A Sigma rule read back by `converter.readers.sigma`, under its own names of fields, and its bound rule in these."""

from __future__ import annotations

from collections.abc import Iterable

from backends.sigma.deploy.metadata import log_source
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import FieldInfo, Schema
from converter.forms.choose import Assumption
from converter.model.fact import Fact
from converter.model.predicate import And, Between, Holds, Leaf, Phrase, Predicate
from converter.model.rule import Match
from converter.model.value import Call, Field, Function, Kind
from converter.model.walk import fields, leaves, map_fields, map_leaves
from converter.readers.phrases import as_regex
from converter.readers.sigma import document_condition
from converter.readers.unraised import UnraisedError
from converter.target.contract import Bound, Emission
from converter.target.readback import NotRaised, Raised


def raised(bound: Bound, emission: Emission) -> Raised | NotRaised:
    """The condition of one document, and that of the rule that it was made from."""
    detection = bound.rule.detection
    if not isinstance(detection, Match):
        return NotRaised(f"a detection of the kind {type(detection).__name__}")
    try:
        wanted = _as_said(detection.where)
        known = {field.path: field for field in fields(wanted)}
        schema = Schema(FieldInfo(f.path, f.kind, f.many) for f in known.values())
        source = log_source(bound.rule.meta, bound.binding)
        found = map_fields(document_condition(emission.text, schema, source), lambda f: known.get(f.path, f))
    except UnraisedError as error:
        return NotRaised(str(error))
    except QuerySyntaxError as error:
        return NotRaised(f"no Sigma that is read here: {error.diagnostics[0].message}")
    return Raised(wanted, found, _facts(detection.where, emission.assumed), empties=True)


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

"""Correlations of Sigma: counts as thresholds, proximity in time as samples and sequences.

SigmaHQ/sigma-specification, specification/sigma-correlation-rules-specification.md. What the specification leaves to
each backend (whether a time span slides, how many alerts events make) the model does as Elastic does: S023 says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.code import Code
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import Schema
from converter.fields.taxonomy import Vocabularies
from converter.languages.sigma.codes import S006, S007, S020, S022, S023
from converter.model.metadata import LogSource, Metadata
from converter.model.normalise import normalise, normalise_detection
from converter.model.predicate import Or, Predicate
from converter.model.rule import Detection, Distinct, Key, Sample, Sequence, Step, Threshold
from converter.model.value import Field
from converter.model.walk import without_spans
from converter.readers.sigma.document import Document
from converter.readers.sigma.events import events
from converter.readers.sigma.places import apart, moved, shifted
from converter.readers.sigma.values import Placeholders

_LEAST = {"gte": 0, "gt": 1}
"""Conditions of the kind "at least", and what each adds to its number."""
_RELATIONS = ("gt", "gte", "lt", "lte", "eq", "neq")
_TYPES = ("event_count", "value_count", "temporal", "temporal_ordered")
_FEW_STEPS = 2


def correlated(
    meta: Metadata, schema: Schema, words: Vocabularies, given: Placeholders
) -> tuple[Detection, tuple[Diagnostic, ...]]:
    """The detection of a correlation, and what was found on the way. Raises QuerySyntaxError."""
    reader = _Correlation(meta, schema, words)
    wheres: list[Predicate] = []
    found: list[Diagnostic] = []
    for name, member in zip(meta.related.names, meta.related.rules, strict=False):
        where, notes = _member(meta, name, member, schema, words, given)
        wheres.append(where)
        found += notes
    detection = reader.detection(tuple(wheres))
    reader.document.check()
    assert detection is not None  # noqa: S101 - else something has been found
    return normalise_detection(detection), (*found, *reader.notes)


def _member(
    meta: Metadata, name: str, member: Metadata, schema: Schema, words: Vocabularies, given: Placeholders
) -> tuple[Predicate, tuple[Diagnostic, ...]]:
    """The events of a rule that is counted; places count from the correlation where both stand in one file."""
    by = apart(member, meta)
    try:
        where, notes = events(member, schema, words, given)
    except QuerySyntaxError as error:
        if by is not None:
            raise QuerySyntaxError([moved(d, by) for d in error.diagnostics]) from None
        said = "; ".join(d.message for d in error.diagnostics)
        raise QuerySyntaxError(Diagnostic(S022, f"the rule {name} cannot be read: {said}")) from None
    if by is None:
        return without_spans(where), tuple(replace(d, span=None) for d in notes)
    return shifted(where, by), tuple(moved(d, by) for d in notes)


class _Correlation:
    """Reads the section `correlation`; what is wrong is kept in the document."""

    def __init__(self, meta: Metadata, schema: Schema, words: Vocabularies) -> None:
        self.document = Document(meta.query)
        self.notes: list[Diagnostic] = []
        self._meta = meta
        self._schema = schema
        self._words = words
        body = self.document.keys.get("correlation")
        self._body: Mapping[str, object] = body if isinstance(body, dict) else {}

    def _say(self, code: Code, message: str, *path: str, hint: str = "") -> None:
        self.document.say(code, message, self.document.key("correlation", *path), hint)

    def detection(self, wheres: tuple[Predicate, ...]) -> Detection | None:
        """The detection that the members' events make; None where something is wrong."""
        kind = self._body.get("type")
        if not isinstance(kind, str) or kind not in _TYPES:
            self._say(S022, f"a correlation of the type {kind} is not carried", "type", hint=f"use {', '.join(_TYPES)}")
            return None
        if kind in ("event_count", "value_count"):
            return self._counted(kind, Or(wheres))
        if "condition" in self._body:
            self._proximity()
        keys = [self._keys(number) for number in range(len(wheres))]
        steps = tuple(Step(where, by) for where, by in zip(wheres, keys, strict=True))
        if len(steps) < _FEW_STEPS:
            self._say(S022, "events are close in time to others: name two rules at least", "rules")
            return None
        if kind == "temporal_ordered":
            self._note("how many alerts a chain of events makes, and which of several it takes, is the backend's")
            return Sequence(steps, self._meta.window.from_ms)
        if not keys[0]:
            hint = "group-by: a field that the events share"
            self._say(S022, "a proximity in time without group-by is not carried", hint=hint)
            return None
        self._note("where the time span of a proximity begins and ends is the backend's: here it ends at each run")
        return Sample(steps)

    def _note(self, message: str) -> None:
        at = self.document.key("correlation", "type")
        self.notes.append(Diagnostic(S023, message, Severity.NOTE, at))

    # ---- counts

    def _counted(self, kind: str, where: Predicate) -> Detection | None:
        self._note("where the time span of a count begins and ends is the backend's: here it ends at each run")
        condition = self._body.get("condition")
        if not isinstance(condition, dict):
            message = f"a correlation of the type {kind} needs a condition"
            self._say(S006, message, "condition", hint="condition: {gte: 10}")
            return None
        least = self._least(condition)
        keys = [self._keys(number) for number in range(len(self._meta.related.rules))]
        if any(by != keys[0] for by in keys):
            self._say(S022, "a count over rules whose groups have different fields is not carried", "aliases")
            return None
        groups = tuple(key.field for key in keys[0]) if keys else ()
        if kind == "event_count":
            return None if least is None else Threshold(normalise(where), groups, least)
        name = condition.get("field")
        if isinstance(name, list) and len(name) == 1:
            name = name[0]
        if not isinstance(name, str):
            code, what = (S006, "names no field") if name is None else (S022, "of several fields is not carried")
            self._say(code, f"a count of values {what}", "condition", hint="condition: {field: User, gte: 10}")
            return None
        fields = {self._field(number, name) for number in range(len(self._meta.related.rules))}
        if len(fields) > 1:
            self._say(S022, "the rules keep the counted field in different places", "condition", "field")
            return None
        return None if least is None else Threshold(normalise(where), groups, 1, Distinct(fields.pop(), least))

    def _least(self, condition: Mapping[str, object]) -> int | None:
        """The least count; None where the condition asks for something else."""
        relations = [name for name in _RELATIONS if name in condition]
        unknown = [name for name in condition if name not in (*_RELATIONS, "field")]
        if unknown:
            self._say(S022, f"the condition has {unknown[0]}, which is not carried", "condition", unknown[0])
            return None
        if len(relations) != 1 or relations[0] not in _LEAST:
            said = " and ".join(relations) or "no relation"
            message = f"the condition has {said}; only at least so many (gt, gte) is carried"
            self._say(S022, message, "condition", *relations[:1], hint="gte: 10")
            return None
        value = condition[relations[0]]
        if not isinstance(value, int) or isinstance(value, bool):
            self._say(S007, f"{relations[0]} must be a whole number", "condition", relations[0], hint="gte: 10")
            return None
        least = value + _LEAST[relations[0]]
        if least < 1:
            self._say(S022, "every group has so many: the condition always holds", "condition", relations[0])
            return None
        return least

    # ---- proximity

    def _proximity(self) -> None:
        """All the rules have to find something: other conditions over them have no place in the model."""
        condition = self._body["condition"]
        count = len(self._meta.related.rules)
        if isinstance(condition, dict) and condition in ({"gte": count}, {"gt": count - 1}, {"eq": count}):
            return
        self._say(S022, "a proximity in time of some of the rules only is not carried", "condition")

    # ---- fields

    def _keys(self, number: int) -> tuple[Key, ...]:
        names = self._body.get("group-by")
        values = names if isinstance(names, list) else [] if names is None else [names]
        if not all(isinstance(one, str) for one in values):
            self._say(S007, "group-by must be a list of fields", "group-by", hint="group-by: [User]")
            return ()
        return tuple(Key(self._field(number, self._alias(number, str(one)))) for one in values)

    def _alias(self, number: int, name: str) -> str:
        """What a name is in the events of one rule."""
        aliases = self._body.get("aliases")
        if not isinstance(aliases, dict) or name not in aliases:
            return name
        fields = aliases[name]
        rule = self._meta.related.names[number]
        if not isinstance(fields, dict) or not isinstance(fields.get(rule), str):
            self._say(S020, f"the alias {name} names no field for the rule {rule}", "aliases", name)
            return name
        return str(fields[rule])

    def _field(self, number: int, name: str) -> Field:
        source = self._meta.related.rules[number].log_source or LogSource()
        return self._schema.info(self._words(source).path(name)).field(self.document.key("correlation", "group-by"))

"""Sigma documents that were written of a rule, under their own names of fields: conditions, and what counts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from converter.deferred import compiled
from converter.diagnostics import Severity
from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import Schema
from converter.fields.taxonomy import UNKNOWN
from converter.model.duration import DAY, HOUR, MINUTE, SECOND
from converter.model.normalise import normalise
from converter.model.predicate import Predicate
from converter.model.walk import without_spans
from converter.readers.frames import Frame
from converter.readers.sigma.document import Document
from converter.readers.sigma.search import Searches
from converter.readers.unraised import UnraisedError

_BETWEEN = "\n---\n"
_SPAN = compiled(r"([0-9]{1,9})(s|m|h|d)")
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_KEYS = frozenset({"type", "rules", "group-by", "timespan", "condition", "aliases"})

Source = Mapping[str, object]
"""A log source."""


def documents(text: str) -> tuple[Document, ...]:
    """The documents of a file. Raises QuerySyntaxError."""
    return tuple(Document(part) for part in text.split(_BETWEEN))


def condition(document: Document, schema: Schema, source: Source) -> Predicate:
    """The condition of a document, which must be of this log source. Raises QuerySyntaxError, UnraisedError."""
    if document.keys.get("logsource") != source:
        raise UnraisedError("another log source")
    searches = Searches(UNKNOWN, schema, {})
    where = searches.where(document.detection("detection"))
    errors = [d for d in (*document.found, *searches.found) if d.severity is Severity.ERROR]
    if errors:
        raise QuerySyntaxError(errors)
    return normalise(without_spans(where))


def count(wheres: Sequence[Predicate], keys: Sequence[str], least: int, distinct: str, span_ms: int) -> Frame:
    """The frame of a count of events: so many in a span of time, or so many values of the field `distinct`."""
    says = (
        ("by", ", ".join(sorted(set(keys))) or "nothing"),
        ("at least", f"{least} {distinct}".strip()),
        ("within", str(span_ms)),
    )
    return Frame("a count", says, tuple(wheres))


def close(wheres: Sequence[Predicate], keys: Sequence[Sequence[str]], span_ms: int) -> Frame:
    """The frame of events that are close in time; `keys`: the fields that they share, as each of them calls these."""
    joined = " / ".join(",".join(some) for some in keys)
    return Frame("a proximity in time", (("keys", joined), ("within", str(span_ms))), tuple(wheres))


def correlated(found: Sequence[Document], wheres: Sequence[Predicate]) -> Frame:
    """What the last document asks of the events of the others, of which it names each. Raises UnraisedError."""
    *bases, last = found
    names = [str(one.keys.get("name")) for one in bases]
    section = last.keys.get("correlation")
    if not isinstance(section, dict) or section.get("rules") != names or set(section) - _KEYS:
        raise UnraisedError("documents that are counted otherwise")
    groups = [str(name) for name in section.get("group-by", ())]
    span = milliseconds(str(section.get("timespan")))
    aliases = section.get("aliases", {})
    match section.get("type"), section.get("condition"):
        case "event_count", {"gte": int(least), **rest} if not rest and not aliases:
            return count(wheres, groups, least, "", span)
        case "value_count", {"gte": int(least), "field": str(field), **rest} if not rest and not aliases:
            return count(wheres, groups, least, field, span)
        case "temporal", None:
            keys = [[_alias(aliases, group, name) for group in groups] for name in names]
            return close(wheres, keys, span)
        case _:
            raise UnraisedError("documents that are counted otherwise")


def _alias(aliases: object, group: str, rule: str) -> str:
    """What a rule's events call a field of the group."""
    if not isinstance(aliases, dict) or group not in aliases:
        return group
    fields = aliases[group]
    if not isinstance(fields, dict) or rule not in fields:
        raise UnraisedError("an alias for other rules")
    return str(fields[rule])


def milliseconds(span: str) -> int:
    """The length of a time span. Raises UnraisedError."""
    found = _SPAN.fullmatch(span)
    if found is None:
        raise UnraisedError("a span of another unit")
    return int(found[1]) * _UNITS[found[2]]

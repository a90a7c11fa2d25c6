"""What a rule detects, as lines of text that two versions of it can be compared by.

The lines are the rule's normal form (`converter.model.normalise`) under its schedule and sources, one idea a line, the
parts of an idea indented below it. Terms and values stand in an order of their own: rules that differ only in the order
in which they name things have the same lines.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import assert_never

from converter.model.metadata import Metadata
from converter.model.pattern import Case, Pattern
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
from converter.model.rule import (
    AnyOf,
    Detection,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Rule,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Field
from converter.model.words import pattern_words, words

_STEP = "  "


def meaning(rule: Rule) -> tuple[str, ...]:
    """The lines of a rule."""
    return (*_around(rule.meta), *_detection(rule.detection))


def digest(lines: Iterable[str]) -> str:
    """What stands for lines where they themselves are too long: 16 hexadecimal digits of their SHA-256."""
    import hashlib  # reports without a lock need none

    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _around(meta: Metadata) -> Iterator[str]:
    """What a rule says beside its query that changes which alerts there are."""
    if meta.index or meta.data_view_id:
        yield from _listed("reads", meta.index or (meta.data_view_id,), "")
    if meta.log_source is not None:
        yield "log source: " + ", ".join(f"{key} {value}" for key, value in meta.log_source.named.items())
    yield f"schedule: from {meta.from_} to {meta.to}, every {meta.interval}"
    if meta.timestamp_override:
        yield f"time: {meta.timestamp_override}"
    if meta.alert_suppression is not None:
        by, ms = meta.alert_suppression.group_by, meta.alert_suppression.duration_ms
        span = "a run" if ms is None else f"{ms} ms"
        yield f"one alert in {span} by {', '.join(by)} ({meta.alert_suppression.missing_fields_strategy})"


def _detection(detection: Detection) -> Iterator[str]:
    match detection:
        case Match(where):
            yield "an event"
            yield from _indented(_predicate(where))
        case AnyOf(matches):
            yield "an event of any"
            yield from _indented(line for one in matches for line in _detection(one))
        case Sequence(steps, maxspan_ms, until):
            yield "a sequence" + (f" within {maxspan_ms} ms" if maxspan_ms is not None else "")
            yield from _indented(line for step in steps for line in _step(step))
            if until is not None:
                yield from _indented(("until", *_indented(_step(until))))
        case Sample(steps):
            yield "a sample"
            yield from _indented(line for step in steps for line in _step(step))
        case Threshold(where, group_by, at_least, distinct):
            by = f" by {', '.join(f.path for f in group_by)}" if group_by else ""
            yield f"at least {at_least} events{by}"
            if distinct is not None:
                yield f"{_STEP}at least {distinct.at_least} values of {distinct.field.path}"
            yield from _indented(_predicate(where))
        case NewTerms(where, fields, history_ms):
            yield f"values of {', '.join(f.path for f in fields)} not seen for {history_ms} ms"
            yield from _indented(_predicate(where))
        case IndicatorMatch(where, indicators, index, any_of):
            yield from _listed("an event that shares values with indicators of", index, "")
            for pairs in any_of:
                yield _STEP + " and ".join(f"{p.field.path} = {p.indicator.path}" for p in pairs)
            yield from _indented(("indicators", *_indented(_predicate(indicators)), "events"))
            yield from _indented(_indented(_predicate(where)))
        case Opaque(kind, diagnostic):
            yield f"{kind}: {diagnostic.message}"
        case _:
            yield "rows"
            yield f"{_STEP}from {_plain(detection.source)}"
            yield from (f"{_STEP}{type(stage).__name__.lower()} {_plain(stage)}" for stage in detection.stages)


def _step(step: Step) -> Iterator[str]:
    by = f" by {', '.join(k.field.path + ('?' if k.optional else '') for k in step.by)}" if step.by else ""
    runs = f" {step.runs} times" if step.runs > 1 else ""
    yield f"{'no event' if step.missing else 'an event'}{runs}{by}"
    yield from _indented(_predicate(step.where))


def _predicate(predicate: Predicate) -> tuple[str, ...]:
    match predicate:
        case And(terms):
            return ("all of", *_indented(_sorted(terms)))
        case Or(terms):
            return ("any of", *_indented(_sorted(terms)))
        case Not(term):
            return ("not", *_indented(_predicate(term)))
        case Constant(value):
            return ("always" if value else "never",)
        case Element(path, term):
            return (f"one element of {path}", *_indented(_predicate(term)))
        case OneOf(field, values, case):
            return tuple(_listed(f"{field.path} is", values, _case(case)))
        case Like(field, patterns, case):
            return tuple(_listed(f"{field.path} is like", map(pattern_words, patterns), _case(case)))
        case Matches(field, regexes, case):
            return tuple(_listed(f"{field.path} matches", map(_plain, regexes), _case(case)))
        case InNetwork(field, networks):
            return tuple(_listed(f"{field.path} is in", networks, ""))
        case Present() | Compare() | Between() | Phrase():
            return (_one_line(words(predicate)),)
        case Holds(call):
            return (_one_line(_plain(call)),)
        case _:
            assert_never(predicate)


def _sorted(terms: Iterable[Predicate]) -> Iterator[str]:
    """The terms' lines, the terms in an order that does not depend on who wrote them down."""
    for lines in sorted(_predicate(term) for term in terms):
        yield from lines


def _listed(head: str, values: Iterable[str], case: str) -> Iterator[str]:
    texts = sorted(_one_line(value) for value in values)
    if len(texts) == 1:
        yield f"{head} {texts[0]}{case}"
        return
    yield f"{head} one of{case}"
    yield from _indented(texts)


def _case(case: Case) -> str:
    return " (case ignored)" if case is Case.INSENSITIVE else ""


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (_STEP + line for line in lines)


def _one_line(text: str) -> str:
    """A text of a rule as JSON where it could be taken for something else: a blank at an end, a line break."""
    plain = text == text.strip() and text.isprintable() and text
    return text if plain else json.dumps(text, ensure_ascii=False)


def _plain(value: object) -> str:
    """Any value of the model as one line: what it is called and what it is made of, without places in a text."""
    match value:
        case Field(path=path):
            return path
        case Pattern():
            return json.dumps(pattern_words(value), ensure_ascii=False)
        case Enum():
            return str(value.value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case tuple() | frozenset():
            parts = sorted(map(_plain, value)) if isinstance(value, frozenset) else map(_plain, value)
            return f"[{', '.join(parts)}]"
        case _ if dataclasses.is_dataclass(value):
            inside = (_plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.compare)
            return f"{type(value).__name__.lower()}({', '.join(inside)})"
        case _:
            return str(value)

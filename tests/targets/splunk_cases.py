"""Rules, events and verdicts for the tests of the Splunk target, judged by the SPL interpreter under every reading."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from strategies import FIELDS, NESTED

from backends.splunk import TARGET
from converter.diagnostics import Source
from converter.model.metadata import Metadata, Window
from converter.model.normalise import normalise
from converter.model.predicate import Predicate
from converter.model.rule import Detection, Match, Rule
from converter.model.value import Kind
from converter.proof.judges.spl.run import READINGS, run
from converter.reference.event import raw_values
from converter.target import Binding, Bound, Emission, Options
from converter.target.options import NewTermsForm

ROW = "test_row"
NOW_MS = 1_700_000_000_000
WINDOW = Window(360_000, 0, 300_000)


def rule(detection: Detection, **keys: Any) -> Rule:
    """A rule around a detection."""
    source = Source("rule.toml", "")
    return Rule(Metadata(**{"name": "A rule", "type": "query", "window": WINDOW, **keys}), detection, source, source)


def emitted(
    detection: Detection | Predicate,
    form: str = "search",
    new_terms: str = "search",
    options: Options | None = None,
    **keys: Any,
) -> Emission:
    """What the target makes of a detection (or of a predicate on its own), without a closing table."""
    whole = Match(normalise(detection)) if isinstance(detection, Predicate) else detection
    bound = Bound.everywhere(rule(whole, **keys), Binding())
    return TARGET.emit(bound, options or Options(form, NewTermsForm(new_terms), bare=True, inline_macros=True))


def text_of(detection: Detection | Predicate, **keys: Any) -> str:
    """The text of a detection that the target must not refuse."""
    emission = emitted(detection, **keys)
    assert emission.text, emission.diagnostics
    return emission.text


def under_every_reading(
    text: str, events: Sequence[Mapping[str, object]], judge: Callable[[list[dict[str, object]]], object], **keys: Any
) -> object:
    """What `judge` says of the results, which has to be the same under every reading of Splunk's documents."""
    verdicts = {reading.name: judge(run(text, events, reading=reading, **keys)) for reading in READINGS}
    first = next(iter(verdicts.values()))
    different = {name: verdict for name, verdict in verdicts.items() if verdict != first}
    assert not different, f"{text}\n{first}\n{different}"
    return first


def found(text: str, events: Sequence[Mapping[str, object]], **keys: Any) -> list[int]:
    """The numbers of the events that the search finds."""
    numbered = [{**event, ROW: number} for number, event in enumerate(events)]
    verdict = under_every_reading(text, numbered, lambda rows: sorted(int(str(row[ROW])) for row in rows), **keys)
    assert isinstance(verdict, list)
    return verdict


def as_declared(event: Mapping[str, object]) -> dict[str, object]:
    """The event as its fields are declared: one value where a field holds one, numbers where it is a number.

    Beside the nested array, whose JSON text is in the field of its path, names are dotted.
    """
    out: dict[str, object] = {}
    for field in FIELDS:
        values = [v for v in raw_values(event, field.path) if _fits(field.kind, v)]
        if values:
            out[field.path] = values if field.many else values[0]
    nested = [o for o in _objects(event) if o is not None]
    if nested:
        out[NESTED] = nested
    return out


def _fits(kind: Kind, value: object) -> bool:
    if kind is Kind.LONG:
        return isinstance(value, int | str) and not isinstance(value, bool) and str(value).lstrip("-").isdigit()
    if kind is Kind.BOOLEAN:
        return value in (True, False, "true", "false")
    return not (isinstance(value, str) and value.startswith("::ffff:"))


def _objects(event: Mapping[str, object]) -> Iterable[object]:
    head, _, rest = NESTED.partition(".")
    inner = event.get(head)
    value = event.get(NESTED, inner.get(rest) if isinstance(inner, Mapping) else None)
    found = value if isinstance(value, list) else [value]
    return [{k: v for k, v in o.items() if v not in ([], None)} for o in found if isinstance(o, Mapping)]


def in_splunk(event: Mapping[str, object]) -> dict[str, object]:
    """The event as Splunk holds it: a nested array as JSON text."""
    if NESTED not in event:
        return dict(event)
    return {**event, NESTED: json.dumps(event[NESTED], ensure_ascii=False)}

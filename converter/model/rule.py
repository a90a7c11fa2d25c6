"""The whole detection: what must hold of events together, and the rule that says so."""

from __future__ import annotations

from dataclasses import field

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source, Span
from converter.model.metadata import Metadata
from converter.model.pipeline import Pipeline
from converter.model.predicate import Predicate
from converter.model.value import Field


@dataclass(frozen=True, slots=True)
class Match:
    """Each event for which `where` holds is an alert."""

    where: Predicate


@dataclass(frozen=True, slots=True)
class AnyOf:
    """An event for which one of the matches holds is an alert. Only binding makes it: one match a place."""

    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A join key of a sequence step; a missing key never joins unless `optional` (rule E17)."""

    field: Field
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One event filter of a sequence. `by` holds the global keys first, then the step's own.

    `missing` is EQL's `![ ]`; `runs` n means the step written n times (rule E20).
    """

    where: Predicate
    by: tuple[Key, ...] = ()
    missing: bool = False
    runs: int = 1
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """EQL `sequence`: Elasticsearch's state machine (rules E14 to E20).

    `maxspan_ms` in milliseconds, inclusive, from the first event; None = bounded by the rule window only.
    """

    steps: tuple[Step, ...]
    maxspan_ms: int | None = None
    until: Step | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """EQL `sample by`: one event per step with equal keys, in any order (rule E21)."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Distinct:
    """The group has at least `at_least` distinct values of `field`."""

    field: Field
    at_least: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """Groups of matching events by the values of `group_by`, of at least `at_least` events (rules R02 to R04)."""

    where: Predicate
    group_by: tuple[Field, ...]
    at_least: int
    distinct: Distinct | None = None


@dataclass(frozen=True, slots=True)
class NewTerms:
    """A combination of values of `fields` not seen for `history_ms` before the rule window (rule R05).

    `history_ms`: length of history start to now, in milliseconds.
    """

    where: Predicate
    fields: tuple[Field, ...]
    history_ms: int


@dataclass(frozen=True, slots=True)
class Pair:
    """The event's `field` equals the indicator's field named `indicator`."""

    field: Field
    indicator: Field


@dataclass(frozen=True, slots=True)
class IndicatorMatch:
    """An event that shares values with an indicator document (rule R06).

    `any_of` is an or of ands of pairs; `indicators` filters the documents of `indicator_index`.
    """

    where: Predicate
    indicators: Predicate
    indicator_index: tuple[str, ...]
    any_of: tuple[tuple[Pair, ...], ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A detection that has no place in the model (a machine learning job, a language not read yet).

    `diagnostic` says what and why; every target refuses the rule with it.
    """

    kind: str
    diagnostic: Diagnostic


Detection = Match | AnyOf | Sequence | Sample | Threshold | NewTerms | IndicatorMatch | Pipeline | Opaque


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, understood: `meta` is what the file says beside the query, `notes` what reading found (located).

    `stem` is the name of files made from it, "" for one made of the rule's name.
    Spans of the detection's nodes count from the start of the query; `query_source` and `query_offset` place
    them: in the file where the query's text stands there verbatim, else in the query itself.
    """

    meta: Metadata
    detection: Detection
    source: Source
    query_source: Source
    query_offset: int = 0
    notes: tuple[Diagnostic, ...] = ()
    stem: str = ""

    def locate(self, diagnostic: Diagnostic) -> Diagnostic:
        """A finding of lowering, binding or emission with its place in the rule's source."""
        if diagnostic.span is None:
            return diagnostic.located(self.source)
        return diagnostic.located(self.query_source, self.query_offset)

    def _repr_html_(self) -> str:
        from html import escape  # only notebooks need it

        from converter.diagnostics.page import diagnostics_html

        meta = self.meta
        language = f" in {escape(meta.language)}" if meta.language else ""
        facts = f"{escape(meta.type)}{language}, severity {escape(meta.severity)}, risk {meta.risk_score}"
        query = f"<pre>{escape(meta.query.strip())}</pre>" if meta.query else ""
        return f"<div><b>{escape(meta.name)}</b> <i>{facts}</i>{query}{diagnostics_html(self.notes)}</div>"

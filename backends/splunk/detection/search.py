"""A detection as stages of a search, with the searches and lookups it needs beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence as Sequence_
from typing import assert_never

from backends.splunk.codes import T208, T209, T211, T212
from backends.splunk.condition.columns import Columns
from backends.splunk.detection.filter import Writer, writer
from backends.splunk.detection.output import context, table
from backends.splunk.detection.place import matching
from backends.splunk.detection.plain import plain
from backends.splunk.detection.table import Filling
from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Severity
from converter.forms.choose import Ledger
from converter.languages.spl.syntax import Pipeline, Stage
from converter.model import pipeline as piped
from converter.model.predicate import Predicate
from converter.model.rule import (
    AnyOf,
    IndicatorMatch,
    Match,
    NewTerms,
    Opaque,
    Sample,
    Sequence,
    Threshold,
)
from converter.model.value import Column, Computed, Field, Macro
from converter.model.walk import fields, predicates
from converter.target.contract import Binding, Bound, Notebook, Options
from converter.target.lookup import Beside, Lookup
from converter.target.options import ArgumentForm, NewTermsForm

PACKAGED = ("app", "contentctl")
"""The formats that bring their macros with them."""

INDICATORS = "threat_indicators"
"""The macro for the place of indicators, where macros name places."""

_LONGEST_SLUG = 60


@dataclass(frozen=True, slots=True)
class Search:
    """The rule's search, None if it is refused. `spans`: it states its own time range.

    `fillings` (of lookups), `lookups` (of its places) and `macros` are what it needs. `places`: those it searches, if
    these are not all that the rule is bound to.
    """

    search: Pipeline | None
    spans: bool = False
    fillings: tuple[Filling, ...] = ()
    lookups: tuple[Lookup | Beside, ...] = ()
    macros: tuple[Macro, ...] = ()
    places: tuple[Binding, ...] = ()


def written(bound: Bound, options: Options, notebook: Notebook, ledger: Ledger) -> Search:
    """The search of a rule; what cannot be said is in the notebook."""
    beside = [table for b in bound.bindings for table in b.beside]
    columns = Columns(notebook, _taken(bound), beside, inline_macros=options.inline_macros)
    as_words = options.arguments is ArgumentForm.WORDS
    write = writer(notebook, columns, ledger, as_words=as_words)
    found = _search(bound, options, write)
    listed = tuple(dict.fromkeys(one for b in found.places or bound.bindings for one in b.lookups))
    added = {table.name: table for table in columns.looked_up}
    search = None if found.search is None else plain(found.search)
    return replace(found, search=search, lookups=(*listed, *added.values()), macros=tuple(columns.macros.values()))


def _taken(bound: Bound) -> set[str]:
    """The names of stored columns that the artifact names."""
    rule = bound.rule.detection
    used: list[Field] = [f for p in predicates(rule) for f in fields(p)]
    names = {f.way.text if isinstance(f.way, Column) else f.path for f in used if not isinstance(f.way, Computed)}
    if isinstance(rule, piped.Pipeline):
        from backends.splunk.detection.pipeline import taken  # a large room, which few rules need

        names |= taken(rule)
    shown = {n for b in bound.bindings for n in b.show}
    investigated = {f.way.text for b in bound.bindings for f in b.fields.values() if isinstance(f.way, Column)}
    return names | shown | investigated | {"_time", "_raw", "host", "source", "sourcetype", "index"}


def _search(bound: Bound, options: Options, write: Writer) -> Search:
    detection, notebook, bare = bound.rule.detection, write.notebook, options.bare
    match detection:
        case Match(where):
            if options.summaries:
                from backends.splunk.detection import datamodel  # few ask for summaries

                if (summed := datamodel.events(write, bound.binding, where)) is not None:
                    return _whole(summed)
            stages = matching(write, bound.binding, where)
            return _ended(stages, [(bound.binding, where)], bare=bare)
        case AnyOf(matches):
            from backends.splunk.detection.several import matching_any  # each kind of detection comes with its room

            arms = [(binding, m.where) for binding, m in zip(bound.bindings, matches, strict=True)]
            stages, searched = matching_any(write, arms)
            return replace(_ended(stages, searched, bare=bare), places=tuple(binding for binding, _ in searched))
        case Threshold():
            return _whole(_threshold(bound, detection, options, write))
        case NewTerms():
            return _new_terms(bound, detection, options, write)
        case Sequence():
            return _sequence(bound, detection, write, bare=bare)
        case Sample():
            return _sample(bound, detection, write, bare=bare)
        case IndicatorMatch():
            return _indicator(bound, detection, options, write)
        case piped.Pipeline():
            from backends.splunk.detection.pipeline import pipeline  # a large room, which few rules need

            stages = pipeline(write, bound.binding, detection, bare=bare)
            return Search(None) if notebook.refused else _whole(stages)
        case Opaque(diagnostic=diagnostic):
            notebook.add(diagnostic)
            return Search(None)
        case _:
            assert_never(detection)


def _threshold(bound: Bound, detection: Threshold, options: Options, write: Writer) -> list[Stage]:
    from backends.splunk.detection import datamodel
    from backends.splunk.detection.threshold import threshold
    from converter.plan.group import plan_group

    plan = plan_group(detection, bound.rule.meta)
    summed = datamodel.groups(write, bound.binding, plan, bare=options.bare) if options.summaries else None
    return threshold(write, bound.binding, plan, bare=options.bare) if summed is None else summed


def _whole(stages: Sequence_[Stage]) -> Search:
    return Search(Pipeline(tuple(stages)))


def _ended(
    stages: Sequence_[Stage],
    arms: Sequence_[tuple[Binding, Predicate]],
    *,
    bare: bool,
    more: Sequence_[str] = (),
) -> Search:
    """The search with its closing table."""
    if bare:
        return _whole(stages)
    names = dict.fromkeys((*more, *(n for binding, where in arms for n in context(binding, [where]))))
    # A table of the time alone tells nobody what happened: without one, an event shows all that it has.
    return _whole([*stages, table(names)] if names else stages)


def _sequence(bound: Bound, detection: Sequence, write: Writer, *, bare: bool) -> Search:
    from backends.splunk.detection.sequence import first_event, is_run, sequence
    from converter.plan.sequence import plan_sequence

    plan = plan_sequence(detection, bound.bindings)
    if plan.ragged:
        write.notebook.add(_RAGGED)
    if write.notebook.refused:
        return Search(None)
    if not plan.two_step and not is_run(plan):
        write.notebook.add(_LONG_STREAM)
    stages = sequence(write, plan, bare=bare)
    joined = plan.two_step and not is_run(plan) and not bare
    shown = [alias for _, alias in first_event(plan)] if joined else []
    last = plan.branch(plan.shape.last).binding
    whole = [b for b in plan.branches if min(b.stages) > 0 and (not joined or b.binding.header == last.header)]
    return _ended(stages, [(b.binding, b.where) for b in whole], bare=bare, more=["sequence_start", *shown])


def _sample(bound: Bound, detection: Sample, write: Writer, *, bare: bool) -> Search:
    from backends.splunk.detection.sample import MOST_STEPS, sample
    from converter.plan.sample import plan_sample

    plan = plan_sample(detection, bound.bindings)
    notebook = write.notebook
    if plan.ragged:
        notebook.add(_RAGGED)
    if plan.stages > MOST_STEPS:
        notebook.add(Diagnostic(T212, f"a sample of more than {MOST_STEPS} steps has no form in SPL"))
    if len(plan.places) > 1:
        notebook.add(Diagnostic(T212, "a sample over several places has no form in SPL"))
    notebook.add(_LONG_STREAM)
    return Search(None) if notebook.refused else _whole(sample(write, plan, bare=bare))


def _indicator(bound: Bound, detection: IndicatorMatch, options: Options, write: Writer) -> Search:
    from backends.splunk.detection.indicator import indicator_match
    from converter.plan.indicator import plan_indicator

    place = Binding(header={"macro": INDICATORS} if _packaged(options) else {})
    stages, fillings = indicator_match(write, bound.binding, plan_indicator(detection), slug(bound), place)
    ended = _ended(stages, [(bound.binding, detection.where)], bare=options.bare)
    return replace(ended, fillings=fillings)


def _new_terms(bound: Bound, detection: NewTerms, options: Options, write: Writer) -> Search:
    from backends.splunk.detection.newterms import Terms, baseline, by_history, by_lookup
    from converter.plan.group import plan_new_terms

    terms = Terms(write, bound.binding, plan_new_terms(detection, bound.rule.meta), options.bare)
    if options.new_terms is not NewTermsForm.LOOKUP:
        return replace(_whole(by_history(terms)), spans=True)
    name = slug(bound)
    stages = by_lookup(terms, name)
    write.notebook.add(_BASELINE)
    return Search(Pipeline(tuple(stages)), spans=True, fillings=(baseline(terms, name),))


def _packaged(options: Options) -> bool:
    return options.format in PACKAGED


def slug(bound: Bound) -> str:
    """The name of the rule's lookups: lower case letters, digits and _; a digest stands for what they do not tell."""
    import hashlib  # few rules need lookups of their own

    meta = bound.rule.meta
    known = re.sub(r"[^a-z0-9]+", "_", meta.identity.lower()).strip("_")
    plain = not meta.id_tag and bool(meta.rule_id) and known == meta.rule_id.lower().replace("-", "_")
    own = hashlib.sha256(meta.identity.encode("utf-8", "replace")).hexdigest()[:8]
    return "_".join(filter(None, ("siemglot", known[:_LONGEST_SLUG].strip("_"), "" if plain else own)))


_RAGGED = Diagnostic(T211, "the steps have different numbers of join keys after binding")
_LONG_STREAM = Diagnostic(
    T208,
    "streamstats keeps every earlier row, or the last 10,000 (max_stream_window): Splunk's documents say both",
    Severity.NOTE,
    hint="raise max_stream_window if a run sees more than 10,000 events of the steps",
)
_BASELINE = Diagnostic(
    T209, "a combination is known if the lookup was filled up to the start of the rule's window", Severity.NOTE
)

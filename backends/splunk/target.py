"""The Splunk target: a bound rule becomes a search or a saved search."""

from __future__ import annotations

from backends.splunk.condition.facts import note_facts
from backends.splunk.deploy.header import commented
from backends.splunk.deploy.savedsearch import saved_searches
from backends.splunk.detection.search import Search, written
from backends.splunk.detection.window import is_own
from converter.diagnostics import Diagnostic, Severity
from converter.forms.choose import Ledger
from converter.languages.spl.write import pipeline, write
from converter.model.metadata import Metadata
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
    Present,
)
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Sample, Sequence, Threshold
from converter.target import SUPPORTED, Gap, Partial, Support
from converter.target.contract import Bound, Emission, Notebook, Options, Target

SUPPORT: Support = {
    And: SUPPORTED,
    Or: SUPPORTED,
    Not: SUPPORTED,
    Constant: SUPPORTED,
    Present: SUPPORTED,
    Compare: SUPPORTED,
    Between: Partial(("T202",), Gap.NOT_YET, "inside one object of a nested array a field with several numbers"),
    OneOf: SUPPORTED,
    Like: SUPPORTED,
    Matches: SUPPORTED,
    InNetwork: Partial(("T202",), Gap.NOT_YET, "inside one object of a nested array a field with several addresses"),
    Phrase: SUPPORTED,
    Element: Partial(("T202",), Gap.NOT_YET, "a nested array inside a nested array"),
    Holds: Partial(("T202",), Gap.PLATFORM, "scripts that eval has no functions for: orders of computed texts, dates"),
    Match: SUPPORTED,
    AnyOf: SUPPORTED,
    Sequence: Partial(("T211",), Gap.NEVER, "steps that the binding left with different numbers of join keys"),
    Sample: Partial(("T211", "T212"), Gap.NOT_YET, "at most five steps, all of one place"),
    Threshold: SUPPORTED,
    NewTerms: SUPPORTED,
    IndicatorMatch: SUPPORTED,
}
"""Of every node also T201: a field name that no quotes can hold, and T228: a table's expression that cannot be read."""

ECS = "ecs"
LONGEST_SEARCH = 10_000
"""Characters of a search that any way to deploy it carries."""
FORMATS = {
    "spl": "the search under a comment that says where it comes from (default)",
    "search": "the search alone",
    "savedsearches": "stanzas for savedsearches.conf: schedule, throttling, notable event, annotations",
}


def emit(bound: Bound, options: Options) -> Emission:
    """The rule in the format asked for."""
    notebook, ledger = Notebook(), Ledger(options.trust)
    search = written(bound, options, notebook, ledger)
    if notebook.refused or search.search is None:
        return Emission("", notebook.diagnostics)
    note_facts(bound.rule.detection, notebook, trust=options.trust)
    meta = bound.rule.meta
    _note_metadata(meta, notebook)
    _note_size(search, notebook)
    match options.format:
        case "search":
            text = write((search.search,))
        case "savedsearches":
            text = saved_searches(meta, search, notebook, ecs=bound.binding.mode == ECS)
        case _:
            text = commented(meta, search, ledger.used)
    return Emission(text, notebook.diagnostics, ledger.used, ledger.written)


def _note_size(search: Search, notebook: Notebook) -> None:
    """Say that a search is longer than what is sure to be carried."""
    if search.search is not None and len(pipeline(search.search)) > LONGEST_SEARCH:
        message = f"the search has more than {LONGEST_SEARCH:,} characters: move its longest lists into lookups"
        notebook.add(Diagnostic("T229", message, Severity.WARNING))


def _note_metadata(meta: Metadata, notebook: Notebook) -> None:
    """What stands beside the query and changes which alerts there are."""
    if meta.exceptions_list:
        names = ", ".join(e.list_id or e.id for e in meta.exceptions_list)
        message = f"the exceptions of {names} are kept in Kibana, not in the rule: they are not applied"
        notebook.add(Diagnostic("T220", message, Severity.NOTE))
    if not is_own(meta.timestamp_override):
        message = f"the window is about {meta.timestamp_override}; Splunk's is about _time"
        notebook.add(Diagnostic("T227", message, Severity.WARNING))


TARGET = Target(
    name="splunk",
    title="Splunk SPL",
    suffix=".spl",
    emit=emit,
    formats=FORMATS,
    heading="```{}```",
    suffixes={"savedsearches": ".conf"},
    support=SUPPORT,
    judges=("spl",),
)

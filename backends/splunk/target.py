"""The Splunk target: a bound rule becomes a search or a saved search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backends.splunk.codes import T229, T233
from backends.splunk.condition.facts import note_facts
from backends.splunk.deploy.header import commented
from backends.splunk.deploy.place import Source, indicators, macros_of_others, placed_by_macros
from backends.splunk.deploy.uncarried import of_search
from backends.splunk.detection.place import ARRIVAL, is_everywhere
from backends.splunk.detection.search import PACKAGED, written
from backends.splunk.detection.window import offset, times
from backends.splunk.support import SUPPORT
from converter.diagnostics import Diagnostic, Severity
from converter.forms.choose import Ledger
from converter.languages.spl.syntax import Tstats
from converter.languages.spl.write import pipeline
from converter.model.rule import IndicatorMatch, NewTerms
from converter.target.artifact import Artifact
from converter.target.bundle import Bundled, Package
from converter.target.contract import Bound, Emission, Notebook, Options, Target
from converter.target.readback import Reading

if TYPE_CHECKING:
    from backends.splunk.deploy.part import Part

ECS = "ecs"
LONGEST_SEARCH = 10_000
"""Characters of a search that any way to deploy it carries."""
FORMATS = {
    "spl": "the search under a comment that says where it comes from (default)",
    "search": "the search alone",
    "savedsearches": "stanzas for savedsearches.conf: schedule, throttling, notable event, risk, annotations",
    "app": "one app of all rules, a folder and an .spl package: searches, macros, lookups",
    "contentctl": "a content pack as contentctl reads it: detections, baselines, macros, lookups, data sources",
}


def emit(bound: Bound, options: Options) -> Emission:
    """The rule in the format asked for."""
    notebook, ledger = Notebook(), Ledger(options.trust)
    sources: tuple[Source, ...] = ()
    if options.format in PACKAGED:
        bound, sources = placed_by_macros(bound, _arrival(bound) if options.format == "contentctl" else {})
        if isinstance(bound.rule.detection, IndicatorMatch):
            sources = (*sources, indicators())
    search = written(bound, options, notebook, ledger)
    if notebook.refused or search.search is None:
        return Emission("", notebook.diagnostics)
    note_facts(bound.rule.detection, notebook)
    for diagnostic in of_search(bound.rule):
        notebook.add(diagnostic)
    written_out = pipeline(search.search)
    _note_size(written_out, notebook)
    if options.format != "search" and any(is_everywhere(binding) for binding in bound.bindings):
        notebook.add(_EVERYWHERE)
    elif options.format not in ("search", *PACKAGED) and isinstance(bound.rule.detection, IndicatorMatch):
        notebook.add(_INDICATORS)
    if options.format not in PACKAGED and not isinstance(search.search.stages[0], Tstats):
        for diagnostic in macros_of_others(bound):
            notebook.add(diagnostic)
    meta, part = bound.rule.meta, None
    match options.format:
        case "search":
            text = f"{written_out}\n"
        case "savedsearches" | "app" | "contentctl":
            from backends.splunk.deploy.part import Part  # only these formats need a saved search
            from backends.splunk.deploy.savedsearch import saved, saved_text

            found = saved(bound.rule, search, notebook, ecs=bound.binding.mode == ECS)
            whole = Part(meta, found, sources, search.macros, bound.rule.source.name)
            text = _detection_text(whole) if options.format == "contentctl" else saved_text(bound.rule, search, found)
            part = whole if options.format in PACKAGED else None
        case _:
            text = commented(meta, search, written_out, ledger.used)
    return Emission(
        text,
        notebook.diagnostics,
        ledger.used,
        ledger.written,
        part=part,
        left_out=notebook.left_out,
        tree=None if search.macros else search.search,
    )


def _detection_text(whole: Part) -> str:
    from backends.splunk.deploy.contentctl import detection_text  # only this format needs it, and YAML

    return detection_text(whole)


def _app(artifacts: Sequence[Artifact], package: Package) -> Bundled:
    from backends.splunk.deploy.app import app  # only this format needs it, and archives

    return app(artifacts, package)


def _contentctl(artifacts: Sequence[Artifact], package: Package) -> Bundled:
    from backends.splunk.deploy.contentctl import contentctl  # only this format needs it, and YAML

    return contentctl(artifacts, package)


_EVERYWHERE = Diagnostic(T233, "nothing says in which index the events are: every index is searched", Severity.NOTE)

_INDICATORS = Diagnostic(T233, "nothing says in which index the indicators are: every index is searched", Severity.NOTE)


def _arrival(bound: Bound) -> dict[str, str]:
    """The modifiers of arrival that the search has to state: contentctl's schedules have none."""
    span = times(bound.rule.meta)
    if not span.by_arrival or isinstance(bound.rule.detection, NewTerms):
        return {}
    return dict(zip(ARRIVAL, (offset(span.window.from_ms), offset(span.window.to_ms)), strict=True))


def _note_size(text: str, notebook: Notebook) -> None:
    """Say that a search is longer than what is sure to be carried."""
    if len(text) > LONGEST_SEARCH:
        message = f"the search has more than {LONGEST_SEARCH:,} characters: move its longest lists into lookups"
        notebook.add(Diagnostic(T229, message, Severity.WARNING))


def _raised(bound: Bound, emission: Emission) -> Reading:
    from backends.splunk.readback.check import raised  # only those who ask for it need a reader

    return raised(bound, emission)


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
    raised=_raised,
    checks=True,
    bundles={"app": _app, "contentctl": _contentctl},
)

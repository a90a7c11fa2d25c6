"""The Splunk target: a bound rule becomes a search or a saved search."""

from __future__ import annotations

from backends.splunk.condition.facts import note_facts
from backends.splunk.deploy.header import commented
from backends.splunk.deploy.savedsearch import saved_searches
from backends.splunk.detection.search import written
from backends.splunk.detection.window import is_own
from converter.diagnostics import Diagnostic, Severity
from converter.forms.choose import Ledger
from converter.languages.spl.write import write
from converter.model.metadata import Metadata
from converter.target.contract import Bound, Emission, Notebook, Options, Target

ECS = "ecs"
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
    match options.format:
        case "search":
            text = write((search.search,))
        case "savedsearches":
            text = saved_searches(meta, search, notebook, ecs=bound.binding.mode == ECS)
        case _:
            text = commented(meta, search, ledger.used)
    return Emission(text, notebook.diagnostics, ledger.used, ledger.written)


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
    judges=("spl",),
)

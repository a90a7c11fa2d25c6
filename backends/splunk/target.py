"""The Splunk target: a bound rule becomes a search or a saved search."""

from __future__ import annotations

from backends.splunk.condition.facts import note_facts
from backends.splunk.deploy.header import commented
from backends.splunk.deploy.savedsearch import saved_searches
from backends.splunk.detection.search import written
from backends.splunk.detection.window import is_own
from converter.diagnostics import Diagnostic, Severity
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
    notebook = Notebook()
    search = written(bound, options, notebook)
    if notebook.refused:
        return Emission("", notebook.diagnostics)
    note_facts(bound.rule.detection, notebook)
    meta = bound.rule.meta
    _note_metadata(meta, notebook)
    match options.format:
        case "search":
            text = search.text + "\n"
        case "savedsearches":
            text = saved_searches(meta, search, notebook, ecs=bound.binding.mode == ECS)
        case _:
            text = commented(meta, search)
    return Emission(text, notebook.diagnostics)


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

"""The target: a bound rule to a Kusto query or an analytics rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backends.sentinel.codes import T336, T371
from backends.sentinel.condition import tree
from backends.sentinel.condition.finding import note, warning
from backends.sentinel.deploy.analytics import arm_text, template, yaml_text
from backends.sentinel.deploy.entity import shown
from backends.sentinel.deploy.header import comment
from backends.sentinel.deploy.schedule import Schedule, by_arrival, lookup_ms, schedule
from backends.sentinel.deploy.uncarried import of_analytics, of_query
from backends.sentinel.detection import source
from backends.sentinel.detection.detected import Run, detected
from backends.sentinel.detection.newterms import LONGEST, too_long
from backends.sentinel.support import SUPPORT
from converter.diagnostics import Diagnostic
from converter.forms import Ledger
from converter.languages.kusto import write
from converter.languages.kusto.syntax import Binary, Expression, Extend, Item, Program
from converter.model.rule import NewTerms
from converter.target.contract import Binding, Bound, Emission, Notebook, Options, Target
from converter.target.readback import NotRaised, Raised

_LONGEST_QUERY = 10_000
_DEPLOYED = ("yaml", "arm")


def emit(bound: Bound, options: Options) -> Emission:
    """The artifact of a rule in the format asked for."""
    notes, ledger = Notebook(), Ledger(options.trust)
    make = _analytics if options.format in _DEPLOYED else _query
    text = make(bound, options, notes, ledger)
    return Emission("" if notes.refused else text, notes.diagnostics, ledger.used, ledger.written)


def _query(bound: Bound, options: Options, notes: Notebook, ledger: Ledger) -> str:
    meta, detection = bound.rule.meta, bound.rule.detection
    run = Run(meta.window.from_ms, meta.window.to_ms, bare=options.bare)
    found = detected(bound, run, notes, ledger)
    if found is None:
        return ""
    if isinstance(detection, NewTerms) and detection.history_ms > LONGEST:
        notes.add(too_long(detection))
    text = write.program(found.program)
    _say(of_query(bound.rule), notes)
    if len(text) > _LONGEST_QUERY:
        message = f"the query has {len(text)} characters, an analytics rule takes {_LONGEST_QUERY}"
        notes.add(note(T371, message, hint="save it as a workspace function and let the rule call that"))
    return text if options.format == "query" else comment(meta, ledger.used) + text


def _analytics(bound: Bound, options: Options, notes: Notebook, ledger: Ledger) -> str:
    rule, meta = bound.rule, bound.rule.meta
    once = by_arrival(meta, rule.detection, bound.binding)
    times = schedule(meta, rule.detection, notes, once=once, lookup=lookup_ms(bound.bindings))
    run = Run(times.start_ms, meta.window.to_ms, _only(bound.binding, times, once=once), options.bare)
    found = detected(bound, run, notes, ledger)
    if found is None:
        return ""
    if once:
        notes.add(note(T336, "every event is taken once, in the first run after it arrived (ingestion_time())"))
    shows = shown(meta, found.columns, notes)
    text = write.program(_with(found.program, shows.made))
    _say(of_query(rule), notes)
    _say(of_analytics(rule, once=once), notes)
    _fits(text, notes)
    content = template(meta, text, times, shows, notes)
    return yaml_text(content, meta) if options.format == "yaml" else arm_text(content, meta, times)


def _say(found: Iterable[Diagnostic], notes: Notebook) -> None:
    for diagnostic in found:
        notes.add(diagnostic)


def _with(program: Program, made: tuple[Item, ...]) -> Program:
    """The program with more columns."""
    query = program.query
    return replace(program, query=replace(query, operators=(*query.operators, Extend(made)))) if made else program


def _only(binding: Binding, times: Schedule, *, once: bool) -> tuple[Expression, ...]:
    """The window, where the service's period is longer than it or about another time."""
    since = Binary(">=", source.time(binding), tree.ago(times.start_ms))
    arrived = Binary(">", tree.call("ingestion_time"), tree.ago(times.frequency_ms))
    return (since, arrived) if once else (since,) if times.bounded else ()


def _fits(text: str, notes: Notebook) -> None:
    """A rule takes no longer query: the service refuses it."""
    if len(text) > _LONGEST_QUERY:
        message = f"the query has {len(text)} characters, an analytics rule takes {_LONGEST_QUERY}"
        notes.add(warning(T371, message, hint="save it as a workspace function and let the rule call that"))


def _raised(bound: Bound, emission: Emission) -> Raised | NotRaised:
    from backends.sentinel.readback.check import raised  # only those who ask for it need a reader

    return raised(bound, emission)


TARGET = Target(
    name="sentinel",
    title="Microsoft Sentinel (Kusto)",
    suffix=".kusto",
    heading="// {}",
    suffixes={"yaml": ".yaml", "arm": ".json"},
    emit=emit,
    support=SUPPORT,
    judges=("kusto",),
    formats={
        "kusto": "the query under a comment that says where it comes from (default)",
        "query": "the query alone",
        "yaml": "an analytics rule as the Azure-Sentinel repository keeps it",
        "arm": "an ARM template that deploys the analytics rule",
    },
    raised=_raised,
)

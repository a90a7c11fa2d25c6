"""The target: a bound rule to a Kusto query or an analytics rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.sentinel.codes import T336, T371
from backends.sentinel.condition import tree
from backends.sentinel.condition.finding import note
from backends.sentinel.deploy.header import comment
from backends.sentinel.deploy.schedule import Schedule, by_arrival, lookup_ms, schedule
from backends.sentinel.deploy.uncarried import of_analytics, of_query
from backends.sentinel.deploy.written import LONGEST_QUERY, Written
from backends.sentinel.detection import source
from backends.sentinel.detection.detected import Run, detected
from backends.sentinel.support import SUPPORT
from converter.diagnostics import Diagnostic
from converter.forms import Ledger
from converter.languages.kusto import write
from converter.languages.kusto.syntax import Binary, Expression
from converter.model.rule import NewTerms
from converter.model.walk import fields, predicates
from converter.plan.window import plan_window
from converter.target.artifact import Artifact
from converter.target.bundle import Bundled, Package
from converter.target.contract import Binding, Bound, Emission, Notebook, Options, Target
from converter.target.readback import Reading

_QUERIES = ("", "kusto", "query")
_HUNTED = "xdr"


def emit(bound: Bound, options: Options) -> Emission:
    """The artifact of a rule in the format asked for."""
    notes, ledger = Notebook(), Ledger(options.trust)
    make = _query if options.format in _QUERIES else _hunt if options.format == _HUNTED else _analytics
    made = make(bound, options, notes, ledger)
    kept = Written("") if notes.refused else made
    return Emission(
        kept.text,
        notes.diagnostics,
        ledger.used,
        ledger.written,
        kept.files,
        kept.part,
        notes.left_out,
        kept.program,
    )


def _query(bound: Bound, options: Options, notes: Notebook, ledger: Ledger) -> Written:
    meta, detection = bound.rule.meta, bound.rule.detection
    run = Run.of(plan_window(meta), bare=options.bare)
    found = detected(bound, run, notes, ledger)
    if found is None:
        return Written("")
    if isinstance(detection, NewTerms):
        from backends.sentinel.detection.newterms import LONGEST, too_long  # only such rules need it
        from converter.plan.group import plan_new_terms

        if (plan := plan_new_terms(detection, meta)).history_ms > LONGEST:
            notes.add(too_long(plan))
    text = write.program(found.program)
    _say(of_query(bound.rule), notes)
    if len(text) > LONGEST_QUERY:
        message = f"the query has {len(text)} characters, an analytics rule takes {LONGEST_QUERY}"
        notes.add(note(T371, message, hint="--format arm and bicep save it as a function that the rule calls"))
    whole = text if options.format == "query" else comment(meta, ledger.used) + text
    return Written(whole, program=found.program)


def _analytics(bound: Bound, options: Options, notes: Notebook, ledger: Ledger) -> Written:
    from backends.sentinel.deploy.forms import written  # most runs write queries

    rule, meta = bound.rule, bound.rule.meta
    once = by_arrival(meta, rule.detection, bound.binding)
    times = schedule(meta, rule.detection, notes, once=once, lookup=_looked_back(bound))
    run = Run(times.start_ms, plan_window(meta).to_ms, _only(bound.binding, times, once=once), options.bare)
    found = detected(bound, run, notes, ledger)
    if found is None:
        return Written("")
    if once:
        notes.add(note(T336, "every event is taken once, in the first run after it arrived (ingestion_time())"))
    _say(of_query(rule), notes)
    _say(of_analytics(rule, once=once), notes)
    return written(options.format, bound, found, times, notes)


def _looked_back(bound: Bound) -> int:
    """How far back the tables are read that stand beside the events."""
    used = (field for where in predicates(bound.rule.detection) for field in fields(where))
    return lookup_ms(bound.bindings, used)


def _hunt(bound: Bound, options: Options, notes: Notebook, ledger: Ledger) -> Written:
    """The query has no window of its own: the service gives a custom detection the events of its look-back."""
    from backends.sentinel.deploy.forms import written  # most runs write queries

    found = detected(bound, Run.of(plan_window(bound.rule.meta), bare=options.bare), notes, ledger)
    if found is None:
        return Written("")
    _say(of_query(bound.rule), notes)
    return written(options.format, bound, found, Schedule(0, 0, 0), notes)


def _say(found: Iterable[Diagnostic], notes: Notebook) -> None:
    for diagnostic in found:
        notes.add(diagnostic)


def _only(binding: Binding, times: Schedule, *, once: bool) -> tuple[Expression, ...]:
    """The window, where the service's period is longer than it or about another time."""
    since = Binary(">=", source.time(binding), tree.ago(times.start_ms))
    arrived = Binary(">", tree.call("ingestion_time"), tree.ago(times.frequency_ms))
    return (since, arrived) if once else (since,) if times.bounded else ()


def _solution(artifacts: Sequence[Artifact], package: Package) -> Bundled:
    from backends.sentinel.deploy.solution import solution  # only this format needs it

    return solution(artifacts, package)


def _raised(bound: Bound, emission: Emission) -> Reading:
    from backends.sentinel.readback.check import raised  # only those who ask for it need a reader

    return raised(bound, emission)


TARGET = Target(
    name="sentinel",
    title="Microsoft Sentinel (Kusto)",
    suffix=".kusto",
    heading="// {}",
    suffixes={
        "yaml": ".yaml",
        "arm": ".json",
        "bicep": ".bicep",
        "watchlists": ".json",
        "xdr": ".json",
        "solution": ".yaml",
    },
    emit=emit,
    support=SUPPORT,
    judges=("kusto",),
    formats={
        "kusto": "the query under a comment that says where it comes from (default)",
        "query": "the query alone",
        "yaml": "an analytics rule as the Azure-Sentinel repository keeps it",
        "arm": "an ARM template that deploys the analytics rule",
        "bicep": "the same as Bicep",
        "watchlists": "an ARM template with the rule's long lists as watchlists, and these as CSV",
        "xdr": "a custom detection of Defender XDR, as JSON for Microsoft Graph",
        "solution": "one folder of all rules, as Azure-Sentinel's contributors lay out a solution",
    },
    raised=_raised,
    checks=True,
    bundles={"solution": _solution},
)
"""The formats that people install."""

"""`compare`: whether two rules, or a rule and a query written by hand, find the same events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from converter.cli.console import Console
from converter.cli.exit import Exit
from converter.cli.inspection import show
from converter.deferred import replace
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import ConverterError, EmitError, UnsupportedQueryError
from converter.target.codes import T005

if TYPE_CHECKING:
    from converter.model.rule import Rule
    from converter.proof.compare import Comparison
    from converter.proof.judge import Judge

QUERIES: Final = {".spl": "splunk", ".kusto": "sentinel", ".kql": "sentinel", ".csl": "sentinel"}
"""Endings of files that hold a platform's query, and the target whose language it is."""


def compare(one: str, other: str, fields: str | None, console: Console) -> Exit:
    """Compare, and say what shows the outcome."""
    from converter.proof.readback import Outcome  # imports the stages

    try:
        found = _compared(one, other, fields)
    except EmitError as error:
        console.tell_all(error.diagnostics)
        return Exit.USAGE
    except ConverterError as error:
        console.tell_all(error.diagnostics)
        return Exit.REFUSED
    names = (one, other)
    match found.outcome:
        case Outcome.EQUAL:
            show([f"the same: {found.how}"])
            return Exit.CONVERTED
        case Outcome.DIFFERENT:
            finder = "" if found.finder is None else f"\n  found by {names[found.finder]} alone:"
            scene = found.scene
            events = () if scene is None else (json.dumps(e, ensure_ascii=False, default=str) for e in scene.events)
            show([f"different: {found.how}{finder}", *(f"  {event}" for event in events)])
            return Exit.REFUSED
        case _:
            show([f"not decided: {found.how}"])
            return Exit.UNDECIDED


def _compared(one: str, other: str, fields: str | None) -> Comparison:
    queries = [name for name in (one, other) if _target(name)]
    if len(queries) == 2:  # noqa: PLR2004
        hint = "compare each of them with the rule that it was made from"
        raise EmitError(Diagnostic(T005, "two queries and no rule", hint=hint))
    if not queries:
        from converter.proof.compare import compare_rules

        return compare_rules(_rule(one), _rule(other))
    swapped = bool(_target(one))
    rule, query = (other, one) if swapped else (one, other)
    found = _with_query(_rule(rule), query, fields)
    turned = found.finder is not None and swapped
    return replace(found, finder=1 - found.finder) if turned and found.finder is not None else found


def _target(name: str) -> str:
    return QUERIES.get(Path(name).suffix.lower(), "")


def _rule(path: str) -> Rule:
    from converter import api  # imports the stages

    rule = api.read_rule(path)
    if errors := api.errors_of(rule):
        raise UnsupportedQueryError(errors)
    return rule


def _with_query(rule: Rule, path: str, fields: str | None) -> Comparison:
    """The rule's conversion beside the query: as conditions where the query is read, else on witnesses."""
    from converter import api
    from converter.model.rule import Match
    from converter.proof.compare import Comparison, divided
    from converter.proof.engine import Reference
    from converter.proof.judged import Judged
    from converter.proof.opened import groups, opened_kusto, opened_spl
    from converter.proof.readback import Outcome
    from converter.proof.scene import scenes
    from converter.rulefile import read_bounded
    from converter.target.artifact import Artifact

    target, text = _target(path), read_bounded(Path(path))
    opened = opened_spl if target == "splunk" else opened_kusto
    read = api.read_back(rule, target, fields or "ecs", text=text)
    if read.outcome is Outcome.EQUAL:
        return Comparison(Outcome.EQUAL, "the query reads back as the rule's condition")
    refuted = read.outcome is Outcome.DIFFERENT and read.event is not None
    event = json.dumps(read.event, ensure_ascii=False, default=str)
    apart = Comparison(Outcome.DIFFERENT, f"an event, by the query's own names, that only one finds\n  {event}")
    if fields not in (None, "ecs"):
        how = f"{read.why}; queries are run under Elastic's names only (--fields ecs)"
        return apart if refuted else Comparison(Outcome.UNDECIDED, how)

    def convert(of: Rule, name: str, mode: str) -> Artifact:
        whole = text if isinstance(of.detection, Match) else opened(text)
        return replace(api.convert(of, name, mode, bare=True, case="exact", inline_macros=True), text=whole)

    if target == "splunk" and isinstance(rule.detection, Match) and groups(text):
        how = "the search gives groups of events (stats), and the rule events: what stands before may be compared alone"
        return Comparison(Outcome.UNDECIDED, how)
    judge = Judged(_judge(target), convert)
    tried = scenes(rule.detection, window_ms=rule.meta.window.from_ms)
    found = divided((Reference(), judge), (rule, rule), tried)
    if refuted and found.outcome is Outcome.UNDECIDED:
        return apart
    if found.outcome is Outcome.UNDECIDED and read.outcome is Outcome.NOT_READ:
        return replace(found, how=f"{found.how}; the query is not read: {read.why}")
    if found.outcome is Outcome.UNDECIDED and read.outcome is Outcome.DIFFERENT:
        return replace(found, how=f"{found.how}; but {read.why}")
    return found


def _judge(target: str) -> Judge:
    from converter.proof.panel.sentinel import KustoJudge
    from converter.proof.panel.splunk import SplJudge

    return SplJudge() if target == "splunk" else KustoJudge()

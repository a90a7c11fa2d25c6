"""What a target makes of a bound rule: what it declares that it cannot say, and what it writes."""

from __future__ import annotations

from collections.abc import Iterable

from converter.diagnostics import Diagnostic, Severity
from converter.model.rule import Detection
from converter.model.walk import predicates, walk
from converter.target.codes import T006, T011
from converter.target.contract import Bound, Emission, Target
from converter.target.options import Options
from converter.target.support import Level, Refusal


def supported(bound: Bound, target: Target) -> Emission | None:
    """The refusal that the target declares for some node of the rule, if any."""
    if not target.support:
        return None
    found: dict[Diagnostic, None] = {}
    for node in _nodes(bound.rule.detection):
        refusal = target.support.get(type(node))
        if isinstance(refusal, Refusal):
            span = getattr(node, "span", None)
            message = f"{refusal.sentence} ({refusal.gap.value})"
            found.setdefault(Diagnostic(refusal.code, message, span=span))
    return Emission("", tuple(found)) if found else None


def emitted(bound: Bound, target: Target, options: Options) -> Emission:
    """What the target emits. A nascent one may not know a node that the model has got since: that refuses the rule."""
    try:
        return target.emit(bound, options)
    except AssertionError:  # `assert_never`, and the target's own assertion of what reaches it
        unknown = [node for node in _nodes(bound.rule.detection) if type(node) in target.unanswered]
        if target.level is Level.JUDGED or not unknown:
            raise
        names = ", ".join(dict.fromkeys(type(node).__name__ for node in unknown))
        return Emission("", (Diagnostic(T006, f"the target {target.name} has no answer for {names}"),))


def unjudged(target: Target) -> tuple[Diagnostic, ...]:
    """A target earns "exact": what no engine has judged is approximate."""
    if target.level is Level.JUDGED:
        return ()
    message = f"no engine judges what the target {target.name} writes: nothing shows that it means what the rule means"
    return (Diagnostic(T011, message, Severity.WARNING),)


def _nodes(detection: Detection) -> Iterable[object]:
    yield detection
    for predicate in predicates(detection):
        yield from walk(predicate)

"""The parts of a module: a function for each predicate, and the plan of the detection as constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from backends.python.condition.expression import Expressions, text_literal
from backends.python.detection.pipeline import Rows, UnsayableError
from converter.diagnostics import Diagnostic
from converter.model.pipeline import Pipeline
from converter.model.predicate import Or, Predicate
from converter.model.rule import (
    AnyOf,
    IndicatorMatch,
    Key,
    Match,
    NewTerms,
    Opaque,
    Rule,
    Sample,
    Threshold,
)
from converter.model.rule import Sequence as EqlSequence
from converter.model.value import Field
from converter.plan.branch import Branch
from converter.plan.group import plan_group, plan_new_terms
from converter.plan.indicator import Compared, Comparison, plan_indicator
from converter.plan.sample import plan_sample
from converter.plan.sequence import UNTIL, plan_sequence
from converter.plan.window import EVENT_TIME, plan_order, plan_window
from converter.target.codes import T006
from converter.target.contract import Bound, Notebook


class Module:
    """The parts of one module: functions, settings, and which stream class it ends in ("" = none)."""

    def __init__(self, bound: Bound) -> None:
        self.rule: Rule = bound.rule
        self.bindings = bound.bindings
        self.notebook = Notebook()
        self.expressions = Expressions()
        self.functions: list[str] = []
        self.settings: list[str] = []
        self.stream = ""

    def function(self, name: str, what: str, where: Predicate) -> None:
        """Define a function for a predicate."""
        body = self.expressions.write(where).text
        self.functions.append(f'def {name}(event, now=None):\n    """{what}"""\n    return {body}\n')

    def fields(self, keys: Sequence[Key]) -> str:
        """Keys as the runtime's (path, convert, optional) tuples."""
        shown = [
            f"({text_literal(k.field.path)}, {self.expressions.converter(k.field.kind)}, {k.optional})" for k in keys
        ]
        return "(" + "".join(f"{one}, " for one in shown).rstrip() + ")" if shown else "()"

    def time_fields(self, *names: str) -> None:
        """Which fields say when an event was, the first that has a value."""
        self.settings.append(f"TIME_FIELDS = ({', '.join(map(text_literal, dict.fromkeys(names)))},)")

    def window_fields(self) -> None:
        """The rule's timestamp override, then the event's own time."""
        window = plan_window(self.rule.meta)
        self.time_fields(window.field, *((EVENT_TIME,) if window.fallback else ()))

    def write(self) -> None:
        """Write the parts that the detection needs."""
        detection = self.rule.detection
        match detection:
            case Match(where):
                self.function("matches", "Whether the event is an alert.", where)
            case AnyOf(matches):
                self.function("matches", "Whether the event is an alert.", Or(tuple(m.where for m in matches)))
            case Threshold():
                self._threshold(detection)
            case NewTerms():
                plan = plan_new_terms(detection, self.rule.meta)
                self.function("matches", "Whether the event counts.", plan.where)
                self.window_fields()
                self.settings += [f"TERMS = {self.fields(_plain(plan.fields))}", f"HISTORY = {plan.history_ms}"]
                self.stream = "newterms"
            case EqlSequence():
                self._sequence(detection)
            case Sample():
                self._branches(plan_sample(detection, self.bindings).branches)
                self.window_fields()
                self.stream = "sample"
            case IndicatorMatch():
                self._indicators(detection)
            case Pipeline():
                self._pipeline(detection)
            case Opaque(_, diagnostic):
                self.notebook.add(diagnostic)
            case _:
                assert_never(detection)

    def _threshold(self, detection: Threshold) -> None:
        plan = plan_group(detection, self.rule.meta)
        self.function("matches", "Whether the event counts.", plan.where)
        self.window_fields()
        distinct = "None"
        if plan.distinct is not None:
            field = plan.distinct.field
            convert = self.expressions.converter(field.kind)
            distinct = f"({text_literal(field.path)}, {convert}, {plan.distinct.at_least})"
        self.settings += [
            f"GROUP_BY = {self.fields(_plain(plan.keys))}",
            f"AT_LEAST = {plan.at_least}",
            f"DISTINCT = {distinct}",
            f"WINDOW = {plan.window.length_ms}  # milliseconds",
        ]
        self.stream = "threshold"

    def _pipeline(self, detection: Pipeline) -> None:
        self.function("matches", "Whether the event takes part.", detection.where)
        self.expressions.use("rows", "single")
        try:
            self.settings += Rows(self.expressions).settings(detection)
        except UnsayableError as error:
            self.notebook.add(Diagnostic(T006, f"{error} cannot be carried into Python"))
        self.stream = "pipeline"

    def _sequence(self, detection: EqlSequence) -> None:
        plan = plan_sequence(detection, self.bindings)
        self._branches(plan.branches)
        self.time_fields(plan_order(self.rule.meta).field)
        gaps = ", ".join(f"{gap.after}: {_numbers(gap.stages)}" for gap in plan.shape.gaps)
        self.settings += [
            f"LAST = {plan.shape.last}  # the last stage",
            f"GAPS = {{{gaps}}}  # the stages that must be missing after a stage",
            f"MAXSPAN = {plan.maxspan_ms}  # milliseconds",
        ]
        self._tiebreaker()
        self.stream = "sequence"

    def _branches(self, branches: Sequence[Branch]) -> None:
        """The filters, each with its keys and the stages that its events are of."""
        lines = []
        names: dict[Predicate, str] = {}
        for branch in branches:
            if branch.where not in names:
                name = "until" if branch.stages == (UNTIL,) else f"filter_{len(names) + 1}"
                names[branch.where] = name
                self.function(name, "Whether the event passes this filter.", branch.where)
            where, by, stages = names[branch.where], self.fields(branch.by), _numbers(branch.stages)
            lines.append(f'    {{"where": {where}, "by": {by}, "stages": {stages}}},')
        self.settings.append("BRANCHES = [\n" + "\n".join(lines) + "\n]")

    def _tiebreaker(self) -> None:
        field = self.rule.meta.tiebreaker_field
        value = f"next(iter(read(event, {text_literal(field)})), None)" if field else "None"
        body = f'    """What orders events of the same time, None if nothing does."""\n    return {value}\n'
        self.functions.append(f"def tiebreaker(event):\n{body}")

    def _indicators(self, detection: IndicatorMatch) -> None:
        plan = plan_indicator(detection)
        self.function("matches", "Whether the event is looked up among the indicators.", plan.where)
        self.function("is_indicator", "Whether the document is an indicator of this rule.", plan.indicators)
        rows = [f"    ({', '.join(map(self._comparison, lookup.comparisons))},)," for lookup in plan.lookups]
        self.settings.append("LOOKUPS = [\n" + "\n".join(rows) + "\n]")
        self.stream = "indicator"

    def _comparison(self, comparison: Comparison) -> str:
        """(path, keys of the event's values, keys of the indicator's value, the indicator's path)"""
        use = self.expressions.use
        match comparison.compared:
            case Compared.WORDS:
                held = wanted = use("word_keys", "word_keys")
            case Compared.ADDRESS:
                held, wanted = use("address_keys", "address_keys"), "network_keys"
            case Compared.TEXT | Compared.NUMBER | Compared.TRUTH | Compared.MOMENT:
                convert = self.expressions.converter(comparison.field.kind)
                held = wanted = f"{use('value_keys', 'value_keys')}({convert})"
            case _:
                assert_never(comparison.compared)
        paths = text_literal(comparison.field.path), text_literal(comparison.indicator.path)
        return f"({paths[0]}, {held}, {wanted}, {paths[1]})"


def _numbers(numbers: Sequence[int]) -> str:
    """A tuple of numbers."""
    return repr(tuple(numbers))


def _plain(fields: Sequence[Field]) -> list[Key]:
    return [Key(f) for f in fields]

"""The Python target: a standalone module, standard library only, that says which events match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from backends.python.condition.expression import Expressions, text_literal
from backends.python.detection.sources import assemble
from converter.diagnostics import Diagnostic, Severity
from converter.model.predicate import Or, Predicate
from converter.model.rule import (
    AnyOf,
    IndicatorMatch,
    Key,
    Match,
    NewTerms,
    Opaque,
    Pair,
    Rule,
    Sample,
    Step,
    Threshold,
)
from converter.model.rule import Sequence as EqlSequence
from converter.model.value import Field
from converter.target.contract import Bound, Emission, Notebook, Options, Target


class _Module:
    """Collects the parts of one module."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.notebook = Notebook()
        self.expressions = Expressions(self.notebook)
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

    def time_fields(self) -> None:
        """Which fields say when an event was: the rule's timestamp override, then the event's own time."""
        meta = self.rule.meta
        sequence = isinstance(self.rule.detection, EqlSequence | Sample)
        first = meta.timestamp_field if sequence else meta.timestamp_override
        names = [first] if first else []
        if not names or not meta.timestamp_override_fallback_disabled:
            names.append("@timestamp")
        self.settings.append(f"TIME_FIELDS = ({', '.join(map(text_literal, dict.fromkeys(names)))},)")

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
            case NewTerms(where, fields, history):
                self.function("matches", "Whether the event counts.", where)
                self.time_fields()
                self.settings += [f"TERMS = {self.fields(_plain(fields))}", f"HISTORY = {history}"]
                self.stream = "newterms"
            case EqlSequence(steps, maxspan, until):
                self._stages(steps)
                self.time_fields()
                self.settings.append(f"MAXSPAN = {maxspan}")
                self.settings.append(f"UNTIL = {self._stage('until', until) if until else None}")
                self._tiebreaker()
                self.stream = "sequence"
            case Sample(steps):
                self._stages(steps)
                self.time_fields()
                self.stream = "sample"
            case IndicatorMatch():
                self._indicators(detection)
            case Opaque(_, diagnostic):
                self.notebook.add(diagnostic)
            case _:
                assert_never(detection)

    def _threshold(self, detection: Threshold) -> None:
        self.function("matches", "Whether the event counts.", detection.where)
        self.time_fields()
        window = self.rule.meta.window
        distinct = "None"
        if detection.distinct is not None:
            field = detection.distinct.field
            convert = self.expressions.converter(field.kind)
            distinct = f"({text_literal(field.path)}, {convert}, {detection.distinct.at_least})"
        self.settings += [
            f"GROUP_BY = {self.fields(_plain(detection.group_by))}",
            f"AT_LEAST = {detection.at_least}",
            f"DISTINCT = {distinct}",
            f"WINDOW = {window.from_ms - window.to_ms}  # milliseconds",
        ]
        self.stream = "threshold"

    def _stage(self, name: str, step: Step) -> str:
        self.function(name, "Whether the event passes this filter.", step.where)
        return f'{{"where": {name}, "by": {self.fields(step.by)}, "missing": {step.missing}}}'

    def _stages(self, steps: Sequence[Step]) -> None:
        lines = []
        names: dict[Predicate, str] = {}
        for number, step in enumerate(steps, 1):
            name = names.get(step.where, f"step_{number}")
            if step.where not in names:
                names[step.where] = name
                self.function(name, "Whether the event passes this filter.", step.where)
            stage = f'{{"where": {name}, "by": {self.fields(step.by)}, "missing": {step.missing}}}'
            lines.append(f"    {stage}," if step.runs == 1 else f"    *[{stage}] * {step.runs},")
        self.settings.append("STAGES = [\n" + "\n".join(lines) + "\n]")

    def _tiebreaker(self) -> None:
        field = self.rule.meta.tiebreaker_field
        value = f"next(iter(read(event, {text_literal(field)})), None)" if field else "None"
        body = f'    """What orders events of the same time, None if nothing does."""\n    return {value}\n'
        self.functions.append(f"def tiebreaker(event):\n{body}")

    def _indicators(self, detection: IndicatorMatch) -> None:
        self.function("matches", "Whether the event is looked up among the indicators.", detection.where)
        self.function("is_indicator", "Whether the document is an indicator of this rule.", detection.indicators)
        rows = []
        for pairs in detection.any_of:
            shown = [self._pair(p) for p in pairs]
            rows.append(f"    ({', '.join(shown)},),")
        self.settings.append("ANY_OF = [\n" + "\n".join(rows) + "\n]")
        self.stream = "indicator"

    def _pair(self, pair: Pair) -> str:
        convert = self.expressions.converter(pair.field.kind)
        parts = [text_literal(pair.field.kind.value), text_literal(pair.field.path), convert]
        return f"({', '.join([*parts, text_literal(pair.indicator.path)])})"


def _plain(fields: Sequence[Field]) -> list[Key]:
    return [Key(f) for f in fields]


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _header(rule: Rule) -> str:
    meta = rule.meta
    lines = [f"# {_one_line(meta.name)}", f"# Elastic rule {_one_line(meta.rule_id) or '(no id)'}"]
    if meta.author:
        lines.append(f"# Author: {_one_line(', '.join(meta.author))}")
    if meta.license.lower().startswith("elastic license"):
        lines.append(
            "# Converted (modified) by siemglot from a rule of Elasticsearch B.V.; Elastic License 2.0 applies."
        )
    else:
        lines.append("# Converted (modified) by siemglot.")
    return "\n".join(lines)


_USAGE = {
    "": "`matches(event)` is True for an event (a dict in Elastic Common Schema) that the rule alerts on.",
    "sequence": "Feed a `Matcher` events in order of time: `for event in events: alerts = matcher.feed(event)`.",
    "sample": "`samples(events)` are the alerts of one run.",
    "threshold": "`groups(events)` are the alerts of one run; a `Matcher` finds them in a stream, sliding.",
    "newterms": "`new_terms(events, window)` are the alerts of one run; a `Matcher` keeps a history in a stream.",
    "indicator": "`Matcher(indicators).feed(event)` are the alerts of an event.",
}


def emit(bound: Bound, options: Options) -> Emission:
    """The rule as the source of a Python module."""
    del options  # Python has one format
    module = _Module(bound.rule)
    module.write()
    if module.notebook.refused:
        return Emission("", module.notebook.diagnostics)
    if module.stream in ("sequence", "sample", "newterms", "threshold"):
        note = "events without a time take no part"
        module.notebook.add(Diagnostic("T402", note, Severity.NOTE))
    pieces = [*module.expressions.pieces, *([module.stream] if module.stream else [])]
    imports, bodies = assemble(pieces)
    constants = [f"{name} = {text}" for name, text in module.expressions.constants.items()]
    parts = [
        _header(bound.rule),
        f'"""{_USAGE[module.stream]}\n\nStandard library only; Python 3.9 or later.\n"""',
        "\n".join(imports),
    ]
    stream = [bodies[-1]] if module.stream else []
    shared = bodies[:-1] if module.stream else bodies
    sections = [*shared, *constants, *module.functions, "\n".join(module.settings), *stream]
    text = "\n\n".join(p for p in parts if p) + "\n\n\n" + "\n\n\n".join(s.strip("\n") for s in sections if s) + "\n"
    return Emission(text, module.notebook.diagnostics)


TARGET = Target(
    name="python",
    title="A standalone Python module, standard library only",
    suffix=".py",
    emit=emit,
    modes=("ecs",),
    judges=("python",),
    formats={"module": "a module with matches(event), and a Matcher for streams"},
)

"""The module as text: whose rule it is, how it is used, the runtime's pieces, the rule's parts."""

from __future__ import annotations

from backends.python.condition.expression import text_literal
from backends.python.detection.module import Module
from backends.python.detection.sources import assemble
from converter.model.metadata import Metadata
from converter.plan.credit import credit
from converter.target.lines import one_line


def _header(meta: Metadata) -> str:
    source = credit(meta)
    lines = [f"# {one_line(meta.title)}", f"# {source.kind} rule {one_line(source.rule_id) or '(no id)'}"]
    if source.authors:
        lines.append(f"# Author: {one_line(', '.join(source.authors))}")
    lines.append(f"# {one_line(source.notice)}")
    return "\n".join(lines)


_USAGE = {
    "": "`matches(event)` is True for an event (a dict in Elastic Common Schema) that the rule alerts on.",
    "sequence": "`alerts(events)` are the alerts of a list; feed a `Matcher` a stream in order of time: `feed(event)`.",
    "sample": "`samples(events)` are the alerts of one run.",
    "threshold": "`groups(events)` are the alerts of one run; a `Matcher` finds them in a stream, sliding.",
    "newterms": "`new_terms(events, window)` are the alerts of one run; a `Matcher` keeps a history in a stream.",
    "pipeline": "`alerts(events)` are the rows that the rule gives for the events of one run.",
    "indicator": "`Matcher(indicators).feed(event)` are the alerts of an event.",
}


def _rule(meta: Metadata) -> str:
    """Whose rule it is, for those who run it."""
    said = {"id": meta.rule_id, "name": meta.title, "severity": meta.severity}
    lines = [f"    {text_literal(key)}: {text_literal(value)}," for key, value in said.items()]
    return "\n".join(["RULE = {", *lines, f'    "risk_score": {meta.risk_score},', "}"])


def own_of(module: Module) -> tuple[str, ...]:
    """What a module says of its rule's conditions, beside the runtime."""
    constants = (f"{name} = {text}" for name, text in module.expressions.constants.items())
    return (*constants, *module.functions, "\n".join(module.settings))


def text_of(module: Module, usage: str = "") -> str:
    """The source of the module; `usage` "" is how a module is used."""
    pieces = [*module.expressions.pieces, *([module.stream] if module.stream else [])]
    imports, bodies = assemble(pieces)
    parts = [
        _header(module.rule.meta),
        f'"""{usage or _USAGE[module.stream]}\n\nStandard library only; Python 3.9 or later.\n"""',
        "\n".join(imports),
    ]
    stream = [bodies[-1]] if module.stream else []
    shared = bodies[:-1] if module.stream else bodies
    sections = [_rule(module.rule.meta), *shared, *own_of(module), *stream]
    return "\n\n".join(p for p in parts if p) + "\n\n\n" + "\n\n\n".join(s.strip("\n") for s in sections if s) + "\n"

"""The module as text: whose rule it is, how it is used, the runtime's pieces, the rule's parts."""

from __future__ import annotations

from backends.python.detection.module import Module
from backends.python.detection.sources import assemble
from converter.model.metadata import Metadata
from converter.plan.credit import credit


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _header(meta: Metadata) -> str:
    source = credit(meta)
    lines = [f"# {_one_line(meta.name)}", f"# {source.kind} rule {_one_line(source.rule_id) or '(no id)'}"]
    if source.authors:
        lines.append(f"# Author: {_one_line(', '.join(source.authors))}")
    lines.append(f"# {_one_line(source.notice)}")
    return "\n".join(lines)


_USAGE = {
    "": "`matches(event)` is True for an event (a dict in Elastic Common Schema) that the rule alerts on.",
    "sequence": "Feed a `Matcher` events in order of time: `for event in events: alerts = matcher.feed(event)`.",
    "sample": "`samples(events)` are the alerts of one run.",
    "threshold": "`groups(events)` are the alerts of one run; a `Matcher` finds them in a stream, sliding.",
    "newterms": "`new_terms(events, window)` are the alerts of one run; a `Matcher` keeps a history in a stream.",
    "pipeline": "`alerts(events)` are the rows that the rule gives for the events of one run.",
    "indicator": "`Matcher(indicators).feed(event)` are the alerts of an event.",
}


def text_of(module: Module) -> str:
    """The source of the module."""
    pieces = [*module.expressions.pieces, *([module.stream] if module.stream else [])]
    imports, bodies = assemble(pieces)
    constants = [f"{name} = {text}" for name, text in module.expressions.constants.items()]
    parts = [
        _header(module.rule.meta),
        f'"""{_USAGE[module.stream]}\n\nStandard library only; Python 3.9 or later.\n"""',
        "\n".join(imports),
    ]
    stream = [bodies[-1]] if module.stream else []
    shared = bodies[:-1] if module.stream else bodies
    sections = [*shared, *constants, *module.functions, "\n".join(module.settings), *stream]
    return "\n\n".join(p for p in parts if p) + "\n\n\n" + "\n\n\n".join(s.strip("\n") for s in sections if s) + "\n"

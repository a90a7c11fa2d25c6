"""The comment at the top of a query: what it is, whose rule it was, and the notice that its licence asks for."""

from __future__ import annotations

from collections.abc import Sequence

from converter.forms.choose import Assumption, assumed
from converter.languages.kusto.literal import visible
from converter.model.duration import largest_unit
from converter.model.metadata import Metadata
from converter.plan.credit import credit
from converter.plan.window import plan_window

_WIDTH = 110


def plain(text: str) -> str:
    """The rule's text on one line: nothing in it can end a comment."""
    return " ".join(visible(text).split())


def lines(text: str) -> str:
    """The rule's text of several lines, each without what cannot be seen and without blanks at its ends."""
    made = (visible(line).rstrip() for line in text.expandtabs(4).split("\n"))
    return "\n".join(made).strip()


def licence(meta: Metadata) -> str:
    """The licence, and that this is a modified copy."""
    return plain(credit(meta).notice)


def origin(meta: Metadata) -> str:
    """The rule's id and authors."""
    return plain(credit(meta).origin)


def span(ms: int) -> str:
    """A duration as Kusto and rule files write it: 5m, 1h, 14d."""
    count, unit = largest_unit(ms)
    return f"{count}{unit}"


def comment(meta: Metadata, used: Sequence[Assumption]) -> str:
    """The comment; every line starts with `//`."""
    window = plan_window(meta)
    who = "Run it" if meta.language == "sigma" else "Elastic runs it"
    times = f"{who} every {span(window.interval_ms)} over the last {span(window.from_ms)}."
    rests = f"Assumes: {plain(assumed(used))}" if used else ""
    lines = [plain(meta.name), origin(meta), licence(meta), times, rests]
    return "".join(f"// {part}\n" for line in lines if line for part in _wrapped(line))


def _wrapped(line: str) -> list[str]:
    """The lines of a line whose words have one blank between them."""
    if len(line) <= _WIDTH:
        return [line]
    import textwrap  # few lines are as long

    return textwrap.wrap(line, _WIDTH, break_on_hyphens=False)

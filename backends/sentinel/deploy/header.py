"""The comment at the top of a query: what it is, whose rule it was, and the notice that its licence asks for."""

from __future__ import annotations

import textwrap

from backends.sentinel.condition import literal
from backends.sentinel.condition.literal import hidden
from converter.model.metadata import Metadata

_WIDTH = 110


def plain(text: str) -> str:
    """The rule's text on one line: nothing in it can end a comment."""
    return " ".join("".join(" " if hidden(c) else c for c in text).split())


def licence(meta: Metadata) -> str:
    """The licence, and that this is a modified copy."""
    if meta.license.lower().startswith("elastic license"):
        return "Converted (modified) by siemglot from a rule of Elasticsearch B.V.; Elastic License 2.0."
    return f"Converted (modified) by siemglot.{f' Licence: {plain(meta.license)}.' if meta.license else ''}"


def origin(meta: Metadata) -> str:
    """The rule's id and authors."""
    parts = [f"Elastic rule {plain(meta.rule_id)}" if meta.rule_id else ""]
    parts.append(f"by {plain(', '.join(meta.author))}" if meta.author else "")
    return " ".join(filter(None, parts))


def comment(meta: Metadata) -> str:
    """The comment; every line starts with `//`."""
    window = meta.window
    times = f"Elastic runs it every {literal.span(window.interval_ms)} over the last {literal.span(window.from_ms)}."
    lines = [plain(meta.name), origin(meta), licence(meta), times]
    wrapped = [p for line in lines if line for p in textwrap.wrap(line, _WIDTH, break_on_hyphens=False)]
    return "".join(f"// {line}\n" for line in wrapped)

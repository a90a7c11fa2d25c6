"""The comment at the top of a search: what it is, whose rule it was, when to run it, and what it needs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from backends.splunk.detection.search import Helper, Search
from backends.splunk.detection.window import offset, times
from converter.model.metadata import Metadata

_FENCE = "```"
_WIDTH = 110
_REFERENCE = "Reference: "
_HARMLESS = str.maketrans({"`": "'", "$": "", "|": "/", "[": "(", "]": ")", '"': "'", "\\": "/"})
"""Signs that end a comment, or that a reader of the whole text might take for a macro, token, pipe or subsearch."""


def harmless(text: str) -> str:
    """Text of a rule inside a comment: on one line, and unable to end it."""
    shown = "".join(c if c.isprintable() else " " for c in text.translate(_HARMLESS))
    return " ".join(shown.split())


def comment(lines: Iterable[str]) -> str:
    """A comment of SPL."""
    wrapped = [piece for line in lines for piece in _wrapped(harmless(line))]
    return f"{_FENCE} " + "\n    ".join(wrapped) + f" {_FENCE}"


def _wrapped(line: str) -> list[str]:
    if line.startswith(_REFERENCE):
        return [line]
    return textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]


def origin(meta: Metadata) -> list[str]:
    """The rule's name, id and authors, and the notice that its licence asks for."""
    lines = [meta.name]
    by = ", ".join(meta.author)
    facts = [f"Elastic rule {meta.rule_id}" if meta.rule_id else "", f"by {by}" if by else ""]
    if any(facts):
        lines.append(" ".join(filter(None, facts)))
    lines.append(licence(meta))
    lines += [f"{_REFERENCE}{reference}" for reference in meta.references[:3]]
    return lines


def licence(meta: Metadata) -> str:
    """The licence, and that this is a modified copy."""
    if meta.license.lower().startswith("elastic license"):
        return "Converted (modified) by siemglot from a rule of Elasticsearch B.V.; Elastic License 2.0."
    return f"Converted (modified) by siemglot.{f' Licence: {meta.license}.' if meta.license else ''}"


def schedule(meta: Metadata, search: Search) -> str:
    """When to run the search and over which time."""
    span = times(meta)
    every = offset(span.window.interval_ms).removeprefix("-")
    if search.spans:
        return f"Run every {every}; the search states its own time range."
    if span.by_arrival:
        start = f"_index_earliest={offset(span.window.from_ms)}"
        return f"Run every {every} over what arrived since {start} (Elastic: {meta.timestamp_override})."
    return f"Run every {every}, earliest={offset(span.window.from_ms)} latest={offset(span.window.to_ms)}."


def commented(meta: Metadata, search: Search) -> str:
    """The search under its comment, and the searches it needs as comments below."""
    parts = [comment([*origin(meta), schedule(meta, search)]), search.text]
    return "\n".join([*parts, *map(_helper, search.helpers)]) + "\n"


def _helper(helper: Helper) -> str:
    """What the search needs. Its text would not survive in a comment, which must hold no pipes and quotes."""
    return comment([f"{helper.purpose} --format savedsearches writes that search and the lookup's definition."])

"""The comment at the top of a search: what it is, whose rule it was, when to run it, and what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.splunk.deploy.macro import macro_name, macro_stanza
from backends.splunk.detection.search import Search
from backends.splunk.detection.table import Filling
from backends.splunk.detection.window import offset, times
from converter.forms.choose import Assumption, assumed
from converter.languages.spl.syntax import Comment, Document
from converter.languages.spl.write import write
from converter.model.metadata import Metadata
from converter.model.value import Macro
from converter.plan.credit import credit
from converter.target.lines import one_line
from converter.target.lookup import Beside, Lookup

_WIDTH = 110
_REFERENCE = "Reference: "
_HARMLESS = str.maketrans({"`": "'", "$": "", "|": "/", "[": "(", "]": ")", '"': "'", "\\": "/"})
"""Signs that end a comment, or that a reader of the whole text might take for a macro, token, pipe or subsearch."""


def harmless(text: str) -> str:
    """Text of a rule inside a comment: on one line, and unable to end it."""
    return one_line(text.translate(_HARMLESS))


def comment(lines: Iterable[str]) -> Comment:
    """A comment of SPL."""
    return Comment(tuple(piece for line in lines for piece in _wrapped(harmless(line))))


def _wrapped(line: str) -> list[str]:
    """Lines of words that fit; a word that is longer has a line of its own."""
    if len(line) <= _WIDTH or line.startswith(_REFERENCE):
        return [line]
    first, *words = line.split(" ")
    lines = [first]
    for word in words:
        if len(lines[-1]) + 1 + len(word) <= _WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def origin(meta: Metadata) -> list[str]:
    """The rule's name, id and authors, and the notice that its licence asks for."""
    source = credit(meta)
    lines = [meta.title, *filter(None, [source.origin]), source.notice]
    lines += [f"{_REFERENCE}{reference}" for reference in meta.references[:3]]
    return lines


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


def assumptions(used: Sequence[Assumption]) -> list[str]:
    """The facts about data that the search rests on, coded."""
    return [f"Assumes: {assumed(used)} (siemglot explain CODE)."] if used else []


def commented(meta: Metadata, search: Search, text: str, used: Sequence[Assumption]) -> str:
    """The text of a search under its comment, and what it needs as comments below."""
    needs = [f"Needs the macro {macro_name(m)}: {m.note}; the definition is below." for m in search.macros]
    needs += map(_lookup, search.lookups)
    head = comment([*origin(meta), schedule(meta, search), *assumptions(used), *needs])
    below: Document = (*map(_filling, search.fillings), *map(_definition, search.macros))
    return "".join((write((head,)), text, "\n", write(below) if below else ""))


def _lookup(lookup: Lookup | Beside) -> str:
    """What a lookup of the place needs."""
    note = f" ({lookup.note})" if lookup.note else ""
    return (
        f"Needs the lookup {lookup.name}{note}, filled over {lookup.days} days: "
        f"--format savedsearches writes the search that fills it."
    )


def _filling(filling: Filling) -> Comment:
    """What the search needs. Its text would not survive in a comment, which must hold no pipes and quotes."""
    return comment([f"{filling.purpose} --format savedsearches writes that search and the lookup's definition."])


def _definition(macro: Macro) -> Comment:
    """The stanza of a macro. Its text holds no backtick, so that it cannot end the comment."""
    return Comment(("macros.conf:", *macro_stanza(macro).text.rstrip("\n").split("\n")))

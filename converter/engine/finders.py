"""Which of many texts stand in a value: one by one up to a knee, above it all at once by RE2's set of expressions."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

from converter.engine.probe import Finder, Node

KNEE = 8
"""Up to so many texts asking one after another is quicker."""
_MEMORY = 64 << 20  # a set that finds no room for its states says that nothing matches: there is room for every state


def finder(texts: Mapping[str, Node]) -> Finder:
    """A function that adds the nodes of the texts (lower case) that stand in a value; of a value that is not ASCII all.

    Beyond ASCII, lower case depends on more than the letter, so that what stands in a text need not stand in its lower
    case; such values are rare, and everything found is verified.
    """
    if len(texts) <= KNEE or importlib.util.find_spec("re2") is None:
        return _one_by_one(texts)
    return _at_once(texts)


def _one_by_one(texts: Mapping[str, Node]) -> Finder:
    pairs = tuple(texts.items())

    def find(value: str, found: list[Node]) -> None:
        if not value.isascii():
            found.extend(node for _, node in pairs)
            return
        lower = value.lower()
        for part, node in pairs:
            if part in lower:
                found.append(node)

    return find


def _at_once(texts: Mapping[str, Node]) -> Finder:
    import re2  # compiled; only plans with many wildcards on one field need it

    options = re2.Options()
    options.literal = True
    options.never_capture = True
    options.log_errors = False
    options.max_mem = _MEMORY
    search = re2.Set.SearchSet(options)
    kept = [(part, node) for part, node in texts.items() if part.isascii()]  # no other stands in ASCII
    for part, _ in kept:
        search.Add(part)
    search.Compile()
    nodes = tuple(node for _, node in kept)
    every = tuple(texts.values())

    def find(value: str, found: list[Node]) -> None:
        if value.isascii():
            places = search.Match(value.lower())
            if places is not None:
                found.extend([nodes[place] for place in places])
        else:
            found.extend(every)

    return find

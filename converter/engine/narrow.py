"""A line of JSON parsed no further than rules ask: names that no path leads to are passed over, not made into objects.

What stands at the paths is what a whole parse gives there. Lines of which that is not certain are left to the whole
parse: those with a name that holds a dot, which may spell a path in another way, and those that are broken or may be,
for the parser looks at the form of what it passes over, not at its letters. Needs msgspec (the extra `fast`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypedDict, cast

Narrow: TypeAlias = "Callable[[bytes], dict[str, object] | None]"
_Names: TypeAlias = "dict[str, _Names | None]"
"""Names with what is below them; None = all of it."""

_DOTTED = re.compile(rb'\.[^"]*+"\s*+:')
_ESCAPED_DOT = re.compile(rb"\\u002[eE]")
_MOST_DIGITS = 4300
"""Python makes no whole number of more digits, so that an event with one is broken."""
_PATIENCE = 64
"""After a line that had to be parsed whole so many are parsed whole at once: those of one source are alike."""


def narrow(paths: Iterable[str], sample: Sequence[Mapping[str, object]]) -> Narrow | None:
    """A function from a line to what its event holds at the paths; it gives None where `decode` has to say.

    None if msgspec is not there, or if a path has a sign that is escaped in JSON. `sample`: some events, to look for
    names in the order in which they mostly come.
    """
    try:
        import msgspec  # the extra `fast`
    except ImportError:
        return None
    names = _tree(paths)
    if names is None:
        return None
    parse = cast("Callable[[bytes], dict[str, object]]", msgspec.json.Decoder(_shape(names, sample)).decode)
    waiting = 0

    def decode(line: bytes) -> dict[str, object] | None:
        nonlocal waiting
        if waiting:
            waiting -= 1
            return None
        if _DOTTED.search(line) is None and _may_be_narrowed(line):
            try:
                return parse(line)
            except Exception:  # noqa: BLE001 - whatever it is, the whole parse says it
                waiting = _PATIENCE
                return None
        waiting = _PATIENCE
        return None

    return decode


def _may_be_narrowed(line: bytes) -> bool:
    """Whether what is passed over cannot be broken where nobody looks."""
    if len(line) > _MOST_DIGITS:
        return False
    if b"\\" in line and b"\\u002" in line and _ESCAPED_DOT.search(line):  # one sign is looked for far sooner
        return False
    if not line.isascii():
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return False
    return True


def _tree(paths: Iterable[str]) -> _Names | None:
    names: _Names = {}
    for path in sorted(paths, key=lambda path: path.count(".")):  # what is asked for whole comes before its members
        if not path.isascii() or not path.isprintable() or '"' in path or "\\" in path:
            return None
        *outer, last = path.split(".")
        here: _Names | None = names
        for name in outer:
            here = here.setdefault(name, {}) if here is not None else None
        if here is not None:
            here[last] = None
    return names


def _shape(names: _Names, sample: Sequence[Mapping[str, object]]) -> Any:  # noqa: ANN401 - a type made here
    """The type of an object with these names, in the order of the sample: the parser looks on from where it was."""
    seen = dict.fromkeys(name for event in sample for name in event if name in names)
    shapes: dict[str, Any] = {}
    for name in (*seen, *(name for name in names if name not in seen)):
        below = names[name]
        if below is None:
            shapes[name] = Any
            continue
        inner = [value for event in sample if isinstance(value := event.get(name), Mapping)]
        shapes[name] = _shape(below, inner) | list[Any] | str | int | float | bool | None
    return TypedDict("Members", shapes, total=False)  # type: ignore[operator]  # made when it runs

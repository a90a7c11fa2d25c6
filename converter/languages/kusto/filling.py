"""Lines as wide as people read them, filled with parts."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 150
STEP = "    "


def filled(parts: Sequence[str], indent: str, used: int) -> str:
    """Parts behind commas, as many on a line as fit."""
    out, column = "", used
    for number, part in enumerate(parts):
        first, *_ = part.split("\n", 1)
        if number and column + 2 + len(first) + 1 <= WIDTH:
            out += f", {part}"
            column += 2
        elif number:
            out += f",\n{indent}{part}"
            column = len(indent)
        else:
            out += part
        last = part.rsplit("\n", 1)
        column = len(last[1]) if len(last) > 1 else column + len(part)
    return out

"""The folder `prepared/`: what is made once of files of the package, kept in a form that loads at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

PREPARED = Path(__file__).parent.parent / "prepared"


def kept(name: str, key: object, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The content of a file of `prepared/` if it was made from what `key` says, else what `make` gives, kept there."""
    path = PREPARED / name
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found["key"] == key:
            return found
    except (OSError, ValueError, KeyError, TypeError):
        pass  # there is none, or half of one
    made = {"key": key, **make()}
    from converter import atomic  # what is prepared writes nothing

    with suppress(OSError):  # a folder that cannot be written: it is made anew the next time
        atomic.replace(path, json.dumps(made, ensure_ascii=True, separators=(",", ":")).encode("ascii"))
    return made

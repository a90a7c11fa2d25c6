"""Comments and macros: what happens to a search text before it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from converter.proof.judges.spl.errors import SplError

_COMMENT: Final = re.compile(r"```.*?```", re.DOTALL)
_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|```.*?```|`([^`]+)`', re.DOTALL)
_CALL: Final = re.compile(r"\s*([^\s(]+)\s*(?:\((.*)\))?\s*", re.DOTALL)
_DEPTH: Final = 20


def expand(text: str, macros: Mapping[str, str], depth: int = 0) -> str:
    """`text` without comments and with every macro known in `macros` replaced; unknown ones stay.

    A macro with arguments is known under `name(a,b)`: its text uses $a$ and $b$. Nothing is replaced inside quotes.
    """
    if depth > _DEPTH:
        raise SplError("macros expand without end", 0, text)

    def piece(found: re.Match[str]) -> str:
        whole, inner = found.group(), found.group(1)
        if whole.startswith("```"):
            return " "
        if inner is None:
            return whole
        body = _body(inner, macros)
        return whole if body is None else expand(body, macros, depth + 1)

    return _PIECE.sub(piece, text)


def _body(call: str, macros: Mapping[str, str]) -> str | None:
    found = _CALL.fullmatch(call)
    if found is None:
        return None
    name, inner = found.groups()
    if inner is None:
        return macros.get(name)
    values = [value.strip().strip('"') for value in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', inner)]
    for key, body in macros.items():
        head = _CALL.fullmatch(key)
        if head is None or head.group(1) != name or head.group(2) is None:
            continue
        names = [one.strip() for one in head.group(2).split(",")]
        if len(names) != len(values):
            continue
        filled = body
        for one, value in zip(names, values, strict=True):
            filled = filled.replace(f"${one}$", value)
        return filled
    return None


def is_index_macro(call: str) -> bool:
    """Whether an unknown macro may stand for the choice of an index, which events here do not have."""
    found = _CALL.fullmatch(call)
    return found is not None and re.search(r"(?:index|indexes|indices)$", found.group(1), re.IGNORECASE) is not None

"""The shape of a function, and how arguments are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.values import NUMBERS, Value, plain, text_of

MANY = 1_000


@dataclass(frozen=True, slots=True)
class Signature:
    least: int
    most: int
    run: Callable[[str, list[Value], Scope], Value]


def text_argument(name: str, value: Value) -> str:
    """A string, or a dynamic by its text (the parser accepts strlen(d.x)); anything else needs tostring()."""
    if value.kind not in ("string", "dynamic", "guid"):
        raise KustoError(f"{name} takes a string, not {value.kind}")
    return text_of(plain(value))


def whole_argument(name: str, value: Value) -> int | None:
    data = plain(value)
    if value.kind not in ("int", "long", "dynamic") or isinstance(data, bool) or not isinstance(data, int | None):
        raise KustoError(f"{name} takes a whole number, not {value.kind}")
    return data


def array_argument(name: str, value: Value) -> list[object] | None:
    """The elements, or None of a null or of a dynamic that is no array."""
    if value.kind != "dynamic":
        raise KustoError(f"{name} takes a dynamic array, not {value.kind}")
    return value.data if isinstance(value.data, list) else None


def one_kind(name: str, values: list[Value]) -> None:
    kinds = {"number" if value.kind in NUMBERS else value.kind for value in values}
    if len(kinds) > 1:
        raise KustoError(f"{name} takes values of one type, not {', '.join(sorted(kinds))}")

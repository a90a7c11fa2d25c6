"""Conditions, nulls and emptiness."""

# ruff: noqa: ARG001 (functions have one shape, whatever they need of it)
from __future__ import annotations

from converter.proof.judges.kusto.comparison import truth
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.functions.signature import MANY, Signature, one_kind
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.values import UNKNOWN, Value, boolean, plain, string


def _not(name: str, arguments: list[Value], scope: Scope) -> Value:
    """not(null) is null: null-values page."""
    data = truth(arguments[0])
    return UNKNOWN if data is None else boolean(not data)


def _iff(name: str, arguments: list[Value], scope: Scope) -> Value:
    """Of a null condition the second value: iff-function page, "otherwise"."""
    condition, one, other = arguments
    one_kind(name, [one, other])
    return one if truth(condition) is True else other


def _case(name: str, arguments: list[Value], scope: Scope) -> Value:
    if len(arguments) % 2 == 0:
        raise KustoError("case takes pairs and one value for the rest")
    one_kind(name, [*arguments[1::2], arguments[-1]])
    for condition, value in zip(arguments[:-1:2], arguments[1::2], strict=True):
        if truth(condition) is True:
            return value
    return arguments[-1]


def _coalesce(name: str, arguments: list[Value], scope: Scope) -> Value:
    """The first that is not null, or not empty of strings: coalesce-function page."""
    one_kind(name, arguments)
    for value in arguments:
        if plain(value) not in ((None, "") if value.kind == "string" else (None,)):
            return value
    return arguments[-1]


def _is_null(name: str, arguments: list[Value], scope: Scope) -> Value:
    """Never true of a string; false of [] and {}: isnull-function page."""
    return boolean(arguments[0].is_null == (name == "isnull"))


def _is_empty(name: str, arguments: list[Value], scope: Scope) -> Value:
    """ "" and null are empty, [] and {} are not: isempty-function page."""
    value = arguments[0]
    empty = value.is_null or (value.kind in ("string", "dynamic") and value.data == "")
    return boolean(empty == (name == "isempty"))


_TYPES = {bool: "bool", int: "long", float: "real", str: "string", list: "array", dict: "dictionary"}


def _gettype(name: str, arguments: list[Value], scope: Scope) -> Value:
    value = arguments[0]
    if value.kind != "dynamic":
        return string(value.kind)
    data = plain(value)
    return string("null" if data is None else _TYPES.get(type(data), type(data).__name__))


FUNCTIONS = {
    "not": Signature(1, 1, _not),
    "iff": Signature(3, 3, _iff),
    "iif": Signature(3, 3, _iff),
    "case": Signature(3, MANY, _case),
    "coalesce": Signature(2, 64, _coalesce),
    "isnull": Signature(1, 1, _is_null),
    "isnotnull": Signature(1, 1, _is_null),
    "notnull": Signature(1, 1, _is_null),
    "isempty": Signature(1, 1, _is_empty),
    "isnotempty": Signature(1, 1, _is_empty),
    "notempty": Signature(1, 1, _is_empty),
    "gettype": Signature(1, 1, _gettype),
}

"""to...() functions: text that is no number gives null, toint and tolong cut decimals (their pages)."""

# ruff: noqa: ARG001 (functions have one shape, whatever they need of it)
from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import NoReturn

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.functions.signature import Signature
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.values import (
    Kind,
    Value,
    dynamic,
    null,
    parse_datetime,
    parse_timespan,
    plain,
    string,
    text_of,
)

_WHOLE = re.compile(r"[+-]?\d+")
_HEX = re.compile(r"0[xX][0-9a-fA-F]+")
_REAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_LIMITS = {"int": 2**31, "long": 2**63}


def _tostring(name: str, arguments: list[Value], scope: Scope) -> Value:
    return string(text_of(plain(arguments[0])))


def _whole(name: str, arguments: list[Value], scope: Scope) -> Value:
    kind: Kind = "int" if name == "toint" else "long"
    number: int | None = None
    match plain(arguments[0]):
        case bool() as flag:
            number = int(flag)
        case int() as whole:
            number = whole
        case float() as real:
            number = int(real)
        case str() as text if _WHOLE.fullmatch(text.strip()):
            number = int(text)
        case str() as text if _HEX.fullmatch(text.strip()):
            number = int(text, 16)
        case _:
            pass
    fits = number is not None and -_LIMITS[kind] <= number < _LIMITS[kind]
    return Value(kind, number if fits else None)


def _real(name: str, arguments: list[Value], scope: Scope) -> Value:
    match plain(arguments[0]):
        case bool() | int() | float() as number:
            return Value("real", float(number))
        case str() as text if _REAL.fullmatch(text.strip()):
            return Value("real", float(text))
        case _:
            pass
    return null("real")


def _bool(name: str, arguments: list[Value], scope: Scope) -> Value:
    match plain(arguments[0]):
        case bool() as flag:
            return Value("bool", flag)
        case int() | float() as number:
            return Value("bool", number != 0)
        case str() as text:
            return Value("bool", {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower()))
        case _:
            pass
    return null("bool")


def _datetime(name: str, arguments: list[Value], scope: Scope) -> Value:
    match plain(arguments[0]):
        case datetime() as moment:
            return Value("datetime", moment)
        case str() as text:
            return Value("datetime", parse_datetime(text))
        case _:
            pass
    return null("datetime")


def _timespan(name: str, arguments: list[Value], scope: Scope) -> Value:
    match plain(arguments[0]):
        case timedelta() as span:
            return Value("timespan", span)
        case str() as text:
            return Value("timespan", parse_timespan(text))
        case _:
            pass
    return null("timespan")


def _guid(name: str, arguments: list[Value], scope: Scope) -> Value:
    text = text_of(plain(arguments[0])).strip("{}").lower()
    return Value("guid", text if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) else None)


def _parse_json(name: str, arguments: list[Value], scope: Scope) -> Value:
    """A dynamic as it is; text that is no JSON as itself; "" is null (parse-json and isnull pages)."""
    value = arguments[0]
    if value.kind == "dynamic":
        return value
    text = text_of(value.data)
    if text == "":
        return null("dynamic")
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except ValueError:
        return dynamic(text)
    return dynamic(retyped(data) if scope.reading.json_text_is_typed else data)


def _parse_command_line(name: str, arguments: list[Value], scope: Scope) -> Value:
    """parse_command_line(text, "windows"): the arguments by the rules of CommandLineToArgvW; of no text null."""
    text, parser = (text_of(plain(value)) for value in arguments)
    if parser != "windows":
        raise KustoError(f"{name} knows the parser 'windows' only")
    return dynamic(_arguments(text)) if text else null("dynamic")


def _arguments(text: str) -> list[str]:
    """Backslashes escape only before a quote; two quotes inside quoted text are a quote and end it."""
    found: list[str] = []
    at = 0
    while at < len(text):
        if text[at] in " \t":
            at += 1
            continue
        word, at = _argument(text, at)
        found.append(word)
    return found


def _argument(text: str, at: int) -> tuple[str, int]:
    """The argument at a position, and the position after it."""
    word, slashes, quoted = "", 0, False
    while at < len(text) and (quoted or text[at] not in " \t"):
        char = text[at]
        at += 1
        if char == "\\":
            slashes += 1
            continue
        if char != '"':
            word += "\\" * slashes + char
        elif slashes % 2:
            word += "\\" * (slashes // 2) + char
        else:
            word += "\\" * (slashes // 2)
            if quoted and text[at : at + 1] == '"':
                word += '"'
                at += 1
            quoted = not quoted
        slashes = 0
    return word + "\\" * slashes, at


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def retyped(data: object) -> object:
    """Text inside of JSON that looks like a date becomes one."""
    match data:
        case str():
            return parse_datetime(data) or data
        case list():
            return [retyped(one) for one in data]
        case dict():
            return {key: retyped(one) for key, one in data.items()}
        case _:
            pass
    return data


FUNCTIONS = {
    "tostring": Signature(1, 1, _tostring),
    "toint": Signature(1, 1, _whole),
    "tolong": Signature(1, 1, _whole),
    "toreal": Signature(1, 1, _real),
    "todouble": Signature(1, 1, _real),
    "tobool": Signature(1, 1, _bool),
    "toboolean": Signature(1, 1, _bool),
    "todatetime": Signature(1, 1, _datetime),
    "totimespan": Signature(1, 1, _timespan),
    "toguid": Signature(1, 1, _guid),
    "parse_command_line": Signature(2, 2, _parse_command_line),
    "parse_json": Signature(1, 1, _parse_json),
    "todynamic": Signature(1, 1, _parse_json),
    "toobject": Signature(1, 1, _parse_json),
}

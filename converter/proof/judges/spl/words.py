"""The small shapes that commands are made of: options, names, lists of names."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from converter.proof.judges.spl.cursor import Cursor, cook_search
from converter.proof.judges.spl.syntax import SortKey

NAME: Final = re.compile(r'[^\s,()|\[\]"=<>`]+')
_OPTION: Final = re.compile(r"([A-Za-z_]+)\s*=\s*")
_OPTION_VALUE: Final = re.compile(r'[^\s,()|\[\]"`]+')
AS: Final = re.compile(r"AS\b", re.IGNORECASE)
BY: Final = re.compile(r"BY\b", re.IGNORECASE)
_INTEGER: Final = re.compile(r"\d+(?![^\s,|\]])")
_ORDER: Final = re.compile(r"[-+]")
_KIND: Final = re.compile(r"(auto|num|str|ip)\(")
_DESCENDING: Final = re.compile(r"(?:desc|d)\b(?=\s*(?:$|[|\]]))")


def name(cursor: Cursor) -> str | None:
    """name = '"' text '"' | word"""
    raw = cursor.quoted()
    return cook_search(raw) if raw is not None else cursor.read(NAME)


def names(cursor: Cursor, stop: Collection[re.Pattern[str]] = ()) -> tuple[str, ...]:
    """names = name ([','] name)*"""
    found: list[str] = []
    while not cursor.at_end() and not any(cursor.look(one) for one in stop) and not cursor.look(_OPTION):
        one = name(cursor)
        if one is None:
            break
        found.append(one)
        cursor.accept(",")
    return tuple(found)


def option(cursor: Cursor, known: Collection[str]) -> tuple[str, str] | None:
    """option = known '=' ('"' text '"' | word)"""
    found = cursor.look(_OPTION)
    if found is None or found.group(1).lower() not in known:
        return None
    cursor.at = found.end()
    value = cursor.quoted()
    if value is None:
        value = cursor.read(_OPTION_VALUE)
    if value is None:
        cursor.fail(f"{found.group(1)}= needs a value")
    return found.group(1).lower(), value


def options(cursor: Cursor, known: Collection[str]) -> dict[str, str]:
    """options = option*"""
    found: dict[str, str] = {}
    while one := option(cursor, known):
        found[one[0]] = one[1]
        cursor.accept(",")
    return found


def integer(cursor: Cursor) -> int | None:
    digits = cursor.read(_INTEGER)
    return None if digits is None else int(digits)


def alias(cursor: Cursor) -> str | None:
    """alias = AS name"""
    if not cursor.read(AS):
        return None
    found = name(cursor)
    if found is None:
        cursor.fail("expected a name after AS")
    return found


def truth(value: str, cursor: Cursor) -> bool:
    if value.lower() not in {"true", "t", "1", "false", "f", "0"}:
        cursor.fail(f"{value} is neither true nor false")
    return value.lower() in {"true", "t", "1"}


def sort_keys(cursor: Cursor) -> tuple[tuple[SortKey, ...], bool]:
    """sort-keys = (['+' | '-'] (kind '(' name ')' | name) [','])* ['desc' | 'd']"""
    keys: list[SortKey] = []
    while not cursor.at_end():
        if cursor.read(_DESCENDING):
            return tuple(keys), True
        order = cursor.read(_ORDER)
        if found := cursor.look(_KIND):
            cursor.at = found.end()
            one = name(cursor)
            cursor.expect(")", "after the field to sort by")
        else:
            one = name(cursor)
        if one is None:
            cursor.fail("expected a field to sort by")
        kind = found.group(1) if found else "auto"
        keys.append(SortKey(one, order == "-", kind))  # type: ignore[arg-type]
        cursor.accept(",")
    return tuple(keys), False

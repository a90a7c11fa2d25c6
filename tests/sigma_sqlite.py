"""pySigma's backend for SQLite as a second opinion on Sigma's rules: its query, run over events by SQLite."""

from __future__ import annotations

import importlib
import ipaddress
import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError

from converter import api
from converter.datasets.choice.own import own_attempts
from converter.model.predicate import InNetwork, Predicate
from converter.model.rule import Match, Rule
from converter.model.value import Column, Kind
from converter.model.walk import fields, leaves
from converter.proof.witness import witnesses

_TABLE = "logs"


class CannotSayError(Exception):
    """SQLite's backend does not convert the rule, or the columns cannot hold it."""


def query_of(path: Path) -> str:
    """The query that the backend makes of a rule. Raises CannotSayError."""
    try:
        backend = importlib.import_module("sigma.backends.sqlite").sqliteBackend()
        (query,) = backend.convert(SigmaCollection.from_yaml(path.read_text(encoding="utf-8")))
    except (SigmaError, ValueError, NotImplementedError) as error:
        raise CannotSayError(str(error)) from None
    return str(query)


def in_sigmas_words(rule: Rule) -> tuple[Predicate, Mapping[str, str]]:
    """What the rule asks for beside its log source, and Sigma's name of each of its fields by Elastic's."""
    assert isinstance(rule.detection, Match)
    attempts = own_attempts(rule, (rule.detection.where,), ((),), api.catalogue())
    assert isinstance(attempts, tuple)
    names = {}
    for field in fields(attempts[0].where):
        assert isinstance(field.way, Column)
        names[field.path] = field.way.text
    return attempts[0].where, names


def rows_of(where: Predicate, names: Mapping[str, str], most: int) -> list[tuple[dict[str, object], dict[str, str]]]:
    """Witness events of one value a field: in Elastic's words, and as a row of texts in Sigma's.

    Left out are values that SQLite sees as other texts and Elasticsearch as equal: a number with a fraction in a field
    of whole numbers, an address in another spelling; and values that end in a line break, before which Python's `$` stands.
    """
    kinds = {field.path: field.kind for field in fields(where)}
    kinds |= {leaf.field.path: Kind.IP for leaf in leaves(where) if isinstance(leaf, InNetwork)}
    found = []
    for event in witnesses(where, most):
        flat = {path: value for path, value in event.items() if value is not None}
        if any(isinstance(value, dict | list) or _odd(kinds.get(path), value) for path, value in flat.items()):
            continue
        row = {names[path]: _text(value) for path, value in flat.items() if path in names}
        if len({names[path] for path in flat if path in names}) == len([path for path in flat if path in names]):
            found.append((flat, row))
    return found


def _odd(kind: Kind | None, value: object) -> bool:
    text = str(value)
    if kind is Kind.IP:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return True
        return str(address) != text or (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None)
    return text.endswith("\n") or (kind is Kind.LONG and not text.lstrip("-").isdigit())


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def verdicts(query: str, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> list[bool]:
    """Which rows the query finds; texts are compared without regard to case, as Sigma says."""
    with sqlite3.connect(":memory:") as connection:
        connection.create_function("REGEXP", 2, _search)
        named = ", ".join(f"{_quoted(name)} TEXT COLLATE NOCASE" for name in columns)
        connection.execute(f"CREATE TABLE {_TABLE} (number INTEGER, {named})")
        signs = ", ".join("?" * (len(columns) + 1))
        for number, row in enumerate(rows):
            connection.execute(
                f"INSERT INTO {_TABLE} VALUES ({signs})",  # noqa: S608 - signs only
                (number, *(row.get(name) for name in columns)),
            )
        try:
            found = {row[0] for row in connection.execute(query.replace("SELECT *", "SELECT number"))}
        except sqlite3.OperationalError as error:
            raise CannotSayError(str(error)) from None
    return [number in found for number in range(len(rows))]


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _search(pattern: str, text: object) -> bool:
    return text is not None and re.search(pattern, str(text), re.ASCII) is not None

"""Typed reading of a TOML table: every wrong type becomes a diagnostic at its key, and reading goes on."""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import json
from collections.abc import Callable, Sequence
from typing import Protocol

import tomli

from converter.diagnostics import Diagnostic, Severity, Source, Span
from converter.diagnostics.code import Code
from converter.rulefile.codes import F007, F008, F009, F013, F014
from converter.rulefile.positions import Path, Positions

_NAMES: dict[type, str] = {
    bool: "a boolean",
    str: "a string",
    int: "an integer",
    float: "a number with a decimal point",
    list: "a list",
    dict: "a table",
    dt.datetime: "a date and time",
    dt.date: "a date",
    dt.time: "a time",
}


def _name(value: object) -> str:
    """What a user calls a TOML value."""
    return _NAMES.get(type(value), "another value")


_MOST_DIGITS = 16


def _whole(value: object) -> int | None:
    """The integer that a number with a decimal point, or a text of digits, was meant to be."""
    if isinstance(value, float) and abs(value) < 2**53:
        return int(value)
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _MOST_DIGITS
        else None
    )


def frozen(value: object) -> str:
    """A TOML value as JSON text; dates, which JSON lacks, as text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def decode_key(quoted: str) -> str:
    """The name that a quoted key of TOML stands for."""
    return next(iter(tomli.loads(f"{quoted} = 0")))


class Places(Protocol):
    """Where keys and values stand in a text."""

    def key(self, path: Path) -> Span | None:
        """The span of a key, or of the nearest key above it."""

    def value(self, path: Path) -> Span | None:
        """The span of a value as written."""


class Findings:
    """Collects what reading finds, with places looked up only when there is something to say."""

    def __init__(self, source: Source, places: Callable[[], Places] | None = None, *, strict: bool = False) -> None:
        """`places` finds where keys and values stand; None: the text is TOML. `strict`: no slip is forgiven.

        `top` is the way to the document inside the text, `root` that to the rule's keys (set by who reads them).
        """
        self.source = source
        self.strict = strict
        self.top: Path = ()
        self.root: Path = ()
        self._places = places
        self.found: list[Diagnostic] = []
        self.unknown: list[tuple[str, str]] = []

    @functools.cached_property
    def positions(self) -> Places:
        """The places of all keys and values."""
        return Positions(self.source.text, decode_key) if self._places is None else self._places()

    def say(self, code: Code, message: str, path: Path, *, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        """Keep a diagnostic at the key of `path`."""
        span = self.positions.key(path)
        self.found.append(Diagnostic(code, message, severity, span, self.source, hint))

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Those that refuse the file, in the order of their places."""
        errors = [d for d in self.found if d.severity is Severity.ERROR]
        return tuple(sorted(errors, key=lambda d: d.span.start if d.span else 0))

    def text_span(self, path: Path, text: str) -> Span | None:
        """Where the text of a value stands verbatim in the file; None if it is written with escapes."""
        if self.source.text.count(text) == 1:
            start = self.source.text.find(text)
            return Span(start, start + len(text))
        value = self.positions.value(path)
        start = self.source.text.find(text, value.start, value.end) if value else -1
        return Span(start, start + len(text)) if start >= 0 else None


class Table:
    """A table (an object of JSON) at `path`. Reading a key marks it as known; `close` reports the rest.

    `lax`: no detection depends on its keys, so that a slip is advice and what was meant is taken.
    """

    def __init__(
        self,
        data: dict[str, object],
        path: Path,
        findings: Findings,
        known: set[str] | None = None,
        *,
        lax: bool = False,
    ) -> None:
        self._data = data
        self._known: set[str] = set() if known is None else known
        self._lax = lax and not findings.strict
        self.path = path
        self.findings = findings

    def forgiving(self) -> Table:
        """The same table, for keys that no detection depends on."""
        return Table(self._data, self.path, self.findings, self._known, lax=True)

    @property
    def _slip(self) -> Severity:
        return Severity.ADVICE if self._lax else Severity.ERROR

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def names(self) -> tuple[str, ...]:
        """The keys, in the order written."""
        return tuple(self._data)

    def dotted(self, key: str) -> str:
        """The key with the tables it stands in, for messages."""
        return ".".join(str(p) for p in (*self.path, key) if isinstance(p, str))

    def raw(self, key: str) -> object:
        """The value as TOML has it, None if absent."""
        self._known.add(key)
        return self._data.get(key)

    def wrong(self, key: str, wanted: str, example: str) -> None:
        """Report the type of a key's value."""
        message = f"{self.dotted(key)} must be {wanted}, found {_name(self._data.get(key))}"
        self.findings.say(F008, message, (*self.path, key), hint=f"write it as {key} = {example}", severity=self._slip)

    def _taken(self, key: str, value: object, as_: object) -> None:
        """Say that a value was written otherwise and how it is taken."""
        message = f"{self.dotted(key)} is {_name(value)}; it is taken as {as_!r}"
        self.findings.say(F014, message, (*self.path, key), severity=Severity.ADVICE)

    def missing(self, key: str, why: str, *, hint: str = "", at: str = "") -> None:
        """Report that a key is needed, at the table or at its key `at`."""
        self.findings.say(F007, f"{self.dotted(key)} is missing: {why}", (*self.path, at), hint=hint)

    def text(self, key: str, default: str = "", choices: Sequence[str] = ()) -> str:
        """A string, one of `choices` if there are any."""
        value = self.raw(key)
        if value is None:
            return default
        if self._lax and isinstance(value, int | float | dt.date) and not isinstance(value, bool):
            taken = value.isoformat() if isinstance(value, dt.date) else str(value)
            self._taken(key, value, taken)
            value = taken
        if not isinstance(value, str):
            self.wrong(key, "a string", f'"{choices[0] if choices else "..."}"')
            return default
        if choices and self._lax and value not in choices and value.lower() in choices:
            self._taken(key, value, value.lower())
            return value.lower()
        if choices and value not in choices:
            near = difflib.get_close_matches(value, choices, 1)
            none = "not" if len(choices) == 1 else "none of"
            self.findings.say(
                F009,
                f"{self.dotted(key)} is {value!r}, which is {none} {', '.join(choices)}",
                (*self.path, key),
                hint=f"did you mean {near[0]!r}?" if near else f"use {' or '.join(choices)}",
                severity=self._slip,
            )
            return default
        return value

    def texts(self, key: str, *, single: bool = False) -> tuple[str, ...]:
        """A list of strings; with `single`, one string stands for a list of it."""
        value = self.raw(key)
        if value is None:
            return ()
        if single and isinstance(value, str):
            return (value,) if value else ()
        if self._lax and isinstance(value, str):
            self._taken(key, value, [value])
            return (value,) if value else ()
        if not isinstance(value, list):
            self.wrong(key, "a list of strings", '["..."]')
            return ()
        out = [item for item in value if isinstance(item, str)]
        if len(out) != len(value):
            odd = next(_name(item) for item in value if not isinstance(item, str))
            message = f"{self.dotted(key)} must be a list of strings, found {odd} in it"
            hint = f'write it as {key} = ["..."]'
            self.findings.say(F008, message, (*self.path, key), hint=hint, severity=self._slip)
        return tuple(out)

    def integer(self, key: str, *, least: int = 0, most: int = 2**53) -> int | None:
        """An integer within bounds; None if absent or wrong."""
        value = self.raw(key)
        if value is None:
            return None
        if self._lax and (taken := _whole(value)) is not None:
            self._taken(key, value, taken)
            value = taken
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(key, "an integer", str(max(least, 1)))
            return None
        if not least <= value <= most:
            bounds = f"from {least} to {most}" if most < 2**53 else f"at least {least}"
            message = f"{self.dotted(key)} is {value}, and must be {bounds}"
            self.findings.say(F009, message, (*self.path, key), severity=self._slip)
            return None
        return value

    def boolean(self, key: str) -> bool | None:
        """A boolean; None if absent or wrong."""
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(key, "true or false", "true")
        return None

    def table(self, key: str) -> Table | None:
        """A table; None if absent or wrong."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(key, "a table", "{ ... }")
            return None
        return Table(value, (*self.path, key), self.findings, lax=self._lax)

    def tables(self, key: str) -> tuple[Table, ...]:
        """A list of tables."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.wrong(key, "a list of tables", "[{ ... }]")
            return ()
        places = ((*self.path, key, i) for i in range(len(value)))
        return tuple(Table(item, at, self.findings, lax=self._lax) for item, at in zip(value, places, strict=True))

    def json(self, key: str) -> str:
        """Any value, as JSON text; "" if absent."""
        value = self.raw(key)
        return "" if value is None else frozen(value)

    def pairs(self, keys: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """The values of those `keys` that are there, as JSON text."""
        return tuple((key, self.json(key)) for key in keys if key in self._data)

    def close(self, *, strict: bool = False) -> None:
        """Report and keep the keys that nobody asked for; `strict`: as errors, for they could change what is found."""
        for key, value in self._data.items():
            if key in self._known:
                continue
            near = difflib.get_close_matches(key, self._known, 1)
            keys = f"its keys: {', '.join(sorted(self._known))}" if strict else ""
            name = self.dotted(key)
            self.findings.unknown.append((name, frozen(value)))
            self.findings.say(
                F013,
                f"{name} is not a key of Elastic rules{'' if strict else '; it is kept and not used'}",
                (*self.path, key),
                hint=f"did you mean {near[0]}?" if near else keys,
                severity=Severity.ERROR if strict else Severity.NOTE,
            )

"""The diagnostics that several parts of this target make."""

from __future__ import annotations

from backends.sentinel.codes import T301, T302, T303, T304
from converter.diagnostics import Diagnostic, Severity, Span
from converter.diagnostics.code import Code


def note(code: Code, message: str, span: Span | None = None, hint: str = "") -> Diagnostic:
    """A fact that the query rests on."""
    return Diagnostic(code, message, Severity.NOTE, span, hint=hint)


def warning(code: Code, message: str, span: Span | None = None, hint: str = "") -> Diagnostic:
    """A difference in meaning."""
    return Diagnostic(code, message, Severity.WARNING, span, hint=hint)


def error(code: Code, message: str, span: Span | None = None, hint: str = "") -> Diagnostic:
    """Why there is no query."""
    return Diagnostic(code, message, Severity.ERROR, span, hint=hint)


EMPTY_IS_MISSING = note(
    T301,
    "an empty text and a missing value are the same in a Kusto string column: the presence test is false for both",
)


def empty_value(text: str, span: Span | None) -> Diagnostic:
    """A comparison with the empty text."""
    message = f"{text} is compared with the empty text, which a Kusto string column cannot tell from a missing value"
    return warning(T302, message, span)


ADDRESS_FAMILY = note(
    T303,
    "addresses are tested by the functions of the network's own family: an IPv4 address spelled as IPv6"
    " (::ffff:a.b.c.d) is in no IPv4 network",
)
RETYPED = note(
    T304,
    "Kusto may turn text in a dynamic column that looks like a number, a date or a GUID into that type and print it"
    " in its own spelling: the comparison rests on the spelling being kept",
)

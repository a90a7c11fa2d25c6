r"""Patterns that leave their first character open (`?:\Windows\x.exe`), which `search` has no sign for.

Of a single value the text behind its first character is asked. Several values are looked at with `?` in place of their
first characters, so that the question reads as the rule's own: `args_open="?:\\Windows\\x.exe"`.
"""

from __future__ import annotations

from typing import Final

from backends.splunk.condition.columns import Columns
from converter.languages.spl.shorthand import call, number
from converter.languages.spl.syntax import Parameter, Text
from converter.languages.spl.write import expression
from converter.model.pattern import Pattern, Wild, of
from converter.model.value import Field, Macro

_SEPARATOR: Final = call("urldecode", Text("%1F"))
"""U+001F, which no value holds (fact A17)."""

MACRO: Final = Macro(
    "open_first",
    ("values",),
    "`open_first($values$)`",
    expression(
        call(
            "split",
            call(
                "replace",
                call("mvjoin", Parameter("values"), _SEPARATOR),
                Text(r"(^|\x1F)[^\x1F]"),
                Text(r"\1?"),
            ),
            _SEPARATOR,
        )
    ),
    "several values with ? in place of the first character of each, which a search may then leave open",
)


def opened(pattern: Pattern, field: Field) -> Pattern | None:
    """What the column of `column` is asked instead; None if not just the first character is left open."""
    first, *rest = pattern.parts or ("",)
    if first is not Wild.ANY_ONE or not rest or Wild.ANY_ONE in rest:
        return None
    if field.many:
        return of("?", *rest)
    return of(*rest) if isinstance(rest[0], str) else None


def column(columns: Columns, field: Field) -> str:
    """The column that holds what of the field's values is behind their first character, or beside it."""
    value = columns.value(field)
    if field.many:
        return columns.called(f"{field.path}.open", MACRO, value)
    return columns.column(f"{field.path}.rest", call("substr", value, number(2)))

"""Codes of ES|QL; see `converter.diagnostics.codes`."""

from __future__ import annotations

from collections.abc import Mapping

from converter.diagnostics.codes import Code

_SYNTAX: Mapping[str, Code] = {
    "Q001": Code(
        "not a sentence of ES|QL",
        "The query cannot be read: a sign or word stands where ES|QL's grammar allows something else.",
        "Look at the caret; text goes in double quotes, unusual names in backquotes.",
    ),
    "Q002": Code(
        "nested too deep",
        "The query has more levels of parentheses, functions, negations or arithmetic than any search would take.",
        "Remove the parentheses that do not group anything.",
    ),
    "Q003": Code(
        "query too long",
        "The query has more characters than any search would take.",
        "Split the rule, or move long value lists into a lookup.",
    ),
    "Q004": Code(
        "single quotes",
        "ES|QL has no strings in single quotes.",
        'Write "text", or """raw text""".',
    ),
    "Q005": Code(
        "one equals sign",
        "ES|QL compares with ==; = names a column, and there is no =~.",
        "Write ==, or compare to_lower(column).",
    ),
    "Q006": Code(
        "text without an end",
        "A string, a name in backquotes or a comment is not closed. Strings, raw ones too, end on their line.",
        'Close it; in a string write \\" for a quote and \\n for a line break.',
    ),
    "Q007": Code(
        "unknown escape",
        "A backslash in a string stands before a character that it does not escape.",
        'Write \\\\ for a backslash, or a raw string: """C:\\path""". Known are \\t \\n \\r \\" \\\\.',
    ),
    "Q008": Code(
        "keyword as a column",
        "A word that ES|QL reserves stands where a column is needed.",
        "Put the name in backquotes.",
    ),
    "Q009": Code(
        "chained comparison",
        "ES|QL compares two sides at a time.",
        "Write a < b and b < c.",
    ),
    "Q010": Code(
        "subquery",
        "A query stands inside another one, which is not read.",
        "Write one rule for each, or list the values.",
    ),
    "Q011": Code(
        "parameter",
        "The query has a place for a parameter, which a rule cannot fill.",
        "Write the value.",
    ),
    "Q012": Code(
        "unknown command",
        "ES|QL has no command of this name.",
        "Look for a misspelling; a command stands at the start of the query or after |.",
    ),
}

CODES: Mapping[str, Code] = _SYNTAX

"""Functions of a pipeline on text, as Kusto's."""

from __future__ import annotations

import itertools
from typing import Final

from backends.sentinel.condition import tree
from backends.sentinel.condition.rowpart import Values, null, text_of, whole_of
from backends.sentinel.condition.translation import UntranslatableError, translated
from converter.diagnostics import Severity
from converter.languages.kusto.syntax import Binary, Expression, Number, Text
from converter.model.operation import Operation
from converter.model.pipeline import Apply, Constant, Type, is_many
from converter.readers.esql.java import JavaRegexError, replacement
from converter.readers.esql.java import expression as java
from converter.target.narrowing import UnsayableError

_SPACE: Final = "[\\x09-\\x0d\\x1c-\\x20]+"
"""What Java strips, which RE2's class of blanks does not say."""
_BREAKS: Final = ("\r\n", "\n", "\r", "\x85", "\u2028")
_BAD_PERCENT: Final = "%(?:[^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f]|[0-9A-Fa-f]?$)"


def decodes(value: Expression) -> Expression:
    """Whether each % is followed by two digits, without which URL_DECODE gives null (rule Q27)."""
    return tree.call("not", Binary("matches regex", value, Text(_BAD_PERCENT)))


def function(values: Values, node: Apply) -> Expression:
    """A function of text."""
    first, *rest = node.arguments
    value = values.one(first)
    match node.operation:
        case Operation.LENGTH:
            return tree.call("iff", values.known(first), tree.call("strlen", value), null(Type.LONG))
        case Operation.CONCAT:
            parts = [values.one(a) for a in node.arguments]
            known = tree.all_of(values.known(a) for a in node.arguments if not isinstance(a, Constant))
            return tree.call("iff", known, tree.call("strcat", *parts), Text(""))
        case Operation.REPLACE:
            return _replaced(node, value)
        case Operation.SPLIT if text_of(rest[0]):
            found = tree.call("split", value, Text(text_of(rest[0])))
            return tree.call("iff", values.known(first), found, tree.NULL_ELEMENT)
        case Operation.LEFT:
            return tree.call("substring", value, Number(0), Number(max(whole_of(rest[0]), 0)))
        case Operation.SUBSTRING if whole_of(rest[0]) > 0 and all(whole_of(a) >= 0 for a in rest[1:]):
            start = Number(whole_of(rest[0]) - 1)
            return tree.call("substring", value, start, *(Number(whole_of(a)) for a in rest[1:]))
        case Operation.LOCATE if len(rest) == 1 and not is_many(rest[0]):
            place = Binary("+", tree.call("indexof", value, values.one(rest[0])), Number(1))
            known = tree.all_of(values.known(a) for a in node.arguments if not isinstance(a, Constant))
            return tree.call("iff", known, place, null(Type.LONG))
        case Operation.FROM_BASE64:
            values.said_of("base64_decode_tostring gives nothing where the bytes are no UTF-8, from_base64 a text")
            return tree.call("base64_decode_tostring", value)
        case Operation.TRIM:
            return tree.call("trim", Text(_SPACE), value)
        case Operation.URL_DECODE:
            values.said_of("what url_decode makes of bytes that are no UTF-8 is not documented", Severity.NOTE)
            decoded = tree.call("url_decode", tree.call("replace_string", value, Text("+"), Text(" ")))
            return tree.call("iff", decodes(value), decoded, Text(""))
        case _:
            raise UnsayableError(node.operation.value)


def _replaced(node: Apply, value: Expression) -> Expression:
    pattern = text_of(node.arguments[1])
    try:
        compiled = java(pattern)
        pieces = replacement(text_of(node.arguments[2]), compiled.groups)
        written = translated(pattern)
    except (JavaRegexError, UntranslatableError) as error:
        raise UnsayableError(f"an expression of replace ({error})") from error
    if any(isinstance(p, str) and ("\\" in p or "$" in p) for p in pieces):
        raise UnsayableError("a replacement with backslashes or dollar signs")
    if written.breaks and any(map(compiled.search, _BREAKS)):
        raise UnsayableError("an expression of replace that takes line breaks, with $")
    behind = [b for a, b in itertools.pairwise(pieces) if isinstance(a, int) and isinstance(b, str)]
    if any(b[:1].isdigit() for b in behind):
        raise UnsayableError("a replacement with a digit behind a group")
    numbered = (p if isinstance(p, str) else f"\\{written.groups[p - 1] if p else 0}" for p in pieces)
    template = "".join((*numbered, *(f"\\{n}" for n in written.breaks)))
    return tree.call("replace_regex", value, Text(written.text), Text(template))

"""Functions of a pipeline on text and on several values, as those of eval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from backends.splunk.condition.literal import string
from backends.splunk.condition.rowpart import Values, sure, text_of, whole_of
from backends.splunk.condition.translation import UntranslatableError, translated
from converter.languages.spl.shorthand import NULL, binary, call, case, concat, conjunction, equal, number
from converter.languages.spl.syntax import Expression, Name, Number, Sign, Text
from converter.model import pipeline as model
from converter.model.operation import Operation
from converter.model.pipeline import Apply, Constant, Type, is_many, type_of
from converter.readers.esql.java import JavaRegexError, expression, replacement
from converter.target.narrowing import UnsayableError

_NUMBERS: Final = (Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG, Type.DOUBLE, Type.DATE)
_BAD_PERCENT: Final = "%(?![0-9A-Fa-f][0-9A-Fa-f])"
_ZERO, _ONE = Number("0"), Number("1")


def each(name: Name, changed: Expression) -> Expression:
    """Every value changed; what `mvmap` makes of a missing field its page does not say."""
    return call("if", call("isnotnull", name), call("mvmap", name, changed), NULL)


def function(values: Values, node: Apply) -> Expression:
    """Functions of text and of several values."""
    first, *rest = node.arguments
    match node.operation:
        case Operation.LENGTH:
            return call("len", values.one(first))
        case Operation.CONCAT:
            parts = [
                values.let(values.one(a)) if not isinstance(a, Constant) else values.one(a) for a in node.arguments
            ]
            known = conjunction(call("isnotnull", p) for p in parts if isinstance(p, Name))
            return call("if", known, concat(parts[0], *parts[1:]), NULL)
        case Operation.REPLACE:
            return _replaced(values, node)
        case Operation.SPLIT:
            return call("split", values.one(first), string(text_of(rest[0])))
        case Operation.LOCATE if len(rest) == 1:
            return _located(values, first, rest[0])
        case Operation.LEFT:
            return call("substr", values.one(first), _ONE, number(max(whole_of(rest[0]), 0)))
        case Operation.SUBSTRING if whole_of(rest[0]) > 0 and all(whole_of(a) >= 0 for a in rest[1:]):
            return call("substr", values.one(first), *(number(whole_of(a)) for a in rest))
        case Operation.URL_DECODE:
            values.notes.append("what urldecode makes of bytes that are no UTF-8 is not documented")
            name = values.let(values.one(first))
            decoded = call("urldecode", call("replace", name, Text("[+]"), Text(" ")))
            return call("if", sure(call("match", name, Text(_BAD_PERCENT))), NULL, decoded)
        case Operation.TRIM:
            return call("trim", values.one(first), Text(" \\t\\n\\r"))
        case Operation.MV_COUNT:
            return call("mvcount", values.value(first))
        case Operation.MV_CONCAT:
            return call("mvjoin", values.value(first), string(text_of(rest[0])))
        case Operation.MV_DEDUPE:
            return call("mvdedup", values.value(first))
        case Operation.MV_SLICE:
            return call("mvindex", _in_order(values, node, first), *(number(whole_of(a)) for a in rest))
        case Operation.MV_INTERSECTION:
            return _common(values, first, rest[0])
        case Operation.MV_FIRST | Operation.MV_LAST | Operation.MV_MIN | Operation.MV_MAX | Operation.MV_SORT:
            return _ordered(values, node)
        case _:
            raise UnsayableError(node.operation.value)


def _ordered(values: Values, node: Apply) -> Expression:
    argument = node.arguments[0]
    at = number(-1) if node.operation in (Operation.MV_LAST, Operation.MV_MAX) else _ZERO
    if not is_many(argument):
        return values.value(argument)
    if len(node.arguments) > 1:
        raise UnsayableError("mv_sort in another order")
    ordered = _in_order(values, node, argument)
    return ordered if node.operation is Operation.MV_SORT else call("mvindex", ordered, at)


def _in_order(values: Values, node: Apply, argument: model.Expression) -> Expression:
    """Several values by the order of texts, or of their places; numbers have none in a field of several values."""
    least = node.operation in (Operation.MV_MIN, Operation.MV_MAX, Operation.MV_SORT)
    if not is_many(argument) or (model.is_placed(argument) and not least):
        return values.value(argument)
    # Addresses are ordered by number, texts by letter; what VALUES makes has no order (rule Q41).
    free = isinstance(argument, model.Reference) and argument.column.name in values.unordered
    if type_of(argument) is Type.IP and (least or not free):
        raise UnsayableError("an order of addresses")
    if type_of(argument) in _NUMBERS:
        raise UnsayableError(f"{node.operation.value} of several numbers")
    return call("mvsort", values.value(argument))


def _located(values: Values, text: model.Expression, part: model.Expression) -> Expression:
    """Where a part begins, from 1: behind what stands before its first place; 0 if it is nowhere."""
    whole, wanted = values.let(values.one(text)), values.one(part)
    wanted = wanted if isinstance(part, Constant) else values.let(wanted)
    pieces = values.let(call("split", whole, wanted))
    place = binary(call("len", call("mvindex", pieces, _ZERO)), Sign.ADD, _ONE)
    found = call("if", binary(call("mvcount", pieces), Sign.GT, _ONE), place, _ZERO)
    if isinstance(part, Constant) and not text_of(part):
        raise UnsayableError("the place of an empty text")
    known = [call("isnotnull", n) for n in (whole, wanted) if isinstance(n, Name)]
    empty = () if isinstance(part, Constant) else ((equal(call("len", wanted), _ZERO), _ONE),)
    return call("if", conjunction(known), case(*empty, (call("true"), found)), NULL)


def _common(values: Values, left: model.Expression, right: model.Expression) -> Expression:
    """What two lists share. That they do is told by counts; each value is asked whether it adds to the other list."""
    if type_of(left) in _NUMBERS:
        raise UnsayableError("what lists of numbers share")
    one, other = values.let(values.value(left)), values.let(values.value(right))
    sizes = [call("mvcount", call("mvdedup", n)) for n in (one, other)]
    joined = call("mvcount", call("mvdedup", call("mvappend", one, other)))
    some = sure(binary(joined, Sign.LT, binary(sizes[0], Sign.ADD, sizes[1])))
    shared = call("mvmap", one, call("if", sure(equal(joined, sizes[1])), one, NULL))
    return call("if", some, call("mvdedup", shared), NULL)


def _replaced(values: Values, node: Apply) -> Expression:
    try:
        compiled = expression(text_of(node.arguments[1]))
        pieces = replacement(text_of(node.arguments[2]), compiled.groups)
        written = translated(compiled.pattern, {name: name for name in compiled.groupindex}, "(?=\\n?\\z)")
    except (JavaRegexError, UntranslatableError) as error:
        raise UnsayableError(f"an expression of replace ({error})") from error
    if any(isinstance(p, str) and "\\" in p for p in pieces):
        raise UnsayableError("a replacement with backslashes")
    return call("replace", values.one(node.arguments[0]), Text(written), _template(pieces))


def _template(pieces: Sequence[str | int]) -> Expression:
    """The replacement: text and groups; a control character as `urldecode` makes it, which no literal can say."""
    parts: list[Expression] = []
    for piece in pieces or ("",):
        plain = piece if isinstance(piece, str) else ""
        if plain and not plain.isprintable():
            if not plain.isascii():
                raise UnsayableError("a replacement with unusual characters")
            parts.append(call("urldecode", Text(f"%{ord(plain):02X}")))
            continue
        text = string(plain).raw if isinstance(piece, str) else f"\\{piece}"
        last = parts[-1] if parts else None
        if isinstance(last, Text):
            parts[-1] = Text(last.raw + text)
        else:
            parts.append(Text(text))
    return concat(parts[0], *parts[1:])

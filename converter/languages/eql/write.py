"""EQL as text again: strings and names quoted so that they read back as themselves, long conditions on lines.

What fits on a line stays on it; a longer chain has one term a line, with its `and` or `or` at the end, as rules of
Elastic's repository are written.
"""

from __future__ import annotations

import re
from typing import Final, assert_never

from converter.deferred import compiled
from converter.languages.eql.parser import RESERVED
from converter.languages.eql.syntax import (
    And,
    Arithmetic,
    Boolean,
    Call,
    Comparison,
    Event,
    Expression,
    Lookup,
    Name,
    Negative,
    Not,
    Null,
    Number,
    Or,
    Query,
    Sample,
    Sequence,
    Step,
    Text,
)
from converter.model.duration import SIZES

WIDTH: Final = 110
"""The longest line, where there is a place to break it."""

_OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _UNARY, _PRIMARY, _ATOM = range(1, 10)
_WORD = compiled(r"[A-Za-z_@]\w*(?:\.[A-Za-z_@]\w*)*", re.ASCII)
_CATEGORY = compiled(r"[A-Za-z_]\w*", re.ASCII)
_SHORT: Final = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_INDENT: Final = "  "


def write(query: Query) -> str:
    """The query as text; reads back as the same tree."""
    match query.body:
        case Event():
            body = _event(query.body, "")
        case Sequence():
            body = _sequence(query.body)
        case Sample(steps, by):
            body = "\n".join((f"sample{_by(by)}", *(_step(step) for step in steps)))
        case _:
            assert_never(query.body)
    pipes = "".join(f"\n| {p.name} {', '.join(_flat(a, _OR) for a in p.arguments)}".rstrip() for p in query.pipes)
    return body + pipes


def quote(text: str) -> str:
    """A string literal; reads back as the same text, whatever it holds."""
    return '"' + "".join(_SHORT.get(c) or (c if c.isprintable() else f"\\u{{{ord(c):02x}}}") for c in text) + '"'


def _name(name: Name) -> str:
    plain = _WORD.fullmatch(name.path) and name.path not in RESERVED
    text = name.path if plain else "`" + name.path.replace("`", "``") + "`"
    return f"?{text}" if name.optional else text


def _event(event: Event, indent: str) -> str:
    category = "any" if event.category is None else event.category
    if event.category is not None and (not _CATEGORY.fullmatch(category) or category in RESERVED):
        category = quote(category)
    head = f"{category} where "
    flat = head + _flat(event.where, _OR)
    if len(indent) + len(flat) <= WIDTH:
        return flat
    if isinstance(event.where, And | Or):
        return f"{head.rstrip()}\n{indent}{_INDENT}{_chain(event.where, indent + _INDENT)}"
    return head + _laid(event.where, indent, _OR)


def _sequence(sequence: Sequence) -> str:
    span = "" if sequence.maxspan_ms is None else f" with maxspan={_duration(sequence.maxspan_ms)}"
    lines = [f"sequence{_by(sequence.by)}{span}", *(_step(step) for step in sequence.steps)]
    if sequence.until is not None:
        lines.append("until" + _step(sequence.until)[1:])
    return "\n".join(lines)


def _step(step: Step) -> str:
    """A step on its line or lines, indented."""
    event = _event(step.event, _INDENT)
    runs = "" if step.runs == 1 else f" with runs={step.runs}"
    body = f"[{event}]" if "\n" not in event else f"[ {event}\n{_INDENT}]"
    return f"{_INDENT}{'!' if step.missing else ''}{body}{_by(step.by)}{runs}"


def _by(keys: tuple[Name, ...]) -> str:
    return f" by {', '.join(map(_name, keys))}" if keys else ""


def _duration(ms: int) -> str:
    size, sign = next((size, sign) for size, sign in SIZES if ms % size == 0)
    return f"{ms // size}{sign}"


# ---- conditions and values


def _binds(node: Expression) -> int:
    match node:
        case Or():
            return _OR
        case And():
            return _AND
        case Not():
            return _NOT
        case Comparison():
            return _COMPARED
        case Arithmetic(operator):
            return _PRODUCT if operator.value in "*/%" else _SUM
        case Negative():
            return _UNARY
        case Lookup():
            return _PRIMARY
        case Name() | Text() | Number() | Boolean() | Null() | Call():
            return _ATOM
        case _:
            assert_never(node)


def _flat(node: Expression, least: int) -> str:
    """The text on one line, in parentheses if it binds less tightly than `least`."""
    text = _bare(node)
    return text if _binds(node) >= least else f"({text})"


def _bare(node: Expression) -> str:
    match node:
        case Or(terms):
            return " or ".join(_flat(t, _NOT) for t in terms)
        case And(terms):
            return " and ".join(_flat(t, _NOT) for t in terms)
        case Not(operand):
            return f"not {_flat(operand, _NOT)}"
        case Comparison(operator, left, right):
            return f"{_flat(left, _SUM)} {operator.value} {_flat(right, _SUM)}"
        case Arithmetic(operator, left, right):
            own = _binds(node)
            return f"{_flat(left, own)} {operator.value} {_flat(right, own + 1)}"
        case Negative(operand):
            return f"-{_flat(operand, _PRIMARY if not isinstance(operand, Negative) else _ATOM)}"
        case Lookup():
            return _lookup_head(node) + _listed(node)
        case Call(function, arguments, insensitive):
            return f"{function}{'~' if insensitive else ''}({', '.join(_flat(a, _OR) for a in arguments)})"
        case Name():
            return _name(node)
        case Text(value):
            return quote(value)
        case Number(value):
            return repr(value)
        case Boolean(value):
            return "true" if value else "false"
        case Null():
            return "null"
        case _:
            assert_never(node)


def _lookup_head(node: Lookup) -> str:
    return f"{_flat(node.operand, _ATOM)} {'not ' if node.negated else ''}{node.operator.value} "


def _listed(node: Lookup) -> str:
    """The values of a lookup: in parentheses unless there is one, which `in` wants there too."""
    values = [_flat(v, _OR) for v in node.values]
    return values[0] if len(values) == 1 and not node.operator.value.startswith("in") else f"({', '.join(values)})"


def _laid(node: Expression, indent: str, least: int) -> str:
    """The text, on several lines where one is too short for it; `indent` is where its lines begin."""
    flat = _flat(node, least)
    if len(indent) + len(flat) <= WIDTH:
        return flat
    match node:
        case Or() | And():
            if _binds(node) >= least:
                return _chain(node, indent)
            inner = indent + _INDENT
            return f"(\n{inner}{_chain(node, inner)}\n{indent})"
        case Not(operand):
            return f"not {_laid(operand, indent, _NOT)}"
        case Lookup():
            values = _filled([_flat(v, _OR) for v in node.values], indent + _INDENT)
            return f"{_lookup_head(node)}(\n{values}\n{indent})"
        case _:
            return flat


def _chain(node: And | Or, indent: str) -> str:
    word = "and" if isinstance(node, And) else "or"
    return f" {word}\n{indent}".join(_laid(t, indent, _NOT) for t in node.terms)


def _filled(values: list[str], indent: str) -> str:
    """Values separated by commas, as many on a line as fit."""
    lines = [indent + values[0]]
    for value in values[1:]:
        lines[-1] += ","
        if len(lines[-1]) + 1 + len(value) < WIDTH:
            lines[-1] += f" {value}"
        else:
            lines.append(indent + value)
    return "\n".join(lines)

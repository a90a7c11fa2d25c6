"""Expressions as text: on one line, or broken at their joints where a line gets long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from converter.languages.kusto import literal
from converter.languages.kusto.syntax import (
    Among,
    Array,
    Bag,
    Between,
    Binary,
    Call,
    Chain,
    Duration,
    Dynamic,
    Expression,
    Index,
    Item,
    Json,
    Member,
    Name,
    Negative,
    Null,
    Number,
    Query,
    Star,
    Subquery,
    Text,
    Truth,
    Typed,
)

WIDTH = 150
STEP = "    "

# How tightly each binds, loosest first, as in Microsoft's grammar: operators on strings bind tighter than arithmetic.
OR, AND, EQUAL, COMPARE, ADD, MULTIPLY, STRING, UNARY, ATOM = range(9)
_BINDS = {
    "==": EQUAL, "!=": EQUAL, "<": COMPARE, "<=": COMPARE, ">": COMPARE, ">=": COMPARE,
    "+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "%": MULTIPLY,
}  # fmt: skip
_LEFT = {ADD, MULTIPLY}


def binds(node: Expression) -> int:
    """The strength of the weakest operator of the text."""
    match node:
        case Chain(word):
            return OR if word == "or" else AND
        case Among() | Between():
            return EQUAL
        case Binary(operator):
            return _BINDS.get(operator, STRING)
        case Negative():
            return UNARY
        case Number(value):
            return UNARY if value < 0 else ATOM
        case (
            Text() | Truth() | Duration() | Typed() | Dynamic() | Name() | Member() | Index() | Call() | Star()
            | Subquery()
        ):  # fmt: skip
            return ATOM
        case _:
            assert_never(node)


def flat(node: Expression) -> str:
    """The expression on one line."""
    match node:
        case Text(value):
            return literal.text(value)
        case Number(value):
            return literal.number(value)
        case Truth(value):
            return "true" if value else "false"
        case Duration(amount, unit):
            return f"{amount}{unit}"
        case Typed(type_, text):
            return f"{type_}({text})"
        case Dynamic(value):
            return f"dynamic({json_text(value)})"
        case Name(name):
            return literal.name(name)
        case Member(target, key):
            return _member(target, key)
        case Index(target, key):
            return f"{_within(target, ATOM)}[{flat(key)}]"
        case Call() | Among() | Chain():
            return _remembered(node)
        case Negative(operand):
            return f"-{_within(operand, ATOM)}"
        case Binary():
            return _binary(node)
        case Between():
            return _between(node)
        case Star():
            return "*"
        case Subquery(query):
            return query_text(query)
        case _:
            assert_never(node)


_known: dict[int, tuple[Expression, str]] = {}
"""The texts of expressions that were asked for last, by the expression's id: each level asks for all below it."""
_MOST_KNOWN = 4096


def _remembered(node: Call | Among | Chain) -> str:
    known = _known.get(id(node))
    if known is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        known = _known[id(node)] = (node, _several(node))
    return known[1]


def _several(node: Call | Among | Chain) -> str:
    match node:
        case Call(function, arguments):
            return f"{function}({', '.join(map(flat, arguments))})"
        case Among(operator, target, items):
            return f"{_within(target, COMPARE)} {operator} ({', '.join(map(_listed, items))})"
        case Chain(word, terms):
            return f" {word} ".join(_within(t, EQUAL) for t in terms)
        case _:
            assert_never(node)


def query_text(query: Query) -> str:
    """A query inside of an expression, on one line."""
    from converter.languages.kusto.pipeline import on_one_line  # queries hold expressions, expressions queries

    return on_one_line(query)


def _listed(item: Expression) -> str:
    """An item of a list. A query alone stands in parentheses of its own, or the list would be one of names."""
    return f"({flat(item)})" if isinstance(item, Subquery) else flat(item)


def _member(target: Expression, key: str) -> str:
    base = _within(target, ATOM)
    return f"{base}.{key}" if literal.is_bare(key) else f"{base}[{literal.text(key)}]"


def _binary(node: Binary) -> str:
    strength = binds(node)
    left = strength if strength in _LEFT or strength == STRING else strength + 1
    return f"{_within(node.left, left)} {node.operator} {_within(node.right, strength + 1)}"


def _between(node: Between) -> str:
    word = "!between" if node.negated else "between"
    return f"{_within(node.target, COMPARE)} {word} ({_within(node.low, ADD)} .. {_within(node.high, ADD)})"


def _within(node: Expression, strength: int) -> str:
    return flat(node) if binds(node) >= strength else f"({flat(node)})"


def json_text(node: Json) -> str:
    """What stands inside of `dynamic(...)`."""
    match node:
        case Text(value):
            return literal.text(value)
        case Number(value):
            return literal.number(value)
        case Truth(value):
            return "true" if value else "false"
        case Null():
            return "null"
        case Array(items):
            return f"[{', '.join(map(json_text, items))}]"
        case Bag(pairs):
            return "{" + ", ".join(f"{literal.quoted(k)}: {json_text(v)}" for k, v in pairs) + "}"
        case _:
            assert_never(node)


def lay(node: Expression, indent: str, used: int) -> str:
    """The expression; broken into lines that start with `indent` if it does not fit behind `used` characters."""
    short = flat(node)
    if used + len(short) <= WIDTH:
        return short
    match node:
        case Chain(word, terms):
            return _chain(word, terms, indent, used)
        case Among(operator, target, items):
            head = f"{_within(target, COMPARE)} {operator} ("
            return f"{head}{filled(list(map(_listed, items)), indent, used + len(head))})"
        case Call("not", (inner,)):
            return f"not({lay(inner, indent + STEP, used + 4)})"
        case Call(function, arguments):
            laid = [lay(a, indent + STEP, len(indent) + len(STEP)) for a in arguments]
            return f"{function}({filled(laid, indent + STEP, used + len(function) + 1)})"
        case Dynamic(Array(items)):
            return f"dynamic([{filled(list(map(json_text, items)), indent, used + 9)}])"
        case _:
            return short


def _chain(word: str, terms: Sequence[Expression], indent: str, used: int) -> str:
    """Each term on a line of its own behind its word, as many short ones as fit on one."""
    strength = EQUAL  # a mixed chain is never left to the reader
    out = ""
    column = used
    for number, term in enumerate(terms):
        lead = f"{word} " if number else ""
        short = _within(term, strength)
        if number and column + 1 + len(lead) + len(short) <= WIDTH:
            out += f" {lead}{short}"
            column += 1 + len(lead) + len(short)
            continue
        if number:
            out += f"\n{indent}"
            column = len(indent)
        laid = _laid_within(term, strength, indent + (STEP if lead else ""), column + len(lead))
        out += lead + laid
        last = laid.rsplit("\n", 1)
        column = len(last[1]) if len(last) > 1 else column + len(lead) + len(laid)
    return out


def _laid_within(term: Expression, strength: int, indent: str, used: int) -> str:
    if binds(term) >= strength:
        return lay(term, indent, used)
    return f"({lay(term, indent, used + 1)})"


def filled(parts: Sequence[str], indent: str, used: int) -> str:
    """Parts behind commas, as many on a line as fit."""
    out, column = "", used
    for number, part in enumerate(parts):
        first, *_ = part.split("\n", 1)
        if number and column + 2 + len(first) + 1 <= WIDTH:
            out += f", {part}"
            column += 2
        elif number:
            out += f",\n{indent}{part}"
            column = len(indent)
        else:
            out += part
        last = part.rsplit("\n", 1)
        column = len(last[1]) if len(last) > 1 else column + len(part)
    return out


def item_text(item: Item, indent: str = "", used: int | None = None) -> str:
    """`name = expression`; without `used` on one line."""
    head = f"{literal.name(item.name)} = " if item.name else ""
    if used is None:
        return head + flat(item.expression)
    return head + lay(item.expression, indent, used + len(head))

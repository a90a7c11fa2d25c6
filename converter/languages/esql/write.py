"""ES|QL as text again: one line a command, names and strings quoted so that they read back as themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, assert_never

from converter.deferred import compiled
from converter.languages.esql.query import (
    Aggregate,
    Assignment,
    ChangePoint,
    Command,
    Completion,
    Dissect,
    Drop,
    Enrich,
    Enriched,
    Eval,
    From,
    Grok,
    Keep,
    Limit,
    LookupJoin,
    MvExpand,
    NamePattern,
    Order,
    Query,
    Rename,
    Row,
    Sort,
    Stats,
    Unread,
    Where,
)
from converter.languages.esql.syntax import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Array,
    Boolean,
    Call,
    Cast,
    Comparison,
    Duration,
    Expression,
    In,
    IsNull,
    Like,
    Name,
    Negative,
    Not,
    Null,
    Number,
    Options,
    Or,
    Search,
    Text,
)
from converter.languages.esql.tokens import RESERVED
from converter.languages.fragment import ATOM, Fragment

_OR, _AND, _NOT, _PREDICATE, _SUM, _PRODUCT, _UNARY, _CAST = 10, 20, 30, 40, 50, 60, 70, 80
_IDENTIFIER = compiled(r"[A-Za-z]\w*|[_@]\w+", re.ASCII)
_SOURCE = compiled(r"[^\s\"`=|,\[\]()/]+")
_ESCAPES: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPED = compiled(r'[\t\n\r"\\]')
_PRODUCTS = (ArithmeticOperator.MULTIPLY, ArithmeticOperator.DIVIDE, ArithmeticOperator.MODULO)


def write(query: Query) -> str:
    """The query as text; reads back as the same tree."""
    return "\n| ".join(map(_command, query.commands))


# ---- names and constants ----


def string(text: str) -> str:
    """`text` as a string constant."""
    return '"' + _ESCAPED.sub(lambda m: _ESCAPES[m[0]], text) + '"'


def name(path: str) -> str:
    """A column's name, in backquotes where it needs them."""
    parts = path.split(".")
    if all(_IDENTIFIER.fullmatch(p) and p.lower() not in RESERVED for p in parts):
        return path
    return _quoted(path)


def _quoted(path: str) -> str:
    return "`" + path.replace("`", "``") + "`"


def _pattern(pattern: NamePattern) -> str:
    if pattern.plain is not None:
        return name(pattern.plain)
    # Between two dots stands a name, or a word with stars in it.
    components: list[list[str]] = [[]]
    for number, part in enumerate(pattern.parts):
        first, *more = part.split(".")
        if number:
            components[-1].append(first)
        else:
            components[-1] = [first]
        components.extend([piece] for piece in more)
    return ".".join(_component(pieces) for pieces in components)


def _component(pieces: list[str]) -> str:
    if len(pieces) > 1:
        return "*".join(pieces)
    return pieces[0] if _IDENTIFIER.fullmatch(pieces[0]) else _quoted(pieces[0])


def _source(text: str) -> str:
    return text if _SOURCE.fullmatch(text) and text.lower() != "metadata" else string(text)


def _number(value: float) -> Fragment:
    text = repr(value)
    return Fragment(text, _UNARY if value < 0 or text.startswith("-") else ATOM)


# ---- expressions ----


def expression(node: Expression) -> str:
    """An expression as text."""
    return _fragment(node).text


def _fragment(node: Expression) -> Fragment:
    match node:
        case Name(path):
            return Fragment(name(path))
        case Text(value):
            return Fragment(string(value))
        case Number(value):
            return _number(value)
        case Boolean(value):
            return Fragment("true" if value else "false")
        case Null():
            return Fragment("null")
        case Duration(count, unit):
            return Fragment(f"{count} {unit}", _UNARY)
        case Array(items):
            return Fragment(f"[{', '.join(map(expression, items))}]")
        case Call():
            return Fragment(_call(node))
        case Cast(operand, kind):
            return Fragment(f"{_fragment(operand).within(_CAST)}::{kind}", _CAST)
        case Negative(Number() as operand):  # -5 reads as one number
            return Fragment(f"-({_fragment(operand).within(0)})", _UNARY)
        case Negative(operand):
            return Fragment(f"-{_fragment(operand).within(_CAST)}", _UNARY)
        case Arithmetic(operator, left, right):
            binds = _PRODUCT if operator in _PRODUCTS else _SUM
            sides = (_fragment(left).within(binds), _fragment(right).within(binds + 1))
            return Fragment(f" {operator.value} ".join(sides), binds)
        case Comparison(operator, left, right):
            sides = (_fragment(left).within(_SUM), _fragment(right).within(_SUM))
            return Fragment(f" {operator.value} ".join(sides), _PREDICATE)
        case In() | Like() | IsNull() | Search():
            return Fragment(_postfix(node), _PREDICATE)
        case Not(operand):
            return Fragment(f"not {_fragment(operand).within(_NOT)}", _NOT)
        case And(terms):
            return Fragment(" and ".join(_fragment(t).within(_NOT) for t in terms), _AND)
        case Or(terms):
            return Fragment(" or ".join(_fragment(t).within(_AND) for t in terms), _OR)
        case _:
            assert_never(node)


def _postfix(node: In | Like | IsNull | Search) -> str:
    if isinstance(node, Search):
        kind = f"::{node.type}" if node.type else ""
        return f"{name(node.field.path)}{kind} : {expression(node.query)}"
    left = _fragment(node.operand).within(_SUM)
    negation = "not " if node.negated else ""
    match node:
        case IsNull():
            return f"{left} is {negation}null"
        case In(_, values):
            return f"{left} {negation}in ({', '.join(map(expression, values))})"
        case Like(operator, _, patterns, listed):
            texts = ", ".join(map(expression, patterns))
            right = f"({texts})" if listed else _fragment(patterns[0]).within(_SUM)
            return f"{left} {negation}{operator.value} {right}"
        case _:
            assert_never(node)


def _call(node: Call) -> str:
    arguments = ["*"] if node.star else list(map(expression, node.arguments))
    if node.options is not None:
        arguments.append(_options(node.options))
    return f"{node.function}({', '.join(arguments)})"


def _options(options: Options) -> str:
    return "{" + ", ".join(f"{string(key)}: {expression(value)}" for key, value in options.entries) + "}"


# ---- commands ----


def _command(node: Command) -> str:
    match node:
        case From(sources, metadata):
            tail = f" metadata {', '.join(metadata)}" if metadata else ""
            return f"from {', '.join(map(_source, sources))}{tail}"
        case Row(columns):
            return f"row {_assignments(columns)}"
        case Where(condition):
            return f"where {expression(condition)}"
        case Eval(columns):
            return f"eval {_assignments(columns)}"
        case Stats():
            return _stats(node)
        case Keep(patterns):
            return f"keep {', '.join(map(_pattern, patterns))}"
        case Drop(patterns):
            return f"drop {', '.join(map(_pattern, patterns))}"
        case Rename(renamings):
            return "rename " + ", ".join(f"{name(r.old.path)} as {name(r.new.path)}" for r in renamings)
        case Sort(orders):
            return f"sort {', '.join(map(_order, orders))}"
        case Limit(count, by):
            return f"limit {count}" + (f" by {', '.join(map(expression, by))}" if by else "")
        case Grok(source, texts):
            return f"grok {_fragment(source).within(_CAST)} {', '.join(map(expression, texts))}"
        case Dissect(source, pattern, separator):
            tail = f" append_separator={string(separator)}" if separator else ""
            return f"dissect {_fragment(source).within(_CAST)} {expression(pattern)}{tail}"
        case MvExpand(column):
            return f"mv_expand {name(column.path)}"
        case Unread(word, tokens):
            return " ".join((word, *tokens))
        case Enrich() | LookupJoin() | Completion() | ChangePoint():
            return _service(node)
        case _:
            assert_never(node)


def _assignments(columns: Iterable[Assignment]) -> str:
    return ", ".join(map(_assignment, columns))


def _assignment(column: Assignment) -> str:
    if isinstance(column.expression, Name) and column.expression.path == column.name:
        return name(column.name)
    return f"{name(column.name)} = {expression(column.expression)}"


def _stats(node: Stats) -> str:
    words = ["inline stats" if node.inline else "stats"]
    if node.aggregates:
        words.append(", ".join(map(_aggregate, node.aggregates)))
    if node.by:
        words.append(f"by {_assignments(node.by)}")
    return " ".join(words)


def _aggregate(node: Aggregate) -> str:
    tail = "" if node.where is None else f" where {expression(node.where)}"
    return _assignment(node.column) + tail


def _order(order: Order) -> str:
    nulls = "" if order.nulls_first is None else f" nulls {'first' if order.nulls_first else 'last'}"
    return expression(order.expression) + (" desc" if order.descending else "") + nulls


def _service(node: Enrich | LookupJoin | Completion | ChangePoint) -> str:
    match node:
        case Enrich(policy, on, columns):
            tail = f" on {_pattern(on)}" if on is not None else ""
            tail += f" with {', '.join(map(_enriched, columns))}" if columns else ""
            return f"enrich {_source(policy)}{tail}"
        case LookupJoin(index, on):
            return f"lookup join {_source(index)} on {', '.join(map(expression, on))}"
        case Completion(target, prompt, options):
            head = f"{name(target.path)} = " if target is not None else ""
            tail = f" with {_options(options)}" if options is not None else ""
            return f"completion {head}{_fragment(prompt).within(_CAST)}{tail}"
        case ChangePoint(value, key, names):
            tail = f" on {name(key.path)}" if key is not None else ""
            tail += f" as {name(names[0].path)}, {name(names[1].path)}" if names is not None else ""
            return f"change_point {name(value.path)}{tail}"
        case _:
            assert_never(node)


def _enriched(column: Enriched) -> str:
    return _pattern(column.field) if column.new is None else f"{_pattern(column.new)} = {_pattern(column.field)}"

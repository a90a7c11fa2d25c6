"""The expression grammar.

Binding, loosest first: or, and, equality (== != in has_any between), comparison (< >), + -, * / %, string operators
(=~ has contains matches regex), unary minus, access. As in Microsoft's published grammar, string operators bind
tighter than arithmetic and comparisons do not chain.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from converter.proof.judges.kusto.cursor import Cursor
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.syntax import (
    Among,
    Between,
    Binary,
    Call,
    Constant,
    Expression,
    Index,
    Item,
    Member,
    Name,
    Negative,
    Star,
    Subquery,
)
from converter.proof.judges.kusto.values import Value, kind_named, null, parse_datetime, parse_timespan

if TYPE_CHECKING:
    from converter.proof.judges.kusto.syntax import Query

_TEXT_STEMS = ("has", "contains", "startswith", "endswith", "hasprefix", "hassuffix")
STRING_OPERATORS = frozenset(
    ["=~", "!~"] + [f"{no}{stem}{cs}" for stem in _TEXT_STEMS for no in ("", "!") for cs in ("", "_cs")]
)
_AMONG = ("in", "!in", "in~", "!in~", "has_any", "has_all")


class ExpressionParser:
    def __init__(self, cursor: Cursor, query: Callable[[], Query]) -> None:
        self._cursor = cursor
        self._query = query

    def expression(self) -> Expression:
        """or := and ("or" and)*"""
        left = self._and()
        while self._cursor.take("or"):
            left = Binary("or", left, self._and())
        return left

    def items(self) -> tuple[Item, ...]:
        """item ("," item)*"""
        found = [self.item()]
        while self._cursor.take(","):
            found.append(self.item())
        return tuple(found)

    def item(self) -> Item:
        """(name "=")? expression"""
        name = None
        if self._cursor.is_named():
            name = self._cursor.name()
            self._cursor.expect("=")
        return Item(name, self.expression())

    def arguments(self) -> tuple[Expression, ...]:
        """ "(" (argument ("," argument)*)? ")", where an argument may be *"""
        self._cursor.expect("(")
        found: list[Expression] = []
        while not self._cursor.sees(")"):
            if self._cursor.take("*"):
                found.append(Star())
            else:
                found.append(self.expression())
            if not self._cursor.take(","):
                break
        self._cursor.expect(")")
        return tuple(found)

    def _and(self) -> Expression:
        """and := equality ("and" equality)*"""
        left = self._equality()
        while self._cursor.take("and"):
            left = Binary("and", left, self._equality())
        return left

    def _equality(self) -> Expression:
        """equality := comparison (("==" | "!=") comparison | in-list | between)?"""
        left = self._comparison()
        if self._cursor.sees("==", "!="):
            left = Binary(self._cursor.next().text, left, self._comparison())
        elif self._cursor.sees(*_AMONG):
            left = Among(self._cursor.next().text, left, self._list())
        elif self._cursor.sees("between", "!between"):
            negated = self._cursor.next().text == "!between"
            self._cursor.expect("(")
            low = self._additive()
            self._cursor.expect("..")
            high = self._additive()
            self._cursor.expect(")")
            left = Between(negated, left, low, high)
        if self._cursor.sees("==", "!=", *_AMONG, "between", "!between"):
            self._cursor.fail("comparisons do not chain")
        return left

    def _list(self) -> tuple[Expression, ...]:
        """ "(" (query | expression ("," expression)*) ")": a name alone is settled when it is evaluated"""
        cursor = self._cursor
        if cursor.sees("(") and (cursor.ahead(1).text == "(" or cursor.ahead(2).text == "|"):
            cursor.next()
            query = self._query()
            cursor.expect(")")
            return (Subquery(query),)
        return self.arguments()

    def _comparison(self) -> Expression:
        """comparison := additive (("<" | ">" | "<=" | ">=") additive)?"""
        left = self._additive()
        if self._cursor.sees("<", ">", "<=", ">="):
            left = Binary(self._cursor.next().text, left, self._additive())
        return left

    def _additive(self) -> Expression:
        """additive := multiplicative (("+" | "-") multiplicative)*"""
        left = self._multiplicative()
        while self._cursor.sees("+", "-"):
            left = Binary(self._cursor.next().text, left, self._multiplicative())
        return left

    def _multiplicative(self) -> Expression:
        """multiplicative := text (("*" | "/" | "%") text)*"""
        left = self._text()
        while self._cursor.sees("*", "/", "%"):
            left = Binary(self._cursor.next().text, left, self._text())
        return left

    def _text(self) -> Expression:
        """text := unary (string-operator unary)*"""
        left = self.unary()
        while True:
            if self._cursor.sees("matches") and self._cursor.ahead(1).text == "regex":
                self._cursor.next()
                self._cursor.next()
                left = Binary("matches regex", left, self.unary())
            elif self._cursor.token.text in STRING_OPERATORS and self._cursor.token.kind != "string":
                left = Binary(self._cursor.next().text, left, self.unary())
            else:
                return left

    def unary(self) -> Expression:
        """unary := ("-" | "+")? access"""
        if self._cursor.take("-"):
            return Negative(self.access())
        self._cursor.take("+")
        return self.access()

    def access(self) -> Expression:
        """access := primary ("." name | "." bracketed | "[" expression "]")*"""
        target = self._primary()
        while True:
            if self._cursor.take("."):
                target = Member(target, self._cursor.name())
            elif self._cursor.take("["):
                key = self.expression()
                self._cursor.expect("]")
                target = Index(target, key)
            else:
                return target

    def _primary(self) -> Expression:
        """primary := literal | name | call | "(" expression ")" | "(" name "|" operators ")" """
        cursor = self._cursor
        token = cursor.token
        match token.kind:
            case "string":
                cursor.next()
                return Constant(Value("string", token.text))
            case "number":
                cursor.next()
                return Constant(_number(token.text))
            case "timespan":
                cursor.next()
                return Constant(Value("timespan", parse_timespan(token.text)))
            case "literal":
                return self._typed_literal()
            case _:
                pass
        if cursor.sees("true", "false"):
            return Constant(Value("bool", cursor.next().text == "true"))
        if cursor.take("("):
            inner = Subquery(self._query()) if cursor.ahead(1).text == "|" else self.expression()
            cursor.expect(")")
            return inner
        name = cursor.name()
        if not cursor.sees("("):
            return Name(name)
        if name in ("toscalar", "materialize"):
            cursor.expect("(")
            query = self._query()
            cursor.expect(")")
            return Call(name, (Subquery(query),))
        return Call(name, self.arguments())

    def _typed_literal(self) -> Expression:
        """type "(" text ")": the text has the type's own syntax; int(x), long(x) ... of a value are conversions"""
        token = self._cursor.next()
        kind = kind_named(token.text)
        body = token.body.strip()
        if body == "null":
            return Constant(null(kind))
        if kind == "dynamic":
            return Constant(Value("dynamic", _dynamic(body)))
        data: object
        match kind:
            case "datetime":
                data = parse_datetime(body.strip("\"'"))
            case "timespan":
                data = parse_timespan(body.strip("\"'"))
            case "bool":
                data = {"true": True, "false": False, "1": True, "0": False}.get(body)
            case "int" | "long":
                data = int(body, 0) if body.lstrip("-").isalnum() and body.lstrip("-")[0].isdigit() else None
            case "real" | "decimal":
                data = float(body)
            case _:
                data = body.strip("\"'").lower()
        if data is None:
            raise KustoError(f"{token.text}({body}) is not understood")
        return Constant(Value(kind, data))


def _number(text: str) -> Value:
    if text[:2] in ("0x", "0X"):
        return Value("long", int(text, 16))
    if any(mark in text for mark in ".eE"):
        return Value("real", float(text))
    return Value("long", int(text))


def _dynamic(body: str) -> object:
    """JSON, or a single-quoted or verbatim-free string literal, as dynamic() takes it."""
    try:
        return json.loads(body)
    except ValueError:
        pass
    return _JsonLike(Cursor(body)).value()


class _JsonLike:
    """dynamic() also takes other Kusto literals inside: 'text', datetime(...)."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def value(self) -> object:
        found = self._value()
        if self._cursor.token.kind != "end":
            self._cursor.fail("expected the end of the dynamic literal")
        return found

    def _value(self) -> object:
        cursor = self._cursor
        if cursor.take("["):
            items: list[object] = []
            while not cursor.take("]"):
                items.append(self._value())
                cursor.take(",")
            return items
        if cursor.take("{"):
            bag: dict[str, object] = {}
            while not cursor.take("}"):
                key = cursor.next().text
                cursor.expect(":")
                bag[key] = self._value()
                cursor.take(",")
            return bag
        if cursor.take("null"):
            return None
        return self._primitive()

    def _primitive(self) -> object:
        def no_query() -> Query:
            raise KustoError("a dynamic literal holds no query")

        found = ExpressionParser(self._cursor, no_query).unary()
        match found:
            case Constant(value):
                return value.data
            case Negative(Constant(Value(data=int() | float() as number))):
                return -number
            case _:
                pass
        raise KustoError("a dynamic literal holds constants only")

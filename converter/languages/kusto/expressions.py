"""The grammar of expressions, one method a rule; each docstring is the rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from converter.languages.kusto.scanner import Scanner
from converter.languages.kusto.syntax import (
    Among,
    Array,
    Bag,
    Between,
    Binary,
    Call,
    Chain,
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

_STEMS = ("has", "contains", "startswith", "endswith", "hasprefix", "hassuffix")
STRING_WORDS = frozenset(f"{no}{stem}{cs}" for stem in _STEMS for no in ("", "!") for cs in ("", "_cs"))
LISTS = ("in", "!in", "in~", "!in~", "has_any", "has_all")
_TYPES = frozenset({"datetime", "timespan", "time", "bool", "int", "long", "real", "double", "decimal", "guid"})
_TABULAR = frozenset({"toscalar", "materialize"})


class Expressions:
    """Reads expressions; `query` reads the queries inside of them."""

    def __init__(self, scanner: Scanner, query: Callable[[], Query]) -> None:
        self._scan = scanner
        self._query = query

    def expression(self) -> Expression:
        """or := and ("or" and)*"""
        self._scan.deeper()
        found = self._chain("or", lambda: self._chain("and", self._equality))
        self._scan.shallower()
        return found

    def items(self) -> tuple[Item, ...]:
        """items := item ("," item)*"""
        found = [self.item()]
        while self._scan.take(","):
            found.append(self.item())
        return tuple(found)

    def item(self) -> Item:
        """item := (name "=")? expression"""
        name = ""
        if self._scan.is_named():
            name = self._scan.name()
            self._scan.expect("=")
        return Item(self.expression(), name)

    def arguments(self) -> tuple[Expression, ...]:
        """arguments := "(" ((expression | "*") ("," ...)*)? ")" """
        self._scan.expect("(")
        found: list[Expression] = []
        while not self._scan.sees(")"):
            found.append(Star() if self._scan.take("*") else self.expression())
            if not self._scan.take(","):
                break
        self._scan.expect(")")
        return tuple(found)

    def _chain(self, word: Literal["and", "or"], operand: Callable[[], Expression]) -> Expression:
        """chain := operand (word operand)*"""
        terms = [operand()]
        while self._scan.take_word(word):
            terms.append(operand())
        return terms[0] if len(terms) == 1 else Chain(word, tuple(terms))

    def _equality(self) -> Expression:
        """equality := comparison (("==" | "!=") comparison | list | "between" "(" additive ".." additive ")")?"""
        left = self._comparison()
        for sign in ("==", "!="):
            if self._scan.take(sign):
                return Binary(sign, left, self._comparison())
        word = self._scan.peek_infix()
        if word in LISTS:
            self._scan.skip_text(word)
            return Among(word, left, self._list())
        if word in {"between", "!between"}:
            self._scan.skip_text(word)
            self._scan.expect("(")
            low = self._additive()
            self._scan.expect("..")
            high = self._additive()
            self._scan.expect(")")
            return Between(left, low, high, word == "!between")
        return left

    def _list(self) -> tuple[Expression, ...]:
        """list := "(" query ")" | arguments; a name alone is an expression here"""
        place = self._scan.position
        self._scan.expect("(")
        if self._scan.sees("("):
            self._scan.expect("(")
            query = self._query()
            self._scan.expect(")")
            self._scan.expect(")")
            return (Subquery(query),)
        self._scan.position = place
        return self.arguments()

    def _comparison(self) -> Expression:
        """comparison := additive (("<=" | ">=" | "<" | ">") additive)?"""
        left = self._additive()
        for sign in ("<=", ">=", "<", ">"):
            if self._scan.take(sign):
                return Binary(sign, left, self._additive())
        return left

    def _additive(self) -> Expression:
        """additive := multiplicative (("+" | "-") multiplicative)*"""
        left = self._multiplicative()
        while sign := next((s for s in "+-" if self._scan.sees(s)), ""):
            self._scan.expect(sign)
            left = Binary(sign, left, self._multiplicative())
        return left

    def _multiplicative(self) -> Expression:
        """multiplicative := string (("*" | "/" | "%") string)*"""
        left = self._string()
        while sign := next((s for s in "*/%" if self._scan.sees(s)), ""):
            self._scan.expect(sign)
            left = Binary(sign, left, self._string())
        return left

    def _string(self) -> Expression:
        """string := unary (("=~" | "!~" | word | "matches" "regex") unary)*"""
        left = self._unary()
        while True:
            sign = next((s for s in ("=~", "!~") if self._scan.sees(s)), "") or self._scan.peek_infix()
            if sign == "matches":
                self._scan.skip_text(sign)
                self._scan.expect_word("regex")
                left = Binary("matches regex", left, self._unary())
            elif sign in STRING_WORDS or sign in {"=~", "!~"}:
                self._scan.skip_text(sign)
                left = Binary(sign, left, self._unary())
            else:
                return left

    def _unary(self) -> Expression:
        """unary := "-"? access"""
        if not self._scan.take("-"):
            return self.access()
        inner = self.access()
        return Number(-inner.value) if isinstance(inner, Number) and inner.value >= 0 else Negative(inner)

    def access(self) -> Expression:
        """access := primary ("." name | "[" expression "]")*"""
        target = self._primary()
        while True:
            if self._scan.sees(".") and not self._scan.sees(".."):
                self._scan.expect(".")
                target = Member(target, self._scan.name())
            elif self._scan.take("["):
                key = self.expression()
                self._scan.expect("]")
                target = Member(target, key.value) if isinstance(key, Text) else Index(target, key)
            else:
                return target

    def _primary(self) -> Expression:
        """primary := text | number | typed | "(" expression ")" | call | name"""
        scan = self._scan
        if (text := scan.text()) is not None:
            return Text(text)
        if (number := scan.number()) is not None:
            return number
        if scan.take("("):
            inner = self.expression()
            scan.expect(")")
            return inner
        if scan.sees("["):
            return Name(scan.name())
        if word := scan.take_word("true", "false"):
            return Truth(word == "true")
        return self._worded(scan.word("a value"))

    def _worded(self, word: str) -> Expression:
        """worded := type "(" text ")" | "dynamic" "(" json ")" | name arguments? | "toscalar" "(" query ")" """
        scan = self._scan
        if not scan.sees("("):
            return Name(word)
        if word == "dynamic":
            scan.expect("(")
            value = self._json()
            scan.expect(")")
            return Dynamic(value)
        if word in _TYPES:
            return Typed(word, scan.inside())
        if word in _TABULAR:
            scan.expect("(")
            query = self._query()
            scan.expect(")")
            return Call(word, (Subquery(query),))
        return Call(word, self.arguments())

    def _json(self) -> Json:
        """json := "[" (json ("," json)*)? "]" | "{" (text ":" json ("," ...)*)? "}" | "null" | text | number | truth"""
        scan = self._scan
        if scan.take("["):
            items: list[Json] = []
            while not scan.take("]"):
                items.append(self._json())
                if not scan.take(",") and not scan.sees("]"):
                    scan.expected("] or ,")
            return Array(tuple(items))
        if scan.take("{"):
            return self._bag()
        if scan.take_word("null"):
            return Null()
        found = self._unary()
        if not isinstance(found, Text | Number | Truth):
            scan.expected("a constant")
        return found

    def _bag(self) -> Bag:
        scan = self._scan
        pairs: list[tuple[str, Json]] = []
        while not scan.take("}"):
            key = scan.text()
            if key is None:
                scan.expected("a key")
            scan.expect(":")
            pairs.append((key, self._json()))
            if not scan.take(",") and not scan.sees("}"):
                scan.expected("} or ,")
        return Bag(tuple(pairs))

"""ES|QL's expressions: each method of the parser is one rule of the grammar.

Precedence, tightest first: `::type`; unary minus; `* / %`; `+ -`; one comparison, IN, LIKE, RLIKE, IS NULL or `:`;
`not`; `and`; `or`.
"""

from __future__ import annotations

from converter.diagnostics import Span
from converter.languages.esql.codes import Q001, Q008, Q009, Q010
from converter.languages.esql.position import Position
from converter.languages.esql.syntax import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Array,
    Boolean,
    Call,
    Cast,
    Comparison,
    ComparisonOperator,
    Duration,
    Expression,
    In,
    IsNull,
    Like,
    Literal,
    Name,
    Negative,
    Not,
    Null,
    Number,
    Options,
    Or,
    PatternOperator,
    Search,
    Text,
)
from converter.languages.esql.tokens import (
    END,
    NUMBER,
    QUOTED,
    RAW,
    STRING,
    WORD,
    fail,
    quoted_name,
    string_value,
)

_COMPARISONS = {o.value: o for o in ComparisonOperator}
_ARITHMETIC = {o.value: (o, 2 if o.value in "*/%" else 1) for o in ArithmeticOperator}
_SIGNS = ("-", "+")
_PATTERNS = {o.value: o for o in PatternOperator}
_STRINGS = (STRING, RAW)
_FUNCTION_WORDS = ("first", "last")
AND_HINT = "Join conditions with and or or."
_LARGEST = 1 << 64
_LONGEST_INTEGER = 20


class Parser(Position):
    """The rules of expressions, from a place on."""

    __slots__ = ()

    # ---- conditions ----

    def expression(self) -> Expression:
        """expression: conjunction ("or" conjunction)*; conjunction: term ("and" term)*"""
        start = first = self.start
        options: list[Expression] = []
        terms: list[Expression] = []
        while True:
            terms.append(self._term())
            if self.key == "and":
                self.advance()
                continue
            options.append(terms[0] if len(terms) == 1 else And(tuple(terms), self.span(first)))
            if self.key != "or":
                break
            self.advance()
            terms, first = [], self.start
        return options[0] if len(options) == 1 else Or(tuple(options), self.span(start))

    def _term(self) -> Expression:
        """term: "not"* predicate"""
        if self.key != "not":
            return self._predicate()
        starts = []
        while self.key == "not":
            starts.append(self.start)
            self.enter()
            self.advance()
        term = self._predicate()
        for start in reversed(starts):
            term = Not(term, self.span(start))
        self.depth -= len(starts)
        return term

    def _predicate(self) -> Expression:
        """predicate: sum [comparison sum | ["not"] ("in" list | like pattern) | "is" ["not"] "null" | ":" constant]"""
        start = self.start
        left = self.sum()
        key = self.key
        if key in ("", "and", ")", "|", ",", "or"):
            return left
        operator = _COMPARISONS.get(key)
        if operator is not None:
            self.advance()
            right = self.sum()
            if self.key in _COMPARISONS:
                fail(Q009, "comparisons cannot be chained", self.here, "Write a < b and b < c.")
            return Comparison(operator, left, right, self.span(start))
        if key == "is":
            return self._is_null(left, start)
        if key == ":":
            return self._search(left, start)
        negated = key == "not" and self.following() in ("in", "like", "rlike")
        if negated:
            self.advance()
        if self.key == "in":
            return self._in(left, start, negated=negated)
        if self.key in _PATTERNS:
            return self._like(left, start, negated=negated)
        return left

    def _is_null(self, operand: Expression, start: int) -> Expression:
        self.advance()
        negated = self.take("not")
        self.expect("null", "null after is")
        return IsNull(operand, negated, self.span(start))

    def _search(self, left: Expression, start: int) -> Expression:
        self.advance()
        kind = ""
        if isinstance(left, Cast):
            kind, left = left.type, left.operand
        if not isinstance(left, Name):
            fail(Q001, "the match operator : needs a column before it", Span(start, self.start), "")
        value = self._signed_constant("a constant after :")
        return Search(left, value, kind, self.span(start))

    def _in(self, operand: Expression, start: int, *, negated: bool) -> Expression:
        self.advance()
        self.expect("(", "( after in")
        self.enter()
        if self.kind == WORD and self.text.lower() == "from" and self.following() not in (",", ")"):
            fail(Q010, "in with a subquery cannot be read", self.here, "List the values.")
        values = [self.expression()]
        while self.take(","):
            values.append(self.expression())
        self.expect(")", "a comma or ) in the list of in")
        self.depth -= 1
        return In(operand, tuple(values), negated, self.span(start))

    def _like(self, operand: Expression, start: int, *, negated: bool) -> Expression:
        operator = _PATTERNS[self.key]
        self.advance()
        if self.key != "(":
            return Like(operator, operand, (self.sum(),), negated=negated, span=self.span(start))
        self.enter()
        self.advance()
        patterns = [self.expression()]
        while self.take(","):
            patterns.append(self.expression())
        self.expect(")", f"a comma or ) in the list of {operator.value}")
        self.depth -= 1
        return Like(operator, operand, tuple(patterns), listed=True, negated=negated, span=self.span(start))

    # ---- values ----

    def sum(self, least: int = 0) -> Expression:
        """sum: product (("+" | "-") product)*; product: unary (("*" | "/" | "%") unary)*"""
        start = self.start
        left = self._unary() if self.key in _SIGNS else self.primary()
        found = _ARITHMETIC.get(self.key)
        if found is None:
            return left
        depth = self.depth
        while found is not None and found[1] > least:
            # A chain leans to the left: each operator is a level for every later stage.
            self.enter()
            self.advance()
            left = Arithmetic(found[0], left, self.sum(found[1]), self.span(start))
            found = _ARITHMETIC.get(self.key)
        self.depth = depth
        return left

    def _unary(self) -> Expression:
        """unary: ("-" | "+") unary | primary"""
        if self.key not in ("-", "+"):
            return self.primary()
        start, negative = self.start, self.key == "-"
        self.enter()
        self.advance()
        plain = self.kind == NUMBER
        operand = self._unary()
        self.depth -= 1
        if not negative:
            return operand
        if plain and isinstance(operand, Number):
            return Number(-operand.value, self.span(start))
        return Negative(operand, self.span(start))

    def primary(self) -> Expression:
        """primary: (constant | call | name | "(" expression ")") ("::" type)*"""
        kind, key, start = self.kind, self.key, self.start
        node: Expression
        if kind == WORD:
            node = self._word(key, start)
        elif kind in _STRINGS:
            node = self.string("a string")
        elif kind == NUMBER:
            node = self._number()
        elif kind == QUOTED:
            node = self.name("a column")
        elif key == "(":
            node = self._group()
        elif key == "[":
            node = self._array()
        else:
            self.expected("a column, a value or a function")
        if self.key != "::":
            return node
        depth = self.depth
        while self.key == "::":
            self.enter()
            self.advance()
            if self.kind != WORD:
                self.expected("a type after ::")
            word = self.text
            self.advance()
            node = Cast(node, word, self.span(start))
        self.depth = depth
        return node

    def _group(self) -> Expression:
        opened = self.here
        self.enter()
        self.advance()
        node = self.expression()
        self.depth -= 1
        if not self.take(")"):
            if self.kind == END:
                fail(Q001, "this ( is never closed", opened, "Add the missing ).")
            self.expected("and, or, or )", AND_HINT)
        return node

    def _word(self, key: str, start: int) -> Expression:
        span = self.here
        following = self.following()
        if following == "(" and (not key or key in _FUNCTION_WORDS):
            return self._call(self.text, start)
        if not key and following != ".":
            node = Name(self.text, span)
            self.advance()
            return node
        if key in ("true", "false"):
            self.advance()
            return Boolean(key == "true", span)
        if key == "null":
            self.advance()
            return Null(span)
        if key:
            if key in ("and", "or", "by", "where"):
                self.expected("a column, a value or a function")
            hint = f"Put a column of this name in backquotes: `{self.text}`"
            fail(Q008, f"{self.text} is a keyword, not a column", span, hint)
        return self.name("a column")

    def _call(self, text: str, start: int) -> Call:
        """call: name "(" ["*" | expression ("," expression)* ["," options]] ")" """
        name_span = self.here
        if "." in text:
            fail(Q001, f"{text} is no function", name_span, "Write an operator between a column and what follows.")
        self.enter()
        self.advance()
        self.advance()
        arguments: list[Expression] = []
        options = None
        star = self.key == "*" and self.following() == ")"
        if star:
            self.advance()
        while not self.take(")"):
            if arguments:
                self.expect(",", f"a comma or ) in the arguments of {text}")
            if self.key == "{":
                options = self.options()
                self.expect(")", f") after the options of {text}")
                break
            arguments.append(self.expression())
        self.depth -= 1
        return Call(text, tuple(arguments), star, options, self.span(start), name_span)

    def name(self, words: str) -> Name:
        """name: part ("." part)*; part: identifier | "`" anything "`" """
        start = self.start
        if self.kind == WORD and not self.key and self.following() != ".":
            node = Name(self.text, self.here)
            self.advance()
            return node
        parts: list[str] = []
        while True:
            if self.kind == QUOTED:
                parts.append(quoted_name(self.text))
            elif self.kind == WORD and (parts or not self.key):
                parts.append(self.text)
            else:
                self.expected(words)
            self.advance()
            if not self.take("."):
                break
        return Name(".".join(parts), self.span(start))

    def string(self, words: str) -> Text:
        """A string constant."""
        if self.kind not in _STRINGS:
            self.expected(words)
        node = Text(string_value(self.kind, self.text, self.start), self.here)
        self.advance()
        return node

    def _number(self) -> Number | Duration:
        """number: digits ["." digits] [exponent] | digits unit"""
        text, start = self.text, self.start
        whole = text.isdigit()
        value: int | float = int(text) if whole and len(text) <= _LONGEST_INTEGER else float(text)
        if isinstance(value, int) and value >= _LARGEST:
            value = float(value)
        if value in (float("inf"), float("-inf")):
            fail(Q001, "this number is too large", self.here)
        self.advance()
        if isinstance(value, int) and self.kind == WORD and not self.key:
            unit = self.text
            self.advance()
            return Duration(value, unit, self.span(start))
        return Number(value, self.span(start))

    def _array(self) -> Array:
        """array: "[" constant ("," constant)* "]" """
        start = self.start
        self.advance()
        items: list[Text | Number | Boolean] = []
        while True:
            item = self._signed_constant("a constant in [ ]")
            if not isinstance(item, Text | Number | Boolean):
                fail(Q001, "an array holds strings, numbers or booleans", item.span)
            items.append(item)
            if self.take("]"):
                return Array(tuple(items), self.span(start))
            self.expect(",", "a comma or ] in the array")

    def _signed_constant(self, words: str) -> Literal:
        start = self.start
        sign = self.key
        if sign in ("-", "+"):
            self.advance()
            if self.kind != NUMBER:
                self.expected("a number")
        if self.kind in _STRINGS:
            return self.string(words)
        if self.kind == NUMBER:
            number = self._number()
            if sign == "-" and isinstance(number, Number):
                return Number(-number.value, self.span(start))
            return number
        if self.key in ("true", "false", "null"):
            node = self._word(self.key, start)
            if isinstance(node, Boolean | Null):
                return node
        if self.key != "[":
            self.expected(words)
        return self._array()

    def options(self) -> Options:
        """options: "{" [string ":" constant ("," string ":" constant)*] "}" """
        start = self.start
        self.expect("{", "{ and options")
        entries: list[tuple[str, Literal]] = []
        while not self.take("}"):
            if entries:
                self.expect(",", "a comma or } in the options")
            name = self.string("the name of an option in quotes").value
            self.expect(":", "a : after the name of the option")
            entries.append((name, self._signed_constant("the option's value")))
        return Options(tuple(entries), self.span(start))

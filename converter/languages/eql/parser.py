"""Events and conditions: the part of EQL's grammar (EqlBase.g4) in which expressions hold expressions.

Precedence, tightest first: lookups (`in`, `:`, `like`, `regex`) on a primary; unary minus; `* / %`; `+ -`; one
comparison; `not`; `and`; `or`. https://www.elastic.co/docs/reference/query-languages/eql/eql-syntax
"""

from __future__ import annotations

from dataclasses import field
from typing import NoReturn

from converter.deferred import dataclass
from converter.diagnostics import Span
from converter.languages.cursor import DEEPEST_NESTING
from converter.languages.eql.codes import E001, E002, E004, E005, E008, E009, E011, E012, E024
from converter.languages.eql.syntax import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Boolean,
    Call,
    Comparison,
    ComparisonOperator,
    Event,
    Expression,
    Lookup,
    LookupOperator,
    Name,
    Negative,
    Not,
    Null,
    Number,
    Or,
    Pipe,
    Text,
)
from converter.languages.eql.tokens import (
    BAD,
    END,
    NUMBER,
    QUOTED,
    RAW,
    STRING,
    WORD,
    Tokens,
    bad_token,
    fail,
    quoted_name,
    string_value,
)

_COMPARISONS = {o.value: o for o in ComparisonOperator}
_LOOKUPS = {o.value: o for o in LookupOperator}
_ARITHMETIC = {o.value: (o, 2 if o.value in "*/%" else 1) for o in ArithmeticOperator}
_CONSTANTS = {"true": True, "false": False}
RESERVED = frozenset(
    (
        *("and", "any", "by", "false", "in", "in~", "join", "like", "like~", "maxspan", "not", "null", "of", "or"),
        *("regex", "regex~", "sample", "sequence", "true", "until", "where", "with"),
    )
)
_STRINGS = (STRING, RAW)
AND_HINT = "Join conditions with and or or; keywords are lower case."


@dataclass(slots=True)
class Parser:
    """A place among the tokens; each method is one rule of the grammar."""

    tokens: Tokens
    index: int = 0
    depth: int = 0
    kind: str = field(init=False)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.kind, self.text = self.tokens.kinds[0], self.tokens.texts[0]

    # ---- moving ----

    def advance(self) -> None:
        """Go to the next token."""
        self.index += 1
        self.kind = self.tokens.kinds[self.index]
        self.text = self.tokens.texts[self.index]

    def take(self, text: str) -> bool:
        """Go past a sign or keyword if it stands here."""
        if self.text != text or self.kind in _STRINGS:
            return False
        self.advance()
        return True

    def expect(self, text: str, words: str, hint: str = "") -> None:
        """Go past a sign or keyword, or fail with what was expected."""
        if not self.take(text):
            self.expected(words, hint)

    def following(self) -> str:
        """The text of the token after this one."""
        return "" if self.kind == END else self.tokens.texts[self.index + 1]

    @property
    def start(self) -> int:
        """Where this token starts."""
        return self.tokens.ends[self.index] - len(self.text)

    @property
    def here(self) -> Span:
        """The place of this token."""
        return Span(self.start, self.tokens.ends[self.index])

    def span(self, start: int) -> Span:
        """From `start` to the end of the token before this one."""
        return Span(start, self.tokens.ends[self.index - 1])

    def expected(self, words: str, hint: str = "") -> NoReturn:
        """Fail: something else stands here."""
        if self.kind == BAD:
            bad_token(self.tokens, self.index)
        if self.text == "=" and self.kind not in _STRINGS:
            fail(E005, "EQL has no =", self.here, "Write == (case-sensitive) or : (ignores case, takes wildcards).")
        found = "the query ends" if self.kind == END else f"found {self.text[:40]}"
        fail(E001, f"expected {words}, but {found}", self.here, hint)

    def enter(self) -> None:
        """One level deeper."""
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            message = f"this query nests deeper than {DEEPEST_NESTING} levels"
            fail(E002, message, self.here, "Remove the parentheses that do not group anything.")

    # ---- events ----

    def event(self) -> Event:
        """event: ("any" | name | string) "where" expression"""
        start, category_span = self.start, self.here
        category = self._category()
        self.expect("where", "where after the event category", "An event query is: category where condition")
        where = self.expression()
        return Event(category, where, self.span(start), category_span)

    def _category(self) -> str | None:
        if self.kind in _STRINGS:
            value = string_value(self.kind, self.text, self.start)
            self.advance()
            return value
        word = self.text
        if self.kind == QUOTED or (self.kind == WORD and "." in word):
            fail(E001, "an event category of this kind is a string", self.here, "Put it in double quotes.")
        if self.kind != WORD or word.endswith("~") or (word in RESERVED and word != "any"):
            self.expected(
                "an event category", "An event query is: category where condition; any matches every category."
            )
        self.advance()
        return None if word == "any" else word

    def pipe(self) -> Pipe:
        """pipe: "|" name [expression ("," expression)*]"""
        start, name = self.start, self.text
        if self.kind != WORD:
            self.expected("the name of a pipe after |")
        self.advance()
        arguments: list[Expression] = []
        while self.kind != END and self.text != "|":
            arguments.append(self.expression())
            if not self.take(","):
                break
        return Pipe(name, tuple(arguments), self.span(start))

    # ---- expressions ----

    def expression(self) -> Expression:
        """expression: conjunction ("or" conjunction)*; conjunction: "not"* value ("and" "not"* value)*"""
        start = first = self.start
        options: list[Expression] = []
        terms: list[Expression] = []
        while True:
            terms.append(self._term())
            if self.text == "and" and self.kind == WORD:
                self.advance()
                continue
            options.append(terms[0] if len(terms) == 1 else And(tuple(terms), self.span(first)))
            if self.text != "or" or self.kind != WORD:
                break
            self.advance()
            terms, first = [], self.start
        return options[0] if len(options) == 1 else Or(tuple(options), self.span(start))

    def _term(self) -> Expression:
        """term: "not"* value"""
        if self.text != "not" or self.kind != WORD:
            return self._value()
        starts = []
        while self.text == "not" and self.kind == WORD:
            starts.append(self.start)
            self.enter()
            self.advance()
        term = self._value()
        for start in reversed(starts):
            term = Not(term, self.span(start))
        self.depth -= len(starts)
        return term

    def _value(self) -> Expression:
        """value: sum [("==" | "!=" | "<" | "<=" | ">" | ">=") sum]"""
        start = self.start
        left = self._sum(0)
        operator = _COMPARISONS.get(self.text)
        if operator is None or self.kind in _STRINGS:
            if self.text == "=" and self.kind not in _STRINGS:
                self.expected("an operator")
            return left
        self.advance()
        right = self._sum(0)
        if self.text in _COMPARISONS and self.kind not in _STRINGS:
            fail(E009, "comparisons cannot be chained", self.here, "Write a < b and b < c.")
        return Comparison(operator, left, right, self.span(start))

    def _sum(self, least: int) -> Expression:
        """sum: product (("+" | "-") product)*; product: unary (("*" | "/" | "%") unary)*"""
        start = self.start
        left = self._primary()
        found = _ARITHMETIC.get(self.text)
        if found is None or self.kind in _STRINGS:
            return left
        depth = self.depth
        while found is not None and found[1] > least and self.kind not in _STRINGS:
            # A chain leans to the left: each operator is a level for every later stage.
            self.enter()
            self.advance()
            left = Arithmetic(found[0], left, self._sum(found[1]), self.span(start))
            found = _ARITHMETIC.get(self.text)
        self.depth = depth
        return left

    def _primary(self) -> Expression:
        """primary: (constant | call | name | "(" expression ")") [lookup] | ("-" | "+") primary"""
        kind, text, start = self.kind, self.text, self.start
        node: Expression
        if kind == WORD:
            node = self._word(text, start)
        elif kind in _STRINGS:
            node = Text(string_value(kind, text, start), self.here)
            self.advance()
        elif kind == NUMBER:
            node = self.number()
        elif kind == QUOTED or text == "?":
            node = self.name("a field")
        elif text == "(":
            node = self._group()
        elif text in ("-", "+"):
            return self._signed(start)
        else:
            self.expected("a field, a value or a function")
        if self.text in _LOOKUPS and self.kind not in _STRINGS:
            return self._lookup(node, start, negated=False)
        if self.text == "not" and self.kind == WORD:
            return self._negated_lookup(node, start)
        return node

    def _signed(self, start: int) -> Expression:
        negative = self.text == "-"
        self.enter()
        self.advance()
        operand = self._primary()
        self.depth -= 1
        return Negative(operand, self.span(start)) if negative else operand

    def _group(self) -> Expression:
        opened = self.here
        self.enter()
        self.advance()
        node = self.expression()
        self.depth -= 1
        if not self.take(")"):
            if self.kind == END:
                fail(E001, "this ( is never closed", opened, "Add the missing ).")
            self.expected("and, or, or )", AND_HINT)
        return node

    def _word(self, text: str, start: int) -> Expression:
        span = self.here
        if text in RESERVED:
            if text in _CONSTANTS:
                self.advance()
                return Boolean(_CONSTANTS[text], span)
            if text == "null":
                self.advance()
                return Null(span)
            if self.following() != "." and text != "not":
                hint = f"Put a field of this name in backquotes: `{text}`"
                fail(E008, f"{text} is a keyword, not a field", span, hint)
            self.expected("a field, a value or a function")
        following = self.following()
        if following == "(":
            return self._call(text, start)
        if following == "of":
            fail(E011, f"Elasticsearch has no {text} of", span, "Describe the parent by its fields, or by a sequence.")
        return self.name("a field")

    def _call(self, text: str, start: int) -> Call:
        """call: name ["~"] "(" [expression ("," expression)*] ")" """
        name_span = self.here
        if "." in text:
            fail(E001, f"{text} is no function", name_span, "Write an operator between a field and what follows.")
        self.enter()
        self.advance()
        self.advance()
        arguments: list[Expression] = []
        if not self.take(")"):
            while True:
                arguments.append(self.expression())
                if self.take(")"):
                    break
                self.expect(",", "a comma or ) in the arguments of " + text)
        self.depth -= 1
        insensitive = text.endswith("~")
        return Call(text.rstrip("~"), tuple(arguments), insensitive, self.span(start), name_span)

    def name(self, words: str) -> Name:
        """name: ["?"] part ("." part)*; part: identifier | "`" anything "`" """
        start = self.start
        optional = self.take("?")
        parts: list[str] = []
        while True:
            if self.kind == QUOTED:
                parts.append(quoted_name(self.text))
            elif self.kind == WORD and (parts or self.text not in RESERVED):
                parts.append(self.text)
            elif optional and (self.kind in _STRINGS or self.text == "'"):
                fail(E004, 'EQL has no ?"..." strings', self.span(start), 'Write """raw text""".')
            else:
                self.expected(words)
            if self.text.endswith("~") and self.kind == WORD:
                fail(E001, f"~ belongs to functions and to in, like and regex, not to {self.text[:-1]}", self.here)
            self.advance()
            if not self.take("."):
                break
        if self.text == "[" and self.kind != STRING and self.tokens.kinds[self.index + 1] == NUMBER:
            fail(
                E012,
                "EQL cannot pick one element of an array",
                self.here,
                "A comparison holds if any element matches.",
            )
        return Name(".".join(parts), optional, self.span(start))

    def number(self) -> Number:
        """number: digits ["." digits] [exponent]"""
        text, span = self.text, self.here
        value: int | float = int(text) if text.isdigit() and len(text) <= _LONGEST_INTEGER else float(text)
        if isinstance(value, int) and value >= _LONG_LIMIT:
            value = float(value)
        if value in (float("inf"), float("-inf")):
            fail(E001, "this number is too large", span)
        self.advance()
        return Number(value, span)

    # ---- lookups ----

    def _negated_lookup(self, node: Expression, start: int) -> Expression:
        """`not in` and `not in~`; every other operator takes its `not` in front."""
        following = self.following()
        if following in ("in", "in~"):
            self.advance()
            return self._lookup(node, start, negated=True)
        if following in _LOOKUPS:
            fail(
                E001,
                f"not {following} does not exist",
                self.here,
                f"Write not before the field: not field {following} ...",
            )
        return node

    def _lookup(self, node: Expression, start: int, *, negated: bool) -> Lookup:
        """lookup: ("in" | "in~") "(" expression,+ ")" | (":" | "like" | ...) (constant | "(" constant,+ ")")"""
        operator = _LOOKUPS[self.text]
        listed = operator in (LookupOperator.IN, LookupOperator.IN_INSENSITIVE)
        self.advance()
        values: list[Expression] = []
        if self.take("("):
            if self.text == ")":
                fail(E001, f"the list after {operator.value} is empty", self.here, "Write at least one value.")
            self.enter()
            while True:
                values.append(self.expression() if listed else self._constant(operator))
                if self.take(")"):
                    break
                self.expect(",", f"a comma or ) in the list after {operator.value}")
            self.depth -= 1
        elif listed:
            self.expected(f"( after {operator.value}", "Write the values in parentheses: (1, 2)")
        else:
            values.append(self._constant(operator))
        return Lookup(operator, node, tuple(values), negated, self.span(start))

    def _constant(self, operator: LookupOperator) -> Expression:
        kind, text, span = self.kind, self.text, self.here
        if kind in _STRINGS:
            value = Text(string_value(kind, text, span.start), span)
            self.advance()
            return value
        if kind == NUMBER:
            return self.number()
        if kind == WORD and text in ("true", "false", "null"):
            return self._word(text, span.start)
        if kind in (WORD, QUOTED) or text == "?":
            fail(
                E024,
                f"{operator.value} compares with values, not with fields or functions",
                span,
                "Put text in double quotes.",
            )
        return self.expected(f"a value after {operator.value}", "Strings stand in double quotes.")


_LONGEST_INTEGER = 19
_LONG_LIMIT = 2**63

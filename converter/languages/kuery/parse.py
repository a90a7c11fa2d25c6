"""Kibana's kuery grammar, read by hand.

The grammar of elastic/kibana (kbn-es-query, grammar.peggy) as facts; `S` is one of blank, tab, line break
and no-break space:

    Start  : S* Query? S*
    Query  : And (S+ 'or' S+ And)*
    And    : Term (S+ 'and' S+ Term)*
    Term   : ('not' S+)? ( '(' S* Query S* ')' | Clause )
    Clause : Literal S* ':' S* '{' S* Query S* '}'
           | Literal S* ('<=' | '>=' | '<' | '>') S* Literal
           | Literal S* ':' S* Values
           | Literal
    Values : '(' S* Query-of-Values S* ')' | Literal
    Literal: '"' ... '"' | unquoted text, blanks and wildcards included

Keywords are read in any case. A literal decides by the sign behind it what it was, and no alternative can
succeed where a longer one failed, so the reader never goes back.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from converter.deferred import compiled
from converter.diagnostics import Span
from converter.languages.cursor import Codes, Cursor
from converter.languages.kuery import syntax
from converter.languages.kuery.codes import K001, K002, K003
from converter.languages.kuery.syntax import And, Is, Literal, Nested, Node, Not, Or, Order, Range, Value, Wildcard

_CODES: Final = Codes(syntax=K001, depth=K002, size=K003)

_S = r"[ \t\r\n\u00a0]"
_BLANKS = compiled(f"{_S}*")
_BEHIND = compiled(f"{_S}*(:|[<>]=?){_S}*")
_JOIN = compiled(f"{_S}+(and|or){_S}+", re.IGNORECASE)
_NOT = compiled(f"not{_S}+", re.IGNORECASE)

# An unquoted literal ends where a keyword stands: `and` and `or` between blanks, `not` before a blank, even
# when `not` ends a longer word.
_UNQUOTED = compiled(
    r'(?:[^\\():<>"*{}nN \t\r\n\u00a0]+'
    rf"|{_S}(?!(?:[aA][nN][dD]|[oO][rR]){_S})"
    rf"|[nN](?![oO][tT]{_S})"
    r"|\*"
    r'|\\(?:[trn\\():<>"*{}]|u[0-9a-fA-F]{4}|[aA][nN][dD]|[oO][rR]|[nN][oO][tT]))+'
)
_QUOTED = compiled(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)

_UNQUOTED_ESCAPE = compiled(r"\\(?:([trn])|u([0-9a-fA-F]{4})|(.))|\*", re.DOTALL)
_QUOTED_ESCAPE = compiled(r'\\(?:([trn])|u([0-9a-fA-F]{4})|([\\"]))')
_WHITESPACE: Final = {"t": "\t", "r": "\r", "n": "\n"}
_TYPED: Final[dict[str, bool | None]] = {"null": None, "true": True, "false": False}

# The white space that JavaScript's trim removes; Python's strip knows other signs.
_TRIMMED: Final = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_SURROGATE = compiled("[\ud800-\udfff]")

_ORDERS: Final = {"<=": Order.LTE, ">=": Order.GTE, "<": Order.LT, ">": Order.GT}


def parse(text: str, *, leading_wildcards: bool = True) -> Node:
    """The tree of a kuery; a `QuerySyntaxError` says where it is none.

    `leading_wildcards`: whether a value may begin with a star, which the detection engine allows.
    """
    return _Reader(text, leading_wildcards=leading_wildcards).start()


class _Reader(Cursor):
    """The grammar's rules as methods over the text."""

    __slots__ = ("_leading_wildcards",)

    def __init__(self, text: str, *, leading_wildcards: bool) -> None:
        super().__init__(text, _CODES)
        self._leading_wildcards = leading_wildcards

    def start(self) -> Node:
        """S* Query? S*"""
        self.read(_BLANKS)
        if self.at_end:
            return syntax.ANYTHING
        query = self._query(None)
        self.read(_BLANKS)
        if self.position < len(self.text):
            self._unfinished("`and`, `or` or the end of the query")
        return query

    def _query(self, field: Value | None) -> Node:
        """And (S+ 'or' S+ And)*; And: Term (S+ 'and' S+ Term)*; inside `field: ( ... )` of values."""
        options: list[Node] = []
        terms = [self._term(field)]
        while True:
            join = _JOIN.match(self.text, self.position)
            if join is None:
                break
            self.position = join.end()
            if len(join[1]) == len("or"):
                options.append(_all_of(terms))
                terms = [self._term(field)]
            else:
                terms.append(self._term(field))
        if not options:
            return _all_of(terms)
        options.append(_all_of(terms))
        return Or(tuple(options), options[0].span.to(options[-1].span))

    def _term(self, field: Value | None) -> Node:
        """('not' S+)? ( '(' S* Query S* ')' | Clause ), or a value where the field is known."""
        begin = self.position
        negation = _NOT.match(self.text, begin)
        if negation is not None:
            self.position = negation.end()
        if self.text.startswith("(", self.position):
            term = self._inside(field, ")")
        elif field is None:
            term = self._clause()
        else:
            value = self._value("a value" if negation else "a value, `not` or (")
            term = Is(field, value, value.span)
        return term if negation is None else Not(term, Span(begin, self.position))

    def _inside(self, field: Value | None, closing: str) -> Node:
        """S* Query S* and the sign that closes the one that stands open here."""
        begin = self.position
        self.enter()
        self.position += 1
        self.read(_BLANKS)
        query = self._query(field)
        self.read(_BLANKS)
        if not self.take(closing):
            line, column = self.text.count("\n", 0, begin) + 1, begin - self.text.rfind("\n", 0, begin)
            place = f"column {column}" if line == 1 else f"line {line}, column {column} of the query"
            self._unfinished(f"`and`, `or` or the {closing} for the {self.text[begin]} at {place}")
        self.leave()
        return query

    def _clause(self) -> Node:
        """Literal alone, or with what `:` or an order sign joins to it."""
        begin = self.position
        field = self._literal("a field name, a value or (")
        sign = _BEHIND.match(self.text, self.position)
        if sign is None:
            self._check_wildcard(field)
            return Is(Literal(None, span=Span(begin, begin)), field, field.span)
        self.position = sign.end()
        if sign[1] != ":":
            value = self._literal("a value")
            return Range(field, _ORDERS[sign[1]], value, Span(begin, value.span.end))
        if self.text.startswith("{", self.position):
            term = self._inside(None, "}")
            return Nested(field, term, Span(begin, self.position))
        if self.text.startswith("(", self.position):
            return self._inside(field, ")")
        value = self._value("a value, ( or {")
        return Is(field, value, Span(begin, value.span.end))

    def _value(self, words: str) -> Value:
        """A literal after `field:`."""
        value = self._literal(words)
        self._check_wildcard(value)
        return value

    def _check_wildcard(self, value: Value) -> None:
        if not self._leading_wildcards and isinstance(value, Wildcard) and not value.parts[0] and not value.alone:
            self.fail("a value begins with a wildcard, which is switched off here", value.span)

    def _literal(self, words: str) -> Value:
        """'"' ... '"' | unquoted text"""
        begin = self.position
        if self.text.startswith('"', begin):
            found = _QUOTED.match(self.text, begin)
            if found is None:
                hint = 'Close it with "; write \\" for a quote inside the value and \\\\ for a backslash at its end.'
                self.fail("this quote is never closed", Span(begin, begin + 1), hint)
            self.position = found.end()
            span = Span(begin, self.position)
            text = found[1]
            if "\\" in text:
                text = self._characters(_QUOTED_ESCAPE.sub(_unescaped, text), span)
            return Literal(text, quoted=True, span=span)
        found = _UNQUOTED.match(self.text, begin)
        if found is None:
            self._unfinished(words)
        self.position = found.end()
        return self._unquoted(found[0], begin)

    def _unquoted(self, raw: str, begin: int) -> Value:
        """What unquoted text stands for: escapes read, stars cut out, blanks at the ends dropped."""
        span = Span(begin, begin + len(raw.rstrip(" \t\r\n\u00a0")))
        if "\\" not in raw and "*" not in raw:
            text = raw.strip(_TRIMMED)
            return Literal(_TYPED.get(text, text), span=span)
        parts = [self._characters(part, span) for part in _split(raw)]
        parts[0] = parts[0].lstrip(_TRIMMED)
        parts[-1] = parts[-1].rstrip(_TRIMMED)
        if len(parts) > 1:
            return Wildcard(tuple(parts), span)
        return Literal(_TYPED.get(parts[0], parts[0]), span=span)

    def _characters(self, text: str, span: Span) -> str:
        """`text`, where two escapes wrote one character as a pair of surrogates, with that character."""
        if _SURROGATE.search(text) is None:
            return text
        try:
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            self.fail("this value holds half a character: \\uD800 to \\uDFFF come in pairs", span)

    def _unfinished(self, words: str) -> NoReturn:
        """A syntax error here; the hint tells the slip that is most likely."""
        hint = ""
        sign = self.text[self.position : self.position + 1]
        if sign == "\\":
            hint = (
                'Outside quotes a backslash stands before \\ ( ) : < > " * { } only; write two for a backslash itself.'
            )
        elif _NOT.match(self.text, self.position):
            hint = "`not` before a blank is a keyword: write `and not`, or put the value in quotes."
        elif sign and sign in ':(<>{"' and self.position:
            hint = "Put a value that holds this sign in quotes, or join two conditions with `and` or `or`."
        elif sign.isalnum() and words.startswith("`and`"):
            hint = "Join conditions with `and` or `or`."
        elif sign == "" and words.startswith("a"):
            hint = "Complete the condition, or remove the operator before it."
        self.expected(words, hint)


def _all_of(terms: list[Node]) -> Node:
    return terms[0] if len(terms) == 1 else And(tuple(terms), terms[0].span.to(terms[-1].span))


def _split(raw: str) -> list[str]:
    """Unquoted text cut at its unescaped stars, with the escapes read."""
    parts = [""]
    position = 0
    for found in _UNQUOTED_ESCAPE.finditer(raw):
        parts[-1] += raw[position : found.start()]
        if found[0] == "*":
            parts.append("")
        else:
            parts[-1] += _unescaped(found)
        position = found.end()
    parts[-1] += raw[position:]
    return parts


def _unescaped(escape: re.Match[str]) -> str:
    """The character that an escape stands for."""
    white, digits, itself = escape.groups()
    if white is not None:
        return _WHITESPACE[white]
    return itself if digits is None else chr(int(digits, 16))

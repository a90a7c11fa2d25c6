"""Lucene's classic query parser, as Elasticsearch's query_string uses it, read by hand.

org.apache.lucene.queryparser.classic as facts:

    Query    : (Words | Modifier? Clause) ((Words | Joined))*
    Joined   : ('AND' | '&&' | 'OR' | '||')? Modifier? Clause
    Words    : Term Term+            bare words in a row, the last not before : * ~ ^ AND OR
    Modifier : '+' | '-' | 'NOT' | '!'
    Clause   : (Name ':')? ( '(' Query ')' | Value ) ('^' number)?
    Value    : Term | Pattern | '"' ... '"' | '/' ... '/' | ('[' | '{') End 'TO' End (']' | '}')

AND and OR are no operators with precedence. AND makes the clause before and the clause behind it required;
OR does nothing; and once a clause is required, those that are not have no say: `a OR b AND c` means b and c.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from converter.deferred import compiled
from converter.diagnostics import Span
from converter.languages.cursor import Codes, Cursor
from converter.languages.lucene.codes import L001, L002, L003
from converter.languages.lucene.syntax import (
    Between,
    Boolean,
    Clause,
    Likeness,
    Name,
    Node,
    Occur,
    Phrase,
    Regexp,
    Term,
    Wildcard,
)
from converter.model import pattern as patterns
from converter.model.pattern import Wild

_CODES: Final = Codes(syntax=L001, depth=L002, size=L003)

_BLANKS = compiled("[ \t\r\n\u3000]*")
_FIRST = r'(?:[^ \t\r\n\u3000+\-!():^\[\]"{}~*?\\/]|\\.)'
_REST = rf"(?:{_FIRST}|[-+])"
_TERM = compiled(f"{_FIRST}{_REST}*", re.DOTALL)
# A word with wildcards begins with any sign of a word, * or ?, and holds at least one of them.
_PATTERN = compiled(rf"(?:{_FIRST}{_REST}*)?[*?](?:{_REST}|[*?])*", re.DOTALL)
_NAME = compiled(rf"({_FIRST}{_REST}*|\*){_BLANKS.pattern}:", re.DOTALL)
_QUOTED = compiled(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_REGEXP = compiled(r"/((?:[^/\\]|\\.)*)/", re.DOTALL)
_BOOST = compiled(r"\^\d+(?:\.\d+)?")
_FUZZY = compiled(r"~(?:\d+(?:\.\d+)?)?")
_END_QUOTED = compiled(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_END_BARE = compiled(r"[^ \]}]+")
_BARE_OPERATOR = compiled("[-+!](?=[ \t\r\n\u3000])")
_ESCAPE = compiled(r"\\(?:u([0-9a-fA-F]{4})|(.))|([*?])", re.DOTALL)
_TO = compiled(r"TO(?=[ \]}])")
_AND, _OR, _NOT = ("AND", "&&"), ("OR", "||"), ("NOT", "!")


class _Conjunction(Enum):
    NONE = ""
    AND = "and"
    OR = "or"


def parse(text: str, *, default_and: bool = False) -> Node:
    """The tree of a query string; a `QuerySyntaxError` says where it is none.

    `default_and`: whether clauses without operator are required (query_string's default_operator).
    """
    return _Reader(text, default_and=default_and).start()


class _Reader(Cursor):
    """The grammar's rules as methods over the text."""

    __slots__ = ("_default_and",)

    def __init__(self, text: str, *, default_and: bool) -> None:
        super().__init__(text, _CODES)
        self._default_and = default_and

    def start(self) -> Node:
        """Query, or nothing at all"""
        self.read(_BLANKS)
        if self.position == len(self.text):
            return Boolean((), Span(0, 0))
        query = self._query(None)
        if self.position < len(self.text):
            self.expected("a condition, AND, OR or the end of the query", self._hint())
        return query

    def _query(self, field: Name | None) -> Node:
        """(Words | Modifier? Clause) ((Words | Joined))*"""
        begin = self.position
        clauses: list[Clause] = []
        conjunction = _Conjunction.NONE
        only: Node | None = None
        while True:
            words = self._words(field) if conjunction is _Conjunction.NONE else None
            modifier = "" if words else self._modifier()
            node = words or self._clause(field)
            only = node if not modifier else only
            self._add(clauses, conjunction, modifier, node)
            self.read(_BLANKS)
            if self.position == len(self.text) or self.text[self.position] == ")":
                break
            conjunction = self._conjunction()
        if len(clauses) == 1 and only is not None:
            return only
        return Boolean(tuple(clauses), self.span(begin))

    def _add(self, clauses: list[Clause], conjunction: _Conjunction, modifier: str, node: Node) -> None:
        """Join a clause to those before it, as the classic parser does."""
        before = clauses[-1] if clauses else None
        if before is not None and before.occur is not Occur.MUST_NOT:
            if conjunction is _Conjunction.AND:
                clauses[-1] = Clause(Occur.MUST, before.node)
            elif self._default_and and conjunction is _Conjunction.OR:
                clauses[-1] = Clause(Occur.SHOULD, before.node)
        occur = Occur.SHOULD
        if modifier == "-":
            occur = Occur.MUST_NOT
        elif self._default_and:
            occur = Occur.SHOULD if conjunction is _Conjunction.OR else Occur.MUST
        elif modifier == "+" or conjunction is _Conjunction.AND:
            occur = Occur.MUST
        clauses.append(Clause(occur, node))

    def _word(self) -> str:
        """The bare word that stands here, "" if none does; stays."""
        found = _TERM.match(self.text, self.position)
        pattern = _PATTERN.match(self.text, self.position)
        if found is None or (pattern is not None and pattern.end() > found.end()):
            return ""
        return found[0]

    def _conjunction(self) -> _Conjunction:
        """('AND' | '&&' | 'OR' | '||')?"""
        word = self._word()
        for kind, words in ((_Conjunction.AND, _AND), (_Conjunction.OR, _OR)):
            if word in words:
                self.position += len(word)
                self.read(_BLANKS)
                return kind
        return _Conjunction.NONE

    def _modifier(self) -> str:
        """('+' | '-' | 'NOT' | '!')?, as + or -"""
        sign = self.text[self.position : self.position + 1]
        if sign and sign in "+-!":
            if _BARE_OPERATOR.match(self.text, self.position):
                self.fail(f"{sign} stands before a blank", self.here(), "Write it directly before the condition.")
            self.position += 1
            return "+" if sign == "+" else "-"
        if self._word() == "NOT":
            self.position += len("NOT")
            self.read(_BLANKS)
            return "-"
        return ""

    def _words(self, field: Name | None) -> Term | None:
        """Term Term+"""
        begin = self.position
        texts: list[str] = []
        end = begin
        while (word := self._word()) and word not in (*_AND, *_OR, *_NOT):
            after = self.position + len(word)
            following = _BLANKS.match(self.text, after)
            start = after if following is None else following.end()
            self.position = start
            if self.text[start : start + 1] in (*":*~^",) or self._word() in (*_AND, *_OR):
                break
            texts.append(word)
            end = after
        self.position = begin
        if len(texts) < 2:  # noqa: PLR2004 -- words are two or more
            return None
        self.position = end
        return Term(field, " ".join(self._plain(t, begin) for t in texts), Span(begin, end))

    def _clause(self, field: Name | None) -> Node:
        """(Name ':')? ( '(' Query ')' | Value ) ('^' number)?"""
        begin = self.position
        name = _NAME.match(self.text, self.position)
        if name is not None:
            self.position = name.end()
            written = self._plain(name[1], begin) if name[1] != "*" else "*"
            field = Name(written, Span(begin, begin + len(name[1])))
            self.read(_BLANKS)
        if self.text.startswith("(", self.position):
            self.enter()
            self.position += 1
            self.read(_BLANKS)
            node = self._query(field)
            self.read(_BLANKS)
            self.expect_sign(")", "AND, OR or )", self._hint())
            self.leave()
        else:
            node = self._value(field, begin)
        self.read(_BOOST)
        return node

    def _value(self, field: Name | None, begin: int) -> Node:
        """Term | Pattern | '"' ... '"' | '/' ... '/' | Range"""
        sign = self.text[self.position : self.position + 1]
        if sign == '"':
            return self._phrase(field, begin)
        if sign == "/":
            expression = self.expect(_REGEXP, "a / that ends the regular expression", "Put a text with / in quotes.")
            return Regexp(field, expression[1:-1], self.span(begin))
        if sign in ("[", "{"):
            return self._range(field, begin)
        word = self._word()
        if word:
            return self._term(field, word, begin)
        wild = self.read(_PATTERN)
        if wild is None:
            self.expected("a field, a value or (", self._hint())
        return Wildcard(field, patterns.of(*self._parts(wild, begin)), self.span(begin))

    def _term(self, field: Name | None, word: str, begin: int) -> Node:
        """Term ('~' number?)?, or a range with one end behind its field."""
        if word in (*_AND, *_OR, *_NOT):
            self.expected("a condition", f"{word} is an operator; put it in quotes as a value.")
        self.position += len(word)
        if self.read(_FUZZY) is not None:
            return Likeness("a word with ~ matches words that look like it", self.span(begin))
        span, text = self.span(begin), self._plain(word, begin)
        if field is not None and text[:1] in (">", "<") and len(text) > 1:
            inclusive = text[1] == "=" and len(text) > len(">=")
            end = text[2:] if inclusive else text[1:]
            if text[0] == ">":
                return Between(field, end, None, inclusive, high_inclusive=True, span=span)
            return Between(field, None, end, low_inclusive=True, high_inclusive=inclusive, span=span)
        return Term(field, text, span)

    def _phrase(self, field: Name | None, begin: int) -> Node:
        """'"' ... '"' ('~' number)?"""
        raw = self.expect(_QUOTED, 'a " that ends the phrase', 'Close it with "; write \\" inside it.')
        text = self._plain(raw[1:-1], begin)
        slop = self.read(_FUZZY)
        if slop not in (None, "~", "~0"):
            return Likeness("a phrase with ~ matches words near each other", self.span(begin))
        return Phrase(field, text, self.span(begin))

    def _range(self, field: Name | None, begin: int) -> Node:
        """('[' | '{') End 'TO' End (']' | '}')"""
        low_inclusive = self.text[self.position] == "["
        self.position += 1
        low = self._end(begin)
        self.read(_BLANKS)
        self.expect(_TO, "TO between the two ends of the range", "Write [low TO high]; * is an open end.")
        high = self._end(begin)
        self.read(_BLANKS)
        if not self.starts("]") and not self.starts("}"):
            self.expected("] or } at the end of the range")
        high_inclusive = self.take("]")
        if not high_inclusive:
            self.take("}")
        return Between(field, low, high, low_inclusive, high_inclusive, self.span(begin))

    def _end(self, begin: int) -> str | None:
        """'"' ... '"' | bare text; * is an open end"""
        self.read(_BLANKS)
        quoted = self.read(_END_QUOTED)
        if quoted is not None:
            return self._plain(quoted[1:-1], begin)
        bare = self.expect(_END_BARE, "an end of the range", "Write [low TO high]; * is an open end.")
        return None if bare == "*" else self._plain(bare, begin)

    def _plain(self, raw: str, begin: int) -> str:
        """Text with its escapes read."""
        return "".join(p if isinstance(p, str) else p.value for p in self._parts(raw, begin)) if "\\" in raw else raw

    def _parts(self, raw: str, begin: int) -> list[str | Wild]:
        """Text with its escapes read and its unescaped * and ? apart."""
        parts: list[str | Wild] = []
        position = 0
        for found in _ESCAPE.finditer(raw):
            parts.append(raw[position : found.start()])
            digits, char, wild = found.groups()
            if wild is not None:
                parts.append(Wild(wild))
            elif char == "u":
                hint = "Write four hexadecimal digits behind it."
                self.fail("this value holds an incomplete \\u escape", Span(begin, self.position), hint)
            else:
                parts.append(char if digits is None else chr(int(digits, 16)))
            position = found.end()
        parts.append(raw[position:])
        return parts

    def _hint(self) -> str:
        sign = self.text[self.position : self.position + 1]
        if sign and sign in '+-!():^[]"{}~*?\\/':
            return "Put a value that holds this sign in quotes, or write \\ before the sign."
        return ""

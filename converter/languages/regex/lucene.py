r"""Lucene's regular expressions as `converter.model.pattern` trees, with all optional operators on.

Elasticsearch's `regexp` query and EQL's `regex` enable every optional operator (flags ALL): `#` nothing,
`@` any text, `&` intersection, `~` complement, `<n-m>` a number. `"..."` quotes; `^` and `$` are plain characters.
`\d \w \s \D \W \S` are classes; any other backslash before a letter is an error. An expression matches a whole value.
https://www.elastic.co/docs/reference/query-languages/query-dsl/regexp-syntax, org.apache.lucene.util.automaton.RegExp.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import assert_never

from converter.deferred import dataclass
from converter.languages.regex import automaton, elimination
from converter.languages.regex.charset import ASCII_FOLD, Ranges, classes, complement, merged
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Regex, Repeat

MAX_DEPTH = 100
"""How deep groups may nest."""

MAX_REPEAT = 1000
"""The largest count in `{n,m}`, and product of counts inside each other: what RE2 takes; Lucene gives up soon after."""

MAX_LENGTH = 10_000
"""Characters of an expression: Elasticsearch itself takes 1,000, unless `index.max_regex_length` says more."""

MAX_HEIGHT = 200
"""How deep operators may nest, groups and repetitions together."""

MAX_SIZE = 50_000
"""Nodes of an expression with its repetitions written out."""

_PREDEFINED = classes((("\t", "\n"), ("\r", "\r"), (" ", " ")))


class RegexSyntaxError(ValueError):
    """Not an expression that Lucene takes, or one that cannot be said without its extra operators.

    `start`, `end`: the characters of the expression that are meant. `hint`: what to write instead, or "".
    """

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


@dataclass(frozen=True, slots=True)
class _Intersection:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Complement:
    item: _Node


@dataclass(frozen=True, slots=True)
class _Group:
    """A concatenation, union or repetition that has one of the operators above somewhere inside."""

    kind: str
    parts: tuple[_Node, ...]
    least: int = 0
    most: int | None = None


_Node = Regex | _Intersection | _Complement | _Group


def parse_lucene(text: str, case: Case = Case.SENSITIVE) -> Regex:
    """The tree of a Lucene expression.

    `case` is that of the comparison: single characters in `[...]` ignore case with it while ranges do not, so the
    classes of the tree are written out for it and stay case-sensitive. Raises `RegexSyntaxError`.
    """
    if not text:
        return Concat(())
    parser = _Parser(text, case)
    if len(text) > MAX_LENGTH:
        raise parser.error(f"an expression of more than {MAX_LENGTH:,} characters", 0, len(text))
    node = parser.union()
    if parser.pos < len(text):
        raise parser.error("this ) closes no group", parser.pos, parser.pos + 1, "write \\) for the character")
    if _measure(node).size > MAX_SIZE:
        raise parser.error("the expression is too large with its repetitions written out", 0, len(text))
    return _plain(node, case, text)


@dataclass(slots=True)
class _Parser:
    """Lucene's recursive descent, character by character; each method is one rule of its grammar."""

    text: str
    case: Case
    pos: int = 0
    depth: int = 0

    def error(self, message: str, start: int, end: int, hint: str = "") -> RegexSyntaxError:
        return RegexSyntaxError(message, start, min(end, len(self.text)), hint)

    def take(self, char: str) -> bool:
        if self.text.startswith(char, self.pos):
            self.pos += 1
            return True
        return False

    def peek(self, chars: str) -> bool:
        return self.pos < len(self.text) and self.text[self.pos] in chars

    def union(self) -> _Node:
        """union: intersection ("|" intersection)*"""
        options = [self.intersection()]
        while self.take("|"):
            options.append(self.intersection())
        return _union(options)

    def intersection(self) -> _Node:
        """intersection: concatenation ("&" concatenation)*"""
        parts = [self.concatenation()]
        while self.take("&"):
            parts.append(self.concatenation())
        return parts[0] if len(parts) == 1 else _Intersection(tuple(parts))

    def concatenation(self) -> _Node:
        """concatenation: repeat+"""
        parts = [self.repeat()]
        while self.pos < len(self.text) and not self.peek(")|&"):
            parts.append(self.repeat())
        return _concat(parts)

    def repeat(self) -> _Node:
        """repeat: complement ("?" | "*" | "+" | "{n}" | "{n,}" | "{n,m}")*"""
        node = self.complemented()
        while self.peek("?*+{"):
            start = self.pos
            if self.take("?"):
                node = _repeat(node, 0, 1)
            elif self.take("*"):
                node = _repeat(node, 0, None)
            elif self.take("+"):
                node = _repeat(node, 1, None)
            else:
                node = _repeat(node, *self.bounds(start))
            measure = _measure(node)
            if measure.height > MAX_HEIGHT:
                raise self.error(f"more than {MAX_HEIGHT} operators inside each other", start, self.pos)
            if measure.times > MAX_REPEAT:
                raise self.error(f"more than {MAX_REPEAT} repetitions, one inside another", start, self.pos)
        return node

    def bounds(self, start: int) -> tuple[int, int | None]:
        """bounds: "{" digits ["," [digits]] "}" """
        self.pos += 1
        least = self.digits()
        if least is None:
            raise self.error("{ needs a number after it", start, self.pos + 1, "write \\{ for the character")
        most: int | None = least
        if self.take(","):
            most = self.digits()
        if not self.take("}"):
            raise self.error("{ is not closed by }", start, self.pos + 1, "write \\{ for the character")
        if max(least, most or 0) > MAX_REPEAT:
            raise self.error(f"more than {MAX_REPEAT} repetitions", start, self.pos)
        return least, most

    def digits(self) -> int | None:
        start = self.pos
        while self.peek("0123456789"):
            self.pos += 1
        if self.pos - start > len(str(MAX_REPEAT)):
            raise self.error(f"more than {MAX_REPEAT} repetitions", start, self.pos)
        return int(self.text[start : self.pos]) if self.pos > start else None

    def complemented(self) -> _Node:
        """complement: "~"* class"""
        odd = False
        while self.take("~"):
            odd = not odd
        node = self.char_class()
        return _Complement(node) if odd else node

    def char_class(self) -> _Node:
        """class: "[" "^"? item+ "]" | simple; the first item may be the character "]"."""
        start = self.pos
        if not self.take("["):
            return self.simple()
        negated = self.take("^")
        ranges: list[tuple[str, str]] = []
        while True:
            ranges += self.class_item(start)
            if self.take("]"):
                break
            if self.pos >= len(self.text):
                raise self.error("[ is not closed by ]", start, start + 1, "write \\[ for the character")
        found = merged(ranges)
        return _class(complement(found) if negated else found)

    def class_item(self, opened: int) -> Ranges:
        r"""item: "\" (d|D|w|W|s|S) | char ["-" char]; a range does not ignore case, a single character does."""
        if self.pos >= len(self.text):
            raise self.error("[ is not closed by ]", opened, opened + 1, "write \\[ for the character")
        predefined = self.predefined()
        if predefined is not None:
            return predefined
        start = self.pos
        low = self.char()
        if not self.take("-"):
            return tuple((c, c) for c in ASCII_FOLD.get(low, low)) if self.case is Case.INSENSITIVE else ((low, low),)
        high = self.char()
        if low > high:
            hint = "put - first or write \\- for the character" if high == "]" else "swap the two ends"
            raise self.error(f"the range {low}-{high} runs backwards", start, self.pos, hint)
        return ((low, high),)

    def predefined(self) -> Ranges | None:
        r"""A class like `\d`, or None; other letters after a backslash are errors in Lucene."""
        if not self.text.startswith("\\", self.pos) or self.pos + 1 >= len(self.text):
            return None
        letter = self.text[self.pos + 1]
        if letter in _PREDEFINED:
            self.pos += 2
            return _PREDEFINED[letter]
        if letter.isascii() and letter.isalpha():
            message = f"\\{letter} means nothing to Lucene, which knows \\d \\D \\s \\S \\w \\W only"
            raise self.error(message, self.pos, self.pos + 2, f"write {letter}, or the characters meant in [ ]")
        return None

    def char(self) -> str:
        r"""char: "\"? any"""
        start = self.pos
        self.take("\\")
        if self.pos >= len(self.text):
            what = "a backslash at the end escapes nothing" if self.pos > start else "the expression ends too early"
            raise self.error(what, max(0, self.pos - 1), self.pos)
        self.pos += 1
        return self.text[self.pos - 1]

    def simple(self) -> _Node:
        r"""simple: "." | "#" | "@" | quoted | "(" [union] ")" | "<" n "-" m ">" | predefined | char"""
        start = self.pos
        if self.take("."):
            return AnyChar()
        if self.take("#"):
            return Alternate(())
        if self.take("@"):
            return Repeat(AnyChar(), 0, None)
        if self.take('"'):
            return self.quoted(start)
        if self.take("("):
            return self.group(start)
        if self.take("<"):
            return self.interval(start)
        predefined = self.predefined()
        return _class(predefined) if predefined is not None else Char(self.char())

    def quoted(self, start: int) -> Regex:
        end = self.text.find('"', self.pos)
        if end < 0:
            raise self.error("the quoted text is not closed", start, len(self.text), 'write \\" for the character')
        inner, self.pos = self.text[self.pos : end], end + 1
        return Concat(tuple(map(Char, inner))) if len(inner) != 1 else Char(inner)

    def group(self, start: int) -> _Node:
        if self.take(")"):
            return Concat(())
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} groups inside each other", start, start + 1)
        node = self.union()
        self.depth -= 1
        if not self.take(")"):
            raise self.error("( is not closed by )", start, start + 1, "write \\( for the character")
        return node

    def interval(self, start: int) -> Regex:
        """interval: "<" digits "-" digits ">": equally long ends fix the length, else leading zeros are free."""
        end = self.text.find(">", self.pos)
        body = self.text[self.pos : end] if end >= 0 else ""
        low, dash, high = body.partition("-")
        if not dash or not _is_number(low) or not _is_number(high):
            raise self.error("< starts a number range <n-m> here", start, start + 1, "write \\< for the character")
        self.pos = end + 1
        ends = sorted((int(low), int(high)))
        width = len(high) if len(low) == len(high) else 0
        return automaton.number_range(ends[0], ends[1], width)


_LONGEST_NUMBER = 9


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER


def _class(ranges: Ranges) -> Regex:
    """A class in the shorter of its two forms."""
    if ranges and ranges[-1][1] == chr(0x10FFFF):
        return CharClass(complement(ranges), negated=True)
    return CharClass(ranges)


_PLAIN = (Char, AnyChar, CharClass, Concat, Alternate, Repeat)


def _union(options: list[_Node]) -> _Node:
    if len(options) == 1:
        return options[0]
    plain = [o for o in options if isinstance(o, _PLAIN)]
    if len(plain) < len(options):
        return _Group("union", tuple(options))
    return automaton.alternate(plain)


def _concat(parts: list[_Node]) -> _Node:
    if len(parts) == 1:
        return parts[0]
    plain = [p for p in parts if isinstance(p, _PLAIN)]
    if len(plain) < len(parts):
        return _Group("concat", tuple(parts))
    return automaton.concat(plain)


def _repeat(item: _Node, least: int, most: int | None) -> _Node:
    if isinstance(item, _PLAIN):
        return automaton.repeat(item, least, most)
    return _Group("repeat", (item,), least, most)


def _plain(node: _Node, case: Case, text: str) -> Regex:
    """The node without Lucene's extra operators, through an automaton where it has some."""
    if isinstance(node, _PLAIN):
        return node
    try:
        return elimination.to_regex(_machine(node, case))
    except automaton.TooLargeError:
        sign = "&" if _uses(node, _Intersection) else "~"
        at = max(0, text.find(sign))
        message = (
            f"{sign} is an operator of Lucene that no target has, and the expression is too large to do without it"
        )
        raise RegexSyntaxError(message, at, at + 1, f"write \\{sign} if the character is meant") from None


@dataclass(frozen=True, slots=True)
class _Measure:
    """`size`: nodes, repetitions written out; `times`: how often the most repeated node is; `height`: of the tree."""

    size: int = 1
    times: int = 1
    height: int = 1


def _measure(node: _Node) -> _Measure:
    match node:
        case Char() | AnyChar() | CharClass():
            return _Measure()
        case Concat(parts) | Alternate(parts) | _Intersection(parts):
            return _over(parts, 1)
        case Repeat(item, least, most):
            return _over((item,), max(least + (most is None), most or 0, 1))
        case _Complement(item):
            return _over((item,), 1)
        case _Group(_, parts, least, most):
            return _over(parts, max(least, most or 0, 1))
        case _:
            assert_never(node)


def _over(parts: Iterable[_Node], times: int) -> _Measure:
    found = [_measure(part) for part in parts] or [_Measure()]
    return _Measure(
        1 + times * sum(one.size for one in found),
        times * max(one.times for one in found),
        1 + max(one.height for one in found),
    )


def _uses(node: _Node, kind: type) -> bool:
    if isinstance(node, kind):
        return True
    match node:
        case _Intersection(parts):
            return any(_uses(p, kind) for p in parts)
        case _Complement(item):
            return _uses(item, kind)
        case _Group(_, parts):
            return any(_uses(p, kind) for p in parts)
        case _:
            return False


def _machine(node: _Node, case: Case) -> automaton.Machine:
    match node:
        case _Intersection(parts):
            return functools.reduce(automaton.intersection, (_machine(p, case) for p in parts))
        case _Complement(item):
            return automaton.negation(_machine(item, case))
        case _Group("union", parts):
            return automaton.union([_machine(p, case) for p in parts])
        case _Group("concat", parts):
            return automaton.chain([_machine(p, case) for p in parts])
        case _Group(_, (item,), least, most):
            return automaton.loop(_machine(item, case), least, most)
        case Char() | AnyChar() | CharClass() | Concat() | Alternate() | Repeat():
            return automaton.of_regex(node, case)
        case _Group():
            raise AssertionError(node)
        case _:
            assert_never(node)

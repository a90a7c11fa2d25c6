"""PCRE patterns, as RE2 runs them, or Python's re where RE2 cannot.

The pattern is rewritten without flags: case folding becomes character classes over ASCII letters (PCRE without UTF
folds nothing else), and every `.`, `^`, `$` says outright what it means. So both engines agree, whatever
their own flags do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NoReturn, Protocol, cast

import re2

from converter.proof.judges.spl.errors import SplError

# Stand-ins, halves of characters that no text has, for what the two engines spell differently: absolute end, any
# character.
_END: Final = "\udc00"
_ANY: Final = "\udc01"
_SPACES: Final = r"\t\n\x0b\x0c\r "
_HORIZONTAL: Final = r"\t "
_SHORT: Final = {"d": "0-9", "w": "0-9A-Za-z_", "s": _SPACES, "h": _HORIZONTAL, "v": r"\n\x0b\x0c\r"}
_POSIX: Final = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "0-9A-Za-z",
    "upper": "A-Z",
    "lower": "a-z",
    "space": _SPACES,
    "blank": _HORIZONTAL,
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9A-Fa-f",
    "word": "0-9A-Za-z_",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
}
_CONTROL: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_GROUP: Final = re.compile(r"\(\?(?:P?<(?P<name>[A-Za-z_]\w*)>|'(?P<quoted>[A-Za-z_]\w*)')")
_FLAGS: Final = re.compile(r"\(\?(?P<on>[imsxUJ]*)(?:-(?P<off>[imsxUJ]+))?(?P<end>[:)])")
_BRACE: Final = re.compile(r"\{\d*,?\d*\}")
_LOOK: Final = ("(?=", "(?!", "(?<=", "(?<!", "(?>")


class Found(Protocol):
    def start(self, group: int | str = 0, /) -> int: ...
    def end(self, group: int | str = 0, /) -> int: ...
    def group(self, group: int | str = 0, /) -> str | None: ...
    def groups(self) -> tuple[str | None, ...]: ...
    def groupdict(self) -> Mapping[str, str | None]: ...


class Matcher(Protocol):
    @property
    def groups(self) -> int: ...
    @property
    def groupindex(self) -> Mapping[str, int]: ...
    def search(self, string: str, pos: int = ...) -> Found | None: ...


@dataclass(slots=True)
class _Rewriter:
    """Walks one pattern; `ignore_case`, `dot_all`, `multiline`, `extended` are the flags in force at this place."""

    pattern: str
    at: int = 0
    ignore_case: bool = False
    dot_all: bool = False
    multiline: bool = False
    extended: bool = False
    only_python: bool = False
    out: list[str] = field(default_factory=list)

    def fail(self, why: str) -> NoReturn:
        raise SplError(f"invalid regular expression: {why}", self.at, self.pattern)

    def run(self) -> str:
        self._alternatives()
        if self.at < len(self.pattern):
            self.fail("a closing parenthesis without an opening one")
        return "".join(self.out)

    def _alternatives(self) -> None:
        """Everything up to the closing parenthesis; flags set inside end there."""
        saved = (self.ignore_case, self.dot_all, self.multiline, self.extended)
        while self.at < len(self.pattern) and self.pattern[self.at] != ")":
            self._one()
        self.ignore_case, self.dot_all, self.multiline, self.extended = saved

    def _one(self) -> None:
        character = self.pattern[self.at]
        match character:
            case "(":
                self._group()
            case "[":
                self._class()
            case "\\":
                self._escape()
            case ".":
                self._put(_ANY if self.dot_all else r"[^\n]")
            case "^":
                self._put(r"(?m:^)" if self.multiline else r"\A")
            case "$":
                self._dollar()
            case "#" if self.extended:
                end = self.pattern.find("\n", self.at)
                self.at = len(self.pattern) if end < 0 else end + 1
            case " " | "\t" | "\n" | "\r" if self.extended:
                self.at += 1
            case "*" | "+" | "?" | "|":
                self._put(character)
            case "{":
                self._brace()
            case _:
                self._put(self._literal(character))

    def _put(self, piece: str, length: int = 1) -> None:
        self.out.append(piece)
        self.at += length

    def _literal(self, character: str) -> str:
        if self.ignore_case and character.isascii() and character.isalpha():
            return f"(?:{character.lower()}|{character.upper()})"
        return re.escape(character) if character.isascii() else character

    def _dollar(self) -> None:
        # PCRE $ is also before a final newline, which RE2 cannot say.
        self.only_python = True
        self._put(r"(?m:$)" if self.multiline else rf"(?=\n?{_END})")

    def _brace(self) -> None:
        found = _BRACE.match(self.pattern, self.at)
        counted = found is not None and re.fullmatch(r"\{\d+(?:,\d*)?\}", found.group()) is not None
        if found is not None and counted:
            self._put(found.group(), len(found.group()))
        else:
            self._put(r"\{")

    def _group(self) -> None:
        if flags := _FLAGS.match(self.pattern, self.at):
            self._flag_group(flags)
            return
        if self.pattern.startswith("(?#", self.at):
            end = self.pattern.find(")", self.at)
            if end < 0:
                self.fail("a comment is never closed")
            self.at = end + 1
            return
        named = _GROUP.match(self.pattern, self.at)
        look = next((one for one in _LOOK if self.pattern.startswith(one, self.at)), None)
        if named is not None:
            self._put(f"(?P<{named.group('name') or named.group('quoted')}>", len(named.group()))
        elif look is not None:
            self.only_python = True
            self._put(look, len(look))
        elif self.pattern.startswith("(?", self.at) or self.pattern.startswith("(*", self.at):
            self.fail("this kind of group is not supported")
        else:
            self._put("(")
        self._close()

    def _close(self) -> None:
        self._alternatives()
        if self.at >= len(self.pattern):
            self.fail("a parenthesis is never closed")
        self._put(")")

    def _flag_group(self, flags: re.Match[str]) -> None:
        on, off = flags.group("on"), flags.group("off") or ""
        if set(on + off) & {"U", "J"}:
            self.fail("the flags U and J are not supported")
        saved = (self.ignore_case, self.dot_all, self.multiline, self.extended)
        self.ignore_case = ("i" in on or self.ignore_case) and "i" not in off
        self.dot_all = ("s" in on or self.dot_all) and "s" not in off
        self.multiline = ("m" in on or self.multiline) and "m" not in off
        self.extended = ("x" in on or self.extended) and "x" not in off
        if flags.group("end") == ")":
            self.at += len(flags.group())
            return
        self._put("(?:", len(flags.group()))
        self._close()
        self.ignore_case, self.dot_all, self.multiline, self.extended = saved

    def _escape(self) -> None:
        if self.at + 1 >= len(self.pattern):
            self.fail("a backslash at the end")
        letter = self.pattern[self.at + 1]
        match letter:
            case "z":
                self._put(_END, 2)
            case "Z":
                self.only_python = True
                self._put(rf"(?=\n?{_END})", 2)
            case "A" | "b" | "B":
                self._put("\\" + letter, 2)
            case "R":
                self._put(r"(?:\r\n|[\n\x0b\x0c\r])", 2)
            case "N":
                self._put(r"[^\n]", 2)
            case "Q":
                end = self.pattern.find("\\E", self.at)
                quoted = self.pattern[self.at + 2 : end if end >= 0 else None]
                self._put("".join(self._literal(one) for one in quoted), len(quoted) + 2 + 2 * (end >= 0))
            case "E":
                self.at += 2
            case _ if letter.lower() in _SHORT:
                inside = _SHORT[letter.lower()]
                self._put(f"[{inside}]" if letter.islower() else f"[^{inside}]", 2)
            case _ if letter in "123456789":
                self.only_python = True
                self._put(f"(?i:\\{letter})" if self.ignore_case else f"\\{letter}", 2)
            case _:
                self._put(self._literal(self._character()), 0)

    def _character(self) -> str:
        """One escaped character, at the backslash; moves past it."""
        letter = self.pattern[self.at + 1 : self.at + 2]
        if found := re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{1,2}))").match(self.pattern, self.at):
            self.at = found.end()
            return chr(int(found.group(1) or found.group(2), 16))
        if found := re.compile(r"\\0([0-7]{0,2})").match(self.pattern, self.at):
            self.at = found.end()
            return chr(int(found.group(1) or "0", 8))
        self.at += 2
        if letter in _CONTROL:
            return _CONTROL[letter]
        if letter.isalnum():
            self.fail(f"unknown escape \\{letter}")
        return letter

    def _class(self) -> None:
        self.at += 1
        negated = self.pattern.startswith("^", self.at)
        self.at += negated
        parts: list[str] = []
        first = True
        while first or not self.pattern.startswith("]", self.at):
            if self.at >= len(self.pattern):
                self.fail("a character class is never closed")
            parts.append(self._class_part())
            first = False
        inside = "".join(parts)
        if not negated and len(inside) == len("sS") and inside.isalpha() and inside[0] == inside[1].swapcase():
            # RE2 takes [sS] beside another letter, as in [sS]|[iI], for all that Unicode folds with it.
            self._put(f"(?:{inside[0]}|{inside[1]})")
        else:
            self._put(f"[{'^' if negated else ''}{inside}]")

    def _class_part(self) -> str:
        if found := re.compile(r"\[:(\^?)(\w+):\]").match(self.pattern, self.at):
            if found.group(1) or found.group(2) not in _POSIX:
                self.fail("unknown POSIX class")
            self.at = found.end()
            return _POSIX[found.group(2)]
        following = self.pattern[self.at + 1 : self.at + 2]
        if self.pattern[self.at] == "\\" and following.lower() in _SHORT:
            self.at += 2
            if following.islower():
                return _SHORT[following]
            if following not in "DWS":
                self.fail("unsupported escape in a class")
            return _complement(_SHORT[following.lower()])
        start = self._class_character()
        if not (self.pattern.startswith("-", self.at) and not self.pattern.startswith("-]", self.at)):
            return self._range(start, start)
        if re.compile(r"-\\[dwshvDWSHV]|-\[:").match(self.pattern, self.at):
            return self._range(start, start)
        self.at += 1
        return self._range(start, self._class_character())

    def _class_character(self) -> str:
        if self.pattern.startswith("\\b", self.at):
            self.at += 2
            return "\b"
        if self.pattern.startswith("\\", self.at):
            return self._character()
        self.at += 1
        return self.pattern[self.at - 1]

    def _range(self, low: str, high: str) -> str:
        if low > high:
            self.fail("a character range out of order")
        ranges = [(ord(low), ord(high))]
        if self.ignore_case:
            for first, last, shift in ((ord("a"), ord("z"), -32), (ord("A"), ord("Z"), 32)):
                start, end = max(ord(low), first), min(ord(high), last)
                if start <= end:
                    ranges.append((start + shift, end + shift))
        return "".join(_span(start, end) for start, end in ranges)


def _span(start: int, end: int) -> str:
    def shown(code: int) -> str:
        character = chr(code)
        return character if character.isascii() and character.isalnum() else _hex(code)

    return shown(start) if start == end else f"{shown(start)}-{shown(end)}"


def _hex(code: int) -> str:
    if code < 0x80:
        return f"\\x{code:02x}"
    return chr(code)


def _complement(inside: str) -> str:
    codes = [code for code in range(0x80) if not re.match(f"[{inside}]", chr(code))]
    return "".join(_hex(code) for code in codes) + "\x80-\U0010ffff"


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Matcher:
    """The compiled form of a PCRE pattern; SplError if it is not one."""
    rewriter = _Rewriter(pattern)
    rewritten = rewriter.run()
    if not rewriter.only_python:
        options = re2.Options()
        options.log_errors = False
        try:
            text = rewritten.replace(_END, r"\z").replace(_ANY, r"(?s:.)")
            compiled: Matcher = re2.compile(text, options)
        except re2.error:
            pass
        else:
            return compiled
    try:
        text = rewritten.replace(_END, r"\Z").replace(_ANY, "(?s:.)")
        return cast("Matcher", re.compile(text, re.ASCII))
    except re.error as error:
        raise SplError(f"invalid regular expression: {error}", error.pos or 0, pattern) from error

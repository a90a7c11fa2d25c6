r"""Regular expressions in the dialect of `matches regex`.

https://learn.microsoft.com/en-us/kusto/query/regex: the syntax of Rust's regex crate, Unicode aware, with class set
operators `&&` `--` `~~`, without look-around; `\<` and `\>` are word boundaries, so these two are never escaped.
`(?i)` folds by Unicode; `(?i-u:literal)` folds exactly A-Z with a-z, and only literals may stand in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from converter.deferred import dataclass
from converter.languages.kusto.literal import hidden
from converter.model.pattern import (
    Alternate,
    AnyChar,
    Case,
    Char,
    CharClass,
    Concat,
    Pattern,
    Regex,
    Repeat,
    Wild,
)

_META = frozenset("\\.+*?()|[]{}^$")
_CLASS_META = frozenset("\\[]&-~^")

# The only ASCII letters with a partner outside ASCII are k (KELVIN SIGN) and s (LONG S).
# https://www.unicode.org/Public/UCD/latest/ucd/CaseFolding.txt
_FOLDS_BEYOND = frozenset("kKsS")


@dataclass(frozen=True, slots=True)
class Style:
    """How an expression is written.

    `flag`: one `(?i)` for all, else each literal has its own. `ascii`: letters fold as in ASCII, whatever the data.
    `apart`: no wildcard takes this character: it stands between joined values.
    """

    case: Case
    flag: bool = False
    ascii: bool = True
    apart: str = ""


def char(one: str, meta: frozenset[str] = _META) -> str:
    """One character as itself."""
    if one in meta:
        return "\\" + one
    return f"\\x{{{ord(one):X}}}" if hidden(one) else one


def literal(text: str, style: Style) -> str:
    """A text as itself, folded as the style says."""
    written = "".join(map(char, text))
    if style.case is Case.SENSITIVE or style.flag or not any(c.isascii() and c.isalpha() for c in text):
        return written
    return "".join(_folded(run, style) for run in _runs(text))


def _runs(text: str) -> Iterator[str]:
    """The text in runs of ASCII and of other characters."""
    start = 0
    for i in range(1, len(text) + 1):
        if i == len(text) or text[i].isascii() != text[start].isascii():
            yield text[start:i]
            start = i


def _folded(run: str, style: Style) -> str:
    written = "".join(map(char, run))
    if not run.isascii() or not any(map(str.isalpha, run)):
        return written  # outside ASCII nothing folds
    beyond = style.ascii and not _FOLDS_BEYOND.isdisjoint(run)
    return f"(?i-u:{written})" if beyond else f"(?i:{written})"


def folds_beyond(texts: list[str]) -> bool:
    """Whether `(?i)` would take a character outside ASCII for a letter of the texts."""
    return any(not _FOLDS_BEYOND.isdisjoint(text) for text in texts)


def may_flag(texts: list[str]) -> bool:
    """Whether one `(?i)` for all changes nothing but letters of ASCII and their partners."""
    return all(c.isascii() or c.lower() == c.upper() for text in texts for c in text)


def _class(node: CharClass, apart: str) -> str:
    ranges = [*node.ranges, *([(apart, apart)] if apart and node.negated else [])]
    written = "".join(
        char(low, _CLASS_META) + (f"-{char(high, _CLASS_META)}" if high != low else "") for low, high in ranges
    )
    if not written:
        return r"[\x{0}-\x{10FFFF}]" if node.negated else r"[^\x{0}-\x{10FFFF}]"
    return f"[{'^' if node.negated else ''}{written}]"


def any_char(style: Style) -> str:
    """Any one character of a value. Without the flag s, `.` takes no line feed."""
    return "." if style.apart in {"", "\n"} else f"[^{char(style.apart, _CLASS_META)}]"


def render(node: Regex, style: Style) -> str:
    """The expression without anchors and flags."""
    match node:
        case Char(one):
            return literal(one, style)
        case AnyChar():
            return any_char(style)
        case CharClass():
            # a class stays case-sensitive in Lucene (rule E04): it never stands under a flag
            return _class(node, style.apart)
        case Concat(parts):
            return "".join(_concat(parts, style))
        case Alternate(options):
            return "|".join(render(o, style) for o in options)
        case Repeat(item, least, most):
            return _repeated(render(item, style), item) + _times(least, most)
        case _:
            assert_never(node)


def _concat(parts: tuple[Regex, ...], style: Style) -> Iterator[str]:
    """The parts, characters one after another as one text."""
    run = ""
    for part in parts:
        if isinstance(part, Char):
            run += part.char
            continue
        yield literal(run, style)
        run = ""
        yield f"(?:{render(part, style)})" if isinstance(part, Alternate) else render(part, style)
    yield literal(run, style)


def _repeated(text: str, item: Regex) -> str:
    single = isinstance(item, AnyChar | CharClass) or (isinstance(item, Char) and not text.startswith("(?"))
    return text if single or (text.startswith(("(?i:", "(?i-u:")) and isinstance(item, Char)) else f"(?:{text})"


def _times(least: int, most: int | None) -> str:
    match (least, most):
        case (0, None):
            return "*"
        case (1, None):
            return "+"
        case (0, 1):
            return "?"
        case (_, None):
            return f"{{{least},}}"
        case _:
            return f"{{{least}}}" if least == most else f"{{{least},{most}}}"


def literals(node: Regex) -> list[str]:
    """The characters that are matched as themselves, for what folds."""
    match node:
        case Char(one):
            return [one]
        case AnyChar() | CharClass():
            return []
        case Concat(parts):
            return [t for p in parts for t in literals(p)]
        case Alternate(options):
            return [t for o in options for t in literals(o)]
        case Repeat(item):
            return literals(item)
        case _:
            assert_never(node)


def has_class(node: Regex) -> bool:
    """Whether a character class is in the expression."""
    match node:
        case CharClass():
            return True
        case Char() | AnyChar():
            return False
        case Concat(parts):
            return any(map(has_class, parts))
        case Alternate(options):
            return any(map(has_class, options))
        case Repeat(item):
            return has_class(item)
        case _:
            assert_never(node)


def dotted(node: Regex) -> bool:
    """Whether a `.` is in the expression."""
    match node:
        case AnyChar():
            return True
        case Char() | CharClass():
            return False
        case Concat(parts):
            return any(map(dotted, parts))
        case Alternate(options):
            return any(map(dotted, options))
        case Repeat(item):
            return dotted(item)
        case _:
            assert_never(node)


def takes_empty(node: Regex) -> bool:
    """Whether the expression matches the empty text."""
    match node:
        case Char() | AnyChar() | CharClass():
            return False
        case Concat(parts):
            return all(map(takes_empty, parts))
        case Alternate(options):
            return any(map(takes_empty, options))
        case Repeat(item, least):
            return least == 0 or takes_empty(item)
        case _:
            assert_never(node)


def of_pattern(pattern: Pattern) -> Regex:
    """A wildcard pattern as a regular expression."""
    parts: list[Regex] = []
    for part in pattern.parts:
        if isinstance(part, str):
            parts += map(Char, part)
        else:
            parts.append(Repeat(AnyChar(), 0, None) if part is Wild.ANY_RUN else AnyChar())
    return Concat(tuple(parts))

"""Patterns and regular expressions of the model as PCRE inside a Splunk string literal (escapes: `literal`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from backends.splunk.condition.literal import NEVER, class_char, regex_char
from converter.deferred import dataclass
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


@dataclass(frozen=True, slots=True)
class Written:
    """A regular expression's text, without flags, and which flags it needs.

    `folds`: it has an ASCII letter outside classes, so that `(?i)` changes it. `dots`: it has a dot, which must
    take line breaks. `loose`: it is an alternation at its outside.
    """

    text: str
    folds: bool = False
    dots: bool = False
    loose: bool = False

    @property
    def tight(self) -> str:
        """The text, grouped if it is an alternation."""
        return f"(?:{self.text})" if self.loose else self.text


def whole(written: Written) -> Written:
    """Anchored at both ends; `$` would also match before a last line break."""
    return Written(f"^{written.tight}\\z", written.folds, written.dots)


def flagged(written: Written, case: Case) -> str:
    """The finished text of a regular expression with the flags in front."""
    flags = ("i" if case is Case.INSENSITIVE and written.folds else "") + ("s" if written.dots else "")
    return f"(?{flags}){written.text}" if flags else written.text


def one_of(options: Sequence[Written]) -> Written:
    """Any of the options; of none: what never matches."""
    if not options:
        return Written(NEVER)
    if len(options) == 1:
        return options[0]
    return Written(
        "|".join(o.text for o in options), any(o.folds for o in options), any(o.dots for o in options), loose=True
    )


def literal(text: str, case: Case) -> Written:
    """A text as it stands. Folding is kept off characters beyond ASCII: Elasticsearch folds A-Z only."""
    out = "".join(_char(c, case) for c in text)
    return Written(out, folds=any(c.isascii() and c.isalpha() for c in text))


def _char(char: str, case: Case) -> str:
    written = regex_char(char)
    beyond = case is Case.INSENSITIVE and not char.isascii() and char.lower() != char.upper()
    return f"(?-i:{written})" if beyond and written != NEVER else written


def texts(values: Sequence[str], case: Case) -> Written:
    """Any of these texts as a whole."""
    return whole(one_of([literal(v, case) for v in values]))


def patterns(items: Sequence[Pattern], case: Case) -> Written:
    """Any of these patterns against a whole value; a run at an end is said by leaving out the anchor."""
    return one_of([_pattern(p, case) for p in items])


def _pattern(pattern: Pattern, case: Case) -> Written:
    parts = list(pattern.parts)
    start, end = "^", "\\z"
    if parts and parts[0] is Wild.ANY_RUN:
        start, parts = "", parts[1:]
    if parts and parts[-1] is Wild.ANY_RUN:
        end, parts = "", parts[:-1]
    out, folds, dots = "", False, False
    for part in parts:
        match part:
            case str():
                piece = literal(part, case)
                out, folds = out + piece.text, folds or piece.folds
            case Wild.ANY_RUN:
                out, dots = out + ".*", True
            case Wild.ANY_ONE:
                out, dots = out + ".", True
            case _:
                assert_never(part)
    return Written(start + out + end, folds, dots)


def regexes(items: Sequence[Regex], case: Case) -> Written:
    """Any of these regular expressions against a whole value."""
    return whole(one_of([regex(r, case) for r in items]))


def regex(node: Regex, case: Case) -> Written:
    """One regular expression, without anchors."""
    match node:
        case Char(char):
            return literal(char, case)
        case AnyChar():
            return Written(".", dots=True)
        case CharClass():
            return Written(_class(node, case))
        case Concat(parts):
            done = [regex(p, case) for p in parts]
            text = "".join(d.tight for d in done)
            return Written(text, any(d.folds for d in done), any(d.dots for d in done))
        case Alternate(options):
            return one_of([regex(o, case) for o in options])
        case Repeat():
            return _repeat(node, case)
        case _:
            assert_never(node)


def _class(node: CharClass, case: Case) -> str:
    """A class; it stays case-sensitive under case-insensitive matching, as in Lucene (rule E04)."""
    inside = "".join(class_char(a) if a == b else f"{class_char(a)}-{class_char(b)}" for a, b in node.ranges)
    if not inside:
        return "(?s:.)" if node.negated else NEVER
    text = f"[{'^' if node.negated else ''}{inside}]"
    return f"(?-i:{text})" if case is Case.INSENSITIVE else text


def _repeat(node: Repeat, case: Case) -> Written:
    item = regex(node.item, case)
    single = isinstance(node.item, (AnyChar, CharClass, Char)) and not item.loose
    inner = item.text if single else f"(?:{item.text})"
    sign = _SIGNS.get((node.least, node.most)) or _counted(node.least, node.most)
    return Written(inner + sign, item.folds, item.dots)


_SIGNS = {(0, None): "*", (1, None): "+", (0, 1): "?"}


def _counted(least: int, most: int | None) -> str:
    if least == most:
        return f"{{{least}}}"
    return f"{{{least},{'' if most is None else most}}}"

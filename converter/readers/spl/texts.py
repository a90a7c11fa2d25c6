r"""Comparisons of eval with a constant text, a pattern of `like` or a regular expression, as predicates.

What stands between the quotation marks of a regular expression is read twice, with its backslashes as they are and
halved, since Splunk's documents say both; where the two differ, there is no reading.
"""

from __future__ import annotations

from typing import Final

from converter.deferred import compiled
from converter.languages.regex.rust import NotRegularError, searched
from converter.languages.spl.syntax import Binary, Call, Expression, Sign, Text
from converter.model import pattern as patterns
from converter.model.normalise import normalise
from converter.model.pattern import Alternate, Case, Char, CharClass, Concat, Pattern, Regex, Wild
from converter.model.predicate import Like as LikePattern
from converter.model.predicate import Matches, OneOf, Predicate
from converter.model.value import Field, Kind
from converter.readers.spl.columns import Columns, column, compares, single
from converter.readers.unraised import UnraisedError

_NUMBER_LIKE = compiled(r"\s*[+-]?(?:[.]?\d|inf|nan)")
_ESCAPED = compiled(r'\\([\\"])')
_BLANK: Final = Text(" ")
_ANYTHING: Final = Field("", Kind.KEYWORD, many=False)
_SIGNS: Final = {"%": Wild.ANY_RUN, "_": Wild.ANY_ONE}


def plain(value: Expression) -> Expression:
    """The value whose text is looked at, whatever its case or length."""
    match value:
        case Call("lower" | "len", (inner,)):
            return inner
        case _:
            return value


def equal(value: Expression, raw: str, columns: Columns) -> Predicate:
    """A text is this one. One that looks like a number is compared as a number, perhaps."""
    text = unescaped(raw)
    if _NUMBER_LIKE.match(text.lower()) or not text:
        raise UnraisedError("a text like a number")
    inner, case = _folded(value, text)
    return compares(single(inner, columns), (patterns.of(text),), case)


def like(value: Expression, raw: str, columns: Columns) -> Predicate:
    """`%` is any run of characters, `_` any one; no escape is documented."""
    text = raw.replace('\\"', '"')
    if "\\" in text:
        raise UnraisedError("a backslash in a pattern of like")
    pattern = patterns.of(*(_SIGNS.get(char, char) for char in text))
    match value:
        case Binary(Sign.CONCAT, Binary(Sign.CONCAT, Text(" "), cut), Text(" ")):
            return _piece(cut, pattern, columns)
        case _:
            inner, case = _folded(value, text)
            return normalise(LikePattern(single(inner, columns), (pattern,), case))


def _folded(value: Expression, text: str) -> tuple[Expression, Case]:
    match value:
        case Call("lower", (inner,)):
            if text != text.lower() or not text.isascii():
                raise UnraisedError("an upper-case letter of a text in lower case")
            return inner, Case.INSENSITIVE
        case _:
            return value, Case.SENSITIVE


def _piece(text: Expression, pattern: Pattern, columns: Columns) -> Predicate:
    """A text with a blank at both ends holds the pattern: one of its pieces between blanks does."""
    field = column(Call("split", (text, _BLANK)), columns)
    match pattern.parts:
        case (Wild.ANY_RUN, str(inner), Wild.ANY_RUN):
            word = inner.strip(" ")
        case _:
            raise UnraisedError("a part of joined values")
    opens, closes = inner.startswith(" "), inner.endswith(" ")
    if not word or " " in word or inner != " " * opens + word + " " * closes:
        raise UnraisedError("a part of joined values")
    ahead, behind = (() if opens else (Wild.ANY_RUN,)), (() if closes else (Wild.ANY_RUN,))
    return normalise(LikePattern(field, (patterns.of(*ahead, word, *behind),), Case.SENSITIVE))


def found(value: Expression, raw: str, columns: Columns) -> Predicate:
    """`match`: the expression is found in the one text."""
    return _matching(single(value, columns), _regex(raw))


def some_value(value: Expression, raw: str, columns: Columns) -> Predicate:
    """`mvfind` finds the expression in some value."""
    return _matching(column(value, columns), _regex(raw))


def _matching(field: Field, regex: Regex) -> Predicate:
    """A text of this form; plain texts by themselves."""
    options = regex.options if isinstance(regex, Alternate) else (regex,)
    plain = [_plainly(option) for option in options]
    listed = tuple(one for one in plain if one is not None)
    if len(listed) == len(plain):
        return OneOf(field, listed, Case.SENSITIVE)
    return Matches(field, (regex,), Case.SENSITIVE)


def _plainly(regex: Regex) -> str | None:
    """The only text of an expression that has no more."""
    match regex:
        case Char(char):
            return char
        case CharClass(((low, high),), False) if low == high:
            return low
        case Concat(parts):
            found = [_plainly(part) for part in parts]
            return None if None in found else "".join(one for one in found if one is not None)
        case _:
            return None


def _regex(raw: str) -> Regex:
    halved = unescaped(raw)
    try:
        found = searched(raw, perl=True)
        if halved != raw and normalise(_whole(found)) != normalise(_whole(searched(halved, perl=True))):
            raise UnraisedError("a regular expression whose backslashes are halved, or not")
    except NotRegularError as error:
        raise UnraisedError(f"a regular expression with {error}") from error
    return found


def _whole(regex: Regex) -> Predicate:
    return Matches(_ANYTHING, (regex,), Case.SENSITIVE)


def unescaped(raw: str) -> str:
    """The text that stands between quotation marks."""
    return _ESCAPED.sub(r"\1", raw)

"""Columns that hold &, < and > as XML writes them: a leaf whose text may meet one is said of the decoded text."""

from __future__ import annotations

from typing import assert_never

from converter.datasets.reading.macros import macros
from converter.datasets.reading.table import Counterpart, expanded
from converter.deferred import replace
from converter.model.pattern import Alternate, AnyChar, Char, CharClass, Concat, Pattern, Regex, Repeat
from converter.model.predicate import Between, Compare, InNetwork, Like, Matches, OneOf, Phrase, Present

_DECODER = "xml_text"
_SIGNS = frozenset("&<>;")
"""Signs that are written as entities, and the one that ends an entity."""
_NAMES = frozenset({"amp", "lt", "gt"})
_LETTERS = frozenset("ampltg")
_Leaf = Present | Compare | Between | OneOf | Like | Matches | InNetwork | Phrase


def decoded(leaf: _Leaf, part: Counterpart, entities: tuple[str, ...], platform: str) -> Counterpart:
    """The counterpart over the decoded text of its column, where the leaf could tell the two apart."""
    column = not part.computed and part.to in entities
    argument = bool(part.arguments) and any(a in entities for a in part.arguments)
    if not (column or argument) or not _meets(leaf):
        return part
    decoder = macros()[platform][_DECODER]
    if column:
        return replace(
            part, to=decoder.expanded(part.to), called=decoder.called(part.to), macros=(decoder,), computed=True
        )
    (macro,) = part.macros
    meant = tuple(decoder.expanded(a) if a in entities else a for a in part.arguments)
    asked = tuple(decoder.called(a) if a in entities else a for a in part.arguments)
    to, _ = expanded(part.template, macro, meant)
    _, called = expanded(part.template, macro, asked)
    return replace(part, to=to, called=called, macros=(macro, decoder))


def _meets(leaf: _Leaf) -> bool:
    """Whether what a leaf asks for holds a sign that the column writes otherwise."""
    match leaf:
        case OneOf(_, texts, _):
            return any(_SIGNS & set(text) for text in texts)
        case Like(_, found, _):
            return any(_in_pattern(pattern) for pattern in found)
        case Matches(_, found, _):
            return any(_in_regex(regex) for regex in found)
        case Phrase(_, tokens, _):
            # Words are cut at signs: the name of an entity would be one more between two others.
            return len(tokens) > 1 or any(set(token.parts) & _NAMES for token in tokens)
        case Present() | Compare() | Between() | InNetwork():
            return False
        case _:
            assert_never(leaf)


def _in_pattern(pattern: Pattern) -> bool:
    return any(isinstance(part, str) and _SIGNS & set(part) for part in pattern.parts)


def _in_regex(regex: Regex) -> bool:
    match regex:
        case Char(char):
            return char in _SIGNS
        case CharClass(ranges, negated):
            # Outside a class that excludes letters of an entity, the sign and its entity differ.
            told = _SIGNS | _LETTERS if negated else _SIGNS
            return any(low <= sign <= high for low, high in ranges for sign in told)
        case Concat(parts) | Alternate(parts):
            return any(_in_regex(part) for part in parts)
        case Repeat(part, _, most):
            # A bounded run of any characters counts the characters of an entity.
            return _in_regex(part) or (most is not None and most > 1 and isinstance(part, AnyChar))
        case AnyChar():
            return False
        case _:
            assert_never(regex)

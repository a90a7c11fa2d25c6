"""Values of a Sigma item with its modifiers applied, by pySigma, whose object model is the specification's own.

pySigma is imported when the first rule is read: it takes 0.1 to 0.2 s, and rules of other languages do without.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from converter.deferred import compiled, dataclass
from converter.languages.sigma.syntax import Scalar
from converter.model import pattern as patterns
from converter.model.pattern import Pattern, Wild

if TYPE_CHECKING:
    from sigma.types import SigmaString

Placeholders = Mapping[str, Sequence[str]]
"""The user's values of placeholders by name, without the percent signs."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text or a pattern; `cased`: letters' case counts."""

    pattern: Pattern
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Truth:
    """true or false."""

    value: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """null: the field has no value."""


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is there, or not."""

    value: bool


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression; `flags` of i, m and s."""

    text: str
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Network:
    """An address range, `address/bits`."""

    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """lt, lte, gt or gte, and the number."""

    relation: str
    value: int | float


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of another field; `starts`, `ends`: it is the beginning or the end of this one's."""

    name: str
    starts: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a time, such as the hour."""

    unit: str
    value: int


Value = Text | Number | Truth | Missing | Exists | Expression | Network | Order | Reference | Part


class ModifierError(ValueError):
    """A modifier that does not exist, or does not fit. `unknown`: the one that does not exist, "" for none."""

    def __init__(self, message: str, unknown: str = "") -> None:
        super().__init__(message)
        self.unknown = unknown


class PlaceholderError(ValueError):
    """Placeholders without values, by name."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


def known_modifiers() -> tuple[str, ...]:
    """The names of all modifiers that pySigma applies."""
    from sigma.modifiers import modifier_mapping

    return (*modifier_mapping, *_ALIASES)


_ALIASES = {"utf16le": "wide"}
"""Names of the specification that pySigma has under another."""
_DASH = compiled(r"\B[-/]\b")
"""What windash respells: a dash or slash before a word."""
_MOST_DASHES = 4
_LISTS = ("all", "neq")
"""Modifiers about all values of an item together."""


def modified(modifiers: Sequence[str], value: Scalar, given: Placeholders) -> tuple[Value, ...]:
    """What a value stands for: alternatives. Raises ModifierError and PlaceholderError."""
    from sigma.exceptions import SigmaError
    from sigma.rule import SigmaDetectionItem

    known = known_modifiers()
    for name in modifiers:
        if name not in known:
            raise ModifierError(f"there is no modifier {name!r}", name)
    names = [_ALIASES.get(name, name) for name in modifiers if name not in _LISTS]
    if "re" in names and not isinstance(value, str):
        value = str(value)
    if "base64offset" in names and isinstance(value, str) and not value.isascii():
        raise ModifierError(f"{value!r} has signs beyond ASCII, for which base64offset is not carried")
    if "windash" in names and isinstance(value, str) and len(_DASH.findall(value)) > _MOST_DASHES:
        raise ModifierError(f"more than {_MOST_DASHES} dashes or slashes, each in five spellings, are too many")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # Python's, of signs in classes; the reading is ours
            item = SigmaDetectionItem.from_mapping("|".join(("field", *names)), value)
        made = tuple(found for one in item.value for found in _values(one, given if "expand" in names else None))
    except (ModifierError, PlaceholderError):
        raise
    except (SigmaError, TypeError, ValueError, IndexError, AttributeError) as error:
        if names[:1] == ["re"] and isinstance(value, str):
            return (Expression(value, frozenset()),)  # what is wrong with it is said where it is read
        raise ModifierError(f"{value!r} is no value for {' and '.join(names)}") from error
    if "cased" not in names:
        return made
    # Some of pySigma's modifiers give a text back without its case.
    return tuple(Text(one.pattern, cased=True) if isinstance(one, Text) else one for one in made)


def _values(value: object, given: Placeholders | None) -> Iterator[Value]:
    from sigma import types

    match value:
        case types.SigmaExpansion():
            for one in value.values:
                yield from _values(one, given)
        case types.SigmaString():
            yield from map(Text, _patterns(value, given))
        case types.SigmaTimestampPart():
            yield Part(value.timestamp_part.name.lower(), int(value.number))
        case types.SigmaNumber():
            yield Number(value.number)
        case types.SigmaBool():
            yield Truth(bool(value))
        case types.SigmaExists():
            yield Exists(bool(value))
        case types.SigmaNull():
            yield Missing()
        case types.SigmaRegularExpression():
            yield from _expressions(value, given)
        case types.SigmaCIDRExpression():
            yield Network(str(value.network))
        case types.SigmaCompareExpression():
            yield Order(value.op.name.lower(), value.number.number)
        case types.SigmaFieldReference():
            yield Reference(value.field, value.starts_with, value.ends_with)
        case _:
            raise ModifierError(f"a value of the kind {type(value).__name__} is not known")


def _patterns(text: SigmaString, given: Placeholders | None) -> Iterator[Pattern]:
    """The patterns of a text: one, or one for each value of its placeholders; None: it has none."""
    from sigma.types import Placeholder, SigmaString, SpecialChars

    found: list[list[str | Wild]] = [[]]
    for part in text.s:
        if isinstance(part, Placeholder):
            values = None if given is None else given.get(part.name)
            if values is None:
                raise PlaceholderError([part.name])
            options = [p.parts for value in values for p in _patterns(SigmaString(value), None)]
            found = [[*head, *option] for head in found for option in options]
            continue
        sign: str | Wild
        if part is SpecialChars.WILDCARD_MULTI:
            sign = Wild.ANY_RUN
        elif part is SpecialChars.WILDCARD_SINGLE:
            sign = Wild.ANY_ONE
        else:
            assert isinstance(part, str)  # noqa: S101 - pySigma has no other parts
            sign = part.replace("\\%", "%") if given is not None else part  # pySigma 2 keeps the backslash
        found = [[*head, sign] for head in found]
    yield from (patterns.of(*parts) for parts in found)


def _expressions(value: object, given: Placeholders | None) -> Iterator[Value]:
    from sigma.types import Placeholder, SigmaRegularExpression, SpecialChars

    assert isinstance(value, SigmaRegularExpression)  # noqa: S101 - told by the caller
    flags = frozenset(_FLAGS[flag.name] for flag in value.flags)
    texts = [""]
    for part in value.regexp.s:
        match part:
            case Placeholder():
                if given is None or part.name not in given:
                    raise PlaceholderError([part.name])
                texts = [head + option for head in texts for option in given[part.name]]
            case SpecialChars.WILDCARD_MULTI:
                texts = [head + "*" for head in texts]
            case SpecialChars.WILDCARD_SINGLE:
                texts = [head + "?" for head in texts]
            case _:
                texts = [head + str(part) for head in texts]
    yield from (Expression(text, flags) for text in texts)


_FLAGS = {"IGNORECASE": "i", "MULTILINE": "m", "DOTALL": "s"}

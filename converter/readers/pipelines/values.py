"""Values of rows where a pipeline is read back: what a function makes of which columns, in words.

A value is null, one value or several. Two are the same if their words are, and the conditions in them hold alike; what
a language says in several ways has one word here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, TypeAlias, assert_never

from converter.deferred import dataclass
from converter.model import pattern as patterns
from converter.model.pattern import Case, Wild
from converter.model.predicate import And, Compare, Comparison, Constant, Like, Not, Or, Predicate, Present
from converter.model.value import Field, Kind
from converter.readers.unraised import UnraisedError

NUMBERS: Final = (Kind.LONG, Kind.DOUBLE)
TEXTS: Final = (Kind.KEYWORD, Kind.TEXT, Kind.IP)


Plain: TypeAlias = str | float | bool | None
"""What a constant holds."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A column of the event by the name under which it is read."""

    field: Field


@dataclass(frozen=True, slots=True)
class Made:
    """A column that a stage made; `name` tells it from others that were called so before."""

    name: str
    kind: Kind
    many: bool = False


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; None is null."""

    value: Plain


@dataclass(frozen=True, slots=True)
class Of:
    """What a function makes of its arguments. `asked`: the conditions that it looks at."""

    word: str
    arguments: tuple[Value, ...]
    kind: Kind
    many: bool = False
    asked: tuple[Predicate, ...] = ()


Value: TypeAlias = Stored | Made | Literal | Of

NULL: Final = Literal(None)

_TOTAL: Final = frozenset(
    {"lower", "upper", "concat", "replace", "substring", "trim", "length", "+", "-", "*", "abs", "ceil", "floor"}
    | {"round", "trunc", "string"}
)
"""Functions of single values that have a value wherever all their arguments have one."""
_OF_MANY: Final = frozenset({"sorted", "dedupe", "join", "values of", "split", "before"})
"""Functions that have a value wherever their first argument has some."""


def kind_of(value: Value) -> Kind:
    """The kind of a value."""
    match value:
        case Stored(field):
            return field.kind
        case Made() | Of():
            return value.kind
        case Literal(bool()):
            return Kind.BOOLEAN
        case Literal(int() | float()):
            return Kind.LONG
        case Literal():
            return Kind.KEYWORD
        case _:
            assert_never(value)


def is_many(value: Value) -> bool:
    """Whether there may be several values."""
    match value:
        case Stored(field):
            return field.many
        case Made() | Of():
            return value.many
        case Literal():
            return False
        case _:
            assert_never(value)


def numeric(value: Value) -> Value:
    """The value, which is a number or a moment. Raises UnraisedError for a text."""
    if value != NULL and kind_of(value) not in (*NUMBERS, Kind.DATE):
        raise UnraisedError("a number asked of a text")
    return value


def words(value: Value) -> str:
    """The value in words, its conditions as question marks."""
    match value:
        case Stored(field):
            return field.path
        case Made(name):
            return name
        case Literal(constant):
            return _constant(constant)
        case Of(word, arguments, _, _, asked):
            inside = ", ".join(map(words, arguments))
            return f"{word}({'?' * len(asked)}{'; ' if asked else ''}{inside})"
        case _:
            assert_never(value)


def _constant(value: Plain) -> str:
    if isinstance(value, bool):
        value = str(value).lower()  # some platforms have truths as texts
    if isinstance(value, float) and value == int(value):
        value = int(value)  # a decimal beside whole numbers is the same number
    return json.dumps(value, ensure_ascii=False)


def conditions(value: Value) -> Iterator[Predicate]:
    """The conditions in a value, in the order of their question marks."""
    if isinstance(value, Of):
        yield from value.asked
        for argument in value.arguments:
            yield from conditions(argument)


def one(value: Value) -> Value:
    """The one value; null where there are several."""
    match value:
        case Of("lower" | "upper", (inner,), _, True):
            return Of(value.word, (one(inner),), value.kind)
        case _:
            return Of("one", (value,), kind_of(value)) if is_many(value) else value


def chosen(arms: tuple[tuple[Predicate, Value], ...], last: Value) -> Value:
    """The value of the first condition that is true, else the last."""
    if isinstance(last, Of) and last.word == "case":
        arms, last = (*arms, *zip(last.asked, last.arguments[:-1], strict=True)), last.arguments[-1]
    match arms, last:
        case ((outer, Of("case", (inner, Literal(None)), _, _, (asked,))),), Literal(None):
            arms = ((And((outer, asked)), inner),)
        case _:
            pass
    values = (*(value for _, value in arms), last)
    known = [one for one in values if one != NULL]
    kind = kind_of(known[0]) if known else Kind.KEYWORD
    return Of("case", values, kind, any(map(is_many, values)), tuple(condition for condition, _ in arms))


def truth(true: Predicate, false: Predicate) -> Value:
    """A condition as a value: true, false or null."""
    return Of("truth", (), Kind.BOOLEAN, asked=(true, false))


def concat(parts: tuple[Value, ...]) -> Value:
    """Texts one behind another, constants beside each other as one."""
    out: list[Value] = []
    for part in parts:
        inner = part.arguments if isinstance(part, Of) and part.word == "concat" else (part,)
        for each in inner:
            last = out[-1] if out else None
            match last, each:
                case Literal(str(before)), Literal(str(behind)):
                    out[-1] = Literal(before + behind)
                case _:
                    out.append(each)
    return out[0] if len(out) == 1 else Of("concat", tuple(out), Kind.KEYWORD)


def before(text: Value, delimiter: str) -> Value:
    """What stands before the first delimiter; the whole where there is none."""
    return Of("before", (text, Literal(delimiter)), kind_of(text), is_many(text))


def behind(text: Value, delimiter: str) -> Value:
    """What stands behind the first delimiter; null where there is none."""
    return Of("behind", (text, Literal(delimiter)), kind_of(text), is_many(text))


def behind_start(text: Value, head: str) -> Value:
    """What stands behind a text that begins so; null for another."""
    return Of("behind start", (text, Literal(head)), kind_of(text), is_many(text))


class Presence:
    """When values are there; `made` says what a stage made columns of, where that tells."""

    def __init__(self) -> None:
        self.made: dict[Made, Value] = {}

    def of(self, value: Value) -> Predicate:
        """The condition that there is a value."""
        match value:
            case Literal(constant):
                return Constant(constant is not None)
            case Stored(field):
                return Present(field)
            case Made():
                known = self.made.get(value)
                return Present(_named(value)) if known is None else self.of(known)
            case Of("case", values, _, _, asked):
                return self._of_case(values, asked)
            case Of("capture", (source, Literal(str(pattern)), Literal(int(number)))):
                from converter.readers.pipelines.groups import takes_part  # few pipelines have one

                found = And((self.of(source), matching(source, pattern)))
                return found if takes_part(pattern, number) else Present(_named(value))
            case Of("url_decode", (inner,)):
                return And((self.of(inner), Not(badly_encoded(inner))))
            case Of("at", (inner, Literal(0 | -1))):
                return self.of(inner)
            case Of("now"):
                return Constant(value=True)
            case Of("coalesce", values):
                return Or(tuple(map(self.of, values)))
            case Of("behind", (text, Literal(str(sign)))):
                return And((self.of(text), holding(text, Wild.ANY_RUN, sign, Wild.ANY_RUN)))
            case Of("behind start", (text, Literal(str(head)))):
                return And((self.of(text), holding(text, head, Wild.ANY_RUN)))
            case Of("truth", _, _, _, (true, false)):
                return Or((true, false))
            case Of(word, arguments) if word in _TOTAL:
                return And(tuple(map(self.of, arguments)))
            case Of("/" | "div", (above, Literal(int() | float() as below))) if below:
                return self.of(above)
            case Of(word, (first, *_)) if word in _OF_MANY:
                return self.of(first)
            case Of():
                return Present(_named(value))
            case _:
                assert_never(value)

    def _of_case(self, values: tuple[Value, ...], asked: tuple[Predicate, ...]) -> Predicate:
        found = self.of(values[-1])
        for condition, value in reversed(list(zip(asked, values[:-1], strict=True))):
            found = Or((And((condition, self.of(value))), And((Not(condition), found))))
        return found


def joined(values: Value, apart: str) -> Value:
    """Several values as one text."""
    return Of("join", (values, Literal(apart)), Kind.KEYWORD) if is_many(values) else values


def distinct(values: Value) -> Value:
    """Several values, each once."""
    return Of("dedupe", (values,), kind_of(values), many=True) if is_many(values) else values


def sliced(values: Value, places: tuple[int, ...]) -> Value:
    """Values from one place to another, or the one in a place; of one value that never is more, itself or nothing."""
    if is_many(values):
        found = tuple(Literal(place) for place in (places if len(places) > 1 else places * 2))
        return Of("slice", (values, *found), kind_of(values), many=True)
    return values if places[0] <= 0 <= places[-1] and places[0] == 0 else NULL


def element(values: Value, at: int) -> Value:
    """One of several values by its place."""
    if not is_many(values) and at in (0, -1):
        return values
    match values:
        case Of("split", (whole, Literal(str(sign)))) if at == 0 and sign:
            return before(whole, sign)
        case _:
            return Of("at", (values, Literal(at)), kind_of(values))


def holding(text: Value, *parts: str | Wild) -> Predicate:
    """The condition that a text looks so."""
    return Like(field_of(text), (patterns.of(*parts),), Case.SENSITIVE)


def badly_encoded(text: Value) -> Predicate:
    """The condition that a text has a percent sign without two digits behind it."""
    return Compare(Field(f"badly encoded({words(text)})", Kind.BOOLEAN, many=False), Comparison.EQ, value=True)


def matching(text: Value, pattern: str) -> Predicate:
    """The condition that an expression is found in a text."""
    found = Field(f"found({words(text)}, {json.dumps(pattern)})", Kind.BOOLEAN, many=False)
    return Compare(found, Comparison.EQ, value=True)


def _named(value: Value) -> Field:
    return Field(words(value), kind_of(value), is_many(value))


def field_of(value: Value) -> Field:
    """The value as a field of conditions. Raises UnraisedError for one whose words do not tell it from others."""
    match value:
        case Stored(field):
            return field
        case Literal():
            raise UnraisedError("a condition on a constant")
        case Of() if any(True for _ in conditions(value)):
            raise UnraisedError("a condition on a choice of values")
        case _:
            return _named(value)

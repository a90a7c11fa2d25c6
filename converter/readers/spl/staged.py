"""The rows of a search over steps: which events are a row of which step, and by which keys rows are joined.

A row says its step in `seq_step`, its time in `seq_time` and its keys in `seq_key1`, `seq_key2`. What a search computes
of them is read for each step by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.deferred import compiled, dataclass
from converter.languages.spl.parse import expression
from converter.languages.spl.replace import map_children, replaced
from converter.languages.spl.syntax import (
    Aggregate,
    Binary,
    Call,
    Eval,
    Expression,
    Junction,
    Logic,
    Multisearch,
    Mvexpand,
    Name,
    Negative,
    Number,
    Pipeline,
    Sign,
    Stage,
    Stats,
    Text,
    Where,
)
from converter.model.predicate import And, Not, Present
from converter.readers.frames import Keyed
from converter.readers.spl import check
from converter.readers.spl.columns import Columns, column
from converter.readers.spl.lower import Place, made_by, raised
from converter.readers.unraised import UnraisedError

STEP = "seq_step"
_TIME = "seq_time"
_MARK = "seq_"
_KEY = compiled(r"seq_key[1-9][0-9]?")
_NUMBERED = Stats("streamstats", (Aggregate("count", None, "seq_event"),))
_NULL = Call("null")


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one step: the stages that find its events, tests that hold or not, and its keys."""

    stages: tuple[Stage, ...]
    tests: tuple[tuple[Expression, bool], ...]
    keys: tuple[Expression, ...]

    def keyed(self, columns: Columns, place: Place) -> Keyed:
        """The step's condition, and its keys by the names of columns as they are read. Raises UnraisedError."""
        found = Pipeline(self.stages)
        made = made_by(found)
        terms = [raised(found, columns, place)]
        for test, holds in self.tests:
            one = check.true(replaced(test, made), columns)
            terms.append(one if holds else Not(one))
        names: list[str] = []
        for key in self.keys:
            value, optional = _key(replaced(key, made))
            field = column(value, columns)
            names.append(f"{'?' if optional else ''}{field.path}")
            terms += [] if optional else [Present(field)]
        return Keyed(And(tuple(terms)), tuple(names))


def parts(stages: Sequence[Stage], *, numbered: bool = False) -> dict[int, Part]:
    """The rows of each step; `numbered`: an event has one number in all of them. Raises UnraisedError."""
    first, *rest = stages
    searches = [one.stages for one in first.searches] if isinstance(first, Multisearch) else [(first,)]
    out: dict[int, Part] = {}
    for search in searches:
        for step, part in _Rows((*search, *rest), numbered=numbered).parts():
            if step in out:
                raise UnraisedError("a step that stands twice")
            out[step] = part
    return out


class _Rows:
    """What one search says of its rows."""

    def __init__(self, stages: Sequence[Stage], *, numbered: bool) -> None:
        self._kept: list[Stage] = []
        self._marks: dict[str, Expression] = {}
        self._spread: set[str] = set()
        self._required: set[str] = set()
        self._numbered = not numbered
        for stage in stages:
            self._take(stage)
        if not self._numbered or self._marks.get(_TIME) != expression("floor(_time * 1000 + 0.01)"):
            raise UnraisedError("rows without a time")

    def _take(self, stage: Stage) -> None:
        match stage:
            case Eval(computed) if any(name.startswith(_MARK) for name, _ in computed):
                plain = tuple((name, value) for name, value in computed if not name.startswith(_MARK))
                self._kept += [Eval(plain)] if plain else []
                self._marks |= {name: value for name, value in computed if name.startswith(_MARK)}
            case Mvexpand(name) if name in self._marks:
                self._spread.add(name)
            case _ if stage == _NUMBERED and not self._spread:
                self._numbered = True
            case Where(condition):
                own = [one for one in _conjuncts(condition) if not self._is_required(one)]
                if len(own) == len(_conjuncts(condition)):
                    self._kept.append(stage)
                else:
                    self._kept += [Where(Logic(Junction.AND, tuple(own)))] if own else []
            case _:
                self._kept.append(stage)

    def _is_required(self, node: Expression) -> bool:
        match node:
            case Call("isnotnull", (Name(name),)) if name.startswith(_MARK):
                self._required.add(name)
                return True
            case _:
                return False

    def parts(self) -> Iterator[tuple[int, Part]]:
        """The rows of each step."""
        names = sorted((name for name in self._marks if _KEY.fullmatch(name)), key=lambda n: (len(n), n))
        if self._required != {_TIME, *names} or names != [f"seq_key{n}" for n in range(1, len(names) + 1)]:
            raise UnraisedError("keys that need not be there")
        if self._spread - {STEP, *names}:
            raise UnraisedError("rows that are spread by something else")
        for step, tests in self._steps():
            keys = tuple(self._of_step(name, step) for name in names)
            yield step, Part(tuple(self._kept), tests, keys)

    def _of_step(self, name: str, step: int) -> Expression:
        """A key in the rows of a step; one of several values stands in a row for each."""
        value = chosen(self._marks[name], step)
        match value:
            case Call("mvdedup", (inner,)) if name in self._spread:
                return inner
            case _ if name not in self._spread:
                return value
            case _:
                raise UnraisedError("a key that stands twice in a group")

    def _steps(self) -> Iterator[tuple[int, tuple[tuple[Expression, bool], ...]]]:
        value = self._marks.get(STEP)
        several = STEP in self._spread
        match value:
            case Call("split", (Text(codes), Text(","))) if several:
                for code in codes.split(","):
                    yield _whole(code), ()
            case Call("mvappend", arms) if several:
                for arm in arms:
                    match arm:
                        case Call("if", (test, Text(code), last)) if last == _NULL:
                            yield _whole(code), ((test, True),)
                        case _:
                            raise UnraisedError("rows of no step")
            case None:
                raise UnraisedError("rows of no step")
            case _ if several:
                raise UnraisedError("rows of no step")
            case _:
                yield from _told_apart(value)


def _told_apart(value: Expression) -> Iterator[tuple[int, tuple[tuple[Expression, bool], ...]]]:
    before: tuple[tuple[Expression, bool], ...] = ()
    while True:
        match value:
            case Call("if", (test, here, value)):
                yield number(here), (*before, (test, True))
                before = (*before, (test, False))
            case _:
                yield number(value), before
                return


def _conjuncts(node: Expression) -> tuple[Expression, ...]:
    return node.parts if isinstance(node, Logic) and node.junction is Junction.AND else (node,)


def number(node: Expression) -> int:
    """A whole number. Raises UnraisedError."""
    match node:
        case Number(digits):
            return _whole(digits)
        case Negative(Number(digits)):
            return -_whole(digits)
        case _:
            raise UnraisedError("a step that is no number")


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError as error:
        raise UnraisedError("a step that is no number") from error


def chosen(value: Expression, step: int) -> Expression:
    """The value in the rows of a step."""
    match value:
        case Call("if", (test, here, other)) if (asked := steps(test)) is not None:
            return chosen(here if step in asked else other, step)
        case Call("case", arms) if len(arms) % 2 == 0 and all(steps(test) is not None for test in arms[::2]):
            for test, here in zip(arms[::2], arms[1::2], strict=True):
                if step in (steps(test) or ()):
                    return chosen(here, step)
            raise UnraisedError("a row without a key")
        case _:
            return map_children(value, lambda one: chosen(one, step))


def steps(test: Expression) -> tuple[int, ...] | None:
    """The steps that a test asks a row to be of; None for another test."""
    match test:
        case Binary(Sign.EQ | Sign.EQUALS, Name(name), code) if name == STEP:
            return (number(code),)
        case Logic(Junction.OR, terms):
            each = [steps(term) for term in terms]
            return None if any(one is None for one in each) else tuple(code for one in each for code in one or ())
        case _:
            return None


def _key(value: Expression) -> tuple[Expression, bool]:
    """The value of a key, and whether rows without it have one too: then each value has a mark."""
    match value:
        case Call("if", (Call("isnull", (name,)), missing, marked)) if _marked(marked, name):
            if missing == Text("-"):
                return name, True
            if missing == _NULL:
                return name, False
    return value, False


def _marked(value: Expression, name: Expression) -> bool:
    plain = Binary(Sign.CONCAT, Text("="), name)
    return value in (plain, Call("mvmap", (name, plain)))

"""`converter.deferred` gives the library's own dataclasses and patterns, later."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
from collections.abc import Callable
from dataclasses import field
from typing import Any

import pytest

from converter.deferred import compiled, dataclass, replace


def classes(decorate: Callable[..., Any]) -> tuple[type, type]:
    """The same two classes, made by the library or by ours."""

    @decorate(frozen=True, slots=True)
    class Point:
        """A point."""

        x: int
        y: int = 2
        tags: tuple[str, ...] = ()
        span: str | None = field(default=None, compare=False, repr=False)

    @decorate(slots=True)
    class Box:
        """A box."""

        name: str
        parts: list[int] = field(default_factory=list)
        size: int = field(init=False, default=0)

        def __post_init__(self) -> None:
            self.size = len(self.parts)

    return Point, Box


OURS, THEIRS = classes(dataclass), classes(dataclasses.dataclass)


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that is sent to another process."""

    a: int
    b: str = "b"


@pytest.mark.parametrize("count", [1, 100])
def test_values_are_as_the_librarys(count: int) -> None:
    for _ in range(count):  # the constructor changes after some values
        one, other = OURS[0](1, y=3, span="s"), THEIRS[0](1, y=3, span="s")
        assert repr(one).partition("(")[2] == repr(other).partition("(")[2]
        assert one == OURS[0](1, 3, span="t")
        assert one != OURS[0](1, 4)
        assert one != other
        assert hash(one) == hash(OURS[0](1, 3)) == hash((1, 3, ()))
        assert hash(one) == hash(one)
        box = OURS[1]("n", [1, 2])
        assert (box.name, box.parts, box.size) == ("n", [1, 2], 2)
        assert OURS[1]("n").parts is not OURS[1]("n").parts


@pytest.mark.parametrize(("given", "named"), [((), {}), ((1, 2, (), "", 5), {}), ((1,), {"z": 1}), ((1,), {"x": 1})])
def test_error_in_a_call_is_the_librarys(given: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError) as theirs:
        THEIRS[0](*given, **named)
    with pytest.raises(TypeError) as ours:
        OURS[0](*given, **named)
    assert str(ours.value).replace("classes.<locals>.", "") == str(theirs.value).replace("classes.<locals>.", "")


def test_a_frozen_value_does_not_change() -> None:
    one = OURS[0](1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        one.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
        del one.x
    with pytest.raises(TypeError, match="unhashable"):
        hash(OURS[1]("n"))


def test_the_librarys_functions_know_the_classes() -> None:
    for cls, theirs in zip(OURS, THEIRS, strict=True):
        assert dataclasses.is_dataclass(cls)
        assert [f.name for f in dataclasses.fields(cls)] == [f.name for f in dataclasses.fields(theirs)]
        assert cls.__match_args__ == theirs.__match_args__  # type: ignore[attr-defined]
        assert cls.__doc__ == theirs.__doc__
    one = OURS[0](1, 5)
    assert dataclasses.replace(one, x=7) == OURS[0](7, 5)
    assert dataclasses.asdict(one) == dataclasses.asdict(THEIRS[0](1, 5))


@pytest.mark.parametrize("made", [OURS, THEIRS])
def test_a_changed_copy_is_the_librarys(made: tuple[Any, Any]) -> None:
    one = made[0](1, 5, span="s")
    hash(one)
    changed = replace(one, x=7)
    assert (changed, changed.span, hash(changed)) == (made[0](7, 5), "s", hash((7, 5, ())))
    assert (one.x, replace(one)) == (1, one)
    box = replace(made[1]("n", [1]), parts=[1, 2])
    assert (box.name, box.parts, box.size) == ("n", [1, 2], 2)
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        replace(one, z=1)


def test_a_value_is_copied_without_its_hash() -> None:
    one = Kept(1)
    hash(one)
    for other in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):  # noqa: S301 - our own
        assert other == one
        assert hash(other) == hash(one)


def test_a_pattern_is_compiled_at_its_first_use() -> None:
    pattern = compiled(r"(a+)b", re.IGNORECASE)
    found = pattern.fullmatch("AAb")
    assert found is not None
    assert found[1] == "AA"
    assert pattern.sub("-", "xabx") == "x-x"
    assert pattern.pattern == r"(a+)b"
    with pytest.raises(AttributeError):
        pattern.nothing  # type: ignore[attr-defined]  # noqa: B018 - that is the test

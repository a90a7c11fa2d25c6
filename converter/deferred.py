"""Dataclasses and regular expressions that are made when they are first used.

A run imports hundreds of both and uses a few: made at import, they would be most of what converting one rule costs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - exported: to type checkers it is the library's
else:

    def dataclass(*, frozen: bool = False, slots: bool = False) -> Callable[[type], type]:
        """`dataclasses.dataclass`, but the methods are made with the first value, or the first question for fields.

        The library itself makes them, so that values are, compare, hash and print as its own do. A class that the
        first step cannot answer for (a base with fields, a `ClassVar`, without slots) is the library's at once.
        """

        def made(cls: type) -> type:
            annotations = cls.__annotations__
            simple = all(base in _PLAIN or base.__module__ == "typing" for base in cls.__bases__)
            if not slots or not simple or any(not isinstance(a, str) or "ClassVar" in a for a in annotations.values()):
                from dataclasses import dataclass as at_once  # most runs have no such class

                return at_once(frozen=frozen, slots=slots)(cls)
            return _slotted(cls, annotations, frozen=frozen)

        return made


_PLAIN = (object,)
_OWN = ("__init__", "__repr__", "__eq__", "__hash__")


def _slotted(cls: type, annotations: dict[str, str], *, frozen: bool) -> type:
    """The class with slots for its fields, and stand-ins for all methods that the library would make."""
    names = tuple(annotations)
    namespace = {key: value for key, value in cls.__dict__.items() if key not in ("__dict__", "__weakref__")}
    defaults = {name: namespace.pop(name) for name in names if name in namespace}
    # `field(init=False)` is no positional pattern; all other fields are
    matched = tuple(name for name in names if getattr(defaults.get(name), "init", True) is not False)
    namespace |= {"__slots__": names, "__match_args__": matched}
    if frozen:
        namespace |= {"__setattr__": _no_assignment, "__delattr__": _no_deletion}
        namespace |= {"__getstate__": _state, "__setstate__": _restore}
    new = type(cls)(cls.__name__, cls.__bases__, namespace)
    new.__qualname__ = cls.__qualname__

    def complete() -> None:
        import dataclasses  # itself of some weight, and not needed by a run that makes no value

        body = {"__annotations__": annotations, "__module__": cls.__module__, "__doc__": cls.__doc__, **defaults}
        body |= {key: cls.__dict__[key] for key in (*_OWN, "__post_init__") if key in cls.__dict__}
        whole = dataclasses.dataclass(frozen=frozen)(type(cls.__name__, (), body))
        for key in (*_OWN, "__dataclass_params__", "__dataclass_fields__"):
            setattr(new, key, whole.__dict__[key])

    for key in _OWN:
        if key not in namespace:
            setattr(new, key, _stand_in(new, key, complete))
    if not frozen and "__hash__" not in namespace:
        new.__hash__ = None  # type: ignore[assignment] - what can change has no hash
    new.__dataclass_fields__ = _Fields(complete)  # type: ignore[attr-defined]
    return new


def _stand_in(cls: type, name: str, complete: Callable[[], None]) -> Callable[..., Any]:
    def method(self: object, *args: object, **kwargs: object) -> Any:  # noqa: ANN401 - what the method gives
        complete()
        return getattr(cls, name)(self, *args, **kwargs)

    return method


class _Fields:
    """`__dataclass_fields__` of a class that is not complete yet."""

    def __init__(self, complete: Callable[[], None]) -> None:
        self._complete = complete

    def __get__(self, value: object, owner: type) -> Any:  # noqa: ANN401 - the library's own mapping
        self._complete()
        return owner.__dataclass_fields__  # type: ignore[attr-defined]


def _no_assignment(_self: object, name: str, _value: object) -> None:
    from dataclasses import FrozenInstanceError  # only a fault of ours comes here

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_deletion(_self: object, name: str) -> None:
    from dataclasses import FrozenInstanceError  # as above

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:  # noqa: ANN401 - any frozen value
    return [getattr(self, name) for name in self.__slots__]


def _restore(self: Any, state: list[object]) -> None:  # noqa: ANN401 - any frozen value
    for name, value in zip(self.__slots__, state, strict=True):
        object.__setattr__(self, name, value)


class _Compiled:
    """Stands for a pattern: the first use of a method compiles it, and later uses find the method itself."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the pattern's own
        pattern = re.compile(self._text, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(pattern, method))
        return getattr(pattern, name)


_METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer", "pattern", "flags")


def compiled(text: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile`, at the first use of the pattern."""
    return cast("re.Pattern[str]", _Compiled(text, flags))

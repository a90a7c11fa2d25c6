"""Dataclasses and regular expressions that are made, and modules that are imported, when they are first used.

A run imports hundreds of both and uses a few: made at import, they would be most of what converting one rule costs.
"""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - exported: to type checkers it is the library's
    from dataclasses import replace as replace  # noqa: PLC0414 - as above
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

    def replace(value: Any, /, **changes: object) -> Any:  # noqa: ANN401 - any of ours, and the same again
        """`dataclasses.replace`; of a class that is made here, without asking the library for its fields."""
        cls = value.__class__
        if not isinstance(cls.__dict__.get("__dataclass_fields__"), _Fields):
            import dataclasses  # most values are of ours

            return dataclasses.replace(value, **changes)
        given = [changes.pop(name) if name in changes else getattr(value, name) for name in cls.__match_args__]
        return cls(*given, **changes)  # what is left is no field: the constructor says so


_PLAIN = (object,)
_HASH = "_hash"
"""Where a frozen value keeps its hash: trees are asked for theirs over and over, and each time for all in them."""


def _slotted(cls: type, annotations: dict[str, str], *, frozen: bool) -> type:
    """The class with slots for its fields. What needs no code of its own is there at once; the rest is made later."""
    names = tuple(annotations)
    namespace = {key: value for key, value in cls.__dict__.items() if key not in ("__dict__", "__weakref__")}
    defaults = {name: namespace.pop(name) for name in names if name in namespace}

    def those(role: str) -> tuple[str, ...]:
        """The fields that `field(role=False)` does not leave out."""
        return tuple(name for name in names if getattr(defaults.get(name), role, True) is not False)

    compared = _values(those("compare"))
    methods: dict[str, Any] = {"__repr__": _repr(those("repr")), "__eq__": _equality(compared)}
    if frozen:
        methods |= {"__hash__": _hash(compared), "__getstate__": _getstate(names), "__setstate__": _setstate(names)}
        methods |= {"__setattr__": _no_assignment, "__delattr__": _no_deletion}
    own = {key for key in methods if key in namespace and namespace[key] is not None}
    namespace |= {"__slots__": (*names, *((_HASH,) if frozen else ())), "__match_args__": those("init")}
    namespace |= {key: method for key, method in methods.items() if key not in own}
    body = {"__annotations__": annotations, "__module__": cls.__module__, "__doc__": cls.__doc__, **defaults}

    def library() -> Any:  # noqa: ANN401 - a class with the same fields, which are taken from it
        import dataclasses  # most runs have it by other ways, but some do without

        whole: Any = dataclasses.dataclass(init=False, repr=False, eq=False)
        return whole(type(cls.__name__, (), dict(body))).__dataclass_fields__

    def complete() -> Any:  # noqa: ANN401 - the class
        new.__init__ = _constructor(new, _roles(names, defaults), frozen=frozen)
        return new

    # All of it stands in the namespace: to set it on the class would look through its slots each time.
    namespace["__init__"] = _first_values(names, defaults, complete)
    namespace["__dataclass_fields__"] = _Fields(library)
    namespace["__qualname__"] = cls.__qualname__
    new: Any = type(cls)(cls.__name__, cls.__bases__, namespace)
    return cast("type", new)


_FEW = 64
"""To compile a constructor takes as long as about this many values made without."""


def _first_values(
    names: tuple[str, ...], defaults: Mapping[str, object], complete: Callable[[], Any]
) -> Callable[..., None]:
    """A constructor that needs no compilation; after a few values, or where it does not know, the library's follows."""
    roles = _roles(names, defaults)
    left = iter(range(_FEW))
    put = object.__setattr__

    def fill(self: Any, args: tuple[object, ...], kwargs: dict[str, object]) -> bool:  # noqa: ANN401 - the new value
        given, named = 0, 0
        for name, default, factory, asked in roles:
            if asked and given < len(args):
                put(self, name, args[given])
                given += 1
            elif asked and name in kwargs:
                put(self, name, kwargs[name])
                named += 1
            elif factory is not None:
                put(self, name, factory())
            elif default is not _NONE:
                put(self, name, default)
            elif asked:
                return False
        return given == len(args) and named == len(kwargs)

    def first(self: Any, *args: object, **kwargs: object) -> None:  # noqa: ANN401 - the new value
        if next(left, None) is None or not fill(self, args, kwargs):
            complete().__init__(self, *args, **kwargs)
        elif hasattr(self, "__post_init__"):
            self.__post_init__()

    return first


_NONE = object()
_Role: TypeAlias = "tuple[str, object, Callable[[], object] | None, bool]"
"""A field, its default, what makes it, and whether the constructor is given a value for it."""


def _roles(names: tuple[str, ...], defaults: Mapping[str, object]) -> tuple[_Role, ...]:
    return tuple((name, *_default(defaults, name)) for name in names)


def _constructor(cls: Any, roles: Sequence[_Role], *, frozen: bool) -> Callable[..., None]:  # noqa: ANN401 - any of ours
    """A constructor that takes the same arguments as the library's.

    It fills the slots of a frozen value by their own setters: the library's way, `object.__setattr__`, takes twice as
    long, and most of what a conversion makes is small frozen values.
    """
    scope: dict[str, Any] = {"_NONE": _NONE}
    given, lines = ["self"], []
    for name, default, factory, asked in roles:
        value = name
        if factory is not None:
            scope[f"_make_{name}"] = factory
            value = f"_make_{name}() if {name} is _NONE else {name}" if asked else f"_make_{name}()"
            default = _NONE  # noqa: PLW2901 - what stands for "not given"
        elif default is not _NONE:
            scope[f"_else_{name}"] = default
            value = name if asked else f"_else_{name}"
        elif not asked:
            continue
        if asked:
            optional = "=_NONE" if factory is not None else f"=_else_{name}" if default is not _NONE else ""
            given.append(name + optional)
        if frozen:
            scope[f"_set_{name}"] = cls.__dict__[name].__set__
        lines.append(f"_set_{name}(self, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__({', '.join(given)}):\n " + "\n ".join(lines or ["pass"]), scope)  # noqa: S102 - as the library does
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _default(defaults: Mapping[str, object], name: str) -> tuple[object, Callable[[], object] | None, bool]:
    """The default of a field, what makes it, and whether the constructor is given a value for it."""
    default = defaults.get(name, _NONE)
    if not hasattr(default, "default_factory"):
        return default, None, True
    import dataclasses  # what `field()` gave is its own

    assert isinstance(default, dataclasses.Field)  # noqa: S101 - nothing else has the attribute
    factory = None if default.default_factory is dataclasses.MISSING else default.default_factory
    return _NONE if default.default is dataclasses.MISSING else default.default, factory, default.init


def _values(names: tuple[str, ...]) -> Callable[[Any], object]:
    """The values of some fields: a tuple, or the one value."""
    return attrgetter(*names) if names else lambda _self: ()


def _equality(values: Callable[[Any], object]) -> Callable[[Any, object], object]:
    def equality(self: Any, other: object) -> object:  # noqa: ANN401 - any of our values
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return equality


def _repr(names: tuple[str, ...]) -> Callable[[Any], str]:
    def shown(self: Any) -> str:  # noqa: ANN401 - any of our values
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return shown


class _Fields:
    """`__dataclass_fields__` of a class that the library has not seen yet."""

    def __init__(self, library: Callable[[], Mapping[str, Any]]) -> None:
        self._library = library
        self._found: Mapping[str, Any] | None = None

    def __get__(self, value: object, owner: type) -> Mapping[str, Any]:
        if self._found is None:
            self._found = self._library()
        return self._found


def _no_assignment(_self: object, name: str, _value: object) -> None:
    from dataclasses import FrozenInstanceError  # only a fault of ours comes here

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_deletion(_self: object, name: str) -> None:
    from dataclasses import FrozenInstanceError  # as above

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(names: tuple[str, ...]) -> Callable[[Any], list[object]]:
    def getstate(self: Any) -> list[object]:  # noqa: ANN401 - any frozen value
        return [getattr(self, name) for name in names]

    return getstate


def _setstate(names: tuple[str, ...]) -> Callable[[Any, list[object]], None]:
    def setstate(self: Any, state: list[object]) -> None:  # noqa: ANN401 - any frozen value
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return setstate


def _hash(values: Callable[[Any], object]) -> Callable[[Any], int]:
    def hashed(self: Any) -> int:  # noqa: ANN401 - any frozen value
        try:
            known: int = self._hash
        except AttributeError:
            known = hash(values(self))
            object.__setattr__(self, _HASH, known)
        return known

    return hashed


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


def homes(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package: each of its names comes from the module that stands for it, at first use."""

    def found(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        import importlib  # as above: most runs ask for few names

        return getattr(importlib.import_module(modules[name]), name)

    return found

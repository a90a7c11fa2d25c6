"""Values of a table of classes as bytes, and back: the same values, or none.

JSON: a value of a class is an object of one key, the class's name, with the values of its fields in order; a tuple is
a list. What JSON has no word for stands in the table: texts and numbers that are more than that (codes, enumerations)
are made again by the field that holds them. A value of a class that is not in the table is not kept.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import field
from enum import Enum
from typing import Any, TypeAlias

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity, Source, Span
from converter.diagnostics.code import Code

Made: TypeAlias = Callable[[Any], Any]
Codes: TypeAlias = Callable[[str], Code]
"""A code by its name. Raises KeyError for one that is not known."""

_LEVEL = 1
_SMALL = 8_000
"""Bytes that are not worth the tables that zlib makes anew for each text."""
_ZIPPED = b"z"  # with which no JSON begins
LARGEST = 64_000_000
"""Bytes of an entry as JSON."""
_BYTES, _OWN = "bytes", "own"


class NotKeptError(ValueError):
    """A value that has no form here, or bytes that mean none."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class whose values are kept. `again`: by a field's name, what makes its value out of JSON's."""

    cls: Any
    again: Mapping[str, Made] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Its fields, in the order of its constructor."""
        return tuple(self.cls.__match_args__)


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes of a value, and the codes of the diagnostics in it: of each only its name is in the bytes."""

    data: bytes
    codes: tuple[Code, ...] = ()


DIAGNOSTICS = (Kind(Span), Kind(Diagnostic, {"severity": Severity}))
"""What a diagnostic is made of, without its source, which is known by itself, and its code."""


class Codec:
    """Writes and reads values of some classes."""

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        self._kinds = {kind.cls: (kind.cls.__name__, kind.names) for kind in kinds}
        self._makers = {kind.cls.__name__: _maker(kind) for kind in kinds}

    def written(self, value: object, own: Source) -> Written:
        """The bytes of a value. `own` is a source that the reader will have. Raises NotKeptError."""
        kinds = self._kinds
        codes: dict[Code, None] = {}

        def plain(one: Any) -> object:  # noqa: ANN401 - whatever JSON does not know
            if (kind := kinds.get(one.__class__)) is not None:
                if one.__class__ is Diagnostic:
                    codes.setdefault(one.code)
                return {kind[0]: [getattr(one, name) for name in kind[1]]}
            if one.__class__ is Source:
                return {_OWN: []} if one == own else {"Source": [one.name, one.text]}
            if isinstance(one, Enum):
                return one.value
            if isinstance(one, bytes):
                return {_BYTES: one.decode("latin-1")}
            raise NotKeptError(f"values of {one.__class__.__name__} are not kept")

        try:
            text = json.dumps(value, default=plain, check_circular=False, separators=(",", ":"))
        except RecursionError as error:
            raise NotKeptError("it is too deep") from error
        if len(text) > LARGEST:
            raise NotKeptError("it is too large")
        data = text.encode("ascii")
        return Written(data if len(data) < _SMALL else _ZIPPED + zlib.compress(data, _LEVEL), tuple(codes))

    def read(self, data: bytes, own: Source, codes: Codes) -> Any:  # noqa: ANN401 - the value that was written
        """The value that was written with such a source. Raises NotKeptError."""
        makers: dict[str, Made] = {**self._makers, _OWN: lambda _values: own, "Source": lambda values: Source(*values)}
        makers[_BYTES] = _bytes
        if (diagnostic := makers.get("Diagnostic")) is not None:
            makers["Diagnostic"] = lambda values: diagnostic([codes(values[0]), *values[1:]])

        def made(one: dict[str, Any]) -> object:
            ((name, values),) = one.items()
            return makers[name](values)

        try:
            return _deep(json.loads(_unzipped(data), object_hook=made))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, zlib.error) as error:
            raise NotKeptError("it is no such value") from error


def _unzipped(data: bytes) -> bytes:
    """The JSON of an entry; nothing for one that is not whole. Raises zlib.error."""
    if not data.startswith(_ZIPPED):
        return data
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(data[len(_ZIPPED) :], LARGEST)
    return text if unpacker.eof else b""


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


def _maker(kind: Kind) -> Made:
    """What makes a value of a class out of the values of its fields as JSON gives them."""
    cls, count = kind.cls, len(kind.names)
    again = [(kind.names.index(name), make) for name, make in kind.again.items()]

    def made(values: list[Any]) -> object:
        if len(values) != count:
            raise NotKeptError("it has other fields")
        given = [_deep(value) if value.__class__ is list else value for value in values]
        for at, make in again:
            given[at] = make(given[at])
        return cls(*given)

    return made


def _deep(value: Any) -> Any:  # noqa: ANN401 - as above
    """Lists as tuples; values in them are made already."""
    return tuple([_deep(one) for one in value]) if value.__class__ is list else value

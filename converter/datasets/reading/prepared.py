"""Tables as they were read, kept in a form that loads at once: reading their YAML would be most of a short run.

`prepared/` holds a file for each table and one with what is needed of all of them. Each names the digest of what it was
made from: the table files and the code that reads them. Where that is not the digest of what is there now, it is made
anew and written if the folder can be written; so a table that was changed works without any other step, and an
installed package never writes. `python -m converter.datasets.reading.prepare` makes all of them, as the build does.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from converter.datasets.reading import table as tables
from converter.datasets.reading.table import Entry, Table
from converter.diagnostics import Source, Span
from converter.model.fact import Fact
from converter.model.value import Macro
from converter.target.lookup import Lookup

HOME = Path(__file__).parent.parent
FOLDER = HOME / "tables"
PREPARED = HOME / "prepared"
_MACROS = HOME / "macros.yaml"
_FACTS = HOME.parent / "model" / "fact.py"


@functools.cache
def _common() -> bytes:
    """The digest of what every table rests on: the code of this room, the macros, what others include."""
    code = sorted(Path(__file__).parent.glob("*.py"))
    found = blake2b(digest_size=16)
    for path in (*code, _FACTS, _MACROS, *sorted(FOLDER.glob("_*.yaml"))):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.digest()


def _digest(name: str, content: bytes) -> str:
    """The digest of a table file and of what it rests on."""
    return blake2b(name.encode() + b"\0" + content + b"\0" + _common(), digest_size=16).hexdigest()


def digests() -> dict[str, str]:
    """The digest of every table file by its name."""
    return {path.name: _digest(path.name, path.read_bytes()) for path in sorted(FOLDER.glob("[!_]*.yaml"))}


def kept(name: str, key: object, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The content of a file of `prepared/` if it was made from what `key` says, else what `make` gives, kept there."""
    path = PREPARED / name
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found["key"] == key:
            return found
    except (OSError, ValueError, KeyError, TypeError):
        pass  # there is none, or half of one
    made = {"key": key, **make()}
    from converter import atomic  # what is prepared writes nothing

    with suppress(OSError):  # a folder that cannot be written: it is made anew the next time
        atomic.replace(path, json.dumps(made, ensure_ascii=True, separators=(",", ":")).encode("ascii"))
    return made


def table(file: str) -> Table:
    """The table of a file of the package."""
    content = (FOLDER / file).read_bytes()
    return _table(content, kept(named(file), _digest(file, content), lambda: _made(file)))


def listed(file: str, key: str) -> dict[str, Any]:
    """What the catalogue says of a table (see `Listing`), with the fields that it declares."""
    found: dict[str, Any] = kept(named(file), key, lambda: _made(file))["listing"]
    return found


def named(file: str) -> str:
    """The name of what is prepared of a table file."""
    return f"{Path(file).stem}.json"


def _made(file: str) -> dict[str, Any]:
    # Imported here: a table that is prepared needs no YAML
    from converter.datasets.reading.load import read_table

    read = read_table(file)
    sources = list(dict.fromkeys([read.source.name, *(e.source.name for e in read.entries.values() if e.source)]))
    encode = Encoder({name: number for number, name in enumerate(sources)})
    selector = {f.name: v for f in dataclasses.fields(read.selector) if (v := getattr(read.selector, f.name))}
    listing = {
        "name": read.name,
        "title": read.title,
        "family": read.family,
        "rank": read.rank,
        "selector": selector,
        "places": {p: [[place.name, place.mode] for place in places] for p, places in read.places.items()},
        "fields": [[e.path, e.type, e.many, e.analyzer] for e in read.entries.values()],
        "file": file,
    }
    fields = {f.name: encode(getattr(read, f.name)) for f in dataclasses.fields(read) if f.name != "source"}
    return {"listing": listing, "sources": sources, "table": fields}


def _table(content: bytes, made: Mapping[str, Any]) -> Table:
    own, *others = made["sources"]
    texts = [Source(own, content.decode("utf-8"))]
    texts += [Source(name, (FOLDER / Path(name).name).read_text(encoding="utf-8")) for name in others]
    decode = Decoder(texts)
    parts = dict(made["table"])
    lazy: dict[str, Any] = {name: Late(parts.pop(name), decode) for name in ("entries", "places")}
    return Table(**{name: decode(value) for name, value in parts.items()}, **lazy, source=texts[0])


_CLASSES: Mapping[str, type] = {
    cls.__name__: cls
    for cls in (
        tables.Raw, tables.When, tables.Always, tables.Unknown, tables.AsIs, tables.Lost, tables.Counterpart, Entry,
        tables.Implied, tables.Place, tables.Selector, Lookup, Macro,
    )
}  # fmt: skip
_ENUMS: Mapping[str, Callable[[str], object]] = {"Status": tables.Status, "Known": tables.Known}
_TAG = "$"
"""Marks an object that is no mapping; no key of a table is this."""


class Encoder:
    """A value of a table as JSON: a tuple is a list, a mapping an object, anything else an object with its class."""

    def __init__(self, sources: Mapping[str, int]) -> None:
        self._sources = sources

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - any value that a table holds
        """Fields that have their default are left out."""
        match value:
            case None | bool() | int() | str():
                return value
            case tuple():
                return [self(one) for one in value]
            case Span(start, end):
                return {_TAG: "Span", "v": [start, end]}
            case Source(name):
                return {_TAG: "Source", "v": self._sources[name]}
            case frozenset():
                return {_TAG: "facts", "v": sorted(fact.value for fact in value)}
            case tables.Status() | tables.Known():
                return {_TAG: type(value).__name__, "v": value.value}
            case Mapping():
                assert _TAG not in value  # noqa: S101 - else it would be read as another thing
                return {key: self(one) for key, one in value.items()}
            case _:
                return self._object(value)

    def _object(self, value: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the classes
        cls: Any = type(value)
        assert cls is _CLASSES[cls.__name__]  # noqa: S101 - else it would be read as another class
        found = {_TAG: cls.__name__}
        for field in dataclasses.fields(cls):
            one = getattr(value, field.name)
            default = field.default_factory() if callable(field.default_factory) else field.default
            if type(one) is not type(default) or one != default:
                found[field.name] = self(one)
        return found


class Decoder:
    """The value that an `Encoder` wrote."""

    def __init__(self, sources: list[Source]) -> None:
        self._sources = sources

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - any value that a table holds
        """As it was."""
        if isinstance(value, list):
            return tuple(map(self, value))
        if not isinstance(value, dict):
            return value
        tag = value.get(_TAG)
        match tag:
            case None:
                return {key: self(one) for key, one in value.items()}
            case "Span":
                return Span(*value["v"])
            case "Source":
                return self._sources[value["v"]]
            case "facts":
                return frozenset(map(Fact, value["v"]))
            case "Status" | "Known":
                return _ENUMS[tag](value["v"])
            case _:
                return _CLASSES[tag](**{key: self(one) for key, one in value.items() if key != _TAG})


class Late(Mapping[str, Any]):
    """A mapping whose values are decoded when they are asked for: a rule needs a few of a table's fields."""

    def __init__(self, encoded: Mapping[str, Any], decode: Decoder) -> None:
        self._encoded, self._decode = encoded, decode
        self._found: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - an entry, or places
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._decode(self._encoded[key])
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._encoded

    def __iter__(self) -> Iterator[str]:
        return iter(self._encoded)

    def __len__(self) -> int:
        return len(self._encoded)

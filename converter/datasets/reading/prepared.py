"""Tables as they were read, kept in a form that loads at once: reading their YAML would be most of a short run.

`prepared/` holds a file for each table and one with what is needed of all of them. Each names the sum of what it was
made from: the table files and the code that reads them. Where that is not the sum of what is there now, it is made
anew and written if the folder can be written; so a table that was changed works without any other step, and an
installed package never writes. `python -m converter.datasets.reading.prepare` makes all of them, as the build does.
"""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from converter.datasets.reading.encoding import Decoder, Encoder, Late
from converter.datasets.reading.kept import kept
from converter.datasets.reading.table import Table
from converter.diagnostics import Source

HOME = Path(__file__).parent.parent
FOLDER = HOME / "tables"
_MACROS = HOME / "macros.yaml"
_FACTS = HOME.parent / "model" / "fact.py"


def _files(folder: Path, ending: str) -> list[Path]:
    """The files of a folder with this ending, by name."""
    return [folder / name for name in sorted(os.listdir(folder)) if name.endswith(ending)]  # noqa: PTH208 - only names


@functools.cache
def _common() -> str:
    """The sum of what every table rests on: the code of this room, the macros, what others include."""
    code = _files(Path(__file__).parent, ".py")
    included = [path for path in _files(FOLDER, ".yaml") if path.name.startswith("_")]
    return _of(" ".join(_of(path.read_bytes()) for path in (*code, _FACTS, _MACROS, *included)).encode())


def _of(content: bytes) -> str:
    """What tells a file from what it was before. Every run asks: a digest would take five times as long."""
    return f"{len(content)}:{crc32(content)}"


def sum_of(name: str, content: bytes) -> str:
    """The sum of a table file and of what it rests on."""
    return f"{name} {_of(content)} {_common()}"


def sums() -> dict[str, str]:
    """The sum of every table file by its name."""
    tables = (path for path in _files(FOLDER, ".yaml") if not path.name.startswith("_"))
    return {path.name: sum_of(path.name, path.read_bytes()) for path in tables}


def table(file: str) -> Table:
    """The table of a file of the package."""
    content = (FOLDER / file).read_bytes()
    return _table(content, kept(named(file), sum_of(file, content), lambda: _made(file)))


def listed(file: str, key: str) -> dict[str, Any]:
    """What the catalogue says of a table (see `Listing`), with the fields that it declares."""
    found: dict[str, Any] = kept(named(file), key, lambda: _made(file))["listing"]
    return found


def fields(file: str) -> Sequence[tuple[str, str, bool, str]]:
    """The fields that a table of the package declares. With a mapping every table is asked, so that they are kept."""
    return _fields(file, sum_of(file, (FOLDER / file).read_bytes()))


@functools.lru_cache(maxsize=256)
def _fields(file: str, key: str) -> Sequence[tuple[str, str, bool, str]]:
    found: Sequence[tuple[str, str, bool, str]] = listed(file, key)["fields"]
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
        "places": {p: [[place.name, place.offered] for place in places] for p, places in read.places.items()},
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

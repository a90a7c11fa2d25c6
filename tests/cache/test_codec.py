"""What is kept comes back as it was, and what has no form is not kept."""

from __future__ import annotations

import dataclasses
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.build.kept import KINDS as OF_BUILDS
from converter.cache.codec import LARGEST, Codec, Kind, NotKeptError
from converter.cache.head import Head
from converter.cli.exit import Exit
from converter.cli.keeping import KINDS as OF_CONVERT
from converter.cli.keeping import Known
from converter.diagnostics import Diagnostic, Severity, Source, Span
from converter.diagnostics.code import Code
from converter.target.artifact import Artifact

OWN = Source("rules/x.toml", "[rule]\nname = 'x'\n" * 3)
CODES = {name: Code(name, f"{name} in short", "what it means", "what to do") for name in ("M001", "T002", "F003")}
ALL = (*OF_CONVERT, *OF_BUILDS, Kind(Head), Kind(Known))
CODEC = Codec(ALL)

TEXTS = st.text(st.characters(), max_size=8) | st.just("\udcff")
PLAIN: dict[str, Any] = {
    "str": TEXTS,
    "int": st.integers(-(2**40), 2**40),
    "bool": st.booleans(),
    "bytes": st.binary(max_size=8),
    "int | None": st.none() | st.integers(),
    "object": st.none(),
    "Code": st.sampled_from(sorted(CODES.values())),
    "Severity": st.sampled_from(Severity),
    "Exit": st.sampled_from(Exit),
    "Source | None": st.none() | st.just(OWN) | st.builds(Source, TEXTS, TEXTS),
    # what a run that keeps nothing fills
    "Account": st.just(()),
    "tuple[Assumption, ...]": st.just(()),
    "Rule | None": st.none(),
    "Seen | None": st.none(),
}
"""Values for fields by their annotation. A field that has another needs a form of its own, and an entry here."""


def values_of(annotation: str) -> st.SearchStrategy[Any]:
    """Values of a field."""
    if annotation in PLAIN:
        found: st.SearchStrategy[Any] = PLAIN[annotation]
        return found
    if annotation.endswith(" | None"):
        return st.none() | values_of(annotation.removesuffix(" | None"))
    if annotation.startswith("tuple[") and annotation.endswith(", ...]"):
        return st.lists(values_of(annotation[6:-6]), max_size=2).map(tuple)
    if annotation.startswith("tuple["):
        inner = annotation[6:-1]
        first, rest = inner.split(", ", 1)
        return st.tuples(values_of(first), values_of(rest))
    (kind,) = (one for one in ALL if one.cls.__name__ == annotation)
    return values(kind)


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Values of a class, every field filled."""
    assert kind.names == tuple(one.name for one in dataclasses.fields(kind.cls))
    annotations = kind.cls.__annotations__
    return st.builds(kind.cls, *(values_of(annotations[name]) for name in kind.names))


def spelled(value: Any) -> Any:
    """The value with the class of everything in it: a text and a code of the same letters are not the same."""
    if isinstance(value, tuple):
        return [spelled(one) for one in value]
    if dataclasses.is_dataclass(value):
        return [value.__class__, *(spelled(getattr(value, one.name)) for one in dataclasses.fields(value))]
    return (value.__class__, value)


def read(data: bytes) -> Any:
    return CODEC.read(data, OWN, CODES.__getitem__)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.cls.__name__)
@given(data=st.data())
def test_every_class_comes_back_as_it_was(kind: Kind, data: st.DataObject) -> None:
    value = data.draw(values(kind))
    written = CODEC.written(value, OWN)
    assert spelled(read(written.data)) == spelled(value)
    assert set(written.codes) <= set(CODES)


def test_the_file_s_own_text_is_not_written_and_codes_are_named() -> None:
    found = Diagnostic(CODES["M001"], "said", Severity.NOTE, Span(1, 2), OWN, "do")
    written = CODEC.written((found, found), OWN)
    assert b"name = 'x'" not in written.data
    assert b"in short" not in written.data
    assert written.codes == (CODES["M001"],)
    first, second = read(written.data)
    assert first.source is second.source is OWN
    assert first.code is CODES["M001"]


@pytest.mark.parametrize("size", [1, 100_000])
def test_long_entries_are_packed(size: int) -> None:
    written = CODEC.written("x" * size, OWN)
    assert len(written.data) < 10_000
    assert read(written.data) == "x" * size


@pytest.mark.parametrize("value", [{1, 2}, Artifact("t", "n", "f", "x", part={3}), Source, object()])
def test_what_has_no_form_is_not_kept(value: object) -> None:
    with pytest.raises(NotKeptError):
        CODEC.written(value, OWN)


def test_what_is_too_deep_or_too_large_is_not_kept() -> None:
    deep: tuple[object, ...] = ()
    for _ in range(100_000):
        deep = (deep,)
    with pytest.raises(NotKeptError):
        CODEC.written(deep, OWN)
    with pytest.raises(NotKeptError):
        CODEC.written("x" * (LARGEST + 1), OWN)


BAD = [
    b"",
    b"{",
    b"z",
    b"zzzz",
    b"z" + zlib.compress(b'"x"')[:-3],
    b"z" + zlib.compress(b" " * (LARGEST + 5), 9),
    b'{"Nobody":[]}',
    b'{"Span":[1]}',
    b'{"Span":[1,2],"Place":[1,2,3,4]}',
    b"{}",
    b'{"Span":3}',
    b'{"bytes":"\\u4e00"}',
    b'{"bytes":[1]}',
    b'{"Diagnostic":["Z999","m",{"Severity":"error"},null,null,""]}',
    b'{"Diagnostic":["M001","m","loud",null,null,""]}',
    b'{"Diagnostic":[]}',
    b'{"Part":[[],[],77,null,""]}',
    b"[" * 100_000,
    b"\xff\xfe",
]


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_bytes_that_mean_nothing(data: bytes) -> None:
    with pytest.raises(NotKeptError):
        read(data)


@given(data=st.binary(max_size=60) | st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Span", "Place", "own", "bytes", "Source", "Diagnostic", "x"]), inner, max_size=2), max_leaves=8).map(lambda one: json.dumps(one).encode()))  # fmt: skip
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(data)
    except NotKeptError:
        return

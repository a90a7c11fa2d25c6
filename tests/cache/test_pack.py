"""A pack gives back what was written, and of a damaged one only what is whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from converter.cache.key import key
from converter.cache.pack import packed, record, unpacked

ENTRIES = st.dictionaries(st.text(max_size=3).map(lambda text: key((text,))), st.binary(max_size=40), max_size=4)


@given(entries=ENTRIES)
def test_what_was_written_is_found(entries: dict[str, bytes]) -> None:
    records = {name: record(name, data, 7) for name, data in entries.items()}
    assert unpacked(packed(records)) == records
    assert {name: one.whole(name) for name, one in records.items()} == entries


@given(entries=ENTRIES, data=st.data())
def test_a_pack_that_is_cut_off_has_what_stands_before(entries: dict[str, bytes], data: st.DataObject) -> None:
    whole = packed({name: record(name, one, 7) for name, one in entries.items()})
    found = unpacked(whole[: data.draw(st.integers(0, max(0, len(whole) - 1)))])
    assert {name: one.whole(name) for name, one in found.items()}.items() <= entries.items()
    assert not entries or len(found) < len(entries)


@given(entries=ENTRIES, data=st.data())
def test_a_byte_that_changed_never_makes_another_entry(entries: dict[str, bytes], data: st.DataObject) -> None:
    whole = bytearray(packed({name: record(name, one, 7) for name, one in entries.items()}))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    found = {name: one.whole(name) for name, one in unpacked(bytes(whole)).items()}
    assert {name: one for name, one in found.items() if one is not None}.items() <= entries.items()


@given(data=st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"siemglot cache 1\n" + rest))
def test_any_bytes_are_a_pack_of_something(data: bytes) -> None:
    for name, one in unpacked(data).items():
        assert one.whole(name) in (None, one.data)


def test_heads_that_no_pack_has() -> None:
    first, name = b"siemglot cache 1\n", b"0" * 32
    for head in (b"\xff 1 1 1", name + b" 1 -1 1", name + b" 1 x 1", name + b" 1 1", name + b" 1 99 1", b"", name * 9):
        assert unpacked(first + head + b"\nx") == {}


def test_parts_of_a_key_are_not_run_together() -> None:
    assert key(("ab", "c")) != key(("a", "bc"))
    assert key(("a", b"b")) == key((b"a", "b"))
    assert key(("\udcff",)) != key(("\ufffd",))

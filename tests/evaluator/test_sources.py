"""Events from files of every kind, and what is said of those that are none."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from converter.diagnostics import Diagnostic, render
from converter.engine.engine import Engine
from converter.engine.judging import judge
from converter.engine.sources import files
from converter.engine.sources.batch import Batch
from converter.engine.sources.decode import BrokenEventError, check, decode
from converter.engine.sources.eventlog import flat
from converter.engine.sources.files import batches

EVENTS = [{"n": number, "text": "é" * number, "deep": {"list": [number, None]}} for number in range(250)]
LINES = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in EVENTS).encode()


def read(path: Path, size: int = 1000) -> tuple[list[dict[str, object]], list[Diagnostic]]:
    said: list[Diagnostic] = []
    found: list[dict[str, object]] = []
    numbers: list[int] = []
    for batch in batches(str(path), said.append, size):
        items = batch.items
        assert batch.count == len(items)
        numbers += range(batch.first, batch.first + len(items))
        found += [item if isinstance(item, dict) else decode(item) for item in items]
    assert numbers == sorted(set(numbers))
    return found, said


def packed(kind: str, data: bytes) -> bytes:
    if kind == "zstd":
        zstandard = pytest.importorskip("zstandard", reason="zstandard is in the extra zstd")
        return bytes(zstandard.ZstdCompressor().compress(data))
    return gzip.compress(data) if kind == "gzip" else data


@pytest.mark.parametrize("kind", ["plain", "gzip", "zstd"])
@pytest.mark.parametrize("size", [7, 1000, 1 << 20])
def test_lines(tmp_path: Path, kind: str, size: int) -> None:
    path = tmp_path / "events"
    path.write_bytes(packed(kind, LINES))
    assert read(path, size) == (EVENTS, [])


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_several_packed_parts_are_read_as_one(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "events"
    path.write_bytes(packed(kind, LINES) + packed(kind, LINES))
    assert read(path) == (EVENTS * 2, [])


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_packed_data_that_is_cut_off_is_told_after_what_it_held(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "events"
    data = packed(kind, b"".join(b'{"n":%d,"x":"%s"}\n' % (n, str(n * n).encode() * 9) for n in range(20_000)))
    path.write_bytes(data[: len(data) - 20])
    said: list[Diagnostic] = []
    lines = [line for batch in batches(str(path), said.append) for line in batch.lines_of_text]
    assert len(lines) > 1000 or kind == "zstd"
    assert [str(one.code) for one in said] == ["V002"]
    assert said[0].message == "the packed events cannot be read on: they end in the middle"


@pytest.mark.parametrize("space", ["", " \n\t"])
def test_an_array_is_read_element_by_element(tmp_path: Path, space: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("converter.engine.sources.array._PIECE", 50)
    path = tmp_path / "events.json"
    path.write_text(f"{space}[{space}" + f"{space},{space}".join(map(json.dumps, EVENTS)) + f"{space}]{space}")
    assert read(path) == (EVENTS, [])


@pytest.mark.parametrize(
    ("text", "count", "said"),
    [
        (
            '[{"a":1},{"a":',
            1,
            "element 2 of the array is broken, and what follows cannot be told apart: expecting value",
        ),
        ('[{"a":1} {"a":2}]', 1, "element 2 of the array is broken"),
        ("[]", 0, ""),
    ],
)
def test_broken_arrays(tmp_path: Path, text: str, count: int, said: str) -> None:
    path = tmp_path / "events.json"
    path.write_text(text)
    found, told = read(path)
    assert len(found) == count
    assert "".join(one.message for one in told).startswith(said)
    assert bool(told) == bool(said)


def test_rows_of_csv(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text('process.name,event.code,note\n"cmd, x",1,"two\nlines"\nsh,,\na,b,c,d\n', encoding="utf-8-sig")
    found, told = read(path)
    assert found == [{"process.name": "cmd, x", "event.code": "1", "note": "two\nlines"}, {"process.name": "sh"}, {}]
    assert [one.message for one in told] == ["the row has 4 cells, the header 3"]


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_columns(tmp_path: Path, kind: str) -> None:
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is in the extra parquet")
    import datetime as dt

    moment = dt.datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=dt.UTC)
    table = arrow.table(
        {"@timestamp": [moment] * 2, "process": [{"name": "cmd.exe", "args": ["a", None]}, None], "n": [1, 2]}
    )
    path = tmp_path / "events"
    if kind == "parquet":
        pytest.importorskip("pyarrow.parquet").write_table(table, path)
    else:
        with pytest.importorskip("pyarrow.ipc").new_file(path, table.schema) as writer:
            writer.write_table(table)
    stamp = "2026-01-02T03:04:05.678Z"
    assert read(path) == (
        [{"@timestamp": stamp, "process": {"name": "cmd.exe", "args": ["a"]}, "n": 1}, {"@timestamp": stamp, "n": 2}],
        [],
    )


def test_a_broken_file_of_columns(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is in the extra parquet")
    path = tmp_path / "events.parquet"
    path.write_bytes(b"PAR1 and nothing")
    found, told = read(path)
    assert (found, [str(one.code) for one in told]) == ([], ["V002"])


def test_a_record_of_an_event_log_is_a_flat_row() -> None:
    record = {
        "Event": {
            "#attributes": {"xmlns": "x"},
            "System": {
                "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon", "Guid": "{1}"}},
                "EventID": {"#attributes": {"Qualifiers": 1}, "#text": 1},
                "Channel": "Microsoft-Windows-Sysmon/Operational",
                "Correlation": None,
            },
            "EventData": {"Image": "C:\\cmd.exe", "ProcessId": 12},
        }
    }
    assert flat(record, "2026-01-02 03:04:05.000000 UTC") == {
        "@timestamp": "2026-01-02T03:04:05.000000Z",
        "Provider_Name": "Microsoft-Windows-Sysmon",
        "Provider_Guid": "{1}",
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Image": "C:\\cmd.exe",
        "ProcessId": 12,
    }


@pytest.mark.parametrize(
    ("line", "said", "place"),
    [
        (b"{", "expecting property name enclosed in double quotes", 1),
        (b'{"a":NaN}', "NaN is no JSON number", 0),
        (b"[1]", "an event must be a JSON object", 0),
        (b'{"a":"\xff"}', "it is no UTF-8 text: byte 0xff", 6),
        (b'{"a":"\\ud800"}', "a text holds half a character", 0),
        (b'{"a":' + b"[" * 200_000, "it is nested too deeply", 0),
        (b'{"a":' + b"9" * 5000 + b"}", "it holds a number that no field can hold", 0),
    ],
)
def test_lines_that_are_no_events(line: bytes, said: str, place: int) -> None:
    with pytest.raises(BrokenEventError) as caught:
        decode(line)
    assert (caught.value.message, caught.value.place) == (said, place)


def test_a_key_that_stands_twice() -> None:
    with pytest.raises(BrokenEventError, match="the key 'b' stands twice"):
        check(b'{"a":{"b":1,"c":2,"b":3}}')
    check(b'{"a":{"b":1},"b":2}')


def test_whole_numbers_stay_whole() -> None:
    assert decode(b'{"a":123456789012345678901234567890}') == {"a": 123456789012345678901234567890}


def test_a_line_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 1000)
    path = tmp_path / "events"
    path.write_bytes(b'{"n":1}\n' + b"x" * 5000 + b'\n{"n":2}\n')
    said: list[Diagnostic] = []
    lines = [line for batch in batches(str(path), said.append, 100) for line in batch.lines_of_text]
    assert [line for line in lines if line] == [b'{"n":1}', b'{"n":2}']
    assert lines.index(b'{"n":2}') == 2  # its number is right
    assert [(str(one.code), one.place) for one in said] == [("V003", "<path>:2".replace("<path>", path.as_posix()))]


def test_a_deep_event_is_told_and_not_followed() -> None:
    line = b'{"a":' * 600 + b"1" + b"}" * 600
    found = judge(Engine([]), Batch("x", 1, (line,)))
    assert found.total == 1


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LINES)))
    assert read(Path("-"))[0] == EVENTS


def test_records_of_an_event_log_as_the_package_gives_them() -> None:
    """Unnamed Data elements are a list; UserData wraps its members; attributes of System stand for themselves."""
    system = {
        "EventID": 1102,
        "TimeCreated": {"#attributes": {"SystemTime": "2026-01-02T03:04:05.000000Z"}},
        "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": 8}},
        "Security": {"#attributes": {"UserID": "S-1-5-18"}},
    }
    unnamed = {"Event": {"System": system, "EventData": {"Data": {"#text": ["a", "b"]}, "Binary": None}}}
    assert flat(unnamed, "") == {
        "EventID": 1102,
        "SystemTime": "2026-01-02T03:04:05.000000Z",
        "ProcessID": 4,
        "ThreadID": 8,
        "UserID": "S-1-5-18",
        "Data": ["a", "b"],
    }
    wrapped = {"LogFileCleared": {"#attributes": {"xmlns": "x"}, "SubjectUserName": "anna"}}
    assert flat({"Event": {"System": {"EventID": 1102}, "UserData": wrapped}}, "") == {
        "EventID": 1102,
        "SubjectUserName": "anna",
    }


COLUMNS = "{path}: error[V004]: Parquet and Arrow are read with pyarrow\n  hint: pip install 'siemglot[parquet]'"
RECORDS = "{path}: error[V004]: EVTX is read with the package evtx\n  hint: pip install 'siemglot[evtx]'"
PACKED = (
    "{path}: error[V004]: the events are packed with zstd, which needs the package zstandard\n"
    "  hint: pip install 'siemglot[zstd]', or unpack it: zstd -dc FILE | siemglot evaluate RULES --events -"
)


@pytest.mark.parametrize(
    ("package", "start", "said"),
    [
        ("evtx", b"ElfFile\x00", RECORDS),
        ("pyarrow", b"PAR1", COLUMNS),
        ("pyarrow", b"ARROW1", COLUMNS),
        ("zstandard", b"\x28\xb5\x2f\xfd", PACKED),
    ],
)
def test_error_format_without_its_package(
    tmp_path: Path, package: str, start: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / "events"
    path.write_bytes(start + b"and more")
    found, told = read(path)
    assert (found, [render(one) for one in told]) == ([], [said.format(path=path.as_posix())])

"""The store: what is broken, foreign, old or refused by the system is as good as not there."""

from __future__ import annotations

import os
import resource
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from converter import atomic
from converter.cache import age, files, store
from converter.cache.key import key
from converter.cache.store import Store

RUN = key(("run",))
ONE, TWO = key(("one",)), key(("two",))
DAY = 86_400


def filled(root: Path, **entries: bytes) -> list[Path]:
    """A store with entries, and its packs."""
    made = Store(root, RUN)
    for name, data in entries.items():
        made.add(key((name,)), data)
    made.close()
    return packs(root)


def packs(root: Path) -> list[Path]:
    return sorted((root / "runs" / RUN).glob("*.pack"))


def found(root: Path, name: str = ONE) -> bytes | None:
    return Store(root, RUN).find(name)


def test_what_is_added_is_found_by_this_run_and_the_next(tmp_path: Path) -> None:
    made = Store(tmp_path, RUN)
    assert made.find(ONE) is None
    made.add(ONE, b"1")
    assert made.find(ONE) == b"1"
    assert made.holds(ONE)
    made.close()
    assert found(tmp_path) == b"1"
    assert Store(tmp_path, key(("another run",))).find(ONE) is None


def test_a_later_entry_counts(tmp_path: Path) -> None:
    filled(tmp_path, one=b"old")
    filled(tmp_path, one=b"new")
    assert len(packs(tmp_path)) == 2
    assert found(tmp_path) == b"new"


def test_only_its_user_reads_it(tmp_path: Path) -> None:
    root = tmp_path / "above" / "root"
    (pack,) = filled(root, one=b"1")
    assert stat.S_IMODE(pack.stat().st_mode) == 0o600
    assert [stat.S_IMODE(one.stat().st_mode) for one in (pack.parent, root / "runs", root)] == [0o700] * 3


def emptied(pack: Path) -> None:
    pack.write_bytes(b"")


def cut(pack: Path) -> None:
    pack.write_bytes(pack.read_bytes()[:-1])


def other_bytes(pack: Path) -> None:
    pack.write_bytes(bytes(byte ^ 0x15 for byte in pack.read_bytes()))


def last_byte(pack: Path) -> None:
    data = pack.read_bytes()
    pack.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def folder(pack: Path) -> None:
    pack.unlink()
    pack.mkdir()


def link(pack: Path) -> None:
    pack.rename(pack.with_suffix(".elsewhere"))
    pack.symlink_to(pack.with_suffix(".elsewhere"))


def pipe(pack: Path) -> None:
    pack.unlink()
    os.mkfifo(pack)


@pytest.mark.parametrize("harm", [emptied, cut, other_bytes, last_byte, folder, link, pipe])
def test_a_broken_pack_is_none_and_the_next_one_counts(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    (pack,) = filled(tmp_path, one=b"1")
    harm(pack)
    assert found(tmp_path) is None
    filled(tmp_path, one=b"again")
    assert found(tmp_path) == b"again"


def test_a_pack_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, one=b"1")
    monkeypatch.setattr(os, "open", refused)
    assert found(tmp_path) is None


def refused(*_: object, **__: object) -> int:
    raise PermissionError(13, "permission denied")


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("no folder")
    assert filled(tmp_path, one=b"1") == []
    assert found(tmp_path) is None


@pytest.mark.parametrize("name", ["mkdir", "replace", "open"])
def test_a_place_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, name, refused)
        filled(tmp_path / "root", one=b"1")
    assert found(tmp_path / "root") is None
    assert [one for one in (tmp_path / "root").rglob("*") if one.is_file()] == []


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    filled(tmp_path, one=b"1")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        filled(tmp_path, two=b"2" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert found(tmp_path) == b"1"
    assert found(tmp_path, TWO) is None
    assert len(list((tmp_path / "runs" / RUN).iterdir())) == 1


def test_many_packs_become_one(tmp_path: Path) -> None:
    for number in range(8):
        filled(tmp_path, **{f"n{number}": b"%d" % number})
    assert len(packs(tmp_path)) == 8
    (pack,) = filled(tmp_path, one=b"1")
    assert found(tmp_path) == b"1"
    assert found(tmp_path, key(("n3",))) == b"3"
    last_byte(pack)
    assert Store(tmp_path, RUN).find(key(("n3",))) == b"3"


def test_what_was_not_used_for_long_is_left_out_and_what_is_used_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, one=b"1", two=b"2")
    start = time.time()
    for days in (8, 16, 24, 32):
        monkeypatch.setattr(time, "time", lambda days=days: start + days * DAY)
        made = Store(tmp_path, RUN)
        assert made.find(ONE) == b"1"
        monkeypatch.setattr(age, "clear", lambda _root: None)  # the files' own times are those of the clock
        made.close()
    assert found(tmp_path) == b"1"
    assert found(tmp_path, TWO) is None
    assert len(packs(tmp_path)) == 1


def test_more_than_a_pack_holds_is_written_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PART", 10)
    made = Store(tmp_path, RUN)
    for name in (ONE, TWO):
        made.add(name, b"x" * 11)
    assert len(packs(tmp_path)) == 2
    made.close()
    assert len(packs(tmp_path)) == 2


def test_a_merge_that_would_be_too_large_keeps_what_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        filled(tmp_path, **{f"n{number}": b"x" * 20})
    start = time.time()
    monkeypatch.setattr(time, "time", lambda: start + DAY)
    made = Store(tmp_path, RUN)
    monkeypatch.setattr(store, "LARGEST", 200)
    assert made.find(key(("n3",))) is not None
    made.close()
    monkeypatch.undo()
    assert found(tmp_path, key(("n3",))) == b"x" * 20
    assert found(tmp_path, key(("n4",))) is None


def old(path: Path, days: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(b"x")
    os.utime(path, (time.time() - days * DAY,) * 2)


def test_once_a_day_what_is_old_is_removed_and_nothing_that_is_not_ours(tmp_path: Path) -> None:
    (pack,) = filled(tmp_path, one=b"1")
    other, program = tmp_path / "runs" / key(("old",)) / "1.pack", tmp_path / "programs" / key(("p",))
    theirs = [
        tmp_path / "runs" / "experiment" / "1.pack",
        tmp_path / "runs" / "notes.pack",
        other.with_name("kept.txt"),
        tmp_path / "programs" / "mine",
        tmp_path / "1.pack",
    ]
    for path in (other, program, *theirs):
        old(path, 31)
    age.clear(tmp_path)
    assert other.exists()  # it was looked for when the store was closed
    old(tmp_path / "looked", 2)
    age.clear(tmp_path)
    assert not other.exists()
    assert not program.exists()
    assert all(path.exists() for path in (pack, *theirs))


def test_of_too_much_the_oldest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age, "_MOST", 2)
    paths = [tmp_path / "runs" / key((str(days),)) / "1.pack" for days in range(4)]
    for days, path in enumerate(paths):
        old(path, days)
    age.clear(tmp_path)
    assert [path.parent.exists() for path in paths] == [True, True, False, False]


def test_a_link_is_not_followed_by_what_removes(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "1.pack"
    old(elsewhere, 31)
    (tmp_path / "root" / "runs").mkdir(parents=True)
    (tmp_path / "root" / "runs" / RUN).symlink_to(elsewhere.parent)
    age.clear(tmp_path / "root")
    assert elsewhere.exists()


def test_what_another_run_removes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pack,) = filled(tmp_path, one=b"1")
    old(tmp_path / "looked", 2)
    old(pack, 31)
    real = os.scandir

    def raced(path: str) -> object:
        found = list(real(path))
        if Path(path) == pack.parent:
            pack.unlink()
        return Listed(found)

    monkeypatch.setattr(os, "scandir", raced)
    age.clear(tmp_path)
    files.remove(pack)
    assert not pack.exists()


class Listed(list[os.DirEntry[str]]):
    """What `scandir` gives."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_a_file_that_was_left_half_written_is_removed(tmp_path: Path) -> None:
    (pack,) = filled(tmp_path, one=b"1")
    left = pack.with_name(".x.pack.4194304999.siemglot")
    left.write_bytes(b"half")
    atomic.clear.cache_clear()
    filled(tmp_path, two=b"2")
    assert not left.exists()


def test_more_than_one_pack_can_hold_is_found_after_a_merge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LARGEST", 2_000)
    monkeypatch.setattr(store, "PART", 100)
    names = [key((f"n{number}",)) for number in range(60)]
    made = Store(tmp_path, RUN)
    for name in names:
        made.add(name, b"x" * 50)
    made.close()
    for _ in range(3):
        again = Store(tmp_path, RUN)
        assert [name for name in names if again.find(name) is None] == []
        again.close()


def test_a_half_written_file_of_a_run_that_was_killed_long_ago_goes_too(tmp_path: Path) -> None:
    pack = tmp_path / "runs" / key(("old",)) / "1.pack"
    left = pack.with_name(".2.pack.1.siemglot")
    theirs = pack.parent.parent / key(("new",)) / ".3.pack.1.siemglot"
    old(pack, 31)
    old(left, 31)
    old(theirs, 1)
    age.clear(tmp_path)
    assert not pack.parent.exists()
    assert theirs.exists()

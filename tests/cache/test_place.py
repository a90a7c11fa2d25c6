"""Whose folder the cache is, and which program its entries are of."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from converter.cache import program
from converter.cache.place import folder
from converter.cache.program import identity


def test_where_entries_are(tmp_path: Path) -> None:
    home, shared, own = str(tmp_path / "home"), str(tmp_path / "shared"), str(tmp_path / "own")
    assert folder({"HOME": home}) == tmp_path / "home" / ".cache" / "siemglot"
    assert folder({"USERPROFILE": home}) == tmp_path / "home" / ".cache" / "siemglot"
    assert folder({"HOME": home, "XDG_CACHE_HOME": shared}) == tmp_path / "shared" / "siemglot"
    assert folder({"HOME": home, "XDG_CACHE_HOME": "relative"}) == tmp_path / "home" / ".cache" / "siemglot"
    assert folder({"HOME": home, "XDG_CACHE_HOME": shared, "SIEMGLOT_CACHE": own}) == tmp_path / "own"
    assert folder({"HOME": home, "SIEMGLOT_CACHE": "off"}) is None
    assert folder({"HOME": home, "SIEMGLOT_CACHE": ""}) == tmp_path / "home" / ".cache" / "siemglot"
    assert folder({}) is None
    assert folder({"HOME": "relative"}) is None


def test_a_place_that_is_no_folder_or_that_others_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "cache"
    named = {"SIEMGLOT_CACHE": str(place)}
    place.write_text("a file")
    assert folder(named) is None
    assert folder({"SIEMGLOT_CACHE": str(place / "below")}) is None
    assert folder({"SIEMGLOT_CACHE": "a\0b"}) is None
    place.unlink()
    place.mkdir()
    assert folder(named) == place
    place.chmod(0o777)
    assert folder(named) is None
    place.chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert folder(named) is None
    monkeypatch.delattr(os, "geteuid")
    assert folder(named) == place


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that is the whole program."""
    monkeypatch.setattr(program, "PACKAGES", ("siemglot_some_code",))
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "code")])
    root = tmp_path / "code" / "siemglot_some_code"
    for name in ("__init__.py", "tables/one.yaml", "__pycache__/one.pyc", "prepared/one.json"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def test_every_file_of_the_program_counts(code: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = identity(cache)
    assert first is not None
    assert identity(cache) == first
    for name in ("__pycache__/one.pyc", "prepared/one.json"):
        (code / name).write_text("made anew")
    assert identity(cache) == first
    os.utime(code / "__init__.py", (1, 1))
    assert identity(cache) == first  # another time, the same bytes: as a fresh installation has them
    (code / "tables" / "one.yaml").write_text("tables/two.yaml")
    second = identity(cache)
    assert second not in (first, None)
    (code / "more.py").write_text("")
    assert identity(cache) not in (first, second, None)


def test_what_is_installed_counts(code: Path, tmp_path: Path) -> None:
    first = identity(tmp_path)
    (code.parent / "pysigma-9.dist-info").mkdir()
    assert identity(tmp_path) not in (first, None)


@pytest.mark.usefixtures("code")
def test_files_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = identity(tmp_path)
    (known,) = (tmp_path / "programs").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda _path: 1 / 0)
        assert identity(tmp_path) == first
    for broken in ("", "x", "g" * 32, "0" * 31):
        known.write_text(broken)
        assert identity(tmp_path) == first


@pytest.mark.usefixtures("code")
def test_a_program_that_cannot_be_seen_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(os, "scandir", gone)
    assert identity(tmp_path) is None

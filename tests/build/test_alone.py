"""One build holds its folder; those that only look share it."""

from __future__ import annotations

import builtins
import errno
from pathlib import Path
from typing import Any

import pytest

from converter.build.alone import alone
from converter.diagnostics.errors import EmitError

fcntl = pytest.importorskip("fcntl", reason="claims are those of POSIX")


def said(folder: Path, *, writes: bool) -> str:
    with pytest.raises(EmitError) as caught, alone(folder, writes=writes):
        pass
    return str(caught.value).replace(folder.as_posix(), "OUT")


def test_a_folder_is_held_until_the_build_ends(tmp_path: Path) -> None:
    hint = "\n  hint: wait until it has ended, or give this one another output folder"
    folder = tmp_path / "a" / "out"
    with alone(folder, writes=True):
        assert folder.is_dir()
        assert said(folder, writes=True) == f"OUT: error[B007]: another build is using this folder{hint}"
        assert said(folder, writes=False) == f"OUT: error[B007]: another build is writing to this folder{hint}"
    with alone(folder, writes=False), alone(folder, writes=False):
        assert said(folder, writes=True) == f"OUT: error[B007]: another build is using this folder{hint}"
    with alone(folder, writes=True):
        pass


def test_a_folder_that_is_not_there_is_made_by_who_writes(tmp_path: Path) -> None:
    with alone(tmp_path / "none", writes=False):
        assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("x")
    assert said(tmp_path / "file" / "out", writes=True) == "OUT: error[F022]: cannot be written: not a directory"


def test_without_claims_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that knows none, and a system that knows none."""

    def unknown(*_: int) -> None:
        raise OSError(errno.ENOTSUP, "not supported")

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", unknown)
        with alone(tmp_path, writes=True), alone(tmp_path, writes=True):
            pass
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "fcntl":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with alone(tmp_path, writes=True), alone(tmp_path, writes=True):
        pass

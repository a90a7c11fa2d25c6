"""How targets are found."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shared import ROOT

from converter.diagnostics.errors import EmitError
from converter.target import Emission, Target, registry

MINE = Target("mine", "Mine", ".x", lambda _bound, _options: Emission(""))


OWN = tuple(sorted(p.parent.name for p in (ROOT / "backends").glob("*/__init__.py")))
"""A target is a folder; nothing else says that it is there."""


class Point:
    """An installed entry point."""

    def __init__(self, name: str, value: object) -> None:
        self.name = name
        self.value = f"somewhere:{name}"
        self._loaded = value

    def load(self) -> object:
        return self._loaded


class Module:
    TARGET = MINE


@pytest.fixture
def extensions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    points = [Point("theirs", MINE), Point("module", Module), Point("splunk", MINE), Point("wrong", 3)]

    def entry_points(*, group: str, name: str | None = None) -> list[Point]:
        assert group == "siemglot.targets"
        return [p for p in points if name in (None, p.name)]

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    registry._extensions.cache_clear()
    yield
    registry._extensions.cache_clear()


def test_names_are_found_without_an_import() -> None:
    loaded = set(sys.modules)
    assert registry.builtin_names() == OWN
    assert set(OWN) >= {"python", "sentinel", "sigma", "splunk"}
    assert {m for m in set(sys.modules) - loaded if m.startswith("backends.")} == set()


@pytest.mark.parametrize("name", registry.builtin_names())
def test_target_facts(name: str) -> None:
    target = registry.load(name)
    assert target.name == name
    assert target.suffix.startswith(".")
    assert "ecs" in target.modes
    assert "{}" in target.heading
    assert registry.load(name) is target


@pytest.mark.usefixtures("extensions")
def test_other_distributions_bring_targets() -> None:
    assert registry.names() == (*OWN, "module", "theirs", "wrong")
    assert registry.load("theirs") is MINE
    assert registry.load("module") is MINE
    assert registry.load("splunk") is not MINE
    with pytest.raises(EmitError, match="T004"):
        registry.load("wrong")


def test_error_foreign_package_of_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Foreign:
        TARGET = "something else"

    monkeypatch.setattr(registry, "builtin_names", lambda: ("lab",))
    monkeypatch.setattr("importlib.import_module", lambda _name: Foreign)
    registry._builtin.cache_clear()
    with pytest.raises(EmitError, match=r"backends\.lab has no TARGET\n.*another distribution"):
        registry.load("lab")
    registry._builtin.cache_clear()


def test_error_target_file_is_no_python(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("TARGET = (")
    with pytest.raises(EmitError, match=r"T004.*SyntaxError"):
        registry.load(str(path))

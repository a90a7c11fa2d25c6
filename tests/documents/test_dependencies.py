"""docs/dependencies.md names every distribution that the project declares."""

from __future__ import annotations

import re
import tomllib

import pytest
from shared import ROOT

from benchmarks.dependencies import name_of


def test_every_dependency_has_its_licence_stated() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *(r for found in project["optional-dependencies"].values() for r in found)]
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    missing = {name for r in declared if (name := name_of(r)) != "siemglot" and f"| {name} |" not in page}
    assert declared
    assert not missing


def extras(project: dict[str, dict[str, list[str]]], name: str) -> set[str]:
    """The distributions of an extra, those of the extras that it names included."""
    found: set[str] = set()
    for requirement in project["optional-dependencies"][name]:
        inner = re.fullmatch(r"siemglot\[(.*)\]", requirement)
        found |= {n for e in inner[1].split(",") for n in extras(project, e)} if inner else {name_of(requirement)}
    return found


@pytest.mark.parametrize(("file", "extra"), [("run", "build"), ("dev", "dev")])
def test_what_is_installed_for_development_is_pinned_by_hashes(file: str, extra: str) -> None:
    """The Makefile, and so CI, installs what stands there and nothing else; no index is named."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "constraints" / f"{file}.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines()]
    pinned = {}
    for name, *rest in lines:
        hashes = [word for word in rest if word.startswith("--hash=sha256:") and len(word) == 14 + 64]
        assert hashes, name
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+", name), name
        pinned[name.partition("==")[0]] = name
    assert not [line for line in lines if any("/" in word for word in line)]
    assert {*map(name_of, project["dependencies"]), *extras(project, extra)} <= set(pinned)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert f"$(call install,{file}," in makefile

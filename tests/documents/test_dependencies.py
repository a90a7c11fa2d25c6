"""docs/dependencies.md names every distribution that the project declares."""

from __future__ import annotations

import tomllib

from shared import ROOT

from benchmarks.dependencies import name_of


def test_every_dependency_has_its_licence_stated() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *(r for found in project["optional-dependencies"].values() for r in found)]
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    missing = {name for r in declared if (name := name_of(r)) != "siemglot" and f"| {name} |" not in page}
    assert declared
    assert not missing

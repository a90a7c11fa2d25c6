"""The wheel as a user gets it: built, looked into, installed into an empty environment, and run."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from shared import ROOT

from converter.target import registry

SEED = ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is in the test extra")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


def test_wheel_holds_two_packages_and_their_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[0] for n in names} == {"converter", "backends", "siemglot-0.1.0.dist-info"}
    for folder in ("converter", "backends"):
        inside = {p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob("*") if p.is_file()}
        wanted = {n for n in inside if "__pycache__" not in n and "/prepared/" not in n}  # made anew where it runs
        assert wanted <= set(names)
    assert "siemglot-0.1.0.dist-info/licenses/LICENSE" in names
    assert "siemglot-0.1.0.dist-info/licenses/NOTICE" in names


def test_wheel_converts_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    scripts = environment / ("Scripts" if sys.platform == "win32" else "bin")
    install: list[str | Path] = [
        scripts / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        wheel,
    ]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    if installed.returncode != 0:
        pytest.skip(f"pip cannot install here: {installed.stderr.strip().splitlines()[-1:]}")
    convert: list[str | Path] = [scripts / "convert", SEED, "--to", "all", "-o", tmp_path / "out"]
    converted = subprocess.run(convert, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert converted.returncode == 0, converted.stderr
    suffixes = {".txt", *(registry.load(name).suffix for name in registry.builtin_names())}
    names = [p.name for p in (tmp_path / "out").iterdir()]
    assert {suffix for suffix in suffixes if any(name.endswith(suffix) for name in names)} == suffixes
    again: list[str | Path] = [scripts / "siemglot", SEED, "--to", "splunk"]
    assert "`o365_management_activity`" in subprocess.run(again, capture_output=True, text=True, check=True).stdout

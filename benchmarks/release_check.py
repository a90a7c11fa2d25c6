"""Whether what is to be released is whole: `python -m benchmarks.release_check DIST [TAG]`.

The wheel and the sdist hold what they should and nothing else, and the wheel, installed into an empty environment,
converts the examples to the bytes that stand in the repository.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

from converter import __version__
from converter.target import registry

ROOT = Path(__file__).parent.parent
EXAMPLE = "examples/four_artifacts"
IN_SDIST = (
    "LICENSE",
    "NOTICE",
    "README.md",
    "CHANGELOG.md",
    "Makefile",
    "package.json",
    "package-lock.json",
    "action.yml",
    "Dockerfile",
    ".ci/run",
    "tests/shared.py",
    "converter/build/reports/page/page.js",
    "docs/rules.md",
)


def contents(dist: Path) -> list[str]:
    """What is wrong with the two files; nothing for a release."""
    wheel, sdist = dist / f"siemglot-{__version__}-py3-none-any.whl", dist / f"siemglot-{__version__}.tar.gz"
    if {wheel, sdist} != set(dist.iterdir()):
        return [f"{dist} has not the wheel and the sdist of {__version__} alone"]
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for room in ("converter", "backends")
        for path in (ROOT / room).rglob("*")
        if path.is_file() and not {"__pycache__", "prepared"} & set(path.parts)  # made anew where it runs
    }
    tops = ("converter", "backends", f"siemglot-{__version__}.dist-info")
    others = {name for name in inside if name.split("/")[0] not in tops}
    found = [f"the wheel lacks {name}" for name in sorted(wanted - inside)]
    found += [f"the wheel has {name}" for name in sorted(others | {n for n in inside if "__pycache__" in n})]
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    found += [f"the sdist lacks {name}" for name in sorted({*wanted, *IN_SDIST} - names)]
    return found + [f"the sdist has {name}" for name in sorted(names) if "__pycache__" in name]


def converted(dist: Path, folder: Path) -> list[str]:
    """What the installed wheel gives otherwise than the repository has it."""
    venv.create(folder / "venv", with_pip=True)
    scripts = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    (wheel,) = dist.glob("*.whl")
    subprocess.run([scripts / "python", "-m", "pip", "install", "--quiet", wheel], check=True)
    rule = f"{EXAMPLE}/mailbox_permission_added.toml"
    targets = ",".join(registry.builtin_names())
    out = folder / "out"
    subprocess.run([scripts / "siemglot", rule, "--to", targets, "-o", out, "-q"], check=True, cwd=ROOT)
    there = {path.name: path.read_bytes() for path in (ROOT / EXAMPLE).iterdir() if path.suffix != ".toml"}
    made = {path.name: path.read_bytes() for path in out.iterdir() if path.name in there}
    return [f"{name} is another" for name in sorted(there) if made.get(name) != there[name]]


def main(dist: Path, tag: str = "") -> int:
    """0 if all is well; else what is wrong, on stderr."""
    found = contents(dist)
    if tag and tag != f"v{__version__}":
        found.append(f"the tag {tag} is not that of {__version__}")
    if not found:
        with tempfile.TemporaryDirectory() as folder:
            found = converted(dist, Path(folder))
    for line in found:
        sys.stderr.write(f"{line}\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))

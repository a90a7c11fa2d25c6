"""The licence of every distribution that siemglot or one of its extras needs, as docs/dependencies.md has it.

    python -m benchmarks.dependencies > docs/dependencies.md

Only what is installed is listed; `make dependencies` installs the development extra first.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

HEAD = """# Dependencies and their licences

Made by `make dependencies` from what is installed. The base install needs the first table only; each extra adds what it
names. Nothing of them is copied into siemglot or into an artifact.

Development and CI install the releases in `constraints/`, each by the hashes of its files (`make constraints` writes
them anew, `make PINNED= test` takes what the index has). The environments of `make test-pysigma2`, `sigma-check`,
`splunk-check` and `panther-check` take the newest that fit, which is what they are there to try.
"""


ELSEWHERE = {
    "atheris": "Apache-2.0",
    "contentctl": "Apache-2.0",
    "editables": "MIT",
    "pandas": "BSD-3-Clause",
    "pysigma-backend-elasticsearch": "LGPL-3.0-only",
    "pysigma-backend-kusto": "LGPL-3.0-only",
    "pysigma-validators-sigmahq": "LGPL-2.1-only",
    "pyspark": "Apache-2.0",
    "sigma-cli": "LGPL-2.1-or-later",
    "splunk-appinspect": "proprietary (Splunk); a check, never shipped",
}
"""What the metadata of those says that live in environments of their own."""


def name_of(requirement: str) -> str:
    """The normal name of a requirement: `siemglot[judges]>=1` is `siemglot`."""
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def licence(name: str) -> str:
    """The licence that a distribution declares; "not installed" for one that is not."""
    try:
        data = metadata.metadata(name).json
    except metadata.PackageNotFoundError:
        return ELSEWHERE.get(name, "not installed")
    stated = str(data.get("license_expression", ""))
    if stated:
        return stated
    classes = [str(c).rsplit(" :: ", 1)[-1] for c in data.get("classifier", []) if str(c).startswith("License ::")]
    text = str(data.get("license", "")).strip().splitlines()
    return ", ".join(classes) or (text[0][:60] if text else "see the distribution")


def rows(requirements: list[str]) -> list[str]:
    """A table of some requirements."""
    names = sorted({name for r in requirements if (name := name_of(r)) and name != "siemglot"})
    return ["| distribution | licence |", "|---|---|", *(f"| {name} | {licence(name)} |" for name in names), ""]


def page() -> str:
    """The whole page."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    out = [HEAD, "## siemglot", "", *rows(project["dependencies"])]
    for extra, requirements in project["optional-dependencies"].items():
        if any(name_of(r) != "siemglot" for r in requirements):
            out += [f"## The extra `{extra}`", "", *rows(requirements)]
    return "\n".join(out).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())

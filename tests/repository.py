"""A repository made as docs/ci.md says, and its workflow's steps run as a runner would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from shared import ROOT

PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def files_of_the_page() -> dict[str, str]:
    """The blocks whose first line names a file."""
    blocks = re.findall(r"^```\w+\n# (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return {name: f"# {name}\n{text}" for name, text in blocks}


def block(language: str, part: str) -> str:
    """The block of a language that holds a text."""
    found: list[str] = [
        b for b in re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if part in b
    ]
    (one,) = found
    return one


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the action left: exit code, stdout of all steps and of the build, the job's summary."""

    code: int
    out: str
    build: str
    summary: str


_GH = """\
import json, pathlib, sys
place, state, words = pathlib.Path(FOLDER), pathlib.Path(FOLDER, "gh.json"), sys.argv[1:]
known = json.loads(state.read_text()) if state.exists() else {"calls": [], "comments": []}
known["calls"].append(words)
match words:
    case ["pr", "view", "7", "--json", "comments"]:
        print(json.dumps({"comments": known["comments"]}))
    case ["pr", "comment", "7", "--body-file", path] if not (place / "forbidden").exists():
        body = pathlib.Path(path).read_text()
        known["comments"].append({"id": f"IC_{len(known['comments'])}", "viewerDidAuthor": True, "body": body})
    case ["api", "graphql", "--silent", "-f", query, "-f", which, "-F", path] if "updateIssueComment" in query:
        (one,) = [c for c in known["comments"] if f"id={c['id']}" == which and c["viewerDidAuthor"]]
        one["body"] = pathlib.Path(path.removeprefix("body=@")).read_text()
    case _:
        sys.exit(1)
state.write_text(json.dumps(known))
"""
"""GitHub's command line, as far as the action calls it: it writes down each call and keeps comments of pull request 7."""


class Repository:
    """A git repository in a folder, with its origin beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        self.folder.mkdir()
        self._bin = folder / "bin"
        self._bin.mkdir()
        self._temporary = folder / "runner"
        script = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m converter "$@"\n'
        github = f"#!{sys.executable}\nFOLDER = {str(folder)!r}\n{_GH}"
        pip = f'#!/bin/sh\necho "$@" >> "{folder}/pip"\n'
        for name, text in (("siemglot", script), ("gh", github), ("python", pip)):
            (self._bin / name).write_text(text)
            (self._bin / name).chmod(0o755)
        self._gh = folder / "gh.json"
        self.pip = folder / "pip"
        self.git("init", "--quiet", "--initial-branch=main")
        subprocess.run(["git", "init", "--quiet", "--bare", folder / "origin"], check=True)
        self.git("remote", "add", "origin", str(folder / "origin"))

    def git(self, *arguments: str) -> None:
        own = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *own, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "x")

    @property
    def comments(self) -> list[dict[str, object]]:
        """The comments of the pull request."""
        found: list[dict[str, object]] = json.loads(self._gh.read_text())["comments"] if self._gh.exists() else []
        return found

    def say(self, body: str, *, own: bool) -> None:
        """A comment of somebody else, or of another action that writes under our name."""
        known = json.loads(self._gh.read_text()) if self._gh.exists() else {"calls": [], "comments": []}
        known["comments"].append({"id": f"IC_{len(known['comments'])}", "viewerDidAuthor": own, "body": body})
        self._gh.write_text(json.dumps(known))

    def run(self, event: str, **inputs: str) -> Ran:
        """The action's steps that are scripts, in order, as for an event; a step that fails ends it."""
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir()
        given = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()} | inputs
        said = {"github.event_name": event, "github.base_ref": "main", "github.event.pull_request.number": "7"}
        said |= {f"inputs.{name}": value for name, value in given.items()}
        out, code, built = "", 0, ""
        for step in ACTION["runs"]["steps"]:
            if "run" not in step or not self._applies(step, said):
                continue
            done = self._step(step, said)
            out += done.stdout
            built = done.stdout if step["name"] == "Build" else built
            code = done.returncode
            for line in (self._temporary / "output").read_text().splitlines():
                said[f"steps.{step.get('id')}.outputs.{line.partition('=')[0]}"] = line.partition("=")[2]
            if code:
                break
        summary = (self._temporary / "summary").read_text()
        return Ran(code, out, built, summary)

    def _step(self, step: dict[str, Any], said: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a step's script, its environment filled."""
        expression = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
        environment = {name: expression.sub(lambda m: said.get(m[1], ""), text) for name, text in step["env"].items()}
        assert "${{" not in step["run"]  # what a stranger names a branch must not become part of a script
        for name in ("output", "summary"):
            (self._temporary / name).touch()
        own = {
            "PATH": f"{self._bin}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(ROOT),
            "RUNNER_TEMP": str(self._temporary),
            "GITHUB_OUTPUT": str(self._temporary / "output"),
            "GITHUB_STEP_SUMMARY": str(self._temporary / "summary"),
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env={**os.environ, **environment, **own},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )

    @staticmethod
    def _applies(step: dict[str, Any], said: dict[str, str]) -> bool:
        """Whether an `if` of the action holds: comparisons joined by &&."""
        for part in filter(None, step.get("if", "").split(" && ")):
            name, sign, value = part.split(" ")
            if (said[name] == value.strip("'")) != (sign == "=="):
                return False
        return True

"""A folder with rules of every kind, and runs in it, for tests of the cache."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from command import Ran, run
from shared import ROOT

CONVERT = ("convert", "rules", "-j", "1", "-t", "splunk,sentinel,sigma,python")
BUILD = ("build", "rules", "-j", "1", "-t", "splunk,sentinel,sigma,python", "-o", "out")
TOML = """[metadata]
creation_date = "2024/01/0{day}"
[rule]
rule_id = "{rule_id}"
name = "{name}"
license = "Elastic License v2"
type = "query"
language = "kuery"
index = ["logs-o365.audit-*"]
{more}query = '''{query}'''
"""
QUERIES = (
    "event.dataset: o365.audit and user.id: a",
    "user.id: b and acme.x: 1",
    "user.id: (",
    "a: b and\\tc: d",
    'process.args: "x" and not user.name: *\u0130*',
)
LISTED = """[[rule.exceptions_list]]
id = "list-id"
list_id = "mine"
type = "detection"
namespace_type = "single"
"""
EXCEPTIONS = """[[exceptions]]
[exceptions.container]
list_id = "mine"
name = "Mine"
[[exceptions.items]]
name = "one"
[[exceptions.items.entries]]
field = "user.name"
operator = "included"
type = "match"
value = "root"
"""
SIGMA = """title: A Sigma rule
id: 00000000-0000-4000-8000-000000000001
logsource: {product: windows, category: process_creation}
detection: {selection: {Image: a.exe}, condition: selection}
"""
FILTER = """title: A filter
id: 00000000-0000-4000-8000-000000000002
logsource: {product: windows, category: process_creation}
filter: {rules: [00000000-0000-4000-8000-000000000001], selection: {User: root}, condition: not selection}
"""
MAPPING = """dataset: acme.audit
title: Acme audit log
match: {index: ["logs-acme.audit-*"], datasets: [acme.audit]}
evidence: {AC: Acme's own documentation}
platforms:
  splunk: {audit: {header: {index: acme, sourcetype: "acme:audit"}, base: 'Kind == "audit"'}}
fields:
  event.action: {splunk: values Op, ev: [AC], values: {start: "1"}}
"""
ACME = TOML.replace("o365.audit-*", "acme.audit-*")


def rule(number: int, *, name: str = "", rule_id: str = "", query: str = "", more: str = "", day: int = 1) -> str:
    """A rule file's text."""
    text = query or QUERIES[number % len(QUERIES)]
    return TOML.format(name=name or f"Rule {number}", rule_id=rule_id or f"id-{number}", query=text, more=more, day=day)


class Project:
    """A folder with rules, and the cache of the runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        (folder / "rules" / "deep").mkdir(parents=True)
        for number in range(8):
            self.write(f"r{number}.toml", rule(number))
        self.write("deep/r9.toml", rule(9))
        self.write("listed.toml", rule(0, name="Listed", rule_id="listed", more="").rstrip() + "\n" + LISTED)
        self.write("broken.toml", "[rule")
        self.write("no rule.yml", "a: 1\n")
        self.write("sigma.yml", SIGMA)
        seed = next((ROOT / "rules" / "elastic").glob("*.toml"))
        self.write(seed.name, seed.read_text("utf-8"))

    def write(self, name: str, text: str) -> None:
        (self.folder / "rules" / name).write_text(text, "utf-8")

    def remove(self, name: str) -> None:
        (self.folder / "rules" / name).unlink()

    def run(self, arguments: Sequence[str], *, terminal: bool = False) -> tuple[Ran, dict[str, bytes]]:
        """What a run says, and every file that is in its folder then."""
        done = run(*arguments, terminal=terminal)
        out = self.folder / "out"
        files = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
        return Ran(done.code, done.out, re.sub(r"\d+ s left", "? s left", done.err)), files

    def afresh(self, arguments: Sequence[str], *, terminal: bool = False) -> tuple[Ran, dict[str, bytes]]:
        """The same, of a folder in which nothing was written before."""
        self.clean()
        return self.run(arguments, terminal=terminal)

    def clean(self) -> None:
        """Remove what runs have written."""
        for path in sorted((self.folder / "out").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()

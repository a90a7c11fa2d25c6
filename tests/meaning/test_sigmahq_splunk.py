"""Native searches for SigmaHQ's rules about Windows hosts, run on witness events, beside those of pySigma's backend."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Mapping, Sequence

from shared import some_or_all
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma_sqlite import in_sigmas_words, rows_of
from sigmahq import needs_sigmahq, sigmahq_rules

from converter import api
from converter.diagnostics.errors import ConverterError
from converter.proof.assumption import breach
from converter.proof.example import NOW
from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.run import run
from converter.reference import matches
from converter.target.artifact import Status
from converter.target.naming import Naming

# Sysmon's number for the events of a category.
CODES = {
    "process_creation": "1",
    "network_connection": "3",
    "image_load": "7",
    "file_event": "11",
    "registry_set": "13",
}
FOLDED_ELSEWHERE = re.compile("[\u0131\u0130\u017f\u212a]")
"""Letters that Python's engine folds with ASCII ones: the artifacts assume that no value holds them (A01)."""
_TABLE = re.compile(r"\| table .*\Z", re.DOTALL)


def _found(search: str, rows: Sequence[Mapping[str, str]]) -> list[bool]:
    numbers = {row["number"] for row in run(_TABLE.sub("", search), rows, now=NOW / 1000)}
    return [row["number"] in numbers for row in rows]


def _row(number: int, values: Mapping[str, str], code: str) -> dict[str, str]:
    """An event as the add-on for Sysmon extracts it."""
    names = {"process_name": "Image", "parent_process_name": "ParentImage"}
    made = {column: values[name].rpartition("\\")[2] for column, name in names.items() if name in values}
    return {**values, **made, "EventCode": code, "_time": str(NOW // 1000), "number": str(number), "host": "h"}


def _theirs(text: str) -> str | None:
    """pySigma's search; None where the backend is not installed or gives none."""
    try:
        backend = importlib.import_module("sigma.backends.splunk").SplunkBackend()
        (search,) = backend.convert(SigmaCollection.from_yaml(text))
    except (ImportError, SigmaError, ValueError):
        return None
    return str(search)


@needs_sigmahq
@some_or_all
def test_searches_find_what_the_reference_finds(everything: bool) -> None:
    naming = Naming(macros={"sysmon": "an_index"})
    rules = events = cannot = 0
    ours: list[str] = []
    theirs: list[str] = []
    paths = [path for path in sigmahq_rules() if any(category in path.as_posix() for category in CODES)]
    for path in paths[:: 1 if everything else 90]:
        try:
            rule = api.read_rule(path)
        except ConverterError:
            continue
        source = rule.meta.log_source
        if source is None or source.product != "windows" or source.category not in CODES:
            continue
        artifact = api.convert(rule, "splunk", naming=naming, inline_macros=True)
        if artifact.status is not Status.EXACT:
            continue
        where, names = in_sigmas_words(rule)
        broken = breach(rule, artifact)
        witnessed = [
            (event, values)
            for event, values in rows_of(where, names, 60)
            if broken(event) is None and not any(map(FOLDED_ELSEWHERE.search, values.values()))
        ]
        rows = [_row(number, values, CODES[source.category]) for number, (_, values) in enumerate(witnessed)]
        wanted = [matches(where, event, NOW) for event, _ in witnessed]
        rules, events = rules + 1, events + len(rows)
        if _found(artifact.text, rows) != wanted:
            ours.append(path.name)
        other = _theirs(path.read_text(encoding="utf-8"))
        try:
            if other is not None and _found(other, rows) != wanted:
                theirs.append(path.name)
        except SplError:
            cannot += 1
    line = f"{rules} rules, {events} events, {len(ours)} differ; pySigma's: {len(theirs)} differ, {cannot} cannot run"
    sys.stdout.write(f"\nsplunk: {line}: {theirs}\n")
    assert rules
    assert ours == []

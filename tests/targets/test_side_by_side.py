"""Artifacts beside what an expert wrote for the same rule: as long, at most by a little, and of the same events."""

from __future__ import annotations

import importlib.util
import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from engines.kusto_parser import sentinel_tables
from shared import SHARED

import converter
from converter.datasets.reading.columns import read_columns
from converter.datasets.reading.macros import macros
from converter.proof.judges.kusto import run as kusto
from converter.proof.judges.spl import run as spl

NATIVE = SHARED / "reference" / "native"
PAIRS = NATIVE / "target_rows.json"
RULES = SHARED / "corpus" / "elastic-detection-rules"
MARK = "row_number"
ROWS = 1200
LONGER = {
    "impact_deleting_backup_catalogs_with_wbadmin": 1.25,
    "defense_evasion_lsass_ppl_disabled_registry": 1.35,
    "persistence_administrator_role_assigned_to_okta_user": 1.3,
    "exfiltration_sns_rare_protocol_subscription_by_user": 1.25,
    "persistence_startup_folder_scripts": 1.25,
    "credential_access_imageload_azureadconnectauthsvc": 1.35,
    "initial_access_entra_id_kali365_user_agent": 1.05,
    "impact_azure_storage_account_deletion_multiple": 1.5,
    "persistence_registry_uncommon": 1.8,
}
"""How many times the expert's length each may have; docs/corpus.md says why some are longer than 1.2 times."""

pytestmark = pytest.mark.skipif(not PAIRS.is_file(), reason=f"no pairs at {NATIVE.name} (set SIEMGLOT_SHARED)")


@dataclass(frozen=True, slots=True)
class Side:
    """One pair: the rule, the target and what the expert wrote."""

    path: Path
    target: str
    text: str


@cache
def measure() -> ModuleType:
    """The shared measure of artifacts."""
    spec = importlib.util.spec_from_file_location("deployable", NATIVE / "deployable.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def sides() -> Iterator[Side]:
    """The pairs whose rule is in the corpus."""
    for row in json.loads(PAIRS.read_text(encoding="utf-8")):
        path = next(iter(sorted(RULES.rglob(Path(row["path"]).name))), None)
        if path is not None:
            yield Side(path, row["target"], row["text"])


def length(target: str, text: str) -> int:
    return len(measure().squeeze(measure().body(target, text)))


def selecting(target: str, text: str) -> str:
    return str(measure().condition(target, measure().body(target, text)))


def test_length_beside_an_experts() -> None:
    seen: dict[str, float] = {}
    for side in sides():
        ours = converter.convert(converter.read_rule(side.path), side.target, "native")
        assert ours.text, ours.diagnostics
        seen[side.path.stem] = length(side.target, ours.text) / length(side.target, side.text)
        sys.stdout.write(f"\n| {side.path.stem} | {side.target} | {ours.status} | {seen[side.path.stem]:.2f} |")
    assert seen
    assert {name: ratio for name, ratio in seen.items() if ratio > LONGER.get(name, 1.2)} == {}


# ---- the same events


def literals(text: str) -> list[str]:
    """The strings of a text, as they are meant."""
    found = []
    for one in re.findall(measure().STRING, text):
        raw = one.startswith("@")
        inner = one.lstrip("@")[1:-1]
        found.append(inner.replace('""', '"') if raw else inner.replace('\\"', '"').replace("\\\\", "\\"))
    return found


CALLED = {"FolderPath": "FolderPath|FilePath|Path", "CommandLine": "CommandLine|process_args|args"}
"""What a column is called where something is computed of it."""
PARTS = {"TargetObject": "registry_value_name", "Image": "process_name"}
"""Columns that hold the last part of another."""
Pool = Mapping[str, Sequence[Sequence[str]]]


def pools(texts: Sequence[str], columns: Sequence[str]) -> Pool:
    """What each column is compared with: for each mention the number or the strings behind it, the nearest first."""
    found: dict[str, list[list[str]]] = {}
    for column in columns:
        for text in texts:
            called = CALLED.get(column, re.escape(column))
            for at in re.finditer(rf"(?<![\w.{{])(?:{called})(?![\w.{{])", text):
                behind = text[at.end() :].split("|")[0][:900]
                number = re.match(r"\"?(?:=| IN \()(\d+)", behind)
                if some := ([number[1]] if number else literals(behind)[:20]):
                    found.setdefault(column, []).append(some)
    return found


def filled(pool: Sequence[Sequence[str]], rand: random.Random) -> str:
    """A value near what is asked for: mostly the literal, else with something before or behind it."""
    some = rand.choice([*pool, ["CORP"]])
    text = some[min(int(rand.expovariate(0.5)), len(some) - 1)]
    text = re.sub(r"\*", lambda _: rand.choice(["", "x", "1"]), text)
    if text.startswith(":\\"):
        text = "C" + text
    if rand.random() < 0.3:
        text = rand.choice(["", "x"]) + text + rand.choice(["", "x", rand.choice(some)])
    return text


def rows(texts: Sequence[str], columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of random values that the texts speak of."""
    rand, pool = random.Random(9), pools(texts, columns)
    made: list[dict[str, str]] = []
    for _ in range(ROWS):
        row: dict[str, str] = {}
        for column in columns:
            several = "CommandLine" in column
            if rand.random() < 0.9 and pool.get(column):
                row[column] = " ".join(filled(pool[column], rand) for _ in range(3 if several else 1))
        row |= {part: row[whole].rpartition("\\")[2] for whole, part in PARTS.items() if whole in row}
        made.append({**row, **(rand.choice(made) if made and rand.random() < 0.3 else {})})
    return made


def splunk_found(text: str, events: Sequence[Mapping[str, object]]) -> set[int]:
    args = macros()["splunk"]["process_args"]
    text = re.sub(r"`(?:windows|process)_args\((\w+)\)`", lambda m: args.expanded(m[1]), text)
    known = {"sysmon": "index=*", "okta": "index=*", "cloudtrail": "index=*"}
    return {int(str(r[MARK])) for r in spl.run(text, events, macros=known, raw_json=True) if MARK in r}


def sentinel_found(text: str, table: str, events: Sequence[Mapping[str, object]]) -> set[int]:
    others = {name: kusto.Table(kinds, ()) for name, kinds in sentinel_tables().items() if name in text}
    columns = {**read_columns()[table], MARK: "long"}
    return {int(str(r[MARK])) for r in kusto.run(text, {**others, table: kusto.Table(columns, events)}) if r.get(MARK)}


def splunk_columns(texts: Sequence[str]) -> list[str]:
    named = re.findall(r'"?([A-Za-z][\w.{}]*)"?(?:=| IN )', " ".join(texts))
    none = {"sourcetype", "source", "index", "process_args", "args"}
    return [n for n in dict.fromkeys([*named, "CommandLine"]) if n not in none]


COMPARED = [
    ("impact_deleting_backup_catalogs_with_wbadmin", ""),
    ("defense_evasion_lsass_ppl_disabled_registry", ""),
    ("persistence_administrator_role_assigned_to_okta_user", ""),
    ("persistence_startup_folder_scripts", "DeviceFileEvents"),
    ("credential_access_imageload_azureadconnectauthsvc", "DeviceImageLoadEvents"),
]
"""Pairs of single events over one table. The others count, or keep state: their lengths are compared alone."""


@pytest.mark.parametrize(("name", "table"), COMPARED, ids=[c[0] for c in COMPARED])
def test_same_events_as_an_experts(name: str, table: str) -> None:
    side = next((s for s in sides() if s.path.stem == name), None)
    if side is None:
        pytest.skip("the rule is not in the corpus")
    ours = converter.convert(converter.read_rule(side.path), side.target, "native", bare=True, inline_macros=True)
    texts = [selecting(side.target, ours.text), selecting(side.target, side.text)]
    if side.target == "splunk":
        events = [{**row, MARK: n + 1, "process_name": row.get("process_name", "x")}
                  for n, row in enumerate(rows(texts, splunk_columns(texts)))]  # fmt: skip
        found = [splunk_found(text, events) for text in (ours.text, texts[1])]
    else:
        kinds = read_columns()[table]
        columns = [c for c, kind in kinds.items() if kind == "string" and any(c in t for t in texts)]
        # what tells Windows from other systems: an account's SID to the expert, paths to us
        windows = {"InitiatingProcessAccountSid": "S-1-5-21-1-2-3-500", "InitiatingProcessFolderPath": "C:\\x.exe"}
        events = [{**row, **windows, MARK: n + 1}
                  for n, row in enumerate(rows(texts, columns))]  # fmt: skip
        found = [sentinel_found(text, table, events) for text in (ours.text, texts[1])]
    sys.stdout.write(f"\n{name}: {len(events)} rows, {len(found[0])} and {len(found[1])} found")
    assert found[0]
    differing = [events[n - 1] for n in sorted(found[0] ^ found[1])[:2]]
    assert found[0] == found[1], differing

"""Real events, raw and as Elastic indexes them, as judges of the data set tables.

A rule that a table binds must say of a raw event what it says of the same event in Elastic's form. `check` takes
rules of the corpus and probes made from the table itself and compares the verdicts one event at a time.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engines.kusto_parser import sentinel_tables
from respelling import differing_in_case
from shared import SHARED, corpus_rule, corpus_rules
from sigma.rule import SigmaRule

import converter
from converter.datasets.reading.catalogue import builtin
from converter.datasets.reading.columns import read_columns
from converter.datasets.reading.table import Entry, Place, Status, Table
from converter.diagnostics import Severity
from converter.model.fact import Fact
from converter.model.rule import Match, NewTerms, Opaque, Rule, Threshold
from converter.proof.assumption import breach
from converter.proof.judges.kusto import run as kusto
from converter.proof.judges.sigma import sigma_matches
from converter.proof.judges.spl import run as spl
from converter.proof.judges.spl.values import Row
from converter.reference import matches
from converter.reference.event import raw_values

MARK = "pair_number"
_LONGEST = 400
_UNVERIFIED = ("M017", "M023")  # what is not verified is judged all the same
_PLAIN = re.compile(r"[\w.@\-]+")
_FILES = ("elastic_pairs", "derived_pairs")
_UNTOLD = ("@timestamp", "event.ingested", "data_stream.type", "data_stream.namespace")  # not what a raw event says

Raw = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Pair:
    """One event: as the vendor sends it and as Elastic indexes it. `derived`: the second by a mapping of others."""

    dataset: str
    raw: Raw
    ecs: Mapping[str, object]
    source: str
    derived: bool


@dataclass(slots=True)
class Proof:
    """What a check looked at, and each disagreement as text."""

    pairs: int = 0
    rules: int = 0
    probes: int = 0
    verdicts: int = 0
    hits: int = 0
    fields: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    respelled: int = 0  # verdicts on events whose values are spelled otherwise than the artifact assumes

    def summary(self) -> str:
        """One line for the log of a test."""
        return (
            f"{self.pairs} pairs, {self.rules} rules, {self.probes} probes of {len(self.fields)} fields, "
            f"{self.verdicts} verdicts, {self.hits} of them hits, {self.respelled} left out (spelled otherwise)"
        )


@functools.cache
def _all_pairs() -> Mapping[str, tuple[Pair, ...]]:
    found: dict[str, list[Pair]] = {}
    for name in _FILES:
        path = SHARED / "events" / f"{name}.ndjson.gz"
        if not path.is_file():
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                data = json.loads(line)
                raw = data["raw"]
                if isinstance(raw, str):
                    try:
                        raw = json.loads(raw)
                    except ValueError:
                        raw = {"_raw": raw}
                if isinstance(raw, dict) and isinstance(data["ecs"], dict):
                    pair = Pair(data["dataset"], raw, data["ecs"], data["source"], name != _FILES[0])
                    found.setdefault(pair.dataset, []).append(pair)
    return {name: tuple(pairs) for name, pairs in found.items()}


def pairs_of(dataset: str, *, derived: int = 200) -> tuple[Pair, ...]:
    """Elastic's own pairs of a data set and at most `derived` others, spread over the file."""
    every = _all_pairs().get(dataset, ())
    own = [p for p in every if not p.derived]
    rest = [p for p in every if p.derived]
    step = max(1, len(rest) // derived) if derived else 1
    return (*own, *(rest[::step][:derived] if derived else ()))


def completed(pair: Pair, dataset: str = "") -> Mapping[str, object]:
    """The ECS document with the fields that documents of older versions lack."""
    name = dataset or pair.dataset
    whole = dict(pair.ecs)
    if not any(raw_values(whole, "data_stream.dataset")):
        whole["data_stream.dataset"] = name
    if not any(raw_values(whole, "event.dataset")):
        whole["event.dataset"] = name
    if not any(raw_values(whole, "event.module")):
        whole["event.module"] = name.partition(".")[0]
    if not any(raw_values(whole, "event.kind")):
        whole["event.kind"] = "event"
    return whole


def _current(document: Mapping[str, object], renamed: Mapping[str, str]) -> Mapping[str, object]:
    """The document with fields of older versions under their present names."""
    more = {
        new: found
        for new, old in renamed.items()
        if (found := list(raw_values(document, old))) and not any(True for _ in raw_values(document, new))
    }
    return {**document, **more}


def table_named(name: str) -> Table:
    """The built-in table of this name."""
    return builtin().table(name)


# ---- rules


_RULE = """
[metadata]
creation_date = "2024/01/01"
integration = {integrations}
maturity = "production"
updated_date = "2024/01/01"
[rule]
author = ["t"]
description = "d"
index = {index}
language = "kuery"
license = "Apache-2.0"
name = "Probe"
risk_score = 21
rule_id = "11111111-1111-4111-8111-111111111111"
severity = "low"
type = "query"
query = {query}
"""


def probe_rule(table: Table, query: str) -> Rule:
    """A kuery rule about the table's own index patterns."""
    index = json.dumps(list(table.selector.index))
    names = json.dumps(list(table.selector.integrations))
    return converter.parse_rule(_RULE.format(index=index, integrations=names, query=json.dumps(query)))


def _literal(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def probes(path: str, events: Sequence[Mapping[str, object]], limit: int = 2) -> Iterator[str]:
    """kuery conditions over one field: existence and its most frequent values."""
    yield f"{path}: *"
    counts: dict[str, int] = {}
    originals: dict[str, object] = {}
    for event in events:
        for value in raw_values(event, path):
            originals.setdefault(str(value), value)
            counts[str(value)] = counts.get(str(value), 0) + 1
    for text in sorted(counts, key=lambda v: (-counts[v], v))[:limit]:
        if 0 < len(text) < _LONGEST:
            yield f"{path}: {_literal(originals[text])}"


def _paths(entry: Entry, events: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    if "*" not in entry.path:
        return (entry.path,)
    head, _, tail = entry.path.partition("*")
    base = head.rstrip(".")
    found: dict[str, int] = {}
    for event in events:
        for path in _leaf_paths(event):
            fits = path.startswith(head) and path.endswith(tail) and len(path) > len(base) + len(tail)
            if fits and _PLAIN.fullmatch(path):
                found[path] = found.get(path, 0) + 1
    return tuple(sorted(found, key=lambda p: (-found[p], p))[:12])


def _leaf_paths(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaf_paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaf_paths(inner, path)
    elif value is not None:
        yield path


def _listed(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def bound_rules(table: Table) -> Iterator[tuple[str, Rule]]:
    """The rules of the corpus that bind to the table on a platform; ES|QL and joins of events are left out."""
    for path in corpus_rules():
        rule = corpus_rule(path)
        if rule is None or not isinstance(rule.detection, Match | Threshold | NewTerms):
            continue
        if _names(table, rule):
            yield path.name, rule


def _names(table: Table, rule: Rule) -> bool:
    return bool(set(table.selector.integrations) & set(rule.meta.integration)) or any(
        part in pattern for pattern in rule.meta.index for part in table.selector.datasets
    )


# ---- verdicts

Judge = Callable[[Rule, "converter.Artifact", Sequence[Raw]], set[int]]


def splunk_hits(
    artifact: converter.Artifact, place: Place, raws: Sequence[Raw], held: dict[int, Row] | None = None
) -> set[int]:
    """The numbers of the raw events that a Splunk artifact finds; the place's macro stands for its index.

    A lookup of the place lists the keys of all events: they are the data set's. `held`: the rows of raw events by their
    identity, where many artifacts are asked about the same ones.
    """
    header = place.header
    origin = {k: v for k, v in header.items() if k in ("index", "sourcetype", "source") and "*" not in v}
    held = {} if held is None else held
    for raw in raws:
        if id(raw) not in held:
            held[id(raw)] = spl.rows([{**raw, **origin}], raw_json=True)[0]
    events = spl.Extracted(tuple({**held[id(raw)], MARK: str(number)} for number, raw in enumerate(raws)))
    lookups = {
        one.name: [{one.key: str(v)} for raw in raws for v in raw_values(raw, one.column)] for one in place.lookups
    }
    macros = {header["macro"]: "index=*"} if "macro" in header else {}
    found = spl.run(artifact.text, events, macros=macros, lookups=lookups)
    return {int(str(row[MARK])) for row in found if MARK in row}


def sigma_hits(artifact: converter.Artifact, raws: Sequence[Raw]) -> set[int]:
    """The numbers of the raw events for which a Sigma rule holds."""
    rule = SigmaRule.from_yaml(artifact.text)
    return {number for number, raw in enumerate(raws) if sigma_matches(rule, raw)}


def sentinel_hits(artifact: converter.Artifact, place: Place, rows: Sequence[Raw]) -> set[int]:
    """The numbers of the rows that a Sentinel artifact finds."""
    table = place.header["table"]
    columns = {**read_columns().get(table, {}), **place.columns, MARK: "long"}
    numbered = [{**row, MARK: number} for number, row in enumerate(rows)]
    others = {
        name: kusto.Table(known, ())
        for name, known in sentinel_tables().items()
        if name in place.header.get("query", "")
    }
    found = kusto.run(artifact.text, {**others, table: kusto.Table(columns, numbered)})
    return {int(str(row[MARK])) for row in found if row.get(MARK) is not None}


@dataclass(frozen=True, slots=True)
class Setting:
    """One data set on one platform: where its rules are bound and how raw events become rows there."""

    table: str
    platform: str
    place: str
    row: Callable[[Raw], Raw | None] | None = None
    excused: Mapping[str, str] = field(
        default_factory=dict
    )  # paths that some documents lack, and why: not judged there
    skipped: Mapping[str, str] = field(default_factory=dict)  # paths that are not judged, and why
    renamed: Mapping[str, str] = field(default_factory=dict)  # new name -> name in documents of older versions
    derived_probes: bool = False  # whether pairs of which others made Elastic's document judge single fields too

    def hits(self, artifact: converter.Artifact, raws: Sequence[Raw], held: dict[int, Row] | None = None) -> set[int]:
        """The numbers of the events that the artifact finds; `held` as of `splunk_hits`."""
        place = next(p for p in table_named(self.table).places[self.platform] if p.name == self.place)
        if self.platform == "sigma":
            return sigma_hits(artifact, raws)
        if self.platform == "splunk":
            return splunk_hits(artifact, place, raws, held)
        return sentinel_hits(artifact, place, raws)


def hits(table: str, platform: str, place: str, query: str, rows: Sequence[Raw]) -> list[Raw]:
    """The rows that an Elastic condition finds at a place."""
    rule = probe_rule(table_named(table), query)
    artifact = converter.convert(
        rule, to=platform, fields="native", bare=True, inline_macros=True, source=f"{table}/{place}"
    )
    errors = [d for d in artifact.diagnostics if d.severity is Severity.ERROR]
    assert not errors, errors
    numbers = Setting(table, platform, place).hits(artifact, rows)
    return [row for number, row in enumerate(rows) if number in numbers]


def check(setting: Setting, pairs: Iterable[Pair], *, probe_limit: int = 2) -> Proof:
    """Verdicts of the table's rules and probes on raw events against those on Elastic's documents."""
    table = table_named(setting.table)
    made = [(setting.row(p.raw) if setting.row else p.raw, p) for p in pairs]
    kept = [(raw, p) for raw, p in made if raw is not None]
    raws = [raw for raw, _ in kept]
    documents = [_current(completed(p), setting.renamed) for _, p in kept]
    proof, held = Proof(pairs=len(kept)), dict[int, Row]()
    for name, rule in bound_rules(table):
        if _compare(setting, name, rule, raws, documents, proof, held):
            proof.rules += 1
    judges = [i for i, (_, p) in enumerate(kept) if setting.derived_probes or not p.derived]
    raws, documents = [raws[i] for i in judges], [documents[i] for i in judges]
    for entry in table.entries.values() if raws else ():
        part = entry.places.get(setting.platform, {})
        counterpart = part.get(setting.place) or part.get("")
        if counterpart is None or counterpart.status in (Status.NONE, Status.APPROX, Status.KEY):
            continue
        if entry.path in _UNTOLD:
            continue
        for path in _paths(entry, documents):
            if _listed(path, setting.skipped):
                continue
            lacking = _listed(path, setting.excused)
            own = [i for i, d in enumerate(documents) if not lacking or any(True for _ in raw_values(d, path))]
            judged_raws, judged = [raws[i] for i in own], [documents[i] for i in own]
            for query in probes(path, judged, probe_limit) if own else ():
                rule = probe_rule(table, query)
                if _compare(setting, query, rule, judged_raws, judged, proof, held):
                    proof.probes += 1
                    proof.fields.add(path)
    return proof


def _compare(
    setting: Setting,
    name: str,
    rule: Rule,
    raws: Sequence[Raw],
    documents: Sequence[Mapping[str, object]],
    proof: Proof,
    held: dict[int, Row],
) -> bool:
    """Whether the rule could be judged; disagreements go into the proof."""
    detection = rule.detection
    assert not isinstance(detection, Opaque)
    where = getattr(detection, "where", None)
    if where is None:
        return False
    alone = _as_match(rule)
    artifact = converter.convert(
        alone,
        to=setting.platform,
        fields="native",
        source=f"{setting.table}/{setting.place}",
        bare=True,
        inline_macros=True,
        case="exact",
    )
    bad = [d for d in artifact.diagnostics if d.severity is Severity.ERROR]
    never = bad and all(d.code == "M012" for d in bad)
    doubts = [d for d in artifact.diagnostics if d.severity is Severity.WARNING and d.code not in _UNVERIFIED]
    if (artifact.status == "approximate" and doubts) or (bad and not never):
        proof.refused.add(name)
        return False
    found = set() if never else setting.hits(artifact, raws, held)
    wanted = {number for number, event in enumerate(documents) if matches(where, event)}
    if found != wanted and any(one.fact is Fact.ONE_SPELLING for one in artifact.assumed):
        respelled = differing_in_case(where, documents, found ^ wanted)
        proof.respelled += len(respelled)
        found, wanted = found - respelled, wanted - respelled
    if found != wanted:
        numbers = tuple(one for one in artifact.assumed if one.fact is Fact.PLAIN_NUMBER)
        unlike = breach(alone, dataclasses.replace(artifact, assumed=numbers))
        written = {number for number in found ^ wanted if unlike(documents[number])}
        proof.respelled += len(written)
        found, wanted = found - written, wanted - written
    proof.verdicts += len(raws)
    proof.hits += len(wanted)
    if found != wanted:
        extra, missed = sorted(found - wanted)[:3], sorted(wanted - found)[:3]
        told = [f"{setting.platform} {name}: found too much {extra}, missed {missed}"]
        told += [f"  raw {number}: {json.dumps(raws[number])[:1500]}" for number in (*extra, *missed)[:1]]
        proof.faults.append("\n".join((*told, artifact.text)))
    return True


def _as_match(rule: Rule) -> Rule:
    """The rule reduced to its condition: what a single event can tell."""
    where = getattr(rule.detection, "where", None)
    assert where is not None
    return dataclasses.replace(rule, detection=Match(where))

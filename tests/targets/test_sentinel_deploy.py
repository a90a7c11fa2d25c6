"""Every form that people deploy passes a check written from Microsoft's own facts, and shows what its rows have."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from engines import kusto_parser, sentinel_rules
from engines.kusto_parser import WATCHLIST, Function
from shared import corpus_rules, needs_shared, some_or_all

import converter
import converter.plan
from converter import api
from converter.diagnostics.errors import ConverterError
from converter.proof.judges.errors import EngineUnavailable
from converter.target.artifact import Artifact, Status

_TECHNIQUES = Path(converter.plan.__file__).parent / "techniques.tsv"
TACTICS_OF: Mapping[str, Sequence[str]] = {
    line.split("\t")[0]: line.split("\t")[1].split(" ") for line in _TECHNIQUES.read_text("utf-8").splitlines()
}
UNLISTED = "KS204"
"""The parser does not know the table: the documentation does not list it."""
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def converted(form: str, every: int, fields: str | None = None) -> Iterator[tuple[str, Artifact]]:
    known = api.catalogue()
    for path in corpus_rules(every):
        try:
            rule = converter.read_rule(path, known)
        except ConverterError:
            continue
        artifact = converter.convert(rule, to="sentinel", fields=fields, format=form, known=known)
        if artifact.text:
            yield path.stem, artifact


@functools.cache
def templates(every: int) -> Mapping[str, tuple[Artifact, Mapping[str, Any]]]:
    """Rules of the repository's form, of data that tables bring and of events that keep Elastic's names."""
    return {
        name: (artifact, yaml.load(artifact.text, Loader=LOADER))  # noqa: S506 - safe loaders
        for name, artifact in converted("yaml", every)
    }


def checked(findings: Mapping[str, Sequence[str]]) -> None:
    wrong = {name: found for name, found in findings.items() if found}
    assert not wrong, f"{len(wrong)} of {len(findings)}: {dict(list(wrong.items())[:8])}"


def parsed(queries: Mapping[str, str], functions: Sequence[Function] = ()) -> dict[str, tuple[list[str], Any]]:
    """By Microsoft's parser: its complaints about each query, and the columns that it returns."""
    try:
        said = kusto_parser.analysed(list(queries.items()), functions=(WATCHLIST, *functions))
    except EngineUnavailable as error:
        pytest.skip(str(error))
    return {name: ([f"{d.code}: {d.message[:60]}" for d in found], columns) for name, (found, columns) in said.items()}


@needs_shared
@some_or_all
def test_templates_pass_the_repositorys_checks(*, everything: bool) -> None:
    rules = templates(1 if everything else 29)
    assert len(rules) > 25
    checked({name: list(sentinel_rules.template(rule, TACTICS_OF)) for name, (_, rule) in rules.items()})
    assert len({rule["id"] for _, rule in rules.values()}) == len(rules)
    assert not [n for n, (a, r) in rules.items() if len(r["query"]) > 10_000 and a.status is Status.EXACT]


def functions_of(name: str, artifact: Artifact) -> list[Function]:
    """The functions that stand beside a rule."""
    made = [f for f in artifact.files if f.path == f"{name}.function.yaml"]
    bodies = [yaml.load(f.data, Loader=LOADER) for f in made]  # noqa: S506 - safe loaders
    return [Function(b["FunctionAlias"], "()", f"{{ {b['FunctionQuery']} }}") for b in bodies]


@needs_shared
@some_or_all
def test_entities_are_columns_that_the_query_returns(*, everything: bool) -> None:
    """At least 85 % of native rules have an entity; every column that a rule names is there and holds one value."""
    rules = {n: found for n, found in templates(1 if everything else 29).items() if found[0].fields != "ecs"}
    functions = [f for name, (artifact, _) in rules.items() for f in functions_of(name, artifact)]
    findings: dict[str, list[str]] = {}
    for name, (said, columns) in parsed({n: rule["query"] for n, (_, rule) in rules.items()}, functions).items():
        rule = rules[name][1]
        findings[name] = [s for s in said if not s.startswith(UNLISTED)]
        if len(said) > len(findings[name]):
            continue  # what it returns is not known
        findings[name] += [f"no column {c}" for c in sentinel_rules.columns_of(rule) if c not in columns]
        for entity in rule.get("entityMappings", ()):
            kinds = {columns.get(m["columnName"], "") for m in entity["fieldMappings"]}
            findings[name] += [f"{entity['entityType']} by {kind}" for kind in kinds - sentinel_rules.SCALARS]
    checked(findings)
    having = sum("entityMappings" in rule for _, rule in rules.values())
    assert having >= 0.85 * len(rules), f"{having} of {len(rules)} native rules have an entity mapping"


@needs_shared
@some_or_all
@pytest.mark.parametrize("form", ["arm", "watchlists"])
def test_deployments_pass_the_services_checks(form: str, *, everything: bool) -> None:
    findings = {
        name: list(sentinel_rules.deployment(json.loads(artifact.text)))
        for name, artifact in converted(form, 1 if everything else 47)
    }
    assert len(findings) > 12
    checked(findings)


@needs_shared
@some_or_all
def test_custom_detections_pass(*, everything: bool) -> None:
    contents = {n: json.loads(a.text) for n, a in converted("xdr", 1 if everything else 37, fields="native")}
    assert len(contents) > 5
    findings = {name: list(sentinel_rules.detection(content)) for name, content in contents.items()}
    queries = {name: content["queryCondition"]["queryText"] for name, content in contents.items()}
    for name, (said, columns) in parsed(queries).items():
        findings[name] += [*said, *(f"no column {c}" for c in ("Timestamp", "ReportId") if c not in columns)]
        mappings = contents[name]["detectionAction"]["alertTemplate"]["entityMappings"]
        told = [c for found in mappings.values() for one in found for c in one.values()]
        findings[name] += [f"no column {c}" for c in told if c not in columns]
        if not {"DeviceId", "AccountObjectId"} & columns.keys():
            findings[name].append("neither device nor account")
        if "TimeGenerated" in queries[name]:
            findings[name].append("TimeGenerated is no column of advanced hunting")
    checked(findings)

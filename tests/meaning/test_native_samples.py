"""Samples bound to tables: the artifacts people deploy, on rows as the platforms hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from samples import Native, Sample, samples
from sigma.rule import SigmaRule

import converter
from converter.datasets.reading.catalogue import builtin
from converter.datasets.reading.columns import read_columns
from converter.proof.judges.kusto import run as kusto
from converter.proof.judges.sigma import sigma_matches
from converter.proof.judges.spl import run as spl

NUMBER = "row_number"
CASES = [(sample, native) for sample in samples() for native in sample.native]
Row = Mapping[str, object]


def found(native: Native, text: str) -> set[int]:
    """The numbers of the rows that the artifact finds, in every reading alike."""
    table, _, name = native.source.partition("/")
    header = next(one for one in builtin().table(table).places[native.target] if one.name == name).header
    match native.target:
        case "splunk":
            return alike([_spl(text, header, native.rows, reading) for reading in spl.READINGS])
        case "sentinel":
            return alike([_kusto(text, header["table"], native.rows, reading) for reading in kusto.READINGS])
        case _:
            rule = SigmaRule.from_yaml(text)
            return {number for number, row in enumerate(native.rows) if sigma_matches(rule, row)}


def alike(answers: list[set[int]]) -> set[int]:
    """The one answer."""
    assert all(answer == answers[0] for answer in answers), answers
    return answers[0]


def _spl(text: str, header: Mapping[str, str], rows: Sequence[Row], reading: spl.Reading) -> set[int]:
    place = {key: value for key, value in header.items() if key in ("index", "sourcetype", "source")}
    events = [{**row, **place, NUMBER: number} for number, row in enumerate(rows)]
    macros = {header["macro"]: "index=*"} if "macro" in header else {}
    results = spl.run(text, events, macros=macros, reading=reading, raw_json=True)
    return {int(str(result[NUMBER])) for result in results}


def _kusto(text: str, table: str, rows: Sequence[Row], reading: kusto.Reading) -> set[int]:
    columns = {**read_columns()[table], NUMBER: "long"}
    numbered = [{**row, NUMBER: number} for number, row in enumerate(rows)]
    results = kusto.run(text, {table: kusto.Table(columns, numbered)}, reading=reading)
    return {int(str(result[NUMBER])) for result in results}


def test_every_target_with_tables_has_native_samples() -> None:
    assert {native.target for _, native in CASES} == {"splunk", "sentinel", "sigma"}


@pytest.mark.parametrize(
    ("sample", "native"), CASES, ids=[f"{sample.name}-{native.target}" for sample, native in CASES]
)
def test_rows_are_found_as_their_events(sample: Sample, native: Native) -> None:
    artifact = converter.convert(
        sample.rule,
        native.target,
        fields="native",
        source=native.source,
        bare=True,
        case="exact",
        inline_macros=True,
    )
    assert artifact.status == "exact", artifact.diagnostics
    expected = sample.scenes[0].found
    assert len(native.rows) == len(expected)
    assert found(native, artifact.text) == {number for number, verdict in enumerate(expected) if verdict}, artifact.text

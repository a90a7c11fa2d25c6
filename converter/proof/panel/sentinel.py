"""Emitted queries, run by the Kusto interpreter under several readings of Microsoft's pages, and by duckdb-kql."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from converter.model.rule import IndicatorMatch, Match, Rule
from converter.model.value import Field
from converter.proof.alerts import Answer, answer
from converter.proof.assumption import breach
from converter.proof.judge import CannotJudgeError, Verdicts
from converter.proof.judges.errors import EngineUnavailable, Unsupported
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.reading import READINGS, Reading
from converter.proof.judges.kusto.rows import Table
from converter.proof.judges.kusto.run import run
from converter.proof.judges.kusto_duckdb import DuckdbTable
from converter.proof.rows import (
    NUMBER,
    Row,
    Unrepresentable,
    detection_fields,
    found_numbers,
    kusto_columns,
    kusto_row,
    lay,
    mapped_ipv4,
    nested_paths,
    under_all,
    verdicts,
)
from converter.proof.staging import Scene
from converter.target.artifact import Artifact

TABLE = "ECS"
"""The table that queries read under Elastic's names."""

INDICATORS = "Indicators"
"""The table of the documents that indicator rules look values up in."""


class KustoJudge:
    """A verdict is the default reading's; an event on which a reading differs gets the opposite of the default's."""

    name = "kusto"
    target = "sentinel"
    fields = "ecs"
    by_event = True

    def __init__(self, readings: Sequence[Reading] = READINGS[:1]) -> None:
        """The first reading gives the verdicts."""
        self._readings = readings

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
        """The verdicts on single events, and on those that share values with an indicator."""
        if not isinstance(rule.detection, Match | IndicatorMatch):
            raise CannotJudgeError("not a detection of single events")
        columns, rows, held = kusto_table(rule, artifact, scene)
        beside = _indicators(rule, artifact, scene)

        def results(reading: Reading, rows: Sequence[Row]) -> list[dict[str, object]]:
            return _run(artifact, {TABLE: Table(columns, rows), **beside}, reading, scene)

        found = [found_numbers(rows, partial(results, one)) for one in self._readings]
        return verdicts(under_all(found), held)

    def answers(self, rule: Rule, artifact: Artifact, scene: Scene) -> Mapping[str, Answer]:
        """The results of each reading over several events, as `converter.proof.alerts` names them."""
        columns, rows, held = kusto_table(rule, artifact, scene)
        if not all(held):
            raise CannotJudgeError("kusto cannot hold an event")
        tables = {TABLE: Table(columns, rows)}
        return {
            str(number): answer(
                rule, scene, _run(artifact, tables, reading, scene), by_event=True, without=artifact.left_out
            )
            for number, reading in enumerate(self._readings)
        }


def _indicators(rule: Rule, artifact: Artifact, scene: Scene) -> dict[str, Table]:
    """The table of indicator documents, for a detection that has them."""
    if not isinstance(rule.detection, IndicatorMatch):
        return {}
    columns, rows, held = kusto_table(rule, artifact, dataclasses.replace(scene, events=scene.indicators))
    if not all(held):
        raise CannotJudgeError("kusto cannot hold an indicator")
    return {INDICATORS: Table(columns, rows)}


def _run(artifact: Artifact, tables: Mapping[str, Table], reading: Reading, scene: Scene) -> list[dict[str, object]]:
    now = datetime.fromtimestamp(scene.now / 1000, UTC)
    try:
        return run(artifact.text, tables, reading=reading, now=now)
    except KustoError as error:
        raise CannotJudgeError(f"kusto: {str(error).splitlines()[0][:80]}") from error


class DuckdbJudge:
    """duckdb-kql takes set_has_element of an array only, so that dynamic columns are always arrays here."""

    name = "duckdb"
    target = "sentinel"
    fields = "ecs"

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
        """The verdicts on single events."""
        if not isinstance(rule.detection, Match):
            raise CannotJudgeError("not a detection of single events")
        columns, rows, held = kusto_table(rule, artifact, scene, arrays_only=True)
        found = _executed(artifact, columns, rows)
        if not all(NUMBER in row for row in found):
            raise CannotJudgeError("duckdb: the query leaves the number of an event out, and row by row takes long")
        return verdicts({int(str(row[NUMBER])) for row in found}, held)


def _executed(artifact: Artifact, columns: Mapping[str, str], rows: Sequence[Row]) -> list[Row]:
    """What duckdb-kql finds in the rows."""
    try:
        table = DuckdbTable(TABLE, columns, rows)
        try:
            return [dict(row) for row in table.run(artifact.text)]
        finally:
            table.close()
    except (Unsupported, EngineUnavailable) as error:
        raise CannotJudgeError(f"duckdb: {str(error)[:60]}") from error


def kusto_table(
    rule: Rule, artifact: Artifact, scene: Scene, *, arrays_only: bool = False
) -> tuple[dict[str, str], list[Row], list[bool]]:
    """The table under Elastic's names: its column types, its rows, and which events it holds."""
    known, nested = detection_fields(rule.detection), nested_paths(rule.detection)
    known = {path: Field(path) for path in rule.meta.investigation_fields} | known  # columns that a query may show
    broken = breach(rule, artifact)

    def make(event: Mapping[str, object], number: int) -> Row:
        if mapped_ipv4(event, known):
            raise Unrepresentable("an IPv4 address in IPv6 spelling (T303)")
        if broken(event) is not None:
            raise Unrepresentable("a value that breaks what the artifact assumes")
        return kusto_row(event, number, known, nested, arrays_only=arrays_only)

    rows, held = lay(scene, make)
    return kusto_columns(known, nested), rows, held

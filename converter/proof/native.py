"""Rows as a platform holds them: what a native artifact finds of them, beside the rule in the table's own names.

The reference of rows is the rule bound by the data set's table, evaluated over the columns that it names. A column that
the table computes stands in no row, so that the reference has no verdict then and the artifact stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from converter.datasets.choice.bind import bind
from converter.datasets.reading.catalogue import Catalogue
from converter.datasets.reading.columns import read_columns
from converter.datasets.rewriting.missing import Unmapped
from converter.diagnostics import Severity
from converter.model.rule import Match, Rule
from converter.model.value import Column, Field
from converter.model.walk import fields, map_fields
from converter.proof.engine import Engine, Reference
from converter.proof.judge import CannotJudgeError, Verdicts
from converter.proof.judges.kusto import run as kusto
from converter.proof.judges.spl import run as spl
from converter.proof.judges.spl.errors import SplError
from converter.proof.panel.sigma import sigma_found
from converter.proof.staging import Scene
from converter.target.contract import Bound

PLATFORMS = ("splunk", "sentinel", "sigma")
"""The targets whose rows can be judged."""

_NUMBER = "row_number"

Convert = Callable[[Rule, str], str]
"""The text of a rule's native artifact for a target. Raises CannotJudgeError for one that is not to be judged."""


def engines(target: str, source: str | None, tables: Catalogue, convert: Convert) -> tuple[Engine, Engine]:
    """The rule over the table's columns, and the artifact on the rows."""
    return _Bound(target, source, tables), _Artifact(target, source, tables, convert)


def _bound(rule: Rule, target: str, source: str | None, tables: Catalogue) -> Bound:
    if not isinstance(rule.detection, Match):
        raise CannotJudgeError("not a detection of single events")
    bound = bind(rule, target, "native", Unmapped.REFUSE, source, tables=tables)
    errors = [str(note.code) for note in bound.notes if note.severity is Severity.ERROR]
    if errors:
        raise CannotJudgeError(f"{target}: the rule is refused ({', '.join(sorted(set(errors)))})")
    if not isinstance(bound.rule.detection, Match) or len(bound.bindings) != 1:
        raise CannotJudgeError("events of several places")
    return bound


@dataclass(frozen=True, slots=True)
class _Bound:
    target: str
    source: str | None
    tables: Catalogue
    name: str = "reference"

    def run(self, rule: Rule, scene: Scene) -> Verdicts:
        """Whether each row meets the bound condition."""
        detection = _bound(rule, self.target, self.source, self.tables).rule.detection
        assert isinstance(detection, Match)  # noqa: S101 - `_bound` gives nothing else
        computed = next((f.path for f in fields(detection.where) if not isinstance(f.way, Column | None)), None)
        if computed is not None:
            raise CannotJudgeError(f"rows hold {computed} under no name: the table computes it")
        return Reference().run(replace(rule, detection=Match(map_fields(detection.where, _stored))), scene)


def _stored(field: Field) -> Field:
    """The field by the name that it has in a row; `{}` is how Splunk and Sigma write that a name stands in a list."""
    name = field.way.text if field.way is not None else field.path
    return Field(name.replace("{}", ""), field.kind, field.many)


@dataclass(frozen=True, slots=True)
class _Artifact:
    target: str
    source: str | None
    tables: Catalogue
    convert: Convert

    @property
    def name(self) -> str:
        """The judge's name."""
        return {"splunk": "spl", "sentinel": "kusto"}.get(self.target, self.target)

    def run(self, rule: Rule, scene: Scene) -> Verdicts:
        """Whether each row is found."""
        header = _bound(rule, self.target, self.source, self.tables).binding.header
        text = self.convert(rule, self.target)
        try:
            match self.target:
                case "splunk":
                    found = _splunk(text, header, scene.events)
                case "sentinel":
                    found = _kusto(text, header, scene.events)
                case _:
                    return sigma_found(text, scene.events)
        except (SplError, kusto.KustoError) as error:
            raise CannotJudgeError(f"{self.name}: {str(error).splitlines()[0][:80]}") from error
        return [number in found for number in range(len(scene.events))]


def _splunk(text: str, header: Mapping[str, str], rows: Sequence[Mapping[str, object]]) -> set[int]:
    place = {key: value for key, value in header.items() if key in ("index", "sourcetype", "source")}
    events = [{**row, **place, _NUMBER: number} for number, row in enumerate(rows)]
    macros = {header["macro"].strip("`"): "index=*"} if "macro" in header else {}
    return {int(str(result[_NUMBER])) for result in spl.run(text, events, macros=macros, raw_json=True)}


def _kusto(text: str, header: Mapping[str, str], rows: Sequence[Mapping[str, object]]) -> set[int]:
    table = header.get("table", "")
    columns = {**read_columns().get(table, {}), _NUMBER: "long"}
    typed = [{name: _typed(value, columns.get(name, "")) for name, value in row.items()} for row in rows]
    numbered = [{**row, _NUMBER: number} for number, row in enumerate(typed)]
    return {int(str(result[_NUMBER])) for result in kusto.run(text, {table: kusto.Table(columns, numbered)})}


def _typed(value: object, kind: str) -> object:
    """A value of JSON as the column's type holds it: points in time are text there."""
    if kind != "datetime" or not isinstance(value, str):
        return value
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise CannotJudgeError(f"kusto: {value[:40]!r} is no point in time") from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)

"""Engines that judge single events of a rule: Elastic's side, Kusto, SPL and Sigma, each by our emitted text.

They plug into `converter.proof`. A verdict is None for an event that the platform cannot hold.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from meaning.platform_events import (
    NUMBER,
    Unrepresentable,
    detection_fields,
    kusto_columns,
    kusto_row,
    nested_paths,
    splunk_event,
    typed,
)

from converter import api
from converter.fields.ecs import load_ecs
from converter.model.predicate import And, Not, Or
from converter.model.rule import Match, Rule
from converter.model.value import Field, Kind
from converter.model.walk import fields
from converter.proof import CannotJudgeError, Scene
from converter.reference.event import address, coerce, raw_values

if TYPE_CHECKING:
    from converter.target.artifact import Artifact

Verdicts = Sequence["bool | None"]
LOOKALIKES = frozenset("\u017f\u212a\u0130\u0131")


@functools.lru_cache(maxsize=64)
def artifact(rule: Rule, target: str) -> Artifact:
    """The converted rule; CannotJudge if it is refused or says that it differs."""
    made = api.convert(rule, target, fields="ecs")
    # What reading the rule could not tell for sure (K, E, L) is settled in the model, which is what is judged here.
    codes = {d.code for d in made.diagnostics if d.severity.value != "note" and d.code[0] in "TMX"}
    if codes or not made.text:
        raise CannotJudgeError(f"{target}: {made.status} ({', '.join(sorted(codes))})")
    return made


def _single(rule: Rule) -> None:
    if not isinstance(rule.detection, Match):
        raise CannotJudgeError("not a detection of single events")


def _held(scene: Scene, make: object) -> tuple[list[dict[str, object]], list[bool]]:
    """The events that the platform can hold, in its form, and which these are."""
    rows, held = [], []
    for number, event in enumerate(scene.events):
        try:
            rows.append(make(event, number))  # type: ignore[operator]
            held.append(True)
        except Unrepresentable:
            held.append(False)
    return rows, held


def _verdicts(found: set[int], held: Sequence[bool]) -> list[bool | None]:
    return [(i in found) if there else None for i, there in enumerate(held)]


def _lookalike(event: Mapping[str, object], paths: object) -> bool:
    """A letter that Unicode, but not ASCII, folds with k or s: PCRE's (?i) and Kusto's =~ may take it for the letter."""
    raws = (raw for path in paths for raw in raw_values(event, path))  # type: ignore[attr-defined]
    return any(isinstance(raw, str) and not LOOKALIKES.isdisjoint(raw) for raw in raws)


def _mapped_ipv4(event: Mapping[str, object], paths: object) -> bool:
    """An IPv4 address spelled as IPv6: the notes of Kusto and SPL say that they take it for what it is spelled as."""
    raws = (raw for path in paths for raw in raw_values(event, path))  # type: ignore[attr-defined]
    return any(isinstance(raw, str) and ":" in raw and (address(raw) or 0) >> 32 == 0xFFFF for raw in raws)


class Spl:
    """The emitted search, run by the reference interpreter under several readings of Splunk's documents."""

    name = "spl"

    def __init__(self, readings: Sequence[object]) -> None:
        self._readings = readings

    def run(self, rule: Rule, scene: Scene) -> Verdicts:
        from converter.proof.judges.spl.run import SplError, run

        _single(rule)
        text = artifact(rule, "splunk").text
        known, nested = detection_fields(rule.detection), nested_paths(rule.detection)

        rows, held = _held(scene, lambda event, number: spl_row(event, number, known, nested))
        answers: dict[str, set[int]] = {}
        for reading in self._readings:
            try:
                found = run(text, rows, reading=reading, now=scene.now / 1000)  # type: ignore[arg-type]
            except SplError as error:
                raise CannotJudgeError(f"spl: {type(error).__name__} {str(error).splitlines()[0][:80]}") from error
            answers[reading.name] = {int(str(row[NUMBER])) for row in found}  # type: ignore[attr-defined]
        agreed = set.union(*answers.values()) - set.intersection(*answers.values())
        verdicts = _verdicts(next(iter(answers.values())), held)
        if agreed:
            # A reading that decides: shown as a verdict against the default reading.
            return [(not v) if i in agreed and v is not None else v for i, v in enumerate(verdicts)]
        return verdicts


def spl_row(
    event: Mapping[str, object], number: int, known: Mapping[str, Field], nested: frozenset[str]
) -> dict[str, object]:
    """The event as Splunk holds it; spellings that it takes for what they are spelled as are not judged."""
    if _mapped_ipv4(event, known):
        raise Unrepresentable("an IPv4 address in IPv6 spelling")
    if _lookalike(event, known):
        raise Unrepresentable("a letter that Unicode folds and ASCII does not")
    return splunk_event(event, number, known, nested)


class Kusto:
    """The emitted query, run by the reference interpreter under several readings of Microsoft's pages."""

    name = "kusto"

    def __init__(self, readings: Sequence[object]) -> None:
        self._readings = readings

    def run(self, rule: Rule, scene: Scene) -> Verdicts:
        from converter.proof.judges.kusto.run import KustoError, Table, run

        _single(rule)
        columns, rows, held = kusto_table(rule, scene)
        text = artifact(rule, "sentinel").text
        table = {"ECS": Table(columns, rows)}
        now = datetime.fromtimestamp(scene.now / 1000, UTC)
        answers = []
        for reading in self._readings:
            try:
                found = run(text, table, reading=reading, now=now)  # type: ignore[arg-type]
            except KustoError as error:
                raise CannotJudgeError(f"kusto: {str(error).splitlines()[0][:80]}") from error
            answers.append({int(str(row[NUMBER])) for row in found})
        verdicts = _verdicts(answers[0], held)
        divided = set.union(*answers) - set.intersection(*answers)
        return [(not v) if i in divided and v is not None else v for i, v in enumerate(verdicts)]


def kusto_table(
    rule: Rule, scene: Scene, *, arrays_only: bool = False
) -> tuple[dict[str, str], list[dict[str, object]], list[bool]]:
    """The table ECS: its column types, its rows, and which events it holds."""
    known, nested = detection_fields(rule.detection), nested_paths(rule.detection)

    def make(event: Mapping[str, object], number: int) -> dict[str, object]:
        if _mapped_ipv4(event, known):
            raise Unrepresentable("an IPv4 address in IPv6 spelling (T303)")
        if _lookalike(event, known):
            raise Unrepresentable("a letter that Unicode folds and ASCII does not")
        return kusto_row(event, number, known, nested, arrays_only=arrays_only)

    rows, held = _held(scene, make)
    return kusto_columns(known, nested), rows, held


class Duckdb:
    """The emitted Kusto on duckdb-kql, which takes set_has_element of an array only: dynamics are always arrays."""

    name = "duckdb"

    def run(self, rule: Rule, scene: Scene) -> Verdicts:
        from converter.proof.judges.errors import EngineUnavailable, Unsupported
        from converter.proof.judges.kusto_duckdb import DuckdbTable

        _single(rule)
        columns, rows, held = kusto_table(rule, scene, arrays_only=True)
        text = artifact(rule, "sentinel").text
        try:
            table = DuckdbTable("ECS", columns, rows)
            try:
                found = table.run(text)
            finally:
                table.close()
        except (Unsupported, EngineUnavailable) as error:
            raise CannotJudgeError(f"duckdb: {str(error)[:60]}") from error
        return _verdicts({int(str(row[NUMBER])) for row in found}, held)


class Osmem:
    """The rule's own query as the Query DSL that Elastic makes of it, on a server with a Lucene of its own."""

    name = "osmem"

    def __init__(self, server: object) -> None:
        self._server = server
        self._count = 0

    def run(self, rule: Rule, scene: Scene) -> Verdicts:
        _single(rule)
        types = _types(rule)
        query = _dsl(rule, types)
        self._count += 1
        index = f"rule{self._count}"
        self._server.create(index, types)  # type: ignore[attr-defined]
        try:
            held = self._store(index, scene, rule)
            found = {int(one) for one in self._server.search(index, query)}  # type: ignore[attr-defined]
        finally:
            self._server.delete(index)  # type: ignore[attr-defined]
        return _verdicts(found, held)

    def _store(self, index: str, scene: Scene, rule: Rule) -> list[bool]:
        """Malformed values are left out: the server refuses the document, the indices of the rules ignore the value."""
        known = detection_fields(rule.detection)
        held = [not _malformed(event, known) and not _two_ways(event) for event in scene.events]
        documents = {str(i): event for i, event in enumerate(scene.events) if held[i]}
        self._server.index(index, documents)  # type: ignore[attr-defined]
        return held


def _two_ways(event: Mapping[str, object]) -> bool:
    """A dotted name beside an array of objects of the same prefix: the server loses the dotted one (0.1.6)."""
    arrays = [
        path for path, value in event.items() if isinstance(value, list) and any(isinstance(v, dict) for v in value)
    ]
    return any(other.startswith(path + ".") for path in arrays for other in event)


def _malformed(event: Mapping[str, object], known: Mapping[str, object]) -> bool:
    for path, field in known.items():
        for raw in raw_values(event, path):
            if coerce(raw, field.kind) is None or (field.kind is Kind.BOOLEAN and raw == ""):  # type: ignore[attr-defined]
                return True
    return False


_ELASTIC = {Kind.KEYWORD: "keyword", Kind.TEXT: "text", Kind.LONG: "long", Kind.DOUBLE: "double"}
_ELASTIC |= {Kind.BOOLEAN: "boolean", Kind.IP: "ip", Kind.DATE: "date"}


@functools.cache
def _ecs_types() -> dict[str, str]:
    return {path: kind for path, kind, _ in load_ecs()}


def _types(rule: Rule) -> dict[str, str]:
    """The mapping: the rule's fields, and the ECS fields whose name stands in its query (multi-fields)."""
    types = {path: _ELASTIC[field.kind] for path, field in detection_fields(rule.detection).items()}
    types |= dict.fromkeys(nested_paths(rule.detection), "nested")
    written = {re.sub(r"^\?", "", word) for word in re.findall(r"[@\w][\w.@-]*", rule.meta.query)}
    for path, kind in _ecs_types().items():
        if path in written and path not in types and kind not in ("object", "nested", "group"):
            types[path] = kind
    for word in written:
        base, _, suffix = word.rpartition(".")
        if suffix == "caseless" and base in types:
            types[word] = "keyword"
        elif suffix == "text" and base in types:
            types[word] = "text"
    return types


def _dsl(rule: Rule, types: Mapping[str, str]) -> dict[str, object]:
    from converter.proof.elastic import dsl_eql, dsl_kuery
    from converter.proof.judges.errors import Unsupported
    from converter.readers import eql, kuery

    try:
        if rule.meta.language == "kuery":
            query = dsl_kuery.to_dsl(kuery.parse(rule.meta.query), types)
        elif rule.meta.language == "eql":
            category = rule.meta.event_category_override or "event.category"
            query = dsl_eql.to_dsl(eql.parse(rule.meta.query), types, category_field=category)
        else:
            raise CannotJudgeError(f"osmem: language {rule.meta.language}")
    except Unsupported as error:
        raise CannotJudgeError(f"osmem: {str(error)[:60]}") from error
    return _filtered(rule, query)


def _filtered(rule: Rule, query: Mapping[str, object]) -> dict[str, object]:
    clauses = [(json.loads(one.json), one.negate) for one in rule.meta.filters if not one.disabled]
    if not clauses:
        return dict(query)
    must = [query, *(clause for clause, negate in clauses if not negate)]
    return {"bool": {"must": must, "must_not": [clause for clause, negate in clauses if negate]}}


class SigmaSqlite:
    """The emitted Sigma rule, converted by pySigma's sqlite backend and executed there: scalars only.

    SQL's NOT of a missing column is neither true nor false, so an event that lacks a field of a negated part is not
    judged, nor is one with several values, nor IPv6 text, which the backend compares as text.
    """

    name = "sigma"

    def run(self, rule: Rule, scene: Scene) -> Verdicts:
        import sqlite3

        _single(rule)
        text = artifact(rule, "sigma").text
        known = detection_fields(rule.detection)
        negated = frozenset(_negated(rule.detection.where, under=False))  # type: ignore[union-attr]
        query = _sql(text)

        def make(event: Mapping[str, object], number: int) -> dict[str, object]:
            if _lookalike(event, known):
                raise Unrepresentable("a letter that Unicode folds and ASCII does not")
            row: dict[str, object] = {NUMBER: number}
            for path, field in known.items():
                values = typed(event, field)
                if len(values) > 1 or (not values and path in negated):
                    raise Unrepresentable("several values, or none under a negation")
                if field.kind is Kind.IP and values and ":" in str(values[0]):
                    raise Unrepresentable("an IPv6 address")
                if "|re" in text and values and str(values[0]).endswith("\n"):
                    raise Unrepresentable("a final line break, before which $ may stand (T117)")
                row[path] = values[0] if values else None
            return row

        rows, held = _held(scene, make)
        base = sqlite3.connect(":memory:")
        try:
            base.create_function("REGEXP", 2, _regexp)
            names = [NUMBER, *known]
            columns = ", ".join(f"`{name}` COLLATE NOCASE" for name in names)
            base.execute(f"CREATE TABLE logs ({columns})")
            marks = ", ".join("?" for _ in names)
            base.executemany(f"INSERT INTO logs VALUES ({marks})", [[row[name] for name in names] for row in rows])  # noqa: S608
            found = {int(one[0]) for one in base.execute(query)}
        except sqlite3.Error as error:
            raise CannotJudgeError(f"sqlite: {str(error)[:60]}") from error
        finally:
            base.close()
        return _verdicts(found, held)


def _regexp(pattern: str, text: object) -> bool:
    return text is not None and re.search(pattern, str(text)) is not None


def _sql(text: str) -> str:
    from sigma.backends.sqlite import sqliteBackend
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError

    try:
        (query,) = sqliteBackend().convert(SigmaCollection.from_yaml(text))
    except (SigmaError, NotImplementedError, ValueError) as error:
        raise CannotJudgeError(f"pySigma sqlite: {type(error).__name__}") from error
    return str(query).replace("<TABLE_NAME>", "logs")


def _negated(node: object, *, under: bool) -> list[str]:
    """The fields of the parts below a negation."""
    if isinstance(node, Not):
        return _negated(node.term, under=True)
    if isinstance(node, (And, Or)):
        return [path for term in node.terms for path in _negated(term, under=under)]
    return [one.path for one in fields(node)] if under else []  # type: ignore[arg-type]

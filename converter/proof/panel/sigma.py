"""Emitted Sigma rules, parsed by pySigma: its tree evaluated by our judge, and its sqlite backend's query executed."""

from __future__ import annotations

import importlib
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from converter.model.predicate import And, Not, Or, Predicate
from converter.model.rule import Match, Rule
from converter.model.value import Field, Kind
from converter.model.walk import fields
from converter.proof.assumption import breach
from converter.proof.judge import CannotJudgeError, Verdicts
from converter.proof.rows import NUMBER, Row, Unrepresentable, detection_fields, lay, typed, verdicts
from converter.proof.staging import Scene
from converter.target.artifact import Artifact

if TYPE_CHECKING:
    from sigma.collection import SigmaCollection
    from sigma.rule import SigmaDetection, SigmaDetectionItem


class SigmaJudge:
    """Evaluates the tree of the rule's condition by the specification; correlations are not judged."""

    name = "sigma"
    target = "sigma"
    fields = "ecs"

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
        """The verdicts on single events; a nested array is not judged, for its fields have no meaning there."""
        from sigma.rule import SigmaRule  # pySigma costs more to import than all of this package

        from converter.proof.judges.sigma import sigma_matches

        where = _single(rule)
        parsed = [one for one in _collection(artifact.text).rules if isinstance(one, SigmaRule)]
        if len(parsed) != 1:
            raise CannotJudgeError("sigma: not one rule")
        known = {field.path: field for field in fields(where)}
        patterns = "|re" in artifact.text
        broken = breach(rule, artifact)

        def make(event: Mapping[str, object], _: int) -> Row:
            if broken(event) is not None:
                raise Unrepresentable("a value that breaks what the artifact assumes")
            row: Row = {path: values for path, field in known.items() if (values := typed(event, field))}
            if patterns and any(str(value).endswith("\n") for values in row.values() for value in _listed(values)):
                raise Unrepresentable("a final line break, before which $ may stand (T117)")
            return row

        rows, held = lay(scene, make)
        numbers = [number for number, there in enumerate(held) if there]
        return verdicts({n for n, row in zip(numbers, rows, strict=True) if sigma_matches(parsed[0], row)}, held)


def sigma_found(text: str, rows: Sequence[Mapping[str, object]]) -> list[bool]:
    """Whether each row, by its own names, is found by the one rule of a text. Raises CannotJudgeError."""
    from sigma.rule import SigmaRule

    from converter.proof.judges.sigma import sigma_matches

    parsed = [one for one in _collection(text).rules if isinstance(one, SigmaRule)]
    if len(parsed) != 1:
        raise CannotJudgeError("sigma: not one rule")
    return [sigma_matches(parsed[0], row) for row in rows]


class SqliteJudge:
    """pySigma's sqlite backend: scalars only.

    SQL's NOT of a missing column is neither true nor false, so an event that lacks a field of a negated part is not
    judged, nor is one with several values, nor IPv6 text, which the backend compares as text.
    """

    name = "sqlite"
    target = "sigma"
    fields = "ecs"

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
        """The verdicts on single events."""
        where = _single(rule)
        known = detection_fields(rule.detection)
        negated = frozenset(_negated(where, under=False))
        query = _sql(artifact.text)
        patterns = "|re" in artifact.text
        broken = breach(rule, artifact)

        def make(event: Mapping[str, object], number: int) -> Row:
            if broken(event) is not None:
                raise Unrepresentable("a value that breaks what the artifact assumes")
            return _relational(event, number, known, negated, patterns=patterns)

        rows, held = lay(scene, make)
        types = {NUMBER: "INTEGER"} | {path: _AFFINITY.get(field.kind, "") for path, field in known.items()}
        return verdicts(_executed(query, types, rows), held)


def _collection(text: str) -> SigmaCollection:
    """The documents as pySigma reads them. Raises CannotJudgeError for what is no Sigma."""
    import yaml
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError

    try:
        documents = list(yaml.safe_load_all(text))
        if not documents or not all(isinstance(one, dict) for one in documents):
            raise CannotJudgeError("sigma: a document that is no mapping")
        return SigmaCollection.from_yaml(text)
    except (SigmaError, yaml.YAMLError) as error:
        raise CannotJudgeError(f"sigma: {type(error).__name__} {str(error).splitlines()[0][:80]}") from error


def _listed(values: object) -> list[object]:
    return values if isinstance(values, list) else [values]


def _single(rule: Rule) -> Predicate:
    if not isinstance(rule.detection, Match):
        raise CannotJudgeError("not a detection of single events")
    return rule.detection.where


def _relational(
    event: Mapping[str, object], number: int, known: Mapping[str, Field], negated: frozenset[str], *, patterns: bool
) -> Row:
    """The event as a row of scalars."""
    row: Row = {NUMBER: number}
    for path, field in known.items():
        values = typed(event, field)
        if len(values) > 1 or (not values and path in negated):
            raise Unrepresentable("several values, or none under a negation")
        if field.kind is Kind.IP and values and ":" in str(values[0]):
            raise Unrepresentable("an IPv6 address")
        if patterns and values and str(values[0]).endswith("\n"):
            raise Unrepresentable("a final line break, before which $ may stand (T117)")
        row[path] = values[0] if values else None
    return row


_AFFINITY = {Kind.KEYWORD: "TEXT", Kind.TEXT: "TEXT", Kind.IP: "TEXT", Kind.LONG: "INTEGER", Kind.DOUBLE: "REAL"}


def _executed(query: str, types: Mapping[str, str], rows: list[Row]) -> set[int]:
    """The numbers of the rows that the query finds."""
    base = sqlite3.connect(":memory:")
    try:
        base.create_function("REGEXP", 2, _regexp)
        columns = ", ".join(f"`{name}` {kind} COLLATE NOCASE" for name, kind in types.items())
        base.execute(f"CREATE TABLE logs ({columns})")
        marks = ", ".join("?" for _ in types)
        base.executemany(f"INSERT INTO logs VALUES ({marks})", [[row[name] for name in types] for row in rows])  # noqa: S608 - marks
        return {int(one[0]) for one in base.execute(query)}
    except sqlite3.Error as error:
        raise CannotJudgeError(f"sqlite: {str(error)[:60]}") from error
    finally:
        base.close()


def _regexp(pattern: str, text: object) -> bool:
    return text is not None and re.search(pattern, str(text)) is not None


def _sql(text: str) -> str:
    """The one query of the rule, over the table logs."""
    try:
        module = importlib.import_module("sigma.backends.sqlite")
    except ImportError as error:
        raise CannotJudgeError("sqlite: pysigma-backend-sqlite is not installed (siemglot[judges])") from error
    from sigma.exceptions import SigmaError

    collection = _collection(text)
    for item in _items(collection):
        _spread(item)
    try:
        (query,) = module.sqliteBackend().convert(collection)
    except (SigmaError, NotImplementedError, ValueError) as error:
        raise CannotJudgeError(f"pySigma sqlite: {type(error).__name__}") from error
    return str(query).replace("<TABLE_NAME>", "logs")


def _items(collection: SigmaCollection) -> Iterator[SigmaDetectionItem]:
    """The items of all detections."""
    from sigma.rule import SigmaDetectionItem, SigmaRule

    rules = [one for one in collection.rules if isinstance(one, SigmaRule)]
    waiting: list[SigmaDetection | SigmaDetectionItem] = [
        part for one in rules for part in one.detection.detections.values()
    ]
    while waiting:
        part = waiting.pop()
        if isinstance(part, SigmaDetectionItem):
            yield part
        else:
            waiting += part.detection_items


def _spread(item: SigmaDetectionItem) -> None:
    """Write networks as the patterns that the backend makes of them.

    By itself it (2.0.0) leaves the OR between the patterns of one network open to an AND beside it.
    """
    from sigma.conditions import ConditionAND
    from sigma.types import SigmaCIDRExpression, SigmaString

    networks = [value for value in item.value if isinstance(value, SigmaCIDRExpression)]
    if not networks:
        return
    if item.value_linking is ConditionAND and len(item.value) > 1:
        raise CannotJudgeError("sqlite: all of several networks")
    others = [value for value in item.value if not isinstance(value, SigmaCIDRExpression)]
    item.value = [*others, *(SigmaString(text) for network in networks for text in network.expand())]


def _negated(node: Predicate, *, under: bool) -> Iterator[str]:
    """The fields of the parts below a negation."""
    match node:
        case Not(term=term):
            yield from _negated(term, under=True)
        case And(terms=terms) | Or(terms=terms):
            for term in terms:
                yield from _negated(term, under=under)
        case _:
            yield from (field.path for field in fields(node) if under)

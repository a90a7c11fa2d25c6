"""Hunting files: queries that analysts run by hand, several in one TOML file. Each becomes a rule of its own.

github.com/elastic/detection-rules, hunting/. A file names its languages, not which query is in which: that is told by
how a query begins. SQL for osquery is no language of rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from converter.deferred import compiled
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import RuleFileError
from converter.rulefile.codes import F043
from converter.rulefile.ruletext import RuleText, rule_text
from converter.rulefile.table import Findings, Table

_COMMENT = compiled(r"\A(?:\s+|//[^\n]*+|/\*.*?\*/)*+", re.DOTALL)
_ESQL = compiled(r"(?:from|row|show|ts)\s", re.IGNORECASE)
_SQL = compiled(r"(?:select|with|pragma)\s", re.IGNORECASE)
_EQL = compiled(r"(?:sequence|sample)\s|(?:[A-Za-z_][\w.]*|\"[^\"]*\"|\*)\s+where\s")
_KEPT = ("mitre", "notes", "license")


def read(document: dict[str, object], findings: Findings) -> Iterator[RuleText | Diagnostic]:
    """A rule for each query of a `[hunt]`, or why there is none."""
    hunt = Table(document, (), findings).table("hunt")
    if hunt is None:
        raise RuleFileError(findings.errors)
    queries = hunt.texts("query", single=True)
    languages = {name.lower() for name in hunt.texts("language", single=True)}
    if findings.errors:
        raise RuleFileError(findings.errors)
    for number, query in enumerate(queries):
        language = language_of(query, languages)
        if language == "":
            message = f"query {number + 1} is SQL, which no rule is in: it is left out"
            span = findings.positions.key(("hunt", "query", number))
            yield Diagnostic(F043, message, Severity.NOTE, span, findings.source)
            continue
        own = Findings(findings.source, lambda: findings.positions, strict=False)
        yield rule_text({"rule": _rule(hunt, query, language, number if len(queries) > 1 else None)}, own)


def language_of(query: str, named: set[str]) -> str:
    """kuery, eql, esql or lucene; "" for SQL. `named` are the languages that the file lists."""
    start = _COMMENT.sub("", query, count=1)
    if _ESQL.match(start):
        return "esql"
    if _SQL.match(start):
        return ""
    if _EQL.match(start):
        return "eql"
    return "lucene" if "lucene" in named and "kql" not in named and "kuery" not in named else "kuery"


def _rule(hunt: Table, query: str, language: str, number: int | None) -> dict[str, object]:
    """The keys of a rule; several queries of one hunt are told apart by their number."""
    part = "" if number is None else f" {number + 1}"
    index = hunt.texts("integration", single=True)
    rule: dict[str, object] = {
        "name": hunt.text("name") + part,
        "rule_id": hunt.text("uuid") + part.replace(" ", "-"),
        "description": hunt.text("description"),
        "type": {"eql": "eql", "esql": "esql"}.get(language, "query"),
        "language": language,
        "query": query,
        "index": [_index(name) for name in index] or ["logs-*"],
    }
    author, licence = hunt.raw("author"), hunt.raw("license")
    if isinstance(author, str | list):
        rule["author"] = author if isinstance(author, list) else [author]
    if isinstance(licence, str):
        rule["license"] = licence
    return rule


def _index(integration: str) -> str:
    """The data stream's pattern of an integration, `aws.cloudtrail` or `endpoint`."""
    return f"logs-{integration}-*" if "." in integration else f"logs-{integration}.*"

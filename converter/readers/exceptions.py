"""What a rule's exceptions mean: an event that an item matches is no alert.

As Kibana applies them: the entries of an item are joined by and, the items by or, and the whole is negated in the
filter of the search, so that every event of a sequence is restricted (x-pack/solutions/security/plugins/lists,
build_exception_filter.ts). A value list is not part of the export: what it holds is not known.
"""

from __future__ import annotations

import json

from converter.diagnostics import Diagnostic, Severity
from converter.fields.roles import HOST_SYSTEM, HOST_SYSTEM_OF_OLD, field_of
from converter.languages.lucene.codes import L047, L048, L049
from converter.model.exception import ExceptionEntry, ExceptionItem
from converter.model.metadata import Filter, Metadata

Clause = dict[str, object]

_MISSING = "name them in one run with the rule: an export with its exceptions, or a folder with exceptions/*.toml"


def exception_filter(meta: Metadata) -> tuple[tuple[Filter, ...], tuple[Diagnostic, ...]]:
    """The filter that keeps excepted events out, and what is to be said of exceptions that are not applied."""
    said: list[Diagnostic] = []
    known = {one.list_id for one in meta.exceptions}
    missing = [e.list_id or e.id for e in meta.exceptions_list if (e.list_id or e.id) not in known]
    if missing:
        message = f"the exceptions of {', '.join(missing)} are not in hand: the events that they except are found"
        said.append(Diagnostic(L047, message, Severity.WARNING, hint=_MISSING))
    clauses: list[Clause] = []
    for one in meta.exceptions:
        for item in one.items:
            said += _told(item)
            if not any(_uses_list(entry) for entry in item.entries):
                clauses += _item(item)
    if not clauses:
        return (), tuple(said)
    text = json.dumps({"bool": {"should": clauses, "minimum_should_match": 1}}, ensure_ascii=False)
    return (Filter(text, negate=True),), tuple(said)


def _told(item: ExceptionItem) -> list[Diagnostic]:
    """What an item brings that cannot be said in a query."""
    name = item.name or item.item_id or item.list_id
    said = []
    for entry in item.entries:
        if _uses_list(entry):
            what = ", ".join(entry.values)
            message = f"the exception {name!r} takes values of {entry.field} from the list {what}: it is not applied"
            hint = f"put the values of {what} into a lookup or watchlist, and exclude them by {entry.field}"
            said.append(Diagnostic(L048, message, Severity.WARNING, item.span, item.source, hint))
    if item.expires:
        message = f"the exception {name!r} counts until {item.expires}; the artifact applies it for good"
        hint = "convert again after that day, without the exception"
        said.append(Diagnostic(L049, message, Severity.WARNING, item.span, item.source, hint))
    return said


def _uses_list(entry: ExceptionEntry) -> bool:
    return entry.type == "list"


def _item(item: ExceptionItem) -> list[Clause]:
    """An item as clauses of which one must hold: one for each way to tell a host's system."""
    entries = [_entry(entry, "") for entry in item.entries]
    if not item.os_types:
        return [{"bool": {"filter": entries}}]
    fields = (field_of(HOST_SYSTEM), field_of(HOST_SYSTEM_OF_OLD))  # agents differ in which they write
    return [
        {"bool": {"filter": [{"match_phrase": {field: system}}, *entries]}}
        for field in fields
        for system in item.os_types
    ]


def _entry(entry: ExceptionEntry, inside: str) -> Clause:
    """One entry; fields of a nested one are named from the array on."""
    field = f"{inside}{entry.field}"
    match entry.type:
        case "nested":
            entries = [_entry(one, f"{field}.") for one in entry.entries]
            return {"nested": {"path": field, "query": {"bool": {"filter": entries}}}}
        case "exists":
            clause: Clause = {"exists": {"field": field}}
        case "wildcard":
            clause = {"wildcard": {field: {"value": entry.values[0]}}}
        case _:
            some: list[Clause] = [{"match_phrase": {field: value}} for value in entry.values]
            clause = some[0] if len(some) == 1 else {"bool": {"should": some, "minimum_should_match": 1}}
    return {"bool": {"must_not": [clause]}} if entry.excluded else clause

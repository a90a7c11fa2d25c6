"""Exception lists and their items, as Kibana exports them and as detections-as-code folders keep them."""

from __future__ import annotations

from collections.abc import Iterable

from converter.deferred import dataclass, replace
from converter.model.exception import ExceptionEntry, ExceptionItem, ExceptionsInHand
from converter.model.metadata import Metadata
from converter.rulefile.table import Findings, Table

ENTRY_TYPES = ("match", "match_any", "exists", "wildcard", "list", "nested")
_ITEM_KEPT = (
    *("_version", "created_at", "created_by", "description", "id", "meta", "namespace_type", "tags", "tie_breaker_id"),
    *("type", "updated_at", "updated_by"),
)
_OPERATORS = ("included", "excluded")


@dataclass(frozen=True, slots=True)
class ExceptionList:
    """A list that a file brings: its id as rules name it, and its name."""

    list_id: str
    name: str = ""


def read_list(document: dict[str, object], findings: Findings, path: tuple[str | int, ...] = ()) -> ExceptionList:
    """A list without its items."""
    table = Table(document, path, findings)
    return ExceptionList(table.text("list_id"), table.text("name"))


def read_item(document: dict[str, object], findings: Findings, path: tuple[str | int, ...] = ()) -> ExceptionItem:
    """One item; a slip in its conditions is an error, since events would be told or hidden by it."""
    table = Table(document, path, findings)
    list_id = table.text("list_id")
    if not list_id:
        table.missing("list_id", "an exception belongs to a list that rules name")
    entries = tuple(_entry(one) for one in table.tables("entries"))
    if not entries:
        table.missing("entries", "an exception without a condition would hide every event")
    item = ExceptionItem(
        list_id,
        table.text("item_id"),
        table.text("name"),
        entries,
        table.texts("os_types"),
        table.text("expire_time"),
        tuple(one.text("comment") for one in table.tables("comments")),
        findings.positions.key(path),
        findings.source,
    )
    table.pairs(_ITEM_KEPT)
    return item


def _entry(table: Table) -> ExceptionEntry:
    kind = table.text("type", choices=ENTRY_TYPES)
    field = table.text("field")
    if not field:
        table.missing("field", "a condition looks at a field")
    if kind == "nested":
        inner = tuple(_entry(one) for one in table.tables("entries"))
        table.close(strict=True)
        return ExceptionEntry(field, kind, entries=inner)
    excluded = table.text("operator", "included", _OPERATORS) == "excluded"
    values: tuple[str, ...] = ()
    match kind:
        case "match_any":
            values = table.texts("value", single=True)
        case "list":
            named = table.table("list")
            values = (named.text("id"),) if named is not None else ()
            if named is not None:
                named.text("type")
        case "exists":
            pass
        case _:
            values = (table.text("value"),)
    if kind != "exists" and not any(values):
        table.missing("list" if kind == "list" else "value", "a condition compares with something")
    table.close(strict=True)
    return ExceptionEntry(field, kind, values, excluded)


def read_folder_file(
    document: dict[str, object], findings: Findings
) -> tuple[list[ExceptionList], list[ExceptionItem]]:
    """A file of an `exceptions/` folder: `[[exceptions]]` with a container and its items."""
    top = Table(document, (), findings)
    lists: list[ExceptionList] = []
    items: list[ExceptionItem] = []
    for one in top.tables("exceptions"):
        container = one.table("container")
        if container is None:
            one.missing("container", "it says which list the items belong to")
            continue
        lists.append(ExceptionList(container.text("list_id"), container.text("name")))
        for number, item in enumerate(_objects(one.raw("items"))):
            items.append(read_item({"list_id": lists[-1].list_id, **item}, findings, (*one.path, "items", number)))
    return lists, items


def attached(meta: Metadata, lists: Iterable[ExceptionList], items: Iterable[ExceptionItem]) -> Metadata:
    """The metadata with the items of those lists that it names and that are in hand."""
    wanted = [one.list_id or one.id for one in meta.exceptions_list]
    if not wanted:
        return meta
    found: dict[str, list[ExceptionItem]] = {one.list_id: [] for one in lists}
    for item in items:
        found.setdefault(item.list_id, []).append(item)
    in_hand = tuple(ExceptionsInHand(name, tuple(found[name])) for name in dict.fromkeys(wanted) if name in found)
    return replace(meta, exceptions=in_hand)


def _objects(value: object) -> Iterable[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

"""Long lists of a query as watchlists, which an analyst edits without touching the rule.

https://learn.microsoft.com/en-us/azure/sentinel/watchlists-create,
https://learn.microsoft.com/en-us/azure/templates/microsoft.securityinsights/watchlists
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterable

from backends.sentinel.condition import tree
from backends.sentinel.deploy.arm import literal
from backends.sentinel.deploy.rule import NAMESPACE, Json
from converter.deferred import dataclass
from converter.languages.kusto.literal import hidden
from converter.languages.kusto.syntax import (
    Array,
    Dynamic,
    Expression,
    Invocation,
    Item,
    Let,
    Name,
    Program,
    Query,
    Subquery,
    Summarize,
    Text,
)

API = "2022-11-01"
_TYPE = "Microsoft.OperationalInsights/workspaces/providers/Watchlists"
_COLUMN = "Value"


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A list of texts. Lists of one name and equal values, of whatever rules, are one watchlist."""

    alias: str
    name: str
    values: tuple[str, ...]

    @property
    def csv(self) -> str:
        """A column of values under its name, lines ended as spreadsheets end them."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([_COLUMN])
        writer.writerows([value] for value in self.values)
        return text.getvalue()


def with_watchlists(program: Program) -> tuple[Program, tuple[Watchlist, ...]]:
    """The program with its lists read from watchlists, and these."""
    lets: list[Let] = []
    found: dict[Watchlist, None] = {}
    for let in program.lets:
        values = _values(let)
        if values is None:
            lets.append(let)
            continue
        told = uuid.uuid5(NAMESPACE, "\n".join(values)).hex[:8]
        one = Watchlist(f"siemglot_{let.name}_{told}", let.name, values)
        found.setdefault(one)
        lets.append(Let(let.name, _read(one)))
    return Program(program.query, tuple(lets)), tuple(found)


def _values(let: Let) -> tuple[str, ...] | None:
    """The texts of a list that a file of lines keeps as they are."""
    if not (isinstance(let.value, Dynamic) and isinstance(let.value.value, Array)):
        return None
    items = let.value.value.items
    texts = tuple(item.value for item in items if isinstance(item, Text))
    kept = all(t and t == t.strip() and not any(hidden(c) for c in t) for t in texts)
    return texts if len(texts) == len(items) and kept else None


def _read(watchlist: Watchlist) -> Expression:
    """The values of a watchlist as an array."""
    rows = Query(
        Invocation("_GetWatchlist", (Text(watchlist.alias),)),
        (Summarize((Item(tree.call("make_set", Name("SearchKey"))),)),),
    )
    return tree.call("toscalar", Subquery(rows))


def resource(watchlist: Watchlist, notice: str) -> dict[str, Json]:
    """The watchlist with its values, as a resource of a template."""
    values: dict[str, Json] = {
        "displayName": watchlist.alias,
        "description": f"{watchlist.name}. {notice}",
        "provider": "siemglot",
        "source": f"{watchlist.alias}.csv",
        "itemsSearchKey": _COLUMN,
        "contentType": "text/csv",
        "numberOfLinesToSkip": 0,
        "rawContent": watchlist.csv,
    }
    return {
        "type": _TYPE,
        "apiVersion": API,
        "name": f"[concat(parameters('workspace'), '/Microsoft.SecurityInsights/{watchlist.alias}')]",
        "properties": literal(values),
    }


def identifiers(watchlists: Iterable[Watchlist]) -> list[Json]:
    """What a resource that reads the watchlists depends on."""
    return [
        f"[resourceId('{_TYPE}', parameters('workspace'), 'Microsoft.SecurityInsights', '{one.alias}')]"
        for one in watchlists
    ]

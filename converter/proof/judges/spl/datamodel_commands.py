"""tstats over a data model: statistics of its events, under the names of its fields.

https://help.splunk.com/splunk-enterprise/spl-search-reference/9.4/search-commands/tstats: WHERE takes the terms of
`search`; an event without a field of BY is left out unless fillnull_value says what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from converter.proof.judges.spl.cursor import Cursor
from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.functions import Environment
from converter.proof.judges.spl.search_match import plan_search
from converter.proof.judges.spl.search_parser import parse_search
from converter.proof.judges.spl.stats_commands import Step, plan_stats
from converter.proof.judges.spl.syntax import Pipeline, Tstats
from converter.proof.judges.spl.values import Row


@dataclass(frozen=True, slots=True)
class DataModel:
    """A dataset of a data model: the terms that its events meet, its fields, what it writes where one is missing."""

    constraint: str
    fields: Sequence[str]
    filled: Mapping[str, str] = field(default_factory=dict)


def plan_tstats(
    node: Tstats, env: Environment, events: Sequence[Row], models: Mapping[str, DataModel], text: str
) -> Step:
    """The rows of the command; `events` are those that the search could see."""
    if node.model not in models:
        raise SplError(f"unknown data model {node.model}", node.at, text)
    kept = [row for row in _summary(node.model, models[node.model], env, events) if _met(node, env, row)]
    filler = node.options.get("fillnull_value")
    absent: Row = {} if filler is None else dict.fromkeys(node.stats.by, filler.strip('"'))
    rows = [absent | row for row in kept]
    whole = [row for row in rows if all(name in row for name in node.stats.by)]
    stats = plan_stats(node.stats, env)
    return lambda _found: stats(whole)


def _met(node: Tstats, env: Environment, row: Row) -> bool:
    return node.where is None or plan_search(node.where, env, None)(row)


def _summary(name: str, model: DataModel, env: Environment, events: Sequence[Row]) -> list[Row]:
    """The events of the dataset, with its fields alone, named behind it."""
    dataset = name.rpartition(".")[2]
    belongs = plan_search(parse_search(Cursor(model.constraint), _no_subsearch), env, None)
    found: list[Row] = []
    for event in events:
        if belongs(event):
            row: Row = {f"{dataset}.{one}": event[one] for one in model.fields if one in event}
            row |= {f"{dataset}.{one}": text for one, text in model.filled.items() if one not in event}
            found.append({"_time": event["_time"], **row} if "_time" in event else row)
    return found


def _no_subsearch(cursor: Cursor) -> Pipeline:
    cursor.fail("a data model's constraint has no subsearch")

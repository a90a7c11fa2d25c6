"""Runs a search over events, as Splunk's documents describe it: a judge for converted searches, not an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import assert_never

from converter.proof.judges.spl import parser
from converter.proof.judges.spl.datamodel_commands import DataModel, plan_tstats
from converter.proof.judges.spl.errors import SplError, UnknownCommand, UnknownFunction
from converter.proof.judges.spl.events import Extracted, plain, rows
from converter.proof.judges.spl.functions import Environment
from converter.proof.judges.spl.join_commands import (
    plan_branches,
    plan_foreach,
    plan_inputlookup,
    plan_join,
    plan_lookup,
    subsearched,
)
from converter.proof.judges.spl.lookups import LookupTable, as_line, table
from converter.proof.judges.spl.macros import is_index_macro
from converter.proof.judges.spl.parser import parse
from converter.proof.judges.spl.reading import READINGS, Reading
from converter.proof.judges.spl.row_commands import (
    plan_bin,
    plan_dedup,
    plan_eval,
    plan_fields,
    plan_head,
    plan_rename,
    plan_sort,
    plan_where,
)
from converter.proof.judges.spl.search_match import plan_search
from converter.proof.judges.spl.stats_commands import moment, plan_stats
from converter.proof.judges.spl.syntax import (
    AllOf,
    Bin,
    Branches,
    Command,
    Dedup,
    Eval,
    Fields,
    FieldTest,
    ForEach,
    Generic,
    Head,
    InputLookup,
    Join,
    Lookup,
    MacroCommand,
    Pipeline,
    Plain,
    Regex,
    Rename,
    Rex,
    Search,
    SearchExpression,
    Sort,
    Stats,
    Tstats,
    Where,
)
from converter.proof.judges.spl.text_commands import plan_plain, plan_regex, plan_rex
from converter.proof.judges.spl.timespec import resolve
from converter.proof.judges.spl.values import Row, tidy

__all__ = [
    "READINGS",
    "DataModel",
    "Extracted",
    "LookupTable",
    "Reading",
    "SplError",
    "UnknownCommand",
    "UnknownFunction",
    "parse",
    "rows",
    "run",
]

Step = Callable[[list[Row]], list[Row]]
_NOTHING: Mapping[str, str] = {}
_NO_MODELS: Mapping[str, DataModel] = {}
_NO_TABLES: Mapping[str, Sequence[Mapping[str, str]] | LookupTable] = {}


@lru_cache(maxsize=1024)
def _parsed(query: str, macros: tuple[tuple[str, str], ...]) -> Pipeline:
    return parser.parse(query, dict(macros))


def run(
    query: str,
    events: Sequence[Mapping[str, object]] | Extracted,
    *,
    reading: Reading = READINGS[0],
    macros: Mapping[str, str] = _NOTHING,
    lookups: Mapping[str, Sequence[Mapping[str, str]] | LookupTable] = _NO_TABLES,
    models: Mapping[str, DataModel] = _NO_MODELS,
    now: float | None = None,
    raw_json: bool = False,
) -> list[dict[str, object]]:
    """The results of `query` over `events`. Without `now`, it is just after the newest event.

    Events come in search order, the newest first; those without a time come last, as given.
    """
    if isinstance(events, Extracted):
        base = [dict(row) for row in events.rows]
    else:
        base = rows(events, raw_json=raw_json, reading=reading)
    base.sort(key=lambda row: -moment_of if (moment_of := moment(row)) is not None else float("inf"))
    newest = moment(base[0]) if base else None
    clock = now if now is not None else (0.0 if newest is None else newest + 1)
    tables = {name: table(given) for name, given in lookups.items()}
    planner = Planner(Environment(reading, clock), base, tables, models)
    pipeline = _parsed(query, tuple(macros.items()))
    return [plain(row) for row in planner.plan_pipeline(pipeline)([])]


@dataclass(frozen=True, slots=True)
class Planner:
    """Turns commands into steps over rows. All of a search is planned before the first event is read."""

    env: Environment
    base: list[Row]
    tables: dict[str, LookupTable]
    models: Mapping[str, DataModel] = field(default_factory=dict)

    def plan_pipeline(self, pipeline: Pipeline, *, given: bool = False) -> Step:
        """`given` says that rows come in from outside; else the first command has to make them."""
        steps: list[Step] = []
        if not given and not _generates(pipeline.commands[0]):
            raise SplError("the first command does not generate results", pipeline.commands[0].at, pipeline.text)
        for position, command in enumerate(pipeline.commands):
            steps.append(self.plan(command, pipeline, first=position == 0))

        def step(found: list[Row]) -> list[Row]:
            for one in steps:
                found = one(found)
            return found

        return step

    def plan(self, command: Command, pipeline: Pipeline, *, first: bool) -> Step:
        match command:
            case Search():
                return self._plan_search(command, first=first)
            case Where():
                return plan_where(command, self.env)
            case Eval():
                return plan_eval(command, self.env)
            case Stats():
                return plan_stats(command, self.env)
            case Tstats():
                if not first:
                    raise SplError("tstats must be the first command", command.at, pipeline.text)
                return plan_tstats(command, self.env, self.base, self.models, pipeline.text)
            case Sort():
                return plan_sort(command, self.env)
            case Fields():
                return plan_fields(command)
            case Rename():
                return plan_rename(command)
            case Head():
                return plan_head(command, self.env)
            case Dedup():
                return plan_dedup(command)
            case Bin():
                return plan_bin(command)
            case Rex():
                return plan_rex(command, self.env)
            case Regex():
                return plan_regex(command, self.env)
            case Lookup():
                return plan_lookup(command, self.tables)
            case InputLookup():
                return plan_inputlookup(command, self.tables, self.env)
            case Join():
                return plan_join(command, self.plan_pipeline)
            case Branches():
                return plan_branches(command, self.plan_pipeline, first=first)
            case ForEach():
                return plan_foreach(command, self.plan_pipeline)
            case Plain():
                return self._plan_plain(command, pipeline)
            case MacroCommand(text=called, at=at):
                if not is_index_macro(called):
                    raise SplError(f"unknown macro `{called}`", at, pipeline.text)
                return lambda found: found
            case Generic(name=name, at=at):
                raise UnknownCommand(f"{name} is not executed here", at, pipeline.text)
            case _:
                assert_never(command)

    def _plan_search(self, command: Search, *, first: bool) -> Step:
        keep = plan_search(command.where, self.env, lambda inner: subsearched(inner, self.plan_pipeline))
        if first:
            return lambda _found: [row for row in self.base if keep(row)]
        return lambda found: [row for row in found if keep(row)]

    def _plan_plain(self, command: Plain, pipeline: Pipeline) -> Step:
        match command.name:
            case "addinfo":
                return self._plan_addinfo(pipeline)
            case "outputlookup":
                return self._plan_outputlookup(command)
            case "return" | "format":
                if command is not pipeline.commands[-1]:
                    raise SplError(f"{command.name} must be the last command", command.at)
                return lambda found: found
            case _:
                return plan_plain(command, self.env)

    def _plan_outputlookup(self, command: Plain) -> Step:
        if len(command.arguments) != 1 or command.options.keys() - {"append"}:
            raise SplError("outputlookup is supported with a table and append= only", command.at)
        name = command.arguments[0]
        append = command.options.get("append", "false").lower() in {"true", "t", "1"}

        def step(found: list[Row]) -> list[Row]:
            before = self.tables[name].rows if append and name in self.tables else ()
            self.tables[name] = LookupTable([*before, *(as_line(row) for row in found)])
            return found

        return step

    def _plan_addinfo(self, pipeline: Pipeline) -> Step:
        limits = {"earliest": 0.0, "latest": self.env.now}
        head = pipeline.commands[0]
        if isinstance(head, Search):
            for name, spec in _time_limits(head.where):
                limits[name] = resolve(spec, self.env.now)
        added: Row = {
            "info_min_time": tidy(limits["earliest"]),
            "info_max_time": tidy(limits["latest"]),
            "info_search_time": tidy(self.env.now),
        }
        return lambda found: [{**row, **added} for row in found]


def _generates(command: Command) -> bool:
    match command:
        case Search() | InputLookup() | MacroCommand() | Generic() | Tstats():
            return True
        case Branches(kind=kind):
            return kind in {"union", "multisearch"}
        case Plain(name=name):
            return name == "makeresults"
        case _:
            return False


def _time_limits(node: SearchExpression) -> list[tuple[str, str]]:
    match node:
        case AllOf(parts=parts):
            return [one for part in parts for one in _time_limits(part)]
        case FieldTest(name="earliest" | "latest" as name, value=value):
            return [(name, value.raw)]
        case _:
            return []

"""Searches over what an accelerated data model has summed up (`tstats`), where that holds all that they ask for.

https://help.splunk.com/splunk-enterprise/spl-search-reference/9.4/search-commands/tstats: WHERE takes terms of
`search`, so that no regular expression and no comparison of two fields can stand there; an event without a field of BY
is left out unless `fillnull_value` says what stands there. A place says in its header which dataset its events are
(`datamodel`), which of its columns are fields of that (`datamodel_fields`), and the terms that the model's own
constraint asks for (`datamodel_constraint`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import assert_never

from backends.splunk.codes import T238, T239
from backends.splunk.condition.literal import constant
from backends.splunk.detection.filter import Filter, Writer, filtered, listed
from backends.splunk.detection.output import MOST, context, values
from backends.splunk.detection.place import ARRIVAL
from backends.splunk.detection.threshold import free, large_enough
from converter.deferred import compiled, dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.spl import parse
from converter.languages.spl.flow import tested
from converter.languages.spl.shorthand import every
from converter.languages.spl.syntax import (
    Aggregate,
    Call,
    Condition,
    Every,
    Excluding,
    Expression,
    Macro,
    Name,
    OneOf,
    Pair,
    Pipeline,
    Quoting,
    Relation,
    Rename,
    Some,
    Stage,
    Subsearch,
    Term,
    Test,
    Tstats,
    Word,
)
from converter.model.predicate import Predicate
from converter.plan.group import GroupPlan
from converter.target.contract import Binding

MISSING = "unknown"
"""What data models write where a field is missing; so do groups of results."""
_NAME = compiled(r"[A-Za-z_]\w*\.[A-Za-z_]\w*", re.ASCII)
_SUMMARIES = ("summariesonly", "false")


@dataclass(frozen=True, slots=True)
class Model:
    """A dataset of a data model; `settled` are the terms, by field and value, that all its events meet."""

    name: str
    fields: frozenset[str]
    settled: frozenset[tuple[str, str]]

    def field(self, column: str) -> str:
        """The dataset's name of a column."""
        return f"{self.name.rpartition('.')[2]}.{column}"


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a condition cannot be asked of a data model."""

    why: str


def _model(binding: Binding) -> Model | Unfit:
    header = binding.header
    if "datamodel" not in header:
        return Unfit("no data model holds the events of the place")
    constraint = header.get("datamodel_constraint", "")
    if not _NAME.fullmatch(header["datamodel"]):
        return Unfit("datamodel in the place's header is no model and dataset, as in Web.Web")
    try:
        settled = frozenset(_words(parse.condition(constraint))) if constraint else frozenset[tuple[str, str]]()
    except QuerySyntaxError:
        return Unfit("datamodel_constraint in the place's header holds no terms of search that are read here")
    return Model(header["datamodel"], frozenset(header.get("datamodel_fields", "").split()), settled)


def _words(condition: Condition) -> Iterable[tuple[str, str]]:
    """The fields and values of terms that all hold."""
    for part in condition.parts if isinstance(condition, Every) else (condition,):
        if isinstance(part, Test):
            yield part.field, part.value.raw


def events(write: Writer, binding: Binding, where: Predicate) -> list[Stage] | None:
    """The matching events, those alike in what is shown as one result; None where the place's events are searched."""
    model, condition = _fit(write, binding, filtered(write, where))
    if model is None:
        return None
    shown = [name for name in context(binding, [where]) if name in model.fields][:MOST]
    by = tuple(map(model.field, shown))
    aggregates = (Aggregate("count", None, free("event_count", shown)), *_times())
    options = (_SUMMARIES, ("fillnull_value", MISSING))
    return [Tstats(model.name, aggregates, condition, by, options), _renamed(model, shown)]


def groups(write: Writer, binding: Binding, plan: GroupPlan, *, bare: bool) -> list[Stage] | None:
    """The groups that are large enough; None where the place's events are searched."""
    model, condition = _fit(write, binding, filtered(write, plan.where), plan)
    if model is None:
        return None
    names = list(dict.fromkeys(write.columns.name(f) for f in plan.keys))
    counts, tests = large_enough(write, plan, names)
    wanted = [*counts, *_times()]
    if not bare:
        taken = [*names, *(a.alias or "" for a in wanted)]
        wanted += values([n for n in context(binding, [plan.where]) if n in model.fields], taken)
    own = tuple(Aggregate(a.function, a.field and _of(model, a.field), a.alias) for a in wanted)
    grouped = Tstats(model.name, own, condition, tuple(map(model.field, names)), (_SUMMARIES,))
    return [grouped, *([_renamed(model, names)] if names else []), *tests]


def _times() -> tuple[Aggregate, ...]:
    return Aggregate("min", "_time", "first_time"), Aggregate("max", "_time", "last_time")


def _of(model: Model, column: str) -> str:
    return column if column == "_time" else model.field(column)


def _renamed(model: Model, names: Sequence[str]) -> Stage:
    return Rename(tuple(Pair(model.field(name), name) for name in names))


def _fit(
    write: Writer, binding: Binding, found: Filter, plan: GroupPlan | None = None
) -> tuple[Model, Condition | None] | tuple[None, None]:
    """The model with what it is asked; none where a note says why the events are searched instead."""
    model = _model(binding)
    asked = model if isinstance(model, Unfit) else _asked(model, binding, found)
    if plan is not None and isinstance(model, Model):
        asked = _grouped(write, model, plan) or asked
    if isinstance(model, Unfit) or isinstance(asked, Unfit):
        why = asked.why if isinstance(asked, Unfit) else ""
        write.notebook.add(Diagnostic(T239, f"the events are searched, not their summary: {why}", Severity.NOTE))
        return None, None
    own = [_own(model, term) for term in asked]
    blind = own != [_own(model, term, cased=True) for term in asked]
    told = "; upper and lower case are alike there, which the rule tells apart" if blind else ""
    message = f"the search asks what the data model {model.name} of your installation has summed up{told}"
    write.notebook.add(Diagnostic(T238, message, Severity.WARNING))
    return model, every(own)


def _asked(model: Model, binding: Binding, found: Filter) -> Sequence[Condition] | Unfit:
    """The terms of WHERE, without what the model's own constraint says."""
    if found.never or binding.lookups or binding.header.get("prepare"):
        return Unfit("the place restricts its events in a way that WHERE has no words for")
    if any(binding.header.get(name) for name in ARRIVAL):
        return Unfit("the search states when events arrived")
    present = list(filter(None, map(_presence, found.tests)))
    if len(present) < len(found.tests) or found.late or found.late_tests:
        return Unfit("a condition needs more than terms of search")
    terms = (*found.early, *present)
    asked = [t for t in terms if not (isinstance(t, Test) and (t.field, t.value.raw) in model.settled)]
    beyond = sorted({name for term in asked for name in tested(term)} - model.fields)
    return Unfit(f"the data model has no {', '.join(beyond)}") if beyond else asked


def _presence(test: Expression) -> Test | None:
    """`isnotnull(field)` as a term: a summary has no empty values, of which `search` and `where` could think apart."""
    match test:
        case Call("isnotnull", (Name(name),)):
            return Test(name, Relation.EQUAL, Word("*", Quoting.BARE))
        case _:
            return None


def opens(search: Pipeline) -> bool:
    """Whether the search asks a data model, which finds its events itself."""
    return isinstance(search.stages[0], Tstats)


def _grouped(write: Writer, model: Model, plan: GroupPlan) -> Unfit | None:
    beyond = sorted({write.columns.name(f) for f in plan.counted} - model.fields)
    if beyond:
        return Unfit(f"the data model has no {', '.join(beyond)}")
    return Unfit("a field of the groups may have several values") if plan.multiplies else None


def _own(model: Model, condition: Condition, *, cased: bool = False) -> Condition:
    """The terms under the dataset's names. `cased`: with CASE(), which the page of `tstats` does not know."""
    match condition:
        case Test(field, relation, word):
            return Test(model.field(field), relation, word if cased else _plain(word))
        case OneOf(field, words):
            return OneOf(model.field(field), words if cased else tuple(dict.fromkeys(map(_plain, words))))
        case Every(parts):
            return Every(tuple(_own(model, part, cased=cased) for part in parts))
        case Some(parts):
            own = listed(_own(model, part, cased=cased) for part in parts)
            return own[0] if len(own) == 1 else Some(tuple(own))
        case Excluding(part):
            return Excluding(_own(model, part, cased=cased))
        case Term() | Macro() | Subsearch():
            return condition
        case _:
            assert_never(condition)


def _plain(word: Word) -> Word:
    return constant(word.raw) if word.quoting is Quoting.CASE else word

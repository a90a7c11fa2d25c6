"""Where the events are, as the beginning of a search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from backends.splunk.codes import T213
from backends.splunk.condition.literal import constant
from backends.splunk.detection.filter import Filter, Writer, filtered, hoisted, stages_of
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.spl import parse
from converter.languages.spl.codes import T228
from converter.languages.spl.shorthand import call, every, some
from converter.languages.spl.syntax import (
    Append,
    Condition,
    Dedup,
    Every,
    Lookup,
    Macro,
    Multisearch,
    Name,
    Pair,
    Pipeline,
    Quoting,
    Relation,
    Search,
    Sort,
    Stage,
    Stats,
    Test,
    Where,
    Word,
)
from converter.model.predicate import Predicate
from converter.target.contract import Binding, Notebook

_LONG = 200
ARRIVAL = ("_index_earliest", "_index_latest")
"""Time modifiers of arrival, where a header states them."""
_ALL = Test("index", Relation.EQUAL, Word("*", Quoting.BARE))


def place(binding: Binding) -> list[Condition]:
    """Where the events are: the data set's macro, index or source type; all indexes if nothing is known."""
    header = binding.header
    macro = header.get("macro", "").strip("`")
    parts: list[Condition] = [Macro(macro)] if macro else _tests(header, ("index", "sourcetype", "source"))
    return [*(parts or [_ALL]), *_tests(header, ARRIVAL)]


def _tests(header: Mapping[str, str], keys: Iterable[str]) -> list[Condition]:
    return [Test(key, Relation.EQUAL, constant(header[key])) for key in keys if header.get(key)]


def is_everywhere(binding: Binding) -> bool:
    """Whether nothing says where the events are."""
    return place(binding)[0] == _ALL


def matching(write: Writer, binding: Binding, where: Predicate, span: Sequence[Condition] = ()) -> list[Stage]:
    """The stages that find the events of a predicate; `span` are time modifiers."""
    found = filtered(write, where)
    opening = first(write, binding, found, span)
    return [*opening, *stages_of(write, found, opening)]


def first(write: Writer, binding: Binding, found: Filter, span: Sequence[Condition] = ()) -> list[Stage]:
    """The first `search`. A place whose events are spread over several records is prepared first."""
    where = [*place(binding), *span]
    terms = [*found.early, *hoisted(write, found)]
    prepared = _named(write, binding, _prepared(binding, write.notebook))
    if not prepared:
        return [_search([*where, *terms]), *listed(binding)]
    own = [_search(terms)] if terms else []
    return [_search(where), *prepared, *own, *listed(binding)]


def listed(binding: Binding) -> list[Stage]:
    """The stages that keep the events which the place's lookups list."""
    out: list[Stage] = []
    for one in binding.lookups:
        found = f"{one.name}_key"
        out.append(Lookup(one.name, (Pair(one.key, one.column),), (Pair(one.key, found),)))
        out.append(Where(call("isnotnull", Name(found))))
    return out


def _search(terms: Sequence[Condition]) -> Search:
    found = every(terms)
    return Search(_ALL if found is None else found)


def _prepared(binding: Binding, notebook: Notebook) -> tuple[Stage, ...]:
    """The stages that a data set table states for its place."""
    text = binding.header.get("prepare", "")
    if not text:
        return ()
    try:
        return parse.stages(text)
    except QuerySyntaxError as error:
        message = f"the stages that prepare {binding.title or 'the place'} are no SPL that is read here"
        notebook.add(Diagnostic(T228, f"{message}: {error.diagnostics[0].message}"))
        return ()


def _named(write: Writer, binding: Binding, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Long stages as one macro."""
    text = binding.header.get("prepare", "")
    if write.columns.inline or len(text) < _LONG or not stages:
        return stages
    note = f"the stages that make events of the records of {binding.title or binding.dataset or 'the place'}"
    return (write.columns.named(f"{binding.dataset or 'place'}.events", text, note),)


def joins_records(binding: Binding, notebook: Notebook) -> bool:
    """Whether a place has to be prepared by a command that sees all records before it gives an event."""
    prepared = _prepared(binding, notebook)
    return any(isinstance(s, Dedup | Sort) or (isinstance(s, Stats) and s.command == "stats") for s in prepared)


def matching_any(write: Writer, arms: Sequence[tuple[Binding, Predicate]]) -> list[Stage]:
    """The stages that find the events of several places: one `search` where it can say all, else one search a place.

    `multisearch` takes streaming commands only: a place that joins records is the main search, or appended to it.
    """
    found = [(binding, matching(write, binding, where)) for binding, where in arms]
    joins = [stages for binding, stages in found if joins_records(binding, write.notebook)]
    streams = _alike([stages for binding, stages in found if not joins_records(binding, write.notebook)])
    if len(streams) == 1 and not joins:
        return streams[0]
    if joins:
        write.notebook.add(_APPENDED)
    main, *rest = [[multisearch(streams)], *joins] if len(streams) > 1 else [*streams, *joins]
    return [*main, *(Append(Pipeline(tuple(stages))) for stages in rest)]


def _alike(searches: Sequence[list[Stage]]) -> list[list[Stage]]:
    """The searches, those that go on alike as one that begins with either, what the beginnings share said once."""
    groups: dict[tuple[Stage, ...], list[list[Stage]]] = {}
    for stages in searches:
        groups.setdefault(tuple(stages[1:]), []).append(stages)
    out = []
    for rest, group in groups.items():
        firsts = [stages[0] for stages in group]
        conditions = [s.condition for s in firsts if isinstance(s, Search)]
        if len(group) > 1 and len(conditions) == len(group):
            out.append([Search(_either(conditions)), *rest])
        else:
            out += group
    return out


def _either(conditions: Sequence[Condition]) -> Condition:
    parts = [c.parts if isinstance(c, Every) else (c,) for c in conditions]
    shared = [p for p in parts[0] if all(p in other for other in parts)]
    own = [every(p for p in one if p not in shared) for one in parts]
    if any(o is None for o in own):
        return _search(shared).condition
    found = some(o for o in own if o is not None)
    return _search([*([found] if found is not None else []), *shared]).condition


def multisearch(searches: Sequence[Sequence[Stage]]) -> Stage:
    """Several searches at once."""
    return Multisearch(tuple(Pipeline(tuple(stages)) for stages in searches))


_APPENDED = Diagnostic(
    T213,
    "append takes the first 50,000 events of a place that joins records (maxout), and 60 seconds (maxtime)",
    Severity.NOTE,
    hint="narrow the search if a run sees more",
)

"""Where the events are, as the beginning of a search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from backends.splunk.condition.literal import constant
from backends.splunk.detection.filter import Filter, Writer, filtered, hoisted, stages_of
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.spl import parse
from converter.languages.spl.codes import T228
from converter.languages.spl.shorthand import call, conjunction, disjunction, every
from converter.languages.spl.syntax import (
    Condition,
    Dedup,
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
from converter.target.lookup import Lookup as Lookups

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


def first(
    write: Writer,
    binding: Binding,
    found: Filter,
    span: Sequence[Condition] = (),
    *,
    others: Sequence[Sequence[Lookups]] = (),
) -> list[Stage]:
    """The first `search`. A place whose events are spread over several records is prepared first.

    `others`: an event may be listed by these look-ups instead of the place's own.
    """
    where = [*place(binding), *span]
    terms = [*found.early, *hoisted(write, found)]
    prepared = _named(write, binding, _prepared(binding, write.notebook))
    if not prepared:
        return [searching([*where, *terms]), *listed([binding.lookups, *others])]
    own = [searching(terms)] if terms else []
    return [searching(where), *prepared, *own, *listed([binding.lookups, *others])]


def listed(groups: Sequence[Sequence[Lookups]]) -> list[Stage]:
    """The stages that keep the events which the lookups of one group list."""
    if not all(groups):
        return []
    each = dict.fromkeys(lookup for group in groups for lookup in group)
    found = [Lookup(one.name, (Pair(one.key, one.column),), (Pair(one.key, _key(one)),)) for one in each]
    return [*found, Where(disjunction(conjunction(call("isnotnull", Name(_key(o))) for o in g) for g in groups))]


def _key(lookup: Lookups) -> str:
    """The column that holds what a lookup found."""
    return f"{lookup.name}_key"


def searching(terms: Sequence[Condition]) -> Search:
    """A search for what all terms say, else for everything."""
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


def multisearch(searches: Sequence[Sequence[Stage]]) -> Stage:
    """Several searches at once."""
    return Multisearch(tuple(Pipeline(tuple(stages)) for stages in searches))

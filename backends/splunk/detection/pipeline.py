"""The beginning of every search: where the events are, what `search` can say of them, and `where` for the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backends.splunk.condition.atom import Atoms
from backends.splunk.condition.layout import Condition, Join, Line, block, inline, joined
from backends.splunk.condition.names import Names
from backends.splunk.condition.prefilter import Terms
from converter.diagnostics import Diagnostic, Severity
from converter.model.predicate import And, Constant, Or, Predicate
from converter.model.value import Field
from converter.target.contract import Binding, Notebook

JOINT = "\n| "


@dataclass(frozen=True, slots=True)
class Writer:
    """What writes one rule: names, terms of `search`, conditions of `where`, and the findings."""

    notebook: Notebook
    names: Names
    terms: Terms
    atoms: Atoms


def writer(notebook: Notebook) -> Writer:
    """A writer with no name used yet."""
    names = Names(notebook)
    return Writer(notebook, names, Terms(names), Atoms(names, notebook))


def place(binding: Binding) -> str:
    """Where the events are: the data set's macro, index or source type; all indexes if nothing is known."""
    header = binding.header
    macro = header.get("macro", "").strip("`")
    if macro:
        return f"`{macro}`"
    parts = [f'{key}="{header[key]}"' for key in ("index", "sourcetype", "source") if header.get(key)]
    return " ".join(parts) or "index=*"


def matching(write: Writer, binding: Binding, where: Predicate, span: str = "") -> list[str]:
    """The stages that find the events of a predicate; `span` are time modifiers."""
    wanted = where.terms if isinstance(where, And) else (where,)
    head: list[Condition] = []
    rest: list[Predicate] = []
    for term in wanted:
        if term == Constant(value=True):
            continue
        exact = write.terms.exact(term)
        if exact is not None:
            head.append(exact)
            continue
        rest.append(term)
        superset = write.terms.superset(term)
        if superset is not None:
            head.append(superset)
    filters = [write.atoms.conjunct(t) for t in rest]
    late_filters = [f for f in filters if write.names.is_used(inline(f))]
    early_filters = [f for f in filters if f not in late_filters]
    stages = [first(binding, head, span)]
    if early_filters:
        stages.append(block("where", joined(Join.AND, early_filters)))
    if late_filters:
        # What has to be computed first is computed for the events that are left.
        last = block("where", joined(Join.AND, late_filters))
        stages += [*write.names.stages(last, stages), last]
    return stages


def matching_any(write: Writer, arms: Sequence[tuple[Binding, Predicate]]) -> list[str]:
    """The stages that find the events of several places: one `search` where it can say all, else one search a place.

    `multisearch` takes streaming commands only: a place that joins records is the main search, or appended to it.
    """
    found = [(binding, matching(write, binding, where)) for binding, where in arms]
    if all(len(stages) == 1 and not binding.lookups for binding, stages in found):
        return ["\nOR ".join(f"({stages[0]})" for _, stages in found)]
    joins = [stages for binding, stages in found if _joins_records(binding)]
    streams = [stages for binding, stages in found if not _joins_records(binding)]
    if joins:
        write.notebook.add(_APPENDED)
    main, *rest = [[_multisearch(streams)], *joins] if len(streams) > 1 else [*streams, *joins]
    return [*main, *(f"append {_subsearch(stages)}" for stages in rest)]


def _multisearch(searches: Sequence[Sequence[str]]) -> str:
    return "| multisearch" + "".join(f"\n    {_subsearch(stages)}" for stages in searches)


def _subsearch(stages: Sequence[str]) -> str:
    return f"[search {JOINT.join(stages)}]".replace("\n", "\n    ")


def _joins_records(binding: Binding) -> bool:
    """Whether a place has to be prepared by a command that sees all records before it gives an event."""
    outer = re.sub(r"\[[^\[\]]*\]|\"(?:[^\"\\]|\\.)*\"", "", binding.header.get("prepare", ""))
    return re.search(r"(?:^|\|)\s*(?:stats|transaction|dedup|sort)\b", outer) is not None


_APPENDED = Diagnostic(
    "T213",
    "append takes the first 50,000 events of a place that joins records (maxout), and 60 seconds (maxtime)",
    Severity.NOTE,
    hint="narrow the search if a run sees more",
)


def first(binding: Binding, terms: Sequence[Condition], span: str = "") -> str:
    """The first `search` of a pipeline, whose word is left out.

    A place whose events are spread over several records is prepared first, so that terms can speak of whole events.
    """
    where = " ".join(filter(None, (place(binding), span)))
    prepare = binding.header.get("prepare", "")
    if not prepare:
        return JOINT.join([block("", joined(Join.BLANK, [Line(where), *terms])).strip(), *_listed(binding)])
    own = [f"search {block('', joined(Join.BLANK, terms)).strip()}"] if terms else []
    return JOINT.join([where, prepare, *own, *_listed(binding)])


def _listed(binding: Binding) -> list[str]:
    """The commands that keep the events which the place's lookups list."""
    found: list[str] = []
    for lookup in binding.lookups:
        found.append(f'lookup {lookup.name} {lookup.key} AS "{lookup.column}" OUTPUT {lookup.key} AS {lookup.name}_key')
        found.append(f"search {lookup.name}_key=*")
    return found


def candidates(write: Writer, binding: Binding, wheres: Sequence[Predicate]) -> str:
    """The first `search` for events that satisfy some of the predicates, and perhaps others."""
    superset = write.terms.superset(Or(tuple(dict.fromkeys(wheres)))) if len(set(wheres)) > 1 else None
    if len(set(wheres)) == 1:
        superset = write.terms.superset(wheres[0])
    return first(binding, [superset] if superset is not None else [])


def late(write: Writer, fields: Sequence[Field], stages: Sequence[str]) -> list[str]:
    """The `eval` of computed fields that nothing before needed."""
    return write.names.stages(" ".join(write.names.eval(f) for f in fields), stages)

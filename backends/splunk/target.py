"""The Splunk target: a bound rule becomes a search."""

from __future__ import annotations

from backends.splunk.atom import Atoms
from backends.splunk.layout import Condition, Join, Line, block, joined
from backends.splunk.names import Names
from backends.splunk.prefilter import Terms
from converter.diagnostics import Diagnostic
from converter.model.predicate import And, Constant, Predicate
from converter.model.rule import Match
from converter.target import Binding, Bound, Emission, Notebook, Options, Target


def place(binding: Binding) -> str:
    """Where the events are: the data set's macro, index or source type; all indexes if nothing is known."""
    header = binding.header
    if header.get("macro"):
        return header["macro"]
    parts = [f'{key}="{header[key]}"' for key in ("index", "sourcetype", "source") if header.get(key)]
    return " ".join(parts) or "index=*"


def emit_match(bound: Bound, where: Predicate, notebook: Notebook) -> str:
    """A search for single events: `search` says what it can say exactly, `where` the rest."""
    names = Names(notebook)
    terms, atoms = Terms(names), Atoms(names, notebook)
    wanted = where.terms if isinstance(where, And) else (where,)
    head: list[Condition] = []
    rest: list[Predicate] = []
    for term in wanted:
        if term == Constant(value=True):
            continue
        exact = terms.exact(term)
        if exact is not None:
            head.append(exact)
            continue
        rest.append(term)
        superset = terms.superset(term)
        if superset is not None:
            head.append(superset)
    stages = [block("", joined(Join.BLANK, [Line(place(bound.binding)), *head])).strip()]
    filters = [atoms.conjunct(t) for t in rest]
    if names.stage:
        stages.append("| " + names.stage)
    if filters:
        stages.append(block("| where", joined(Join.AND, filters)))
    return "\n".join(stages) + "\n"


def emit(bound: Bound, _options: Options) -> Emission:
    """The rule as a search."""
    notebook = Notebook()
    detection = bound.rule.detection
    if isinstance(detection, Match):
        text = emit_match(bound, detection.where, notebook)
    else:
        notebook.add(Diagnostic("T203", f"{type(detection).__name__} is not written yet"))
        text = ""
    return Emission("" if notebook.refused else text, notebook.diagnostics)


TARGET = Target(name="splunk", title="Splunk SPL", suffix=".spl", emit=emit, formats={"search": "the search alone"})

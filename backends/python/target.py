"""The Python target: a standalone module, standard library only, that says which events match."""

from __future__ import annotations

from backends.python.codes import T402
from backends.python.deploy.source import own_of, text_of
from backends.python.deploy.words import left_out
from backends.python.detection.module import Module
from converter.diagnostics import Diagnostic, Severity
from converter.model.pipeline import Pipeline
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Present,
)
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Sample, Sequence, Threshold
from converter.target import SUPPORTED, Gap, Partial, Support
from converter.target.codes import T006
from converter.target.contract import Bound, Emission, File, Options, Target
from converter.target.naming import file_stem
from converter.target.readback import Reading

PANTHER = "panther"

SUPPORT: Support = {
    And: SUPPORTED,
    Or: SUPPORTED,
    Not: SUPPORTED,
    Constant: SUPPORTED,
    Element: SUPPORTED,
    Present: SUPPORTED,
    Compare: SUPPORTED,
    Between: SUPPORTED,
    OneOf: SUPPORTED,
    Like: SUPPORTED,
    Matches: SUPPORTED,
    InNetwork: SUPPORTED,
    Phrase: SUPPORTED,
    Holds: SUPPORTED,
    Match: SUPPORTED,
    AnyOf: SUPPORTED,
    Sequence: SUPPORTED,
    Sample: SUPPORTED,
    Threshold: SUPPORTED,
    NewTerms: SUPPORTED,
    Pipeline: Partial((T006,), Gap.NOT_YET, "formats of dates, versions, patterns that columns give"),
    IndicatorMatch: SUPPORTED,
}
"""Python runs the model's own meaning; what is left open is not written yet."""


def emit(bound: Bound, options: Options) -> Emission:
    """The rule as the source of a Python module."""
    module = Module(bound)
    if options.format == PANTHER:
        return _panther(module)
    module.write()
    if module.notebook.refused:
        return Emission("", module.notebook.diagnostics)
    if module.stream in ("sequence", "sample", "newterms", "threshold"):
        note = "events without a time take no part"
        module.notebook.add(Diagnostic(T402, note, Severity.NOTE))
    for diagnostic in left_out(bound.rule):
        module.notebook.add(diagnostic)
    ledger = module.expressions.ledger
    own = "\n\n".join(own_of(module))
    return Emission(text_of(module), module.notebook.diagnostics, ledger.used, ledger.written, tree=own)


def _panther(module: Module) -> Emission:
    """The rule as Panther's Python, with the YAML beside it."""
    from backends.python.deploy.panther import document, functions, where_of  # only this format needs it, and YAML

    where = where_of(module)
    if where is None:
        return Emission("", module.notebook.diagnostics)
    module.function("matches", "Whether the event is an alert.", where)
    module.functions += functions(module, where)
    for diagnostic in left_out(module.rule, suppressed=True):
        module.notebook.add(diagnostic)
    stem = file_stem(module.rule)
    beside = File(f"{stem}.yml", document(module, where, f"{stem}.py").encode("utf-8"))
    ledger = module.expressions.ledger
    text = text_of(module, "Panther calls `rule(event)`; the YAML beside this file says the rest.")
    return Emission(text, module.notebook.diagnostics, ledger.used, ledger.written, files=(beside,))


def _raised(bound: Bound, emission: Emission) -> Reading:
    from backends.python.readback.check import raised  # only those who ask for it need a reader

    return raised(bound, emission)


TARGET = Target(
    name="python",
    title="A standalone Python module, standard library only",
    suffix=".py",
    emit=emit,
    support=SUPPORT,
    modes=("ecs",),
    judges=("python",),
    raised=_raised,
    formats={
        "module": "a module: matches(event) for one event, alerts or a Matcher for several (default)",
        PANTHER: "rule(event), title and alert_context for Panther, and a YAML with tests beside it",
    },
)

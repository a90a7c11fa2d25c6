"""The Sigma target: a rule, or a correlation with its base rules, checked by reading it back with pySigma."""

from __future__ import annotations

from backends.sigma.codes import T101, T102, T103, T106, T108, T110
from backends.sigma.condition.manner import Manner
from backends.sigma.deploy.metadata import comment
from backends.sigma.deploy.readback import read_back
from backends.sigma.deploy.uncarried import notes
from backends.sigma.detection.documents import Documents
from converter.forms import Ledger
from converter.languages.yaml import dump
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
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Sample, Threshold
from converter.model.rule import Sequence as EqlSequence
from converter.target import SUPPORTED, Gap, Partial, Refusal, Support
from converter.target.codes import T006
from converter.target.contract import Bound, Emission, Options, Target
from converter.target.options import CaseForm
from converter.target.readback import Reading

SUPPORT: Support = {
    And: SUPPORTED,
    Or: SUPPORTED,
    Not: SUPPORTED,
    Constant: Refusal(T106, Gap.PLATFORM, "Sigma has no condition that always holds, or never"),
    Element: Refusal(T101, Gap.PLATFORM, "Sigma cannot ask one element of an array to satisfy several conditions"),
    Present: SUPPORTED,
    Compare: Partial((T103,), Gap.PLATFORM, "numbers have an order, points in time and texts have none"),
    Between: Partial((T103,), Gap.PLATFORM, "as the two comparisons; T120 says what that gives up"),
    OneOf: SUPPORTED,
    Like: SUPPORTED,
    Matches: SUPPORTED,
    InNetwork: SUPPORTED,
    Phrase: SUPPORTED,
    Holds: Partial((T102,), Gap.PLATFORM, "two fields are compared for equality, nothing else is computed"),
    Match: SUPPORTED,
    AnyOf: SUPPORTED,
    EqlSequence: Partial((T110,), Gap.NEVER, "steps in order; without until and missing events"),
    Sample: SUPPORTED,
    Threshold: SUPPORTED,
    NewTerms: SUPPORTED,
    Pipeline: Partial((T006,), Gap.PLATFORM, "filters and one count; nothing computed, no other groups"),
    IndicatorMatch: Refusal(T108, Gap.PLATFORM, "Sigma cannot compare events with a list of indicators"),
}
"""Of every node also T104: a field that no key can name."""


def emit(bound: Bound, options: Options) -> Emission:
    """The rule as Sigma YAML; several documents for a correlation and its base rules."""
    verbatim = bound.rule.meta.language == "sigma"
    # A rule of Sigma's tells letters' case only where its author wrote so.
    manner = Manner(CaseForm.EXACT if verbatim else options.case, Ledger(options.trust), verbatim=verbatim)
    notebook = manner.notebook
    documents = Documents(bound, manner, bare=options.bare).all()
    if not notebook.refused:
        manner.close()
    for note in notes(bound.rule):
        notebook.add(note)
    if notebook.refused:
        return Emission("", notebook.diagnostics)
    problems = read_back(documents)
    if problems:
        return Emission("", (*notebook.diagnostics, *problems))
    used = manner.ledger.used
    text = comment(bound.rule.meta, used) + "---\n".join(dump(d) for d in documents)
    return Emission(text, notebook.diagnostics, used, manner.ledger.written)


def through(name: str) -> Target:
    """The target that hands the rules on to a backend of pySigma. Raises EmitError for one that is not installed."""
    from backends.sigma.deploy.onward import onward  # pySigma and its plugins are slow to import

    return onward(name, TARGET)


def _raised(bound: Bound, emission: Emission) -> Reading:
    from backends.sigma.readback.check import raised  # only those who ask for it need a reader

    return raised(bound, emission)


TARGET = Target(
    name="sigma",
    title="Sigma rules and correlations (specification 2.1)",
    suffix=".yml",
    heading="---\n# {}",
    emit=emit,
    support=SUPPORT,
    judges=("sigma",),
    raised=_raised,
    through=through,
    formats={"yaml": "Sigma YAML; several documents for a correlation"},
)

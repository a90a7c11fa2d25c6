"""Conditions of a pipeline on fields that a place has in other words, as searches of the event there.

`event.category == "process"` inside CASE reads no column of the place, but whether it holds is told by the place's own
columns, as it is for a filter. A search is never null; so that null stays null, what makes the condition false is
asked too (rule Q01).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from converter.datasets.rewriting.missing import Unmapped
from converter.datasets.rewriting.outcome import Fate
from converter.datasets.rewriting.place import Site
from converter.datasets.rewriting.rewrite import Rewriter
from converter.datasets.rewriting.spelling import with_variants
from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity
from converter.languages.esql.codes import Q043
from converter.model.normalise import normalise
from converter.model.operation import Operation
from converter.model.pipeline import Apply, Constant, Expression, Found, Like, Matches, Pipeline, Reference, Type
from converter.model.predicate import Constant as Always
from converter.model.predicate import Predicate
from converter.model.reduction import rebound
from converter.model.references import parts
from converter.model.walk import fields
from converter.readers.esql.truth import truth

_JOINING = (Operation.AND, Operation.OR, Operation.NOT, Operation.CASE, Operation.COALESCE)
SEVERAL = Diagnostic(
    Q043,
    "where a field holds several values, ES|QL's comparisons never hold and those of the artifact may",
    Severity.WARNING,
)


class Asked:
    """Rewrites the searches of a pipeline, and its conditions on the fields `lost`."""

    def __init__(self, site: Site, unmapped: Unmapped, lost: AbstractSet[str]) -> None:
        self._site = site
        self._rewriter = Rewriter(site, unmapped)
        self._lost = lost
        self.findings: list[Diagnostic] = []
        self.fates: list[Fate] = []

    def of(self, pipeline: Pipeline) -> Pipeline:
        """The pipeline with what can be asked of the place."""
        return rebound(pipeline, {}, self._asked)

    def _asked(self, node: Expression) -> Expression | None:
        match node:
            case Found(predicate):
                found = self._rewritten(predicate, sure=True)
                return node if found is None else replace(node, predicate=found)
            case Like() | Matches():
                return self._condition(node)
            case Apply(operation) if node.type is Type.BOOLEAN and operation not in _JOINING:
                return self._condition(node)
            case _:
                return None

    def _condition(self, node: Apply | Like | Matches) -> Expression | None:
        columns = [part.column for part in parts(node) if isinstance(part, Reference)]
        if not columns or any(c.field is None or c.field.path not in self._lost for c in columns):
            return None
        said = truth(node)
        if not said.single:
            return None
        true, false = (self._rewritten(p, sure=False) for p in (said.true, said.false))
        if true is None or false is None:
            return None
        if not said.exact and any(f.many for f in fields(said.true)):
            self.findings.append(SEVERAL)
        yes, no = Constant(value=True, type=Type.BOOLEAN), Constant(value=False, type=Type.BOOLEAN)
        if true == Always(value=True):
            return yes
        if false == Always(value=True):
            return no
        return Apply(Operation.CASE, (Found(true), yes, Found(false), no), Type.BOOLEAN, node.span)

    def _rewritten(self, predicate: Predicate, *, sure: bool) -> Predicate | None:
        """The predicate in the place's words; what refuses it is said if the pipeline cannot do without (`sure`)."""
        found = self._rewriter.predicate(normalise(predicate))
        if found.refused and not sure:
            return None
        self.findings += found.findings
        self.fates += found.fates
        return None if found.refused else with_variants(normalise(found.predicate), self._site.place.variants)

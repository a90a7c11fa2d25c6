"""Places under a macro each, so that whoever installs the searches says once in which index a source is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from backends.splunk.codes import T237
from backends.splunk.condition.literal import constant
from backends.splunk.detection.search import INDICATORS
from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Severity
from converter.languages.spl.shorthand import every
from converter.languages.spl.syntax import Condition, Pipeline, Relation, Search, Test
from converter.languages.spl.syntax import Macro as Called
from converter.languages.spl.write import pipeline
from converter.model.value import Macro
from converter.target.contract import Binding, Bound

ECS = "elastic_ecs"
"""The macro for events that keep Elastic's names."""

_INDEX = "_index"
_EVERYWHERE = "index=*"


@dataclass(frozen=True, slots=True)
class Source:
    """A source of events: the macro that finds it, its title, and the source type or source that tells it.

    `own`: the package defines the macro; one of an add-on or of the user's is only called.
    """

    macro: str
    title: str
    terms: tuple[tuple[str, str], ...] = ()
    own: bool = True

    @property
    def macros(self) -> tuple[Macro, ...]:
        """The definitions: the index alone, and in it the source."""
        if not self.own:
            return ()
        where = f"where the events of {self.title} are: name their index here"
        if not self.terms:
            return (Macro(self.macro, (), f"`{self.macro}`", _EVERYWHERE, where),)
        index = self.macro + _INDEX
        tests: list[Condition] = [Test(key, Relation.EQUAL, constant(word)) for key, word in self.terms]
        found = every([Called(index), *tests])
        text = pipeline(Pipeline((Search(found if found is not None else Called(index)),)))
        return (
            Macro(index, (), f"`{index}`", _EVERYWHERE, where),
            Macro(self.macro, (), f"`{self.macro}`", text, f"the events of {self.title}"),
        )


def placed_by_macros(bound: Bound, arrival: Mapping[str, str]) -> tuple[Bound, tuple[Source, ...]]:
    """The rule with a macro for each place that names no index of its own, and the sources behind the macros.

    `arrival` are the time modifiers that a search states itself, as its schedule cannot.
    """
    found = [_placed(replace(binding, header={**binding.header, **arrival})) for binding in bound.bindings]
    sources = dict.fromkeys(source for _, source in found if source is not None)
    return replace(bound, bindings=tuple(binding for binding, _ in found)), tuple(sources)


def macros_of_others(bound: Bound) -> Iterator[Diagnostic]:
    """A note for each macro that a search calls to find its events, and that nothing here defines."""
    for macro in dict.fromkeys(binding.header.get("macro", "").strip("`") for binding in bound.bindings):
        if macro:
            sources = [_placed(b)[1] for b in bound.bindings if b.header.get("macro", "").strip("`") == macro]
            titles = dict.fromkeys(source.title for source in sources if source is not None and source.own)
            means = f" ({', '.join(titles)})" if titles else ""
            message = f"the events are found by the macro {macro}{means}, which another app defines"
            yield Diagnostic(T237, message, Severity.NOTE)


def indicators() -> Source:
    """Where indicators are."""
    return Source(INDICATORS, "indicators of Elastic's threat intelligence")


def _placed(binding: Binding) -> tuple[Binding, Source | None]:
    header = binding.header
    if header.get("index"):
        return binding, None
    terms = tuple((key, header[key]) for key in ("sourcetype", "source") if header.get(key))
    macro = header.get("macro", "").strip("`")
    if not terms and not macro:
        source = Source(ECS, "Elastic Common Schema")
        return replace(binding, header={**header, "macro": source.macro}), source
    stem = macro or re.sub(r"\W+", "_", terms[0][1].lower(), flags=re.ASCII).strip("_")
    title = ", ".join(f"{key} {word}" for key, word in terms)
    source = Source(stem, title or f"the macro {stem}", terms, own=bool(terms))
    rest = {key: value for key, value in header.items() if key not in ("sourcetype", "source")}
    return replace(binding, header={**rest, "macro": stem}), source

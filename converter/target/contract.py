"""What a target is: a name, a few facts, and one function from a bound rule to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from converter.diagnostics import Diagnostic, Severity
from converter.forms.choose import Assumption, Trust
from converter.model.rule import Rule
from converter.model.value import Field
from converter.model.walk import placed


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the events of a rule (or of one step) are in the target.

    `mode` is the field binding asked for: ecs, native, or a target's alternative (cim, asim).
    `dataset` names the data set table, None under ecs. `header` holds what that table says of the place for
    this platform (Splunk: macro, sourcetype; Sentinel: table; Sigma: product, service, category).
    `columns` are the column types of the place where the platform has types, `show` the columns that an analyst
    looks at first, `fields` the rule's investigation fields (by their Elastic name) that the place has.
    """

    mode: str = "ecs"
    dataset: str | None = None
    title: str = ""
    header: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    show: tuple[str, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule in a target's fields.

    `bindings`: one for each predicate that needs a place (`model.walk.placed`): each step and then until, each match
    of several, else one; none if the rule is refused. `Bound.everywhere` makes them of one binding.
    """

    rule: Rule
    bindings: tuple[Binding, ...]
    notes: tuple[Diagnostic, ...] = ()

    @classmethod
    def everywhere(cls, rule: Rule, binding: Binding, notes: tuple[Diagnostic, ...] = ()) -> Bound:
        """A rule whose events are all in one place."""
        return cls(rule, (binding,) * len(placed(rule.detection)), notes)

    @property
    def binding(self) -> Binding:
        """The binding of a detection that has one for all."""
        return self.bindings[0]


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller may choose beyond the target. `format` "" is the target's default.

    `trust`: which facts forms may rest on. `bare`: leave out the closing output columns.
    """

    format: str = ""
    new_terms: str = "search"
    trust: Trust = Trust.DECLARED
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Emission:
    """The target's answer: the text (empty when refused) and what it has to say.

    An ERROR among the diagnostics refuses, a WARNING makes it approximate, a NOTE states what it rests on.
    `assumed` are the facts about data that the text rests on.
    """

    text: str
    diagnostics: tuple[Diagnostic, ...] = ()
    assumed: tuple[Assumption, ...] = ()


class Gap(Enum):
    """Why a target lacks something."""

    NOT_YET = "we have not written it yet"
    PLATFORM = "the platform has no way to say it"
    NEVER = "it would mislead"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A node type that a target never emits: the code, why, and the sentence for the user."""

    code: str
    gap: Gap
    sentence: str


@dataclass(frozen=True, slots=True)
class Target:
    """One output platform; each package in `backends/` ends in a constant `TARGET` of this type.

    `suffix` is the file name's ending with its dot; `support` maps the model's node types that are always
    refused to the reason; `formats` maps a format's name to one line of help, `suffixes` a
    format's name to the ending of its files where that is another. `heading` is the line (a comment in
    the target's language, `{}` = a name) that stands before each artifact when several go to one stream.
    """

    name: str
    title: str
    suffix: str
    emit: Callable[[Bound, Options], Emission]
    support: Mapping[type, Refusal] = field(default_factory=dict)
    modes: tuple[str, ...] = ("native", "ecs")
    formats: Mapping[str, str] = field(default_factory=dict)
    heading: str = "# {}"
    suffixes: Mapping[str, str] = field(default_factory=dict)


class Notebook:
    """Collects a target's diagnostics while it emits: the one mutable thing in an emitter."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic; one said twice is kept once."""
        self._found.setdefault(diagnostic, None)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was kept, in the order said."""
        return tuple(self._found)

    @property
    def refused(self) -> bool:
        """Whether an error is among them."""
        return any(d.severity is Severity.ERROR for d in self._found)

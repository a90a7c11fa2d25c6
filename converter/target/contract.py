"""What a target is: a name, a few facts, and one function from a bound rule to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.forms.choose import Assumption
from converter.model.predicate import Leaf
from converter.model.rule import Rule
from converter.model.value import Field
from converter.model.walk import placed
from converter.target.account import Account
from converter.target.artifact import File as File  # noqa: PLC0414 - part of the contract
from converter.target.bundle import Bundle as Bundle  # noqa: PLC0414 - part of the contract
from converter.target.lookup import Beside, Lookup
from converter.target.options import Options as Options  # noqa: PLC0414 - part of the contract
from converter.target.readback import Reading
from converter.target.support import Gap as Gap  # noqa: PLC0414 - part of the contract
from converter.target.support import Level, Support, unanswered
from converter.target.support import Refusal as Refusal  # noqa: PLC0414 - part of the contract


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the events of a rule (or of one step) are in the target.

    `mode` is the field binding asked for: ecs, native, or a target's alternative (cim, asim).
    `dataset` names the data set table, None under ecs. `header` holds what that table says of the place for
    this platform (Splunk: macro, sourcetype; Sentinel: table; Sigma: product, service, category).
    `columns` are the column types of the place where the platform has types, `show` the columns that an analyst
    looks at first, `lookups` restrict the place beyond the rule's condition, `beside` are other tables that its columns
    are read from, `fields` are the rule's investigation fields (by their Elastic name) that the place has.
    """

    mode: str = "ecs"
    dataset: str | None = None
    title: str = ""
    header: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    show: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    beside: tuple[Beside, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule in a target's fields.

    `bindings`: one for each predicate that needs a place (`model.walk.placed`): each step and then until, each match
    of several, else one; none if the rule is refused. `Bound.everywhere` makes them of one binding.
    `accounts` say what became of the leaves of each predicate, in the order of `bindings`.
    `unserved`: no data set table serves the rule on this platform, so that nothing is bound.
    """

    rule: Rule
    bindings: tuple[Binding, ...]
    notes: tuple[Diagnostic, ...] = ()
    accounts: tuple[Account, ...] = ()
    unserved: bool = False

    def __post_init__(self) -> None:
        if self.bindings and len(self.bindings) != len(placed(self.rule.detection)):
            raise ValueError(f"{len(self.bindings)} bindings for {len(placed(self.rule.detection))} predicates")

    @classmethod
    def everywhere(cls, rule: Rule, binding: Binding, notes: tuple[Diagnostic, ...] = ()) -> Bound:
        """A rule whose events are all in one place."""
        return cls(rule, (binding,) * len(placed(rule.detection)), notes)

    @property
    def binding(self) -> Binding:
        """The binding of a detection that has one for all."""
        return self.bindings[0]


@dataclass(frozen=True, slots=True)
class Emission:
    """The target's answer: the text (empty when refused) and what it has to say.

    An ERROR among the diagnostics refuses, a WARNING makes it approximate, a NOTE states what it rests on.
    `assumed` are the facts about data that the text rests on. `written` are the bound leaves that the text holds
    or that it leaves out because something else says them; None where the target does not say. `files` go beside
    the text, their names made of `naming.file_stem`. `part` is what
    the target keeps of the rule for a bundle: frozen, to be pickled, and of a type that only the target knows.
    `left_out` are the columns of the rule's result that the text does not show. `tree` is what the text was written
    from, of a type that only the target knows: its reader need not parse what was just written.
    """

    text: str
    diagnostics: tuple[Diagnostic, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    written: frozenset[Leaf] | None = None
    files: tuple[File, ...] = ()
    part: object = field(default=None, repr=False)
    left_out: tuple[str, ...] = ()
    tree: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """One output platform; each package in `backends/` ends in a constant `TARGET` of this type.

    `suffix` is the file name's ending with its dot; `support` answers for the model's node types: those it calls a
    Refusal never reach `emit`. `judges` names the engines that run what it writes: a target with none is nascent and
    nothing it writes is called exact; one that has some answers for every node. `formats` maps a format's name to
    one line of help, `suffixes` a format's name to the ending of its files where that is another. `heading` is the
    line (a comment in the target's language, `{}` = a name) that stands before each artifact when several go to
    one stream. `bundles` has the formats that are one folder made of many artifacts. `through` makes, of the part of
    a name after a colon (`sigma:splunk`), the target that hands its artifacts on; such a one names in `tables` the
    target whose places in the data set tables it uses.
    `raised` reads an artifact back. `checks`: so cheaply that each is read back before it is given out.
    """

    name: str
    title: str
    suffix: str
    emit: Callable[[Bound, Options], Emission]
    support: Support = field(default_factory=dict)
    modes: tuple[str, ...] = ("native", "ecs")
    formats: Mapping[str, str] = field(default_factory=dict)
    heading: str = "# {}"
    suffixes: Mapping[str, str] = field(default_factory=dict)
    judges: tuple[str, ...] = ()
    raised: Callable[[Bound, Emission], Reading] | None = None
    checks: bool = False
    bundles: Mapping[str, Bundle] = field(default_factory=dict)
    through: Callable[[str], Target] | None = None
    tables: str = ""

    @property
    def platform(self) -> str:
        """The name under which data set tables have its places."""
        return self.tables or self.name

    @property
    def level(self) -> Level:
        """How far it is trusted."""
        return Level.JUDGED if self.judges else Level.NASCENT

    @property
    def unanswered(self) -> tuple[type, ...]:
        """The model's nodes that `support` says nothing of; a judged target has none."""
        return unanswered(self.support)


class Notebook:
    """Collects a target's diagnostics while it emits: the one mutable thing in an emitter.

    `left_out` are the columns of the rule's result that have no form.
    """

    def __init__(self) -> None:
        self.left_out: tuple[str, ...] = ()
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

"""A data set table: the fields of one Elastic data set and their counterparts on every platform, as read.

The format is described for authors in `docs/tables.md` and by `schema.json`; `load` reads it strictly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from converter.deferred import dataclass
from converter.diagnostics import Source, Span
from converter.model.fact import Fact
from converter.model.value import Macro
from converter.target.lookup import Beside, Lookup


class Status(Enum):
    """How faithful a counterpart is."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    EXACT = "exact"  # the same value under another name
    KEY = "key"  # another literal for the same thing: joins and groups, never compared with a value
    VALUES = "values"  # the values are rewritten one by one
    EXPR = "expr"  # computed, same meaning
    ELEMENTS = "elements"  # one member of the objects of an array
    TAIL = "tail"  # the last part of the values of a path column
    HEAD = "head"  # the first part of the values of a path column
    IMPLIED = "implied"  # a constant for the place
    ABSENT = "absent"  # the data set itself never carries the field: it is missing in every event
    APPROX = "approx"  # differs in the cases that the note states
    NONE = "none"  # no counterpart


class Known(Enum):
    """How a table's author knows what a counterpart says."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    ROW = "row"  # a real row or event shows it; a test names it
    DOCUMENT = "document"  # a vendor's page or code says so
    GUESS = "guess"  # neither: an artifact that rests on it is not exact


@dataclass(frozen=True, slots=True)
class Raw:
    """One of these values in the platform's column stands for the Elastic value."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class When:
    """The Elastic value holds where this condition does: EQL over the place's own columns.

    `differs` says in which cases it does not, where there are such cases.
    """

    condition: str
    span: Span | None = None
    differs: str = ""


@dataclass(frozen=True, slots=True)
class Always:
    """The Elastic value holds for every event of the place, or for none."""

    value: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """The Elastic value has no counterpart."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class AsIs:
    """Values stay as they are, which is not the same in the cases stated."""

    differs: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The platform does not record the events that have the Elastic value: none is found there."""

    why: str


Replacement = Raw | When | Always | Unknown | AsIs | Lost


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What stands for an Elastic field at one place.

    `to` is the column (or, for EXPR and an APPROX with `computed`, the expression in the platform's language; where
    that calls `macros`, `called` is the expression with the calls, `template` the one in which `{macro}` stands for the
    call and `arguments` are those of the macro). `grouped` is the expression that groups by a TAIL or HEAD;
    with `few`, longer lists of values are asked of it too.
    `values` rewrites values, key "*" = any other; `is_open`: a value that is not listed stays as it is.
    `member` is the object member of ELEMENTS; `separator` cuts the TAIL or HEAD. `rewrite` replaces a value's
    beginning, by any of several, `endings` its end. `word`: the field's values are words of the column's text, as
    arguments are of a command line; `inside`: some part of it, as a digest is of a list of
    digests. `pieces` is the column (or expression) with the JSON text that the value is made of, which holds plain
    pieces too. `type` is the type of a computed value where the platform has types. `many` None
    = by the column. `present` is the condition under which the field exists, where that is not "the column has a
    value".
    """

    status: Status
    to: str = ""
    called: str = ""
    macros: tuple[Macro, ...] = ()
    template: str = ""
    arguments: tuple[str, ...] = ()
    grouped: str = ""
    few: bool = False
    computed: bool = False
    type: str = ""
    many: bool | None = None
    facts: frozenset[Fact] = frozenset()
    values: Mapping[str, Replacement] = field(default_factory=dict)
    is_open: bool = False
    rewrite: tuple[tuple[str, tuple[str, ...]], ...] = ()
    endings: tuple[tuple[str, str], ...] = ()
    member: str = ""
    separator: str = ""
    word: bool = False
    inside: bool = False
    pieces: str = ""
    present: When | Always | None = None
    note: str = ""
    known: Known = Known.DOCUMENT
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def guess(self) -> bool:
        """Whether nothing shows it yet."""
        return self.known is Known.GUESS


MACRO = "{macro}"
"""Where an expression calls its macro."""


def expanded(template: str, macro: Macro, arguments: tuple[str, ...]) -> tuple[str, str]:
    """An expression with what its macro stands for, and with the call."""
    return template.replace(MACRO, macro.expanded(*arguments)), template.replace(MACRO, macro.called(*arguments))


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the data set. `path` may hold `*`; the text it stands for replaces `{name}` in a counterpart.

    `span` points into `source`, the file that holds the entry.
    `type` is the Elasticsearch type, `analyzer` the name of a text field's analyzer. `places` maps a platform to
    the counterpart at each of its places ("" = every place that has no own entry).
    """

    path: str
    type: str
    many: bool
    analyzer: str
    places: Mapping[str, Mapping[str, Counterpart]]
    note: str = ""
    evidence: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)
    source: Source | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Implied:
    """What every event of a place obeys: EQL conditions over its columns, the second true where the first is."""

    when: str
    then: str
    evidence: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a platform keeps the data set's events: a Sentinel table, a Splunk source type, a Sigma log source.

    `header` goes to the emitter as it is; `base` is a condition (EQL over the place's columns) that picks the
    data set's events there; `arrays` names columns that hold several values, `numbers` those that hold numbers where
    the platform has no types. `facts` are what is known of each column's values. Steps of a sequence join only places
    of one `space`. `columns` are column types that the generated list does not have. `folded` are columns in which
    letters' case is not Elastic's, `missing` texts that the place writes where a value is missing, `show` the columns
    that an analyst looks at first, in their order. `lookups` restrict the place to the data set's events,
    `beside` are other tables that counterparts read. `entities`
    are columns that hold &, < and > as XML writes them. `like` names the place whose counterparts hold here too,
    `lacks` is a condition (EQL) on the events that the place does not hold in a form that its columns can tell.
    `variants` are values that do differ in case only, on a column of which that is otherwise not so.
    `missing_in` are texts that stand for a missing value in one column. `members` are expressions for the members of
    columns that hold a structure as text, with {name} where the member's name stands. `implies` is what the events
    obey. `os` are the operating systems whose events the place holds, if others than the table's. `instead` says which
    other events the place holds in the stead of the data set's, which the platform does not have: only a source that is
    named binds to it, and never exactly.
    """

    name: str
    header: Mapping[str, str]
    base: str = ""
    mode: str = "native"
    space: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    arrays: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    facts: Mapping[str, frozenset[Fact]] = field(default_factory=dict)
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    missing_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    os: tuple[str, ...] = ()
    implies: tuple[Implied, ...] = ()
    show: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    beside: tuple[Beside, ...] = ()
    entities: tuple[str, ...] = ()
    like: str = ""
    lacks: str = ""
    instead: str = ""
    note: str = ""
    known: Known = Known.DOCUMENT
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def offered(self) -> str:
        """The mode in which the place is chosen; empty if only a source that is named chooses it."""
        return "" if self.instead else self.mode

    @property
    def guess(self) -> bool:
        """Whether nothing shows that the events are there."""
        return self.known is Known.GUESS


@dataclass(frozen=True, slots=True)
class Selector:
    """Which events belong to the data set, as rules name them.

    `index` are the data set's own index patterns; `also` are patterns of shippers that carry it among others.
    A rule that pins `os` or `category` to other values is not about this data set. `codes` (numbers may be ranges:
    `4608..6424`), `channels` and `providers` are the event ids, logs and writers that it holds, and no others.
    `entries` are the ways into a session (`container`) of its processes: only a rule that asks for one is about it.
    """

    index: tuple[str, ...]
    also: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    os: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    integrations: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One data set table. `family`: steps of a sequence may use different tables of one family (shared keys).

    `watches` is what the data set is a record of: two that watch the same hold the same events, by other sensors.
    `facts` are those of a platform's columns wherever the table or one that includes it has them; places have taken
    them in already.
    """

    name: str
    title: str
    family: str
    selector: Selector
    places: Mapping[str, tuple[Place, ...]]
    entries: Mapping[str, Entry]
    evidence: Mapping[str, str]
    source: Source
    rank: int = 0
    facts: Mapping[str, Mapping[str, frozenset[Fact]]] = field(default_factory=dict)
    watches: str = ""

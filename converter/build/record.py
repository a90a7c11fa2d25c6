"""What a build knows of each rule, as plain values: nothing of them points to a rule's trees or to the file's text.

They cross from one process to another, and every report is made of them alone.
"""

from __future__ import annotations

from dataclasses import field

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity, render

STATUSES = ("exact", "approximate", "refused")
"""From the best to the worst."""
FILTERS = ("tag", "severity", "dataset", "type", "maturity")
"""What rules are chosen by. A word may hold `*`; one that begins with `!` leaves out what it fits."""


@dataclass(frozen=True, slots=True)
class Place:
    """A range in a file; lines and columns count from 1, 0 = not known. The end is the first column after it."""

    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A diagnostic with its place looked up. `file` is the source's name, "" if it has none.

    `shown` is the whole of an error as people read it, with the line and the caret.
    """

    code: str
    severity: str
    message: str
    hint: str = ""
    file: str = ""
    place: Place = field(default_factory=Place)
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A leaf of the rule in words, and where it stands."""

    words: str
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a condition in one artifact: `condition` is its index among the rule's.

    The rest is as in `converter.target.account.Line`; `code` names the finding that gave it up, `why` says so.
    """

    condition: int
    ending: str
    columns: tuple[str, ...] = ()
    why: str = ""
    code: str = ""
    entry: str = ""
    evidence: tuple[str, ...] = ()
    known: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """One artifact. `said` are the indices of the messages, among the rule's, that concern it.

    `name` is the file name that its target gave it, `files` go beside it. Below the output folder it stands at
    `path`, "" if it has no file of its own (refused, or part of a bundle). `assumed`: facts with their column.
    """

    target: str
    status: str
    name: str
    text: str = ""
    files: tuple[tuple[str, bytes], ...] = ()
    fields: str = ""
    dataset: str = ""
    table: str = ""
    assumed: tuple[tuple[str, str], ...] = ()
    account: tuple[Ended, ...] = ()
    said: tuple[int, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Tactic:
    """A tactic of ATT&CK (or another framework) and the ids of the techniques under it, subtechniques too."""

    framework: str
    id: str
    name: str
    techniques: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule's file says that reports and filters look at."""

    rule_id: str = ""
    name: str = ""
    type: str = ""
    language: str = ""
    severity: str = ""
    risk_score: int = 0
    maturity: str = ""
    version: int | None = None
    tags: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    tactics: tuple[Tactic, ...] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """One rule and its artifacts. `path` is its file as it was named, `folder` where artifacts go below the output.

    `source` is the hash of its text, `metadata` that of all it says beside what it detects, `meaning` its normal form
    as lines. `query` starts at `line` and `column` of the file (0 = it stands nowhere verbatim). `broken`: it
    could not be read; `failed`: siemglot itself could not.
    """

    path: str
    folder: str = ""
    facts: Facts = field(default_factory=Facts)
    source: str = ""
    metadata: str = ""
    meaning: tuple[str, ...] = ()
    query: str = ""
    line: int = 0
    column: int = 0
    elastic: bool = False
    messages: tuple[Message, ...] = ()
    conditions: tuple[Condition, ...] = ()
    artifacts: tuple[Made, ...] = ()
    broken: bool = False
    failed: bool = False

    @property
    def key(self) -> str:
        """What names the rule from one build to the next: its id, or its path."""
        return self.facts.rule_id or self.path

    def said(self, severity: str) -> tuple[Message, ...]:
        """The messages of a severity."""
        return tuple(m for m in self.messages if m.severity == severity)


def message(found: Diagnostic) -> Message:
    """A diagnostic as a record."""
    place = Place()
    if found.source is not None and found.span is not None:
        place = Place(*found.source.place(found.span.start), *found.source.place(found.span.end))
    file = found.source.name if found.source is not None else ""
    shown = render(found) if found.severity is Severity.ERROR else ""
    return Message(str(found.code), found.severity.value, found.message, found.hint, file, place, shown)

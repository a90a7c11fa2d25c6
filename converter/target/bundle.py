"""A bundle: the artifacts of many rules as one folder that people install, such as an app or a content pack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from converter.deferred import compiled, dataclass
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import EmitError
from converter.target.artifact import Artifact
from converter.target.artifact import File as File  # noqa: PLC0414 - part of the contract
from converter.target.codes import T007

_NAMED, _FIRST = "siemglot_detections", "1.0.0"
_NAME = compiled(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_VERSION = compiled(r"(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){2}")
_LINE = compiled(r"[ -~\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\U00010000-\U0010fffd]{0,200}")


@dataclass(frozen=True, slots=True)
class Package:
    """What a bundle calls itself. `name`: letters, digits and _; `version`: three numbers; `title` "" is the target's.

    Raises EmitError (T007) for what no platform takes.
    """

    name: str = _NAMED
    title: str = ""
    version: str = _FIRST
    author: str = ""

    def __post_init__(self) -> None:
        wrong = [
            (key, value, rule)
            for key, value, usual, pattern, rule in (
                ("name", self.name, _NAMED, _NAME, "letters, digits and _, a letter first, at most 80"),
                ("version", self.version, _FIRST, _VERSION, "three numbers such as 1.0.0"),
                ("title", self.title, "", _LINE, "one line of at most 200 characters"),
                ("author", self.author, "", _LINE, "one line of at most 200 characters"),
            )
            if value != usual and not pattern.fullmatch(value)
        ]
        if wrong:
            raise EmitError([Diagnostic(T007, f"the package's {k} cannot be {v!r}", hint=h) for k, v, h in wrong])


@dataclass(frozen=True, slots=True)
class Bundled:
    """The files of a bundle, and the artifacts as they were given, in order, with what the bundle says of each."""

    files: tuple[File, ...]
    artifacts: tuple[Artifact, ...]


Bundle: TypeAlias = Callable[[Sequence[Artifact], Package], Bundled]
"""What makes a bundle of a target's artifacts, none of which is refused; the same artifacts give the same bytes."""

"""One rule of a file or a text: what the library reads, where the command line takes whatever a file holds."""

from __future__ import annotations

from pathlib import Path, PurePath

from converter.deferred import replace
from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.errors import RuleFileError
from converter.rulefile import sigma
from converter.rulefile.codes import F003, F006
from converter.rulefile.collection import read_collection
from converter.rulefile.decoding import check_size, read_bounded
from converter.rulefile.ruletext import RuleText


def read_path(path: Path | str) -> RuleText:
    """The one rule of a file."""
    path = Path(path)
    return read_text(read_bounded(path), path.as_posix())


def read_text(text: str, name: str) -> RuleText:
    """The one rule of a text, in any form; `name` stands for the file in messages."""
    check_size(len(text), name)
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\r\n", "\n")
    source = Source(name, text)
    if (zero := text.find("\0")) >= 0:
        hint = "a rule file is TOML text; this looks like a binary file"
        span = Span(zero, zero + 1)
        raise RuleFileError(Diagnostic(F003, "a zero byte is not text", span=span, source=source, hint=hint))
    found = read_collection(text, name)
    if found.broken:
        raise RuleFileError([d for one in found.broken for d in one])
    related = sigma.attached(found.rules, found.filters)
    if related.broken:
        raise RuleFileError([d for one in related.broken.values() for d in one])
    found.rules = [rule for number, rule in sorted(related.rules.items()) if number not in related.parts]
    if len(found.rules) == 1:
        return replace(found.rules[0], stem=found.rules[0].stem or PurePath(name).stem)
    if not found.rules:
        hint = "a detection rule has a [rule] table with name, type and query"
        span = Span(0, len(source.line(1))) if text else Span(0, 0)
        raise RuleFileError(Diagnostic(F006, "there is no [rule] table", span=span, source=source, hint=hint))
    message = f"there are {len(found.rules)} rules in it"
    hint = "read it with `rulefile.read_file`, or convert it on the command line"
    raise RuleFileError(Diagnostic(F006, message, source=source, hint=hint))

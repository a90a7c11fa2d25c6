"""The rules of a run: read and understood, what cannot be evaluated told and left out."""

from __future__ import annotations

from collections.abc import Sequence

from converter import api
from converter.cli.console import Console
from converter.cli.inputs import collect
from converter.cli.reading import read_all
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import ConverterError
from converter.engine.codes import V005
from converter.engine.slim import slim
from converter.model.rule import Rule


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that could be read; `refused` counts those that could not, `missing` arguments that name nothing."""

    rules: tuple[Rule, ...]
    refused: int
    missing: bool


def read_rules(paths: Sequence[str], console: Console, *, whole: bool = False) -> RuleSet:
    """The rules that the arguments name, with their texts if `whole`.

    What a rule says of itself beside errors is not repeated here.
    """
    inputs = collect(paths)
    console.tell_all(inputs.problems)
    found = read_all(inputs.rules, console)
    rules: list[Rule] = []
    refused = 0
    known = api.catalogue()
    entries = found.entries[::-1]
    found.entries.clear()
    while entries:
        entry = entries.pop()  # and with it goes the text of the file: thousands of rules are held for long
        if entry.text is None:
            refused += 1
            if entry.fault is not None:
                console.tell(console.internal(entry.fault, f"reading {entry.input.name}"))
            console.tell_all(entry.problems)
            continue
        try:
            rule = api.understand(entry.text, known)
        except ConverterError as error:
            refused += 1
            console.tell_all(error.diagnostics)
            continue
        errors = api.errors_of(rule)
        if errors:
            refused += 1
            reason = f"{errors[0].code}: {errors[0].message}"
            message = f"{rule.meta.name!r} is not evaluated ({reason})"
            console.tell(Diagnostic(V005, message, Severity.WARNING, errors[0].span, errors[0].source))
        else:
            rules.append(rule if whole else slim(rule))
    return RuleSet(tuple(rules), refused, bool(inputs.problems))

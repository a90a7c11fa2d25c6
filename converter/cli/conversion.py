"""One rule of a run of `convert`, from what was read of it to its artifacts: what several processes can share.

Nothing is told or written here, so that messages and files come in the order of the rules, whoever converted them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter import api
from converter.cli.converted import Converted, Part
from converter.cli.exit import Exit
from converter.cli.verification import check
from converter.deferred import replace
from converter.diagnostics.errors import ConverterError, Failure
from converter.target.artifact import Artifact
from converter.target.readback import ReadBackError

if TYPE_CHECKING:
    from converter.cache.codec import Written
    from converter.cache.shelf import Shelf
    from converter.cli.choices import Choices
    from converter.cli.reading import Entry
    from converter.model.rule import Rule
    from converter.target.contract import Target


def kept(entry: Entry, choices: Choices, fail: Failure, shelf: Shelf | None) -> tuple[Converted, Written | None]:
    """The rule converted, and what the shelf keeps of it, if anything: no fault of ours."""
    found = conversion(entry, choices, fail)
    if shelf is None or not entry.key or entry.text is None or entry.head is None or not found.lasting:
        return found, None
    return found, shelf.written(entry.head, found, entry.text.source)


def conversion(entry: Entry, choices: Choices, fail: Failure) -> Converted:
    """The rule understood and converted for every target; nothing is raised."""
    name, problems = entry.input.name, tuple(entry.problems)
    code = Exit.REFUSED if problems else Exit.CONVERTED
    try:
        if entry.fault is not None:
            raise entry.fault  # noqa: TRY301 - told as any other fault
        if entry.text is None:
            return Converted(problems=problems, exit=code)
        rule = api.understand(entry.text, api.catalogue(choices.mapping))
    except ConverterError as error:
        return Converted(problems=(*problems, *error.diagnostics), exit=Exit.REFUSED)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the other rules
        return Converted(problems=(*problems, fail(error, f"reading {name}")), exit=Exit.INTERNAL)
    parts = tuple(_part(rule, target, choices, fail, name) for target in choices.targets)
    return Converted(parts, rule if choices.report is not None else None, problems, code)


def _part(rule: Rule, target: Target, choices: Choices, fail: Failure, name: str) -> Part:
    try:
        seen = check(rule, target, choices) if choices.verify else None
        found = _artifacts(rule, target, choices)
    except ReadBackError as error:
        return Part((), (fail(error, f"converting {name} to {target.name}"),), Exit.INTERNAL, trees=error.trees)
    except ConverterError as error:
        return Part(problems=error.diagnostics, exit=Exit.USAGE)
    except Exception as error:  # noqa: BLE001 - see above
        return Part(problems=(fail(error, f"converting {name} to {target.name}"),), exit=Exit.INTERNAL)
    if choices.report is None and choices.bundle(target) is None:
        # The account of a rule is larger than the rest, and only a report or a bundle shows it.
        found = tuple(replace(artifact, account=(), assumed=()) for artifact in found)
    return Part(found, checked=seen)


def _artifacts(rule: Rule, target: Target, choices: Choices) -> tuple[Artifact, ...]:
    """The rule's artifact for a target, or those of all its data sets."""
    form = choices.form(target)
    known = api.catalogue(choices.mapping)
    chosen = api.chosen(choices.wishes, choices.naming, known, unmapped=choices.unmapped, form=form)
    return api.convert_some(
        rule, target, choices.fields, source=choices.source, all_sources=choices.all_sources, **chosen
    )

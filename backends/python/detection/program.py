"""A regular expression as the small program that the runtime follows in linear time."""

from __future__ import annotations

from typing import assert_never

from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Regex, Repeat

Step = tuple[object, ...]


def compile_regex(regex: Regex, case: Case) -> list[Step]:
    """The steps: a character, any, a class, a split to several places, done. The next step is the one behind."""
    steps: list[Step] = []
    _write(regex, case, steps)
    steps.append(("done",))
    return steps


def _write(regex: Regex, case: Case, steps: list[Step]) -> None:
    match regex:
        case Char(char):
            folds = case is Case.INSENSITIVE and char.isascii()
            steps.append(("char", char.lower() if folds else char))
        case AnyChar():
            steps.append(("any",))
        case CharClass(ranges, negated):
            steps.append(("class", negated, ranges))
        case Concat(parts):
            for part in parts:
                _write(part, case, steps)
        case Alternate(options):
            _alternate(options, case, steps)
        case Repeat(item, least, most):
            for _ in range(least):
                _write(item, case, steps)
            if most is None:
                _loop(item, case, steps)
            else:
                _optional(item, most - least, case, steps)
        case _:
            assert_never(regex)


def _alternate(options: tuple[Regex, ...], case: Case, steps: list[Step]) -> None:
    """A split to the options, each of which jumps behind the last; no option: a class that takes nothing."""
    if not options:
        steps.append(("class", False, ()))
        return
    split = len(steps)
    steps.append(())
    starts, jumps = [], []
    for option in options:
        starts.append(len(steps))
        _write(option, case, steps)
        jumps.append(len(steps))
        steps.append(())
    steps[split] = ("split", tuple(starts))
    for jump in jumps:
        steps[jump] = ("split", (len(steps),))


def _loop(item: Regex, case: Case, steps: list[Step]) -> None:
    split = len(steps)
    steps.append(())
    _write(item, case, steps)
    steps.append(("split", (split,)))
    steps[split] = ("split", (split + 1, len(steps)))


def _optional(item: Regex, times: int, case: Case, steps: list[Step]) -> None:
    splits = []
    for _ in range(times):
        splits.append(len(steps))
        steps.append(())
        _write(item, case, steps)
    for split in splits:
        steps[split] = ("split", (split + 1, len(steps)))

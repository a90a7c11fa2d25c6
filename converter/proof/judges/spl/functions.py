"""What an eval function is, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from converter.proof.judges.spl.reading import Reading
from converter.proof.judges.spl.values import Evaluated, Scalar, many

Arguments = tuple[Evaluated, ...]


@dataclass(frozen=True, slots=True)
class Environment:
    """What a function may depend on beside its arguments."""

    reading: Reading
    now: float


@dataclass(frozen=True, slots=True)
class Function:
    """`mapped` is the argument that is read value by value when it has several; `regex` the one that is a pattern.

    Unless `takes_null`, one NULL argument makes the result NULL.
    """

    low: int
    high: int
    apply: Callable[[Environment, Arguments], Evaluated]
    mapped: int | None = None
    regex: int | None = None
    predicate: bool = False
    takes_null: bool = False


def call(function: Function, env: Environment, args: Arguments) -> Evaluated:
    if not function.takes_null and None in args:
        return None
    position = function.mapped
    if position is None or position >= len(args) or not isinstance(found := args[position], tuple):
        return function.apply(env, args)

    def on(value: Scalar) -> Evaluated:
        return function.apply(env, (*args[:position], value, *args[position + 1 :]))

    match env.reading.many_function:
        case "first":
            return on(found[0])
        case "null":
            return None
        case "each":
            results = [on(value) for value in found]
            if function.predicate:
                return any(one is True for one in results)
            return many(one for one in results if isinstance(one, str | int | float))

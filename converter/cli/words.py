"""Words of the command line, taken as they are given.

Newer versions of typer ask pydantic to check that a text is a text and a number a number, and importing it takes longer
than a rule, and 4 MiB.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

import typer
from typer.core import TyperCommand

_DIGITS = 9
"""No number that an option takes is longer."""


class _AsGiven:
    """Nearly every option of ours is a text, several texts or a flag; some are whole numbers with a least one.

    `own` is what typer would ask: it words what is wrong with a number.
    """

    def __init__(self, own: Callable[[], Any]) -> None:
        self._own = own

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401 - as typer calls it
        """`value` for `param`: a list where it may be given several times."""
        kind = param.type_descriptor
        if isinstance(value, str) and kind.annotation is not str:
            return int(value) if _is_number(value, kind) else self._own().coerce(value, param=param, ctx=ctx)
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        return list(value) if several else value


def _is_number(value: str, kind: Any) -> bool:  # noqa: ANN401 - typer's
    """Whether that is a whole number which the option takes, so that there is nothing to word."""
    if kind.annotation is not int or not (value.isascii() and value.isdecimal() and len(value) <= _DIGITS):
        return False
    least, most = kind.parameter_info.min, kind.parameter_info.max
    return (least is None or int(value) >= least) and (most is None or int(value) <= most)


def as_given(params: list[Any]) -> list[Any]:
    """The parameters of a command, told to take words so."""
    for param in params:
        own = getattr(param, "get_runtime_param", None)  # of a typer that would ask pydantic
        if own is not None and not isinstance(own, partial):
            param.get_runtime_param = partial(_AsGiven, own)
    return params


class Command(TyperCommand):
    """A command whose words are taken as given."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - click's classes, wherever typer keeps them
        """Its parameters."""
        return as_given(super().get_params(ctx))


def narrowed(app: typer.Typer, words: Sequence[str], own: Collection[str]) -> typer.Typer:
    """The commands of `app`, or only the one that the words name: to make all of them takes half as long as a rule.

    Words that name none are those of `convert`. All are made for help and versions (`own`), and where a shell asks.
    """
    if not words or words[0] in own or any(name.endswith("_COMPLETE") for name in os.environ):
        return app
    named = {_name(info): info for info in app.registered_commands}
    one = copy.copy(app)
    one.registered_commands = [named.get(words[0], named["convert"])]
    return one


def _name(info: Any) -> str:  # noqa: ANN401 - typer's
    """The name of a command, as typer makes it of its function where none is given."""
    return str(info.name or info.callback.__name__.replace("_", "-"))

"""Targets by name: found by listing the package `backends`, imported one at a time.

A target may also be a Python file given by its path, or come from another distribution through the entry point
group `siemglot.targets`.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import importlib.util
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import EmitError
from converter.target.codes import T001, T004, T009
from converter.target.contract import Target

PACKAGE = "backends"
GROUP = "siemglot.targets"


@functools.cache
def builtin_names() -> tuple[str, ...]:
    """The names of the package's own targets; nothing is imported."""
    spec = importlib.util.find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec else None
    return tuple(sorted(m.name for m in pkgutil.iter_modules(places or []) if not m.name.startswith("_")))


def names() -> tuple[str, ...]:
    """All targets, those of other distributions after the built-in ones."""
    own = builtin_names()
    return (*own, *(name for name in _extensions() if name not in own))


@functools.cache
def _extensions() -> tuple[str, ...]:
    from importlib.metadata import entry_points  # slow to import, and rarely needed

    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def load(name: str) -> Target:
    """The target of this name, or of the Python file at this path. Raises EmitError."""
    if name.endswith(".py"):
        return _named_apart(_target_of(_module_at(Path(name)), name), name)
    if name in builtin_names():
        return _builtin(name)
    if name in _extensions():
        return _extension(name)
    base, colon, rest = name.partition(":")
    if colon and base in names():
        target = load(base)
        if target.through is not None:
            return target.through(rest)
    known = names()
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"targets: {', '.join(known)}, or a path to a Python file"
    raise EmitError(Diagnostic(T001, f"there is no target {name!r}", hint=hint))


def _named_apart(target: Target, name: str) -> Target:
    """The target, unless its name is one of the package's. Raises EmitError."""
    if target.name not in names():
        return target
    message = f"the target calls itself {target.name}, which is another target's name"
    raise EmitError(Diagnostic(T009, message, source=Source(name, "")))


@functools.cache
def _builtin(name: str) -> Target:
    module = importlib.import_module(f"{PACKAGE}.{name}")
    return _target_of(module, f"{PACKAGE}.{name}")


def _extension(name: str) -> Target:
    from importlib.metadata import entry_points  # see _extensions

    (point, *_) = entry_points(group=GROUP, name=name)
    found = point.load()
    return found if isinstance(found, Target) else _target_of(found, point.value)


def _module_at(path: Path) -> ModuleType:
    """The module of a file; its code runs, as that of any module a user imports."""
    name = f"siemglot_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        message = f"there is no target file {path.as_posix()!r}"
        raise EmitError(Diagnostic(T001, message, hint="give a Python file that ends in TARGET = Target(...)"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        message = f"the target file cannot be imported: {type(error).__name__}: {error}"
        raise EmitError(Diagnostic(T004, message, source=Source(path.as_posix(), ""))) from error
    return module


def _target_of(module: object, name: str) -> Target:
    target = getattr(module, "TARGET", None)
    if isinstance(target, Target):
        return target
    hint = "end the module with TARGET = Target(...)"
    if name.startswith(f"{PACKAGE}."):
        hint = f"another distribution may have installed a package {PACKAGE!r}; use an environment of its own"
    raise EmitError(Diagnostic(T004, f"the module {name} has no TARGET", hint=hint))

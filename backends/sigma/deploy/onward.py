"""Sigma rules handed on to an installed backend of pySigma, and what it loses of them.

`sigma:BACKEND`, or `sigma:BACKEND+PIPELINE` for its processing pipelines. No engine judges what comes out, so that
nothing of it is called exact; what can be seen to be missing in the query is named.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import yaml

from backends.sigma.codes import T121, T122, T123, T124
from converter.deferred import compiled, replace
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import EmitError
from converter.target.contract import Bound, Emission, Options, Target

if TYPE_CHECKING:
    from sigma.conversion.base import Backend
    from sigma.plugins import InstalledSigmaPlugins

_KEPT = 3
"""Characters of a value that are looked for: shorter runs are anywhere."""
_RUN = compiled(r"[^\W_]+")
_UNSEEN = ("exists", "cidr", "re", "expand", "fieldref", "base64", "base64offset", "wide", "windash")
"""Modifiers whose values are not expected to stand in a query as they are."""


def onward(name: str, sigma: Target) -> Target:
    """The target of a backend, with pipelines after `+`. Raises EmitError (T121)."""
    backend, *pipelines = name.split("+")
    plugins = _plugins()
    _known("backend", backend, plugins.backends)
    for pipeline in pipelines:
        _known("pipeline", pipeline, plugins.pipelines)
    made = plugins.backends[backend]

    def emit(bound: Bound, options: Options) -> Emission:
        rule = sigma.emit(bound, replace(options, format=""))
        return rule if not rule.text else _handed_on(rule, name, options.format)

    return Target(
        name=f"sigma:{name}",
        title=f"{made.name} by pySigma",
        suffix=f".{backend}.txt",
        emit=emit,
        support=sigma.support,
        modes=sigma.modes,
        formats=dict(made.formats),
        heading="# {}",
        tables=sigma.platform,
    )


@functools.cache
def _plugins() -> InstalledSigmaPlugins:
    from sigma.plugins import InstalledSigmaPlugins  # slow: it imports every backend

    return InstalledSigmaPlugins.autodiscover()


def _known(what: str, name: str, installed: Iterable[str]) -> None:
    if name not in set(installed):
        have = ", ".join(sorted(installed)) or "none"
        hint = f"installed: {have}; pip install pysigma-backend-NAME adds others"
        raise EmitError(Diagnostic(T121, f"pySigma has no {what} {name!r} here", hint=hint))


@functools.lru_cache(maxsize=8)
def _backend(name: str) -> Backend:
    """The backend with its pipelines."""
    backend, *pipelines = name.split("+")
    plugins = _plugins()
    resolver = plugins.get_pipeline_resolver()
    kind: Any = plugins.backends[backend]  # pySigma calls it an instance; it is the class
    made: Backend = kind(processing_pipeline=resolver.resolve(list(pipelines)) if pipelines else None)
    return made


def _handed_on(rule: Emission, name: str, form: str) -> Emission:
    """The backend's query for the documents of a rule, with what it lost."""
    from sigma.collection import SigmaCollection  # see read_back
    from sigma.exceptions import SigmaError

    try:
        found = _backend(name).convert(SigmaCollection.from_yaml(rule.text), form or None)
    except (SigmaError, NotImplementedError) as error:
        said = str(error).strip() or type(error).__name__
        return Emission("", (*rule.diagnostics, Diagnostic(T122, f"{name} cannot convert the rule: {said}")))
    except Exception as error:  # noqa: BLE001 - a backend is another's program: its faults refuse this rule, no other
        message = f"{name} fails on the rule: {type(error).__name__}: {error}"[:500]
        return Emission("", (*rule.diagnostics, Diagnostic(T122, message)))
    queries = [str(one) for one in found] if isinstance(found, list) else [str(found)]
    text = "\n\n".join(queries).rstrip("\n") + "\n"
    if not text.strip():
        return Emission("", (*rule.diagnostics, Diagnostic(T122, f"{name} gives no query for the rule")))
    lost = tuple(_lost(rule.text, text, fields="+" not in name))
    note = Diagnostic(T124, "title, id, level and tags stay in the Sigma rule", Severity.NOTE)
    return replace(rule, text=text, diagnostics=(*rule.diagnostics, *lost, note))


def _lost(rule: str, query: str, *, fields: bool) -> Iterator[Diagnostic]:
    """The values, and without a pipeline the fields, that a query has nowhere."""
    words = {run.lower() for run in _RUN.findall(query)}
    there = " ".join(_RUN.findall(query.lower()))
    seen: set[str] = set()
    for document in yaml.safe_load_all(rule):
        detection = {k: v for k, v in document.get("detection", {}).items() if k not in ("condition", "timeframe")}
        for field, modifiers, value in _items(detection):
            if fields and not all(run.lower() in words for run in _RUN.findall(field)):
                seen.add(f"the field {field}")
            if isinstance(value, str) and not modifiers & set(_UNSEEN) and not _held(value, there):
                seen.add(f"{field or 'the keyword'}: {value}")
    for one in sorted(seen):
        yield Diagnostic(T123, f"the query does not have {one}", Severity.WARNING)


def _held(value: str, query: str) -> bool:
    """Whether the runs of letters and digits of a value stand in a query in their order, whatever is between them."""
    runs = [run for run in _RUN.findall(value.lower()) if len(run) >= _KEPT]
    return not runs or " ".join(runs) in query or all(run in query for run in runs)


def _items(
    detection: object, field: str = "", modifiers: frozenset[str] = frozenset()
) -> Iterator[tuple[str, frozenset[str], object]]:
    """Each value of a detection with its field and modifiers."""
    match detection:
        case dict():
            for key, value in detection.items():
                if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict) for v in value)):
                    yield from _items(value)
                else:
                    name, *more = str(key).split("|")
                    yield from _items(value, name, frozenset(more))
        case list():
            for value in detection:
                yield from _items(value, field, modifiers)
        case _:
            yield field, modifiers, detection

"""The plan as text: the classes, and for each the tree of look-ups that leads to the rules to verify."""

from __future__ import annotations

from collections.abc import Iterator

from converter.cli.console import plural
from converter.engine import Engine
from converter.engine.probe import Branches, Node

_MOST = 40


def dumped(engine: Engine) -> Iterator[str]:
    """The plan, class by class."""
    matcher = engine.matcher
    paths = ", ".join(matcher.class_paths)
    yield f"{plural(len(engine.rules), 'rule')}, {plural(len(engine.at_once), 'predicate')}; a class is: {paths}"
    names = {
        number: ", ".join(dict.fromkeys(rule.meta.name for rule in rules))
        for number, rules in enumerate(engine.at_once)
    }
    for number, lanes in enumerate(engine.routes):
        if lanes and not names[number]:
            names[number] = f"predicate {number} of a rule over several events"
    if matcher.for_any is not None:
        yield ""
        yield "events of a class that is rare as yet"
        yield from _node(matcher.for_any, names, 1)
    for key, node in matcher.classes.items():
        yield ""
        parts = zip(matcher.class_paths, key, strict=True)
        said = (f"{path} = {part if isinstance(part, str) else list(part)!r}" for path, part in parts if part)
        yield f"class {', '.join(said) or '(none of them)'}"
        yield from _node(node, names, 1)


def _node(node: Node, names: dict[int, str], depth: int) -> Iterator[str]:
    pad = "  " * depth
    for number, _ in node.tests[:_MOST]:
        yield f"{pad}verify {names[number]}"
    if len(node.tests) > _MOST:
        yield f"{pad}verify {len(node.tests) - _MOST} more"
    if node.branches is not None:
        yield from _branches(node.branches, names, depth, "")


def _branches(branches: Branches, names: dict[int, str], depth: int, before: str) -> Iterator[str]:
    pad = "  " * depth
    for name, _, _, leading, below in branches.names:
        path = f"{before}{name}"
        if leading is not None:
            for text, node in sorted(leading.whole.items())[:_MOST]:
                yield f"{pad}{path} = {text!r}"
                yield from _node(node, names, depth + 1)
            if len(leading.whole) > _MOST:
                yield f"{pad}{path} = {len(leading.whole) - _MOST} more texts"
            for value, node in sorted(leading.numbers.items())[:_MOST]:
                yield f"{pad}{path} = {value}"
                yield from _node(node, names, depth + 1)
            for text, node in sorted(leading.parts.items())[:_MOST]:
                yield f"{pad}{path} has {text!r}"
                yield from _node(node, names, depth + 1)
            if leading.held is not None:
                yield f"{pad}{path} exists"
                yield from _node(leading.held, names, depth + 1)
        if below is not None:
            yield from _branches(below, names, depth, f"{path}.")

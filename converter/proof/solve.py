"""Events for which chosen parts of a predicate hold and others do not.

A predicate is walked to the literals that decide it (a leaf or nested element, and whether it shall hold), branches
chosen on the way; then each field gets a content that gives all its literals their wanted verdict. Everything is
tried on the evaluator: nothing here knows what a leaf means.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, assert_never

from converter.model.pattern import Pattern, Wild
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Leaf,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Field
from converter.model.walk import value_fields
from converter.proof.example import NOW, any_values, examples, script_values
from converter.reference.event import coerce
from converter.reference.predicate import matches

Node: TypeAlias = Leaf | Element
Literal: TypeAlias = tuple[Node, bool]
Path: TypeAlias = tuple[int, ...]
Content: TypeAlias = tuple[object, ...]
"""The values of a field; () = the field is not there."""
Flat: TypeAlias = Mapping[str, Content]

_ROTATIONS = 6
_TRIES = 600
_OPTIONS = 60


def nodes(predicate: Predicate, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """The leaves and nested elements with the way to them, in order; an element is not entered."""
    match predicate:
        case And(terms=terms) | Or(terms=terms):
            for i, term in enumerate(terms):
                yield from nodes(term, (*path, i))
        case Not(term=term):
            yield from nodes(term, (*path, 0))
        case Constant():
            return
        case (
            Element()
            | Present()
            | Compare()
            | Between()
            | OneOf()
            | Like()
            | Matches()
            | InNetwork()
            | Phrase()
            | Holds()
        ):
            yield path, predicate
        case _:
            assert_never(predicate)


def literals(predicate: Predicate, path: Path, *, want: bool = True, rotation: int = 0) -> list[Literal] | None:
    """Literals that make the predicate `want`, by way of the node at `path`; None if a constant is against it.

    Where a branch may be chosen and the path does not say which, it is the one numbered `rotation`, modulo.
    """
    match predicate:
        case Not(term=term):
            return literals(term, path[1:], want=not want, rotation=rotation)
        case Constant(value=value):
            return [] if value is want else None
        case And(terms=terms) | Or(terms=terms):
            if isinstance(predicate, And) is want:
                chosen: Sequence[int] = range(len(terms))
            elif terms:
                chosen = path[:1] or [rotation % len(terms)]
            else:
                return None
            found: list[Literal] = []
            for i in chosen:
                inner = path[1:] if path[:1] == (i,) else ()
                part = literals(terms[i], inner, want=want, rotation=rotation)
                if part is None:
                    return None
                found += part
            return found
        case (
            Element()
            | Present()
            | Compare()
            | Between()
            | OneOf()
            | Like()
            | Matches()
            | InNetwork()
            | Phrase()
            | Holds()
        ):
            return [(predicate, want)]
        case _:
            assert_never(predicate)


def solve(predicate: Predicate, path: Path = (), *, want: bool = True) -> Flat | None:
    """An event for which the predicate is `want`, by way of the node at `path`; None if none was found."""
    for rotation in range(_ROTATIONS):
        wanted = literals(predicate, path, want=want, rotation=rotation)
        found = None if wanted is None else fill(wanted)
        if found is not None and matches(predicate, event_of(found), NOW) is want:
            return found
    return None


def event_of(flat: Flat) -> dict[str, object]:
    """The event with dotted names; one value stands by itself, more are an array."""
    return {path: content[0] if len(content) == 1 else list(content) for path, content in flat.items() if content}


def fill(wanted: Sequence[Literal]) -> Flat | None:
    """A content for every field such that each literal has its wanted verdict."""
    out: dict[str, Content] = {}
    for group in _connected(wanted):
        found = _fill_group(group)
        if found is None:
            return None
        out.update(found)
    return out


def fields_of(node: Node) -> tuple[Field, ...]:
    """The fields that a node looks at; a nested element looks at its array."""
    if isinstance(node, Element):
        return (Field(node.path),)
    if isinstance(node, Holds):
        return tuple({f.path: f for f in value_fields(node.call)}.values())
    return (node.field,)


def _connected(wanted: Sequence[Literal]) -> list[list[Literal]]:
    """The literals in groups that share no field."""
    groups: list[tuple[set[str], list[Literal]]] = []
    for literal in wanted:
        paths = {f.path for f in fields_of(literal[0])}
        touched = [g for g in groups if g[0] & paths]
        merged = (paths.union(*(g[0] for g in touched)), [one for g in touched for one in g[1]] + [literal])
        groups = [g for g in groups if not g[0] & paths] + [merged]
    return [group for _, group in groups]


def _fill_group(group: list[Literal]) -> Flat | None:
    fields: dict[str, Field] = {}
    for node, _ in group:
        for field in fields_of(node):
            fields.setdefault(field.path, field)
    options = [list(itertools.islice(_contents(field, group), _OPTIONS)) for field in fields.values()]
    for contents in itertools.islice(itertools.product(*options), _TRIES):
        flat = dict(zip(fields, contents, strict=True))
        event = event_of(flat)
        if all(matches(node, event, NOW) is want for node, want in group):
            return flat
    return None


def _contents(field: Field, group: Sequence[Literal]) -> Iterator[Content]:
    """Contents worth trying for a field under the literals of its group, the plainest first, none twice."""
    own = [(node, want) for node, want in group if any(f.path == field.path for f in fields_of(node))]
    positive = [node for node, want in own if want]
    if not positive:
        yield ()
    seen: set[tuple[type, object]] = set()
    singles: list[object] = []
    for value in itertools.chain(
        *(_values(field, node, group) for node in positive), _joined(positive), any_values(field.kind)
    ):
        key = (type(value), repr(value))
        if key not in seen and (not isinstance(value, (str, int, float)) or coerce(value, field.kind) is not None):
            seen.add(key)
            singles.append(value)
            yield (value,)
    yield ()
    if field.many and len(positive) > 1:
        firsts = [next(_values(field, node, group), None) for node in positive]
        yield tuple(value for value in firsts if value is not None)
        yield tuple(singles[: 2 * len(positive)])


def _values(field: Field, node: Node, group: Sequence[Literal]) -> Iterator[object]:
    if isinstance(node, Element):
        yield from element_objects(node)
    elif isinstance(node, Holds):
        for other, _ in group:
            if not isinstance(other, (Element, Holds)) and other.field.path != field.path:
                yield from itertools.islice(examples(other), 3)
        yield from script_values(node.call)
    else:
        yield from examples(node)


def element_objects(node: Element) -> Iterator[dict[str, object]]:
    """Objects of the nested array that satisfy the element's term, one by way of each of its leaves."""
    for path, _ in nodes(node.term):
        found = solve(node.term, path)
        if found is not None:
            yield as_object(node, found)
    found = solve(node.term)
    if found is not None:
        yield as_object(node, found)


def as_object(node: Element, flat: Flat) -> dict[str, object]:
    """The flat content of a nested element's fields as one object of its array."""
    prefix = node.path + "."
    return {path.removeprefix(prefix): value for path, value in event_of(flat).items()}


def _joined(positive: Sequence[Node]) -> Iterator[str]:
    """Texts made to satisfy several leaves of one field at once."""
    phrases = [next(iter(examples(node)), "") for node in positive if isinstance(node, Phrase)]
    if len(phrases) > 1:
        yield " ".join(map(str, phrases))
    likes = [node for node in positive if isinstance(node, Like)]
    if len(likes) > 1:
        for rotation in range(3):
            yield from _joined_patterns([node.patterns[rotation % len(node.patterns)] for node in likes])


def _joined_patterns(patterns: Sequence[Pattern]) -> Iterator[str]:
    """Prefixes, then what stands in the middle, then suffixes."""
    start, middle, end = "", "", ""
    for pattern in patterns:
        parts = pattern.parts
        texts = ["x" if part is Wild.ANY_ONE else part for part in parts if part is not Wild.ANY_RUN]
        text = "x".join(str(t) for t in texts)
        if parts and parts[0] is not Wild.ANY_RUN:
            start = max(start, text, key=len)
        elif parts and parts[-1] is not Wild.ANY_RUN:
            end = max(end, text, key=len)
        else:
            middle += f"x{text}"
    yield f"{start}{middle}x{end}"
    yield f"{start}{middle}{end}"

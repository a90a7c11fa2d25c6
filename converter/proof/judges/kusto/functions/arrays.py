"""Arrays and bags. What the pages leave open of a null or a non-array is null, which a coalesce() must catch."""

# ruff: noqa: ARG001 (functions have one shape, whatever they need of it)
from __future__ import annotations

from collections.abc import Iterable

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.functions.signature import (
    MANY,
    Signature,
    array_argument,
    text_argument,
    whole_argument,
)
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.values import Value, boolean, dynamic, long, null, plain, text_of


def same(one: object, other: object) -> bool:
    """Elements are equal with their type: 1 is 1.0, but neither is true nor "1"."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _primitive(name: str, value: Value) -> object:
    data = plain(value)
    if isinstance(data, (list, dict)):
        raise KustoError(f"{name} looks for a primitive value")
    return data


def _has_element(name: str, arguments: list[Value], scope: Scope) -> Value:
    elements = array_argument(name, arguments[0])
    if elements is None:
        return boolean(scope.reading.set_has_element_of_null)
    sought = _primitive(name, arguments[1])
    return boolean(any(same(one, sought) for one in elements))


def _array_length(name: str, arguments: list[Value], scope: Scope) -> Value:
    elements = array_argument(name, arguments[0])
    return long(None if elements is None else len(elements))


def _array_index_of(name: str, arguments: list[Value], scope: Scope) -> Value:
    """array-index-of-function page: -1 where not found, null for bad inputs."""
    elements = array_argument(name, arguments[0])
    sought = _primitive(name, arguments[1])
    rest = [whole_argument(name, value) or 0 for value in arguments[2:]]
    start, length, occurrence = (rest + [0, -1, 1][len(rest) :])[:3]
    if elements is None or occurrence < 0 or length < -1:
        return null("long")
    start = max(start + len(elements), 0) if start < 0 else start
    stop = len(elements) if length == -1 else min(start + length, len(elements))
    hits = [at for at in range(start, stop) if same(elements[at], sought)]
    return long(hits[occurrence - 1] if 0 < occurrence <= len(hits) else -1)


def _pack_array(name: str, arguments: list[Value], scope: Scope) -> Value:
    return dynamic([plain(value) for value in arguments])


def _bag_pack(name: str, arguments: list[Value], scope: Scope) -> Value:
    if len(arguments) % 2:
        raise KustoError(f"{name} takes pairs")
    keys = [text_argument(name, key) for key in arguments[::2]]
    return dynamic(dict(zip(keys, (plain(value) for value in arguments[1::2]), strict=True)))


def _bag_keys(name: str, arguments: list[Value], scope: Scope) -> Value:
    bag = plain(arguments[0])
    return dynamic(list(bag) if isinstance(bag, dict) else None)


def _bag_has_key(name: str, arguments: list[Value], scope: Scope) -> Value:
    bag, key = plain(arguments[0]), text_argument(name, arguments[1])
    if key.startswith("$"):
        raise KustoError("bag_has_key with a path is not interpreted")
    return boolean(key in bag if isinstance(bag, dict) else None)


def _array_concat(name: str, arguments: list[Value], scope: Scope) -> Value:
    elements = [array_argument(name, value) or [] for value in arguments]
    return dynamic([one for each in elements for one in each])


def _array_slice(name: str, arguments: list[Value], scope: Scope) -> Value:
    """Both ends are included, negative ones count from the end: array-slice-function page."""
    elements = array_argument(name, arguments[0])
    start, end = whole_argument(name, arguments[1]), whole_argument(name, arguments[2])
    if elements is None or start is None or end is None:
        return null("dynamic")
    start = start + len(elements) if start < 0 else start
    end = end + len(elements) if end < 0 else end
    return dynamic(elements[max(start, 0) : max(end + 1, 0)])


def _set_operation(name: str, arguments: list[Value], scope: Scope) -> Value:
    first, *others = [array_argument(name, value) or [] for value in arguments]
    match name:
        case "set_union":
            return dynamic(_distinct(one for each in (first, *others) for one in each))
        case "set_intersect":
            kept = [one for one in first if all(_among(one, other) for other in others)]
        case _:
            kept = [one for one in first if not any(_among(one, other) for other in others)]
    return dynamic(_distinct(kept))


def _among(sought: object, elements: Iterable[object]) -> bool:
    return any(same(one, sought) for one in elements)


def _distinct(elements: Iterable[object]) -> list[object]:
    found: list[object] = []
    for one in elements:
        if not _among(one, found):
            found.append(one)
    return found


def _zip(name: str, arguments: list[Value], scope: Scope) -> Value:
    """Shorter arrays are filled up with null: zip-function page."""
    arrays = [array_argument(name, value) or [] for value in arguments]
    longest = max(len(one) for one in arrays)
    return dynamic([[one[at] if at < len(one) else None for one in arrays] for at in range(longest)])


def _array_sum(name: str, arguments: list[Value], scope: Scope) -> Value:
    elements = array_argument(name, arguments[0])
    if elements is None:
        return null("real")
    if not all(isinstance(one, (int, float)) for one in elements):
        raise KustoError(f"array_sum of {text_of(elements)}")
    return Value("real", float(sum(one for one in elements if isinstance(one, (int, float)))))


def _array_sort(name: str, arguments: list[Value], scope: Scope) -> Value:
    """Of one array of one type; others are refused."""
    elements = array_argument(name, arguments[0])
    if elements is None:
        return null("dynamic")
    if len({type(one) for one in elements}) > 1 or any(not isinstance(one, (str, int, float)) for one in elements):
        raise KustoError(f"{name} of {text_of(elements)}")
    elements = sorted(elements, reverse=name.endswith("desc"))  # type: ignore[type-var]
    return dynamic(elements)


def _array_reverse(name: str, arguments: list[Value], scope: Scope) -> Value:
    elements = array_argument(name, arguments[0])
    return dynamic(None if elements is None else elements[::-1])


def _bag_merge(name: str, arguments: list[Value], scope: Scope) -> Value:
    """The first bag that has a key gives its value: bag-merge-function page."""
    merged: dict[str, object] = {}
    for value in arguments:
        bag = plain(value)
        merged = {**bag, **merged} if isinstance(bag, dict) else merged
    return dynamic(merged)


FUNCTIONS = {
    "set_has_element": Signature(2, 2, _has_element),
    "array_length": Signature(1, 1, _array_length),
    "array_index_of": Signature(2, 5, _array_index_of),
    "pack_array": Signature(1, MANY, _pack_array),
    "pack": Signature(2, MANY, _bag_pack),
    "bag_pack": Signature(2, MANY, _bag_pack),
    "pack_dictionary": Signature(2, MANY, _bag_pack),
    "bag_keys": Signature(1, 1, _bag_keys),
    "bag_has_key": Signature(2, 2, _bag_has_key),
    "array_concat": Signature(1, MANY, _array_concat),
    "array_slice": Signature(3, 3, _array_slice),
    "set_union": Signature(1, MANY, _set_operation),
    "set_intersect": Signature(1, MANY, _set_operation),
    "set_difference": Signature(1, MANY, _set_operation),
    "zip": Signature(2, 16, _zip),
    "array_sort_asc": Signature(1, 1, _array_sort),
    "array_sort_desc": Signature(1, 1, _array_sort),
    "array_reverse": Signature(1, 1, _array_reverse),
    "bag_merge": Signature(2, 64, _bag_merge),
    "array_sum": Signature(1, 1, _array_sum),
}

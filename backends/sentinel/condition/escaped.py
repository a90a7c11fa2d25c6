"""Texts that a table takes from XML: what can be asked of the escaped text as it stands.

Unescaping only ever makes one of `<`, `>`, `&`, `"` and `'`, of a reference that begins with `&` and ends in `;`.
A text without these signs is the whole, the beginning or the end of the one exactly if it is of the other; and is
part of both alike unless it is part of a reference's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter.deferred import compiled
from converter.languages.kusto.syntax import Call, Expression, Text
from converter.languages.kusto.walk import walk

_REFERENCES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_SIGNS = frozenset({*_REFERENCES.values(), ";"})


def raw(expression: Expression) -> Expression | None:
    """The escaped text that an expression unescapes; None if it does not do that."""
    left = dict(_REFERENCES)
    while isinstance(expression, Call) and expression.function == "replace_string":
        inner, old, new = expression.arguments
        if not isinstance(old, Text) or not isinstance(new, Text) or left.pop(old.value, None) != new.value:
            return None
        expression = inner
    return expression if len(left) < len(_REFERENCES) else None


def members(expression: Expression) -> Iterator[tuple[Expression, str]]:
    """The parts of an expression that unescape an element of an XML text, named as the element is."""
    parts = [part for part in walk(expression) if raw(part) is not None]
    inside = {child for part in parts for child in walk(part) if child != part}
    for part in parts:
        for text in walk(part):
            if isinstance(text, Text) and (tag := _TAG.search(text.value)) is not None:
                yield part, f"{tag[1]}Xml" if part in inside else tag[1]


_TAG = compiled(r'<Data Name="(\w+)">')


def plain(texts: Iterable[str]) -> bool:
    """Whether the texts hold no sign that escaping changes."""
    return all(text and _SIGNS.isdisjoint(text) for text in texts)


def inside(text: str) -> bool:
    """Whether a text may stand inside of a reference, in any case of its letters."""
    return any(text.lower() in reference for reference in _REFERENCES)

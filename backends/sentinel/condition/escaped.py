"""Texts that a table takes from XML: what can be asked of the escaped text as it stands.

Unescaping only ever makes one of `<`, `>`, `&`, `"` and `'`, of a reference that begins with `&` and ends in `;`.
A text without these signs is the whole, the beginning or the end of the one exactly if it is of the other; and is
part of both alike unless it is part of a reference's name.
"""

from __future__ import annotations

from collections.abc import Iterable

from converter.languages.kusto.syntax import Call, Expression, Text

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


def plain(texts: Iterable[str]) -> bool:
    """Whether the texts hold no sign that escaping changes."""
    return all(text and _SIGNS.isdisjoint(text) for text in texts)


def inside(text: str) -> bool:
    """Whether a text may stand inside of a reference, in any case of its letters."""
    return any(text.lower() in reference for reference in _REFERENCES)

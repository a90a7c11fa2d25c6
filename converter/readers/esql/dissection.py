"""DISSECT's pattern: literal text and keys (rule Q47).

elastic.co/docs/reference/enrich-processor/dissect-processor: `%{key}`, `%{}` and `%{?key}` skip, `%{+key}` and
`%{+key/2}` append, `%{key->}` takes repeated delimiters after it.
"""

from __future__ import annotations

import re

from converter.deferred import compiled
from converter.languages.esql.codes import Q031
from converter.languages.esql.query import Dissect
from converter.model.pipeline import Cutting, Key
from converter.readers.esql.context import Context

_KEY = compiled(r"%\{([^}]*)\}")
_PARTS = compiled(r"([+?*&]?)(.*?)(?:/(\d+))?(->)?", re.DOTALL)


def cutting(context: Context, node: Dissect) -> Cutting | None:
    """The pattern of a DISSECT; None, reported, where it is none."""
    text = node.pattern.value
    found = list(_KEY.finditer(text))
    if not found:
        hint = 'For example: dissect message "%{user} from %{address}".'
        context.refuse(Q031, "a dissect pattern needs keys", node.pattern.span, hint)
        return None
    keys: list[Key] = []
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        parts = _PARTS.fullmatch(match[1])
        if parts is None or parts[1] in ("*", "&"):
            message = f"the key {match[0]} cannot be carried"
            context.refuse(Q031, message, node.pattern.span, "Name each part.")
            return None
        into = "" if parts[1] == "?" else parts[2]
        rank = int(parts[3]) if parts[3] else 0
        keys.append(Key(into, text[match.end() : end], parts[1] == "+", rank, parts[4] is not None))
    if any(not key.delimiter for key in keys[:-1]):
        context.refuse(Q031, "two keys stand side by side: nothing divides them", node.pattern.span)
        return None
    return Cutting(text[: found[0].start()], tuple(keys), node.separator)

"""Columns cut out of a text: by delimiters, or by expressions."""

from __future__ import annotations

from backends.python.runtime.row_texts import decimal_of, integer_of, long_of, truth_of
from backends.python.runtime.rows import each, many

_TYPES = {"integer": integer_of, "long": long_of, "double": decimal_of, "boolean": truth_of}


def cut_columns(how, names, value):
    """The columns that a value gives; what is found in several values stands together."""
    found = {name: [] for name in names}
    for text in each(value):
        for name, part in (_dissected(how, text) if isinstance(how[0], str) else _found(how, text)).items():
            found[name] += each(part)
    return {name: many(values) for name, values in found.items()}


def _dissected(how, text):
    """`how`: the head, keys (into, delimiter, append, rank, padded), and what joins appended parts."""
    head, keys, separator = how
    if not text.startswith(head):
        return {}
    position, plain, parts = len(head), {}, {}
    for number, (into, delimiter, append, rank, padded) in enumerate(keys):
        end = text.find(delimiter, position) if delimiter else len(text)
        if end < 0:
            return {}
        part = text[position:end]
        position = end + len(delimiter)
        while padded and delimiter and text.startswith(delimiter, position):
            position += len(delimiter)
        if into and append:
            parts.setdefault(into, []).append((rank, number, part))
        elif into:
            plain[into] = part
    for name, found in parts.items():
        first = [plain[name]] if name in plain else []
        plain[name] = separator.join([*first, *(part for _, _, part in sorted(found))])
    return plain


def _found(how, text):
    """`how`: pairs of a compiled expression and its groups (group, into, type)."""
    for regex, groups in how:
        match = regex.search(text)
        if match is not None:
            found = {}
            for group, into, kind in groups:
                part = match[group]
                found.setdefault(into, []).append(_TYPES[kind](part) if part is not None and kind in _TYPES else part)
            return {name: many(values) for name, values in found.items()}
    return {}

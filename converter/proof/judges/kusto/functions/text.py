"""String functions; positions count characters from 0. Each is tested on the examples of its page."""

# ruff: noqa: ARG001 (functions have one shape, whatever they need of it)
from __future__ import annotations

import base64
import binascii
import hashlib
import re
from urllib.parse import unquote_plus

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.functions.signature import Signature, array_argument, text_argument, whole_argument
from converter.proof.judges.kusto.functions.time import call_conversion
from converter.proof.judges.kusto.regexes import pattern
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.values import Value, dynamic, long, null, plain, string, text_of


def _strlen(name: str, arguments: list[Value], scope: Scope) -> Value:
    return long(len(text_argument(name, arguments[0])))


def _strcat(name: str, arguments: list[Value], scope: Scope) -> Value:
    """Any type, each by its tostring()."""
    return string("".join(text_of(plain(value)) for value in arguments))


def _strcat_delim(name: str, arguments: list[Value], scope: Scope) -> Value:
    """strcat_delim(delimiter, value ...)."""
    delimiter = text_argument(name, arguments[0])
    return string(delimiter.join(text_of(plain(value)) for value in arguments[1:]))


def _strcmp(name: str, arguments: list[Value], scope: Scope) -> Value:
    one, other = (text_argument(name, value) for value in arguments)
    return long((one > other) - (one < other))


def _strcat_array(name: str, arguments: list[Value], scope: Scope) -> Value:
    elements = array_argument(name, arguments[0])
    return string(text_argument(name, arguments[1]).join(text_of(one) for one in elements or []))


def _substring(name: str, arguments: list[Value], scope: Scope) -> Value:
    """A negative start counts from the end; one before the text is open (Reading.substring_clamps)."""
    text = text_argument(name, arguments[0])
    start = whole_argument(name, arguments[1])
    length = whole_argument(name, arguments[2]) if len(arguments) > 2 else len(text)
    if start is None or length is None:
        return string("")
    if start < 0:
        start += len(text)
        if start < 0 and not scope.reading.substring_clamps:
            return string("")
        start = max(start, 0)
    return string(text[start : start + max(length, 0)])


def _indexof(name: str, arguments: list[Value], scope: Scope) -> Value:
    """indexof-function page: -1 where not found, a negative start counts from the end, null for bad inputs."""
    text, sought = (text_of(plain(value)) for value in arguments[:2])
    rest = [whole_argument(name, value) or 0 for value in arguments[2:]]
    start, length, occurrence = (rest + [0, -1, 1][len(rest) :])[:3]
    if occurrence < 0 or length < -1:
        return null("long")
    start = max(start + len(text), 0) if start < 0 else start
    at = -1
    for _ in range(max(occurrence, 1)):  # each search gets the whole length: idx8 of the page
        at = text.find(sought, start, len(text) if length == -1 else start + length)
        if at < 0:
            break
        start = at + 1
    return long(at)


def _case(name: str, arguments: list[Value], scope: Scope) -> Value:
    text = text_argument(name, arguments[0])
    return string(text.lower() if name == "tolower" else text.upper())


def _extract(name: str, arguments: list[Value], scope: Scope) -> Value:
    """extract(regex, group, source [, typeof(type)]): "" or null without a match."""
    group = whole_argument(name, arguments[1]) or 0
    compiled = pattern(text_argument(name, arguments[0]))
    if group > compiled.groups:
        raise KustoError(f"extract: the regex has {compiled.groups} groups")
    found = compiled.first(text_argument(name, arguments[2]), group)
    if len(arguments) < 4:
        return string(found or "")
    return call_conversion(text_of(arguments[3].data), string(found or ""), scope)


def _extract_all(name: str, arguments: list[Value], scope: Scope) -> Value:
    """extract_all(regex, [groups,] source): one group gives a flat array; no match gives null."""
    compiled = pattern(text_argument(name, arguments[0]))
    found = compiled.all(text_argument(name, arguments[-1]))
    if not compiled.groups:
        raise KustoError("extract_all needs a group")
    if len(arguments) == 3:
        chosen = array_argument(name, arguments[1]) or []
        if not all(isinstance(one, int) and 1 <= one <= compiled.groups for one in chosen):
            raise KustoError("extract_all takes group numbers")
        found = [tuple(one[int(str(number)) - 1] for number in chosen) for one in found]
    if not found:
        return null("dynamic")
    return dynamic([one[0] if len(one) == 1 else list(one) for one in found])


def _split(name: str, arguments: list[Value], scope: Scope) -> Value:
    parts: list[object] = list(text_argument(name, arguments[0]).split(text_argument(name, arguments[1])))
    if len(arguments) == 2:
        return dynamic(parts)
    index = whole_argument(name, arguments[2])
    return dynamic(parts[index : index + 1] if index is not None and 0 <= index < len(parts) else [])


def _replace_string(name: str, arguments: list[Value], scope: Scope) -> Value:
    text, sought, rewrite = (text_argument(name, value) for value in arguments)
    return string(text.replace(sought, rewrite) if sought else text)


def _replace_regex(name: str, arguments: list[Value], scope: Scope) -> Value:
    r"""replace_regex(source, regex, rewrite): \0 is the match, \1 the first group."""
    text, sought, rewrite = (text_argument(name, value) for value in arguments)
    return string(pattern(sought).substitute(text, re.sub(r"\\(\d)", r"\\g<\1>", rewrite)))


def _trim(name: str, arguments: list[Value], scope: Scope) -> Value:
    compiled = pattern(text_argument(name, arguments[0]))
    text = text_argument(name, arguments[1])
    return string(compiled.strip(text, start=name != "trim_end", end=name != "trim_start"))


def _countof(name: str, arguments: list[Value], scope: Scope) -> Value:
    """Plain occurrences may overlap, regex matches may not."""
    text, sought = (text_argument(name, value) for value in arguments[:2])
    if len(arguments) > 2 and text_argument(name, arguments[2]) == "regex":
        return long(len(pattern(f"({sought})").all(text)))
    return long(sum(text.startswith(sought, at) for at in range(len(text))))


def _url_decode(name: str, arguments: list[Value], scope: Scope) -> Value:
    return string(unquote_plus(text_argument(name, arguments[0])))


def _base64(name: str, arguments: list[Value], scope: Scope) -> Value:
    try:
        return string(base64.b64decode(text_argument(name, arguments[0]), validate=True).decode())
    except (binascii.Error, UnicodeDecodeError):
        return string("")


def _sha256(name: str, arguments: list[Value], scope: Scope) -> Value:
    return string(hashlib.sha256(text_of(plain(arguments[0])).encode()).hexdigest())


def _reverse(name: str, arguments: list[Value], scope: Scope) -> Value:
    return string(text_argument(name, arguments[0])[::-1])


FUNCTIONS = {
    "strlen": Signature(1, 1, _strlen),
    "strcat": Signature(1, 64, _strcat),
    "strcat_delim": Signature(2, 64, _strcat_delim),
    "strcmp": Signature(2, 2, _strcmp),
    "strcat_array": Signature(2, 2, _strcat_array),
    "substring": Signature(2, 3, _substring),
    "indexof": Signature(2, 5, _indexof),
    "tolower": Signature(1, 1, _case),
    "toupper": Signature(1, 1, _case),
    "extract": Signature(3, 4, _extract),
    "extract_all": Signature(2, 3, _extract_all),
    "split": Signature(2, 3, _split),
    "replace_string": Signature(3, 3, _replace_string),
    "replace_regex": Signature(3, 3, _replace_regex),
    "trim": Signature(2, 2, _trim),
    "trim_start": Signature(2, 2, _trim),
    "trim_end": Signature(2, 2, _trim),
    "countof": Signature(2, 3, _countof),
    "url_decode": Signature(1, 1, _url_decode),
    "base64_decode_tostring": Signature(1, 1, _base64),
    "hash_sha256": Signature(1, 1, _sha256),
    "reverse": Signature(1, 1, _reverse),
}

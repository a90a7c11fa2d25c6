"""Whether an event keeps to the facts that an artifact rests on.

An artifact may be exact only of data that keeps to its declared facts (`Artifact.assumed`): a witness that breaks one
proves nothing against it, is left out by the judges, and counted. Under `Trust.STRICT` an artifact rests on nothing,
so that every witness is judged.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeGuard, assert_never

from converter.forms.choose import Assumption
from converter.languages.regex.charset import folded
from converter.model.fact import Fact
from converter.model.pattern import (
    Alternate,
    AnyChar,
    Case,
    Char,
    CharClass,
    Concat,
    Pattern,
    Regex,
    Repeat,
    Wild,
)
from converter.model.predicate import Holds, Leaf, Like, Matches, OneOf, Predicate
from converter.model.rule import Rule
from converter.model.value import Call, Field, Kind, Literal
from converter.model.walk import fields, leaves, predicates
from converter.proof.example import NOW
from converter.reference.event import Event, raw_values
from converter.reference.predicate import matches
from converter.target.account import fields_of
from converter.target.artifact import Artifact

LOOKALIKES = frozenset("\u017f\u212a\u0130\u0131")
"""Letters that Unicode, but not ASCII, folds with k, s or i."""

_DRIVE = re.compile(r"[A-Za-z]:\\(?!.*:\\).*", re.DOTALL)
_WHOLE_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:[.]0*)?|[.]0+)(?:[eE][+-]?[0-9]+)?\s*")
_PLAIN_NUMBER = re.compile(r"0|-?[1-9][0-9]*")
_FORM = re.compile(r"[0-9A-Za-z{}()\[\]_.:+/=-]+")
_BETWEEN_TAGS = re.compile(r">\s+<|^\s|\s$")


def violates(fact: Fact, value: object, spelled: Collection[str] = ()) -> bool:
    """Whether one value of a column contradicts a fact of the column.

    `value` is a JSON scalar as an event holds it; None = the event has none, which only ALWAYS excludes. `spelled`
    are the texts that the rule compares the column with: facts about case are facts about what a value differs from.
    """
    if value is None:
        return fact is Fact.ALWAYS
    text = _shown(value)
    match fact:
        case Fact.ASCII_CASE:
            return not LOOKALIKES.isdisjoint(text) or _folds_beyond_ascii(text, spelled)
        case Fact.LOWER_CASE:
            return text != _lower(text)
        case Fact.DRIVE_PATH:
            return _DRIVE.fullmatch(text) is None
        case Fact.POSIX_PATH:
            return not text.startswith("/")
        case Fact.ONE_LINE:
            return "\n" in text or "\r" in text
        case Fact.NEVER_EMPTY:
            return text == ""
        case Fact.ONE_SPELLING:
            return any(_lower(one) in _lower(text) and one not in text for one in spelled)
        case Fact.ADDRESS:
            return not _is_address(text)
        case Fact.WRITTEN_COMPACT:
            return not _is_compact(text)
        case Fact.IDENTIFIER:
            return _FORM.fullmatch(text) is None
        case Fact.ALWAYS:
            return False
        case Fact.PLAIN_NUMBER:
            return _WHOLE_NUMBER.fullmatch(text) is not None and _PLAIN_NUMBER.fullmatch(text) is None
        case Fact.PLAIN_TEXT:
            return "\x1f" in text
        case _:
            assert_never(fact)


def _as_number(value: object) -> float | object:
    """The number that a text spells, the value itself where it spells none."""
    text = _shown(value) if value is not None else ""
    return float(text) if _WHOLE_NUMBER.fullmatch(text) else value


def contradicted(
    assumed: Sequence[Assumption],
    event: Event,
    columns: Mapping[str, Iterable[Field]],
    spelled: Mapping[str, Collection[str]],
) -> Assumption | None:
    """The first assumption that the event breaks, None if it keeps to all.

    `columns`: the fields of the event (by their Elastic name) that each column of the artifact holds; an assumption of
    the whole platform is one of every field there. `spelled`: the texts that the rule compares each path with.
    """
    every = tuple(dict.fromkeys(field for fields in columns.values() for field in fields))
    for assumption in assumed:
        for field in columns.get(assumption.column, ()) if assumption.column else every:
            found = list(raw_values(event, field.path)) or [None]
            if assumption.fact is Fact.PLAIN_NUMBER and field.kind not in (Kind.LONG, Kind.DOUBLE):
                # It is a fact about how numbers are written; a text counts as one if it is compared with that number.
                found = [value for value in found if _as_number(value) in map(_as_number, spelled.get(field.path, ()))]
            if any(violates(assumption.fact, value, spelled.get(field.path, ())) for value in found):
                return assumption
    return None


def breach(rule: Rule, artifact: Artifact) -> Callable[[Event], Assumption | None]:
    """Which assumption of the artifact an event under Elastic's names breaks, as a function of the event."""
    assumed = artifact.assumed
    columns: dict[str, dict[Field, None]] = {}
    for line in artifact.account:
        for field in (field for leaf in line.bound for field in fields_of(leaf)):
            name = field.way.text if field.way is not None else field.path
            columns.setdefault(name, {}).setdefault(field)
    for where in predicates(rule.detection):
        for field in fields(where):
            columns.setdefault(field.path, {}).setdefault(field)
    spelled = spellings(predicates(rule.detection))
    one = {path: told for told in assumed if told.fact is Fact.ONE_SPELLING for path in _paths(columns, told)}
    cased = [leaf for where in predicates(rule.detection) for leaf in leaves(where) if _is_cased(leaf, one)]

    def first(event: Event) -> Assumption | None:
        told = contradicted(assumed, event, columns, spelled)
        return told or next((one[leaf.field.path] for leaf in cased if respelled(leaf, event)), None)

    return first


Cased: TypeAlias = OneOf | Like | Matches


def _is_cased(leaf: Leaf, paths: Collection[str]) -> TypeGuard[Cased]:
    return isinstance(leaf, OneOf | Like | Matches) and leaf.field.path in paths


def _paths(columns: Mapping[str, Iterable[Field]], told: Assumption) -> Iterable[str]:
    return (field.path for field in columns.get(told.column, ()))


def respelled(leaf: Cased, event: Event) -> bool:
    """Whether the event satisfies the leaf in some case of its letters, but not in both: it is spelled otherwise."""
    folded = replace(leaf, case=Case.INSENSITIVE)
    if isinstance(folded, Matches):
        folded = replace(folded, regexes=tuple(map(_in_any_case, folded.regexes)))
    return matches(replace(leaf, case=Case.SENSITIVE), event, NOW) != matches(folded, event, NOW)


def _in_any_case(regex: Regex) -> Regex:
    """The expression with letters of both cases in its classes, which Lucene compares as they are written."""
    match regex:
        case Char() | AnyChar():
            return regex
        case CharClass(ranges, negated):
            return CharClass(folded(ranges), negated)
        case Concat(parts):
            return Concat(tuple(map(_in_any_case, parts)))
        case Alternate(options):
            return Alternate(tuple(map(_in_any_case, options)))
        case Repeat(item, least, most):
            return Repeat(_in_any_case(item), least, most)
        case _:
            assert_never(regex)


def spellings(predicates: Iterable[Predicate]) -> dict[str, frozenset[str]]:
    """The texts that predicates compare each path with: whole values, the plain parts of patterns, texts of scripts.

    The literals of a script are taken for every field that the script looks at.
    """
    found: dict[str, set[str]] = {}
    for predicate in predicates:
        for leaf in leaves(predicate):
            match leaf:
                case OneOf(field=field, values=values):
                    found.setdefault(field.path, set()).update(values)
                case Like(field=field, patterns=patterns):
                    parts = (part for pattern in patterns for part in pattern.parts if not isinstance(part, Wild))
                    found.setdefault(field.path, set()).update(parts)
                case Holds(call=call):
                    fields, texts = _of_call(call)
                    for path in fields:
                        found.setdefault(path, set()).update(texts)
                case _:
                    pass  # numbers, addresses and words have no spelling; a regular expression is not taken apart
    return {path: frozenset(texts - {""}) for path, texts in found.items()}


def _of_call(call: Call) -> tuple[set[str], set[str]]:
    """The paths of the fields and the texts of the literals in a script."""
    paths: set[str] = set()
    texts: set[str] = set()
    for argument in call.arguments:
        match argument:
            case Call():
                inner, more = _of_call(argument)
                paths |= inner
                texts |= more
            case Field(path=path):
                paths.add(path)
            case Literal(value=str() as text):
                texts.add(text)
            case Literal(value=Pattern(parts=parts)):
                texts.update(part for part in parts if not isinstance(part, Wild))
            case _:
                pass
    return paths, texts


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _lower(text: str) -> str:
    """In lower case as ASCII has it: other letters keep theirs."""
    return text.translate(_ASCII_LOWER)


def _folds_beyond_ascii(text: str, spelled: Collection[str]) -> bool:
    """Whether a letter of the text is one of the rule's in another case that ASCII does not know: é for É."""
    beyond = {letter for letter in text if not letter.isascii() and letter.lower() != letter.upper()}
    if not beyond:
        return False
    compared = {letter for one in spelled for letter in one}
    return any(letter not in compared and {letter.lower(), letter.upper()} & compared for letter in beyond)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_compact(text: str) -> bool:
    """JSON without blanks between its parts and without escapes, XML without blanks between its tags, or neither."""
    if text[:1] in ("{", "["):
        try:
            data = json.loads(text)
        except ValueError:
            return False
        return "\\" not in text and text == json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return not (text.lstrip().startswith("<") and _BETWEEN_TAGS.search(text))

"""A search read back by `converter.readers.spl`, and its bound rule in the search's own names of fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from backends.splunk.detection.place import is_everywhere, listed, place
from backends.splunk.readback.names import named
from converter.diagnostics.errors import QuerySyntaxError
from converter.forms.choose import Assumption
from converter.languages.spl.parse import document, expression, stages
from converter.languages.spl.syntax import Call, Pipeline, Text
from converter.model import pipeline as piped
from converter.model.fact import Fact
from converter.model.predicate import And, Compare, Or, Phrase, Predicate, Present
from converter.model.references import stored_fields
from converter.model.rule import AnyOf, Distinct, Match, Threshold
from converter.model.value import Computed, Kind
from converter.model.walk import fields, leaves, map_fields, map_leaves
from converter.readers.lengths import with_lengths
from converter.readers.phrases import as_regex
from converter.readers.spl.columns import Columns
from converter.readers.spl.lower import Place
from converter.readers.spl.lower import raised as read
from converter.readers.unraised import UnraisedError
from converter.target.contract import Binding, Bound, Emission
from converter.target.readback import NotRaised, Raised, Reading, Several, Unlike

if TYPE_CHECKING:
    from backends.splunk.readback.frames import Asked


def raised(bound: Bound, emission: Emission) -> Reading:
    """The condition of a search without closing columns, and that of the rule that it was made from."""
    detection = bound.rule.detection
    try:
        match detection:
            case Match(where):
                return _raised(where, read(*_read(bound, emission, where)), emission)
            case AnyOf(matches):
                return _anywhere(bound, [one.where for one in matches], emission)
            case Threshold():
                return _counted(bound, detection, emission)
            case piped.Pipeline():
                return _piped(bound, detection, emission)
            case _:
                from backends.splunk.readback import frames  # rules of several events

                asked = frames.wanted(detection, bound, columns_of, _place)
                if asked is None:
                    return NotRaised(f"a detection of the kind {type(detection).__name__}")
                return _framed(asked, _search(emission), emission)
    except UnraisedError as error:
        return NotRaised(str(error))


def _framed(asked: Asked, search: Pipeline, emission: Emission) -> Several | Unlike:
    found = asked.read(search)
    wanted = asked.frame
    if not wanted.alike(found):
        return Unlike(str(wanted), str(found))
    pairs = dict.fromkeys(zip(wanted.conditions, found.conditions, strict=True))
    return Several(tuple(_raised(*pair, emission) for pair in pairs))


def _piped(bound: Bound, detection: piped.Pipeline, emission: Emission) -> Several | Unlike:
    """What the steps of a pipeline ask, which are the same on both sides."""
    from backends.splunk.readback import pipelines  # few rules have one
    from converter.readers.pipelines.flow import otherwise
    from converter.readers.pipelines.planned import narrowed

    detection = narrowed(detection, emission.left_out)
    wanted = pipelines.wanted(detection, _named_as_read)
    found = pipelines.found(_search(emission), detection, _place(bound.binding))
    if not wanted.alike(found):
        return Unlike(*otherwise(wanted, found))
    every = And((detection.where, *map(Present, stored_fields(detection))))
    facts, cut = _facts(every, emission.assumed), _cut(every)
    pairs = dict.fromkeys(zip(wanted.conditions, found.conditions, strict=True))
    return Several(tuple(Raised(*pair, facts, cut, empties=True, rows=True) for pair in pairs))


def _anywhere(bound: Bound, wheres: Sequence[Predicate], emission: Emission) -> Several:
    """What a search over several places asks in each of them."""
    from backends.splunk.readback.frames import apart
    from converter.readers.spl.several import anywhere

    search = _search(emission)
    places: list[tuple[Binding, list[Predicate]]] = []
    for binding, where in zip(bound.bindings, wheres, strict=True):
        known = next((some for held, some in places if _place(held) == _place(binding)), None)
        if known is None:
            places.append((binding, [where]))
        else:
            known.append(where)
    parts = []
    for binding, some in places:
        where = Or(tuple(some))
        here = apart(_place(binding), [_place(other) for other, _ in places])
        parts.append(_raised(where, anywhere(search, columns_of(where), here), emission))
    return Several(tuple(parts))


def columns_of(where: Predicate) -> Columns:
    """What is known of the fields of a condition, by the names as they are read."""
    return {field.path: field for field in map(named, fields(where))}


def _read(bound: Bound, emission: Emission, where: Predicate) -> tuple[Pipeline, Columns, Place]:
    """What a reader needs: the search, what is known of its fields, and its place."""
    return _search(emission), columns_of(where), _place(bound.binding)


def _raised(where: Predicate, found: Predicate, emission: Emission) -> Raised:
    return Raised(_named_as_read(where), found, _facts(where, emission.assumed), _cut(where), empties=True)


def _counted(bound: Bound, detection: Threshold, emission: Emission) -> Raised | Unlike:
    """What a threshold filters and counts."""
    from converter.readers.grouped import grouped
    from converter.readers.spl.counts import counted

    distinct = detection.distinct
    several = (*detection.group_by, *((distinct.field,) if distinct is not None else ()))
    every = And((detection.where, *map(Present, several)))
    found = counted(*_read(bound, emission, every))
    keys = tuple(map(named, detection.group_by))
    counts = None if distinct is None else Distinct(named(distinct.field), distinct.at_least)
    wanted = grouped(Threshold(detection.where, keys, detection.at_least, counts))
    if wanted.bare != found.bare:
        return Unlike(str(wanted), str(found))
    return _raised(And((detection.where, *map(Present, dict.fromkeys(detection.group_by)))), found.where, emission)


def _search(emission: Emission) -> Pipeline:
    if isinstance(emission.tree, Pipeline):
        return emission.tree
    try:
        parts = [part for part in document(emission.text) if isinstance(part, Pipeline)]
    except QuerySyntaxError as error:
        raise UnraisedError(f"no SPL that is read here: {error.diagnostics[0].message}") from error
    if len(parts) != 1:
        raise UnraisedError("several searches")
    return parts[0]


def _place(binding: Binding) -> Place:
    """The rule's place; where nothing says which it is, the search may say any."""
    text = binding.header.get("prepare", "")
    terms = () if is_everywhere(binding) else tuple(place(binding))
    return Place(terms, stages(text) if text else (), tuple(listed([binding.lookups])))


def _named_as_read(where: Predicate) -> Predicate:
    where = map_leaves(where, as_regex)
    for leaf in leaves(where):
        if isinstance(leaf, Phrase):
            raise UnraisedError("words of analysed text")
        if isinstance(leaf, Compare) and isinstance(leaf.value, str):
            raise UnraisedError("an order of texts")
    plain = with_lengths(where, named, lambda text: text.kind is Kind.KEYWORD)
    if plain is None:
        raise UnraisedError("a script")
    return map_fields(plain, named)


def _cut(where: Predicate) -> dict[str, str]:
    """The signs at which texts are cut into values, by the names of columns as they are read."""
    found: dict[str, str] = {}
    for field in fields(where):
        if isinstance(field.way, Computed):
            match expression(field.way.text):
                case Call("split", (_, Text(apart))):
                    found[named(field).path] = apart
                case _:
                    continue
    return found


def _facts(where: Predicate, assumed: Iterable[Assumption]) -> dict[str, frozenset[Fact]]:
    """The facts that the text rests on, by the names of columns as they are read."""
    told: dict[str, set[Fact]] = {}
    for one in assumed:
        told.setdefault(one.column, set()).add(one.fact)
    return {
        named(field).path: frozenset(told[name])
        for field in fields(where)
        if (name := field.way.text if field.way is not None else field.path) in told
    }

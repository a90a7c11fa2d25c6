"""Rules over several places: those of one place are one search, and the same events are found."""

from __future__ import annotations

from targets.splunk_cases import found, rule

from backends.splunk import TARGET
from converter.model.pattern import Case
from converter.model.predicate import And, Not, OneOf, Predicate
from converter.model.rule import AnyOf, Match
from converter.model.value import Column, Computed, Field
from converter.target import Binding, Bound, Emission, Options
from converter.target.lookup import Lookup


def placed(*arms: tuple[Binding, Predicate], bare: bool = True) -> Emission:
    detection = AnyOf(tuple(Match(where) for _, where in arms))
    return TARGET.emit(Bound(rule(detection), tuple(binding for binding, _ in arms)), Options("search", bare=bare))


def test_predicates_of_one_place_are_one_search() -> None:
    place = Binding("native", header={"index": "one"})
    code, action = (Field(path, many=False, way=Column("Code")) for path in ("code", "event.action"))
    arms = [
        And((OneOf(f, ("1",), Case.SENSITIVE), OneOf(Field(name, many=False), ("x",), Case.INSENSITIVE)))
        for f, name in ((code, "a"), (action, "b"))
    ]
    text = placed(*((place, where) for where in arms)).text
    assert text.count("Code=1") == 1
    events = [{"index": "one", "Code": c, name: v} for c in ("1", "2") for name in "ab" for v in ("X", "y")]
    assert found(text, events) == [0, 2]


def test_lookups_of_equal_predicates_are_alternatives() -> None:
    lookups = [Lookup(f"{name}_devices", "Device", "Id", "search x", 7) for name in ("linux", "mac")]
    places = [Binding("native", header={"index": "one"}, lookups=(one,)) for one in lookups]
    where = OneOf(Field("a", many=False), ("x",), Case.INSENSITIVE)
    emission = placed(*((place, where) for place in places))
    assert "multisearch" not in emission.text
    events = [{"index": "one", "a": "x", "Device": device} for device in ("1", "2", "3")]
    tables = {"linux_devices": [{"Id": "1"}], "mac_devices": [{"Id": "3"}]}
    assert found(emission.text, events, lookups=tables) == [0, 2]


def test_place_that_can_have_none_of_the_events_is_left_out() -> None:
    """Values that are cut at blanks hold none."""
    lookup = Lookup("mac_devices", "Device", "Id", "search x", 7)
    cut = Field("args", many=True, way=Computed('split(line," ")', "string"))
    where = OneOf(Field("a", many=False), ("x y",), Case.INSENSITIVE)
    live = (Binding("native", header={"index": "one"}), where)
    dead = (
        Binding("native", header={"index": "two"}, show=("Two",), lookups=(lookup,)),
        OneOf(cut, ("x y",), Case.INSENSITIVE),
    )
    text = placed(live, dead, bare=False).text
    assert "two" not in text
    assert "mac_devices" not in text
    assert "Two" not in text
    assert "1==0" in placed(dead, dead).text


def test_places_that_ask_largely_the_same_are_one_search() -> None:
    """What only one place asks stands beside the place; events of other places are not found."""
    first, second = Binding("native", header={"index": "one"}), Binding("native", header={"sourcetype": "two"})
    args = Field("args", many=True, way=Computed('split(line," ")', "string"))
    names = OneOf(Field("a", many=False), ("u", "v", "w", "x"), Case.INSENSITIVE)
    asked = OneOf(args, ("-d", "-e"), Case.INSENSITIVE)
    own = Not(OneOf(Field("b", many=False), ("z",), Case.INSENSITIVE))
    text = placed((first, And((names, asked, own))), (second, And((names, asked)))).text
    assert "multisearch" not in text
    assert text.startswith("((index=one NOT b=z) OR sourcetype=two)".replace("=z", '="z"'))
    events = [
        {"index": i, "sourcetype": s, "a": "X", "b": b, "line": "q -d"}
        for i in ("one", "other")
        for s in ("one", "two")
        for b in ("y", "z")
    ]
    assert found(text, events) == [0, 2, 3, 6, 7]
    assert "siemglot_place" not in text


def test_places_with_little_in_common_are_searched_apart() -> None:
    first, second = Binding("native", header={"index": "one"}), Binding("native", header={"sourcetype": "two"})
    wheres = [OneOf(Field("a", many=False), (a, b), Case.INSENSITIVE) for a, b in ("st", "uv")]
    args = [OneOf(Field(n, many=True, way=Computed(f'split({n},"-")', "string")), ("d",), Case.SENSITIVE) for n in "pq"]
    arms = [(p, And((w, a))) for p, w, a in zip((first, second), wheres, args, strict=True)]
    text = placed(*arms).text
    assert text.startswith("| multisearch")
    events = [
        {"index": "one", "a": "s", "p": "x-d"},
        {"sourcetype": "two", "a": "s", "q": "d"},
        {"sourcetype": "two", "a": "U", "q": "d"},
    ]
    assert found(text, events) == [0, 2]


def test_events_that_would_show_their_time_alone_stay_whole() -> None:
    """A column that has to hold one constant says nothing, and a table of nothing else says less."""
    place = Binding("native", header={"index": "one"})
    pinned = OneOf(Field("a", many=False), ("x",), Case.INSENSITIVE)
    other = OneOf(Field("b", many=False), ("y", "z"), Case.INSENSITIVE)
    assert placed((place, pinned), bare=False).text.rstrip().endswith('a="x"')
    assert placed((place, And((pinned, other))), bare=False).text.rstrip().endswith("| table _time, b")

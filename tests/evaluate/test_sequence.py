"""The sequence machine: Elasticsearch's own cases, each rule by itself, and 20,000 random streams."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

import pytest
from evaluate.sequence_rules import UNTIL, Case, Toy, random_case, sequences
from shared import SHARED, needs_shared

from converter.plan import sequence as plan
from converter.plan.sequence import shape
from converter.reference.sequence import SequenceMatcher, ordinal

NONE = ((),)


def planned(missing: Iterable[bool]) -> dict[int, int]:
    """The plan's number of each stage as written from 0, and of until."""
    numbers, reached, absent = {UNTIL: plan.UNTIL}, 0, 0
    for stage, is_missing in enumerate(missing):
        if is_missing:
            absent -= 1
        else:
            reached += 1
        numbers[stage] = absent if is_missing else reached
    return numbers


def run(case: Case) -> list[tuple[int, ...]]:
    matcher: SequenceMatcher[int] = SequenceMatcher(shape(case.missing), case.maxspan)
    numbers = planned(case.missing)
    found = [
        one
        for number, event in enumerate(case.events)
        for one in matcher.push(
            number, ordinal(event.time, event.tie), {numbers[stage]: keys for stage, keys in event.hits.items()}
        )
    ]
    return sorted(one.items for one in found + matcher.flush())


def test_random_streams_against_the_rules() -> None:
    rng = random.Random(20)
    found = 0
    for number in range(20_000):
        case = random_case(rng)
        expected = sequences(case)
        assert run(case) == expected, f"stream {number}: {case}"
        found += bool(expected)
    assert found > 5_000, "the streams must hold sequences"


def _series_cases() -> Iterable[tuple[str, list[str], list[str]]]:
    path = SHARED / "conformance" / "eql" / "sequences.series-spec"
    if not path.is_file():
        return
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("//")
    ]
    parts = "\n".join(lines).split("\n;")
    for series, results in zip(parts[0::2], parts[1::2], strict=False):
        name, *stages = series.strip().splitlines()
        yield name, stages, results.strip().splitlines()


SERIES = list(_series_cases())


@needs_shared
def test_series_spec_is_whole() -> None:
    assert len(SERIES) == 25


@pytest.mark.parametrize(("name", "stages", "expected"), SERIES, ids=[name for name, _, _ in SERIES])
def test_series_spec(name: str, stages: list[str], expected: list[str]) -> None:
    assert name
    hits: dict[int, dict[int, tuple[tuple[str, ...], ...]]] = {}
    labels: dict[tuple[int, str], str] = {}
    for stage, words in enumerate(stages, 1):
        for word in words.split():
            key, _, label = word.rpartition("|")
            time = int(label[1:])
            hits.setdefault(time, {})[stage] = ((key,),) if key else NONE
            labels[time, key] = label
    matcher: SequenceMatcher[int] = SequenceMatcher(shape([False] * len(stages)), None)
    found = []
    for time in sorted(hits):
        found += matcher.push(time, ordinal(time), hits[time])
    shown = [" ".join(_shown(one.items, one.key, hits, labels)) for one in found]
    assert sorted(shown) == sorted(expected)


def _shown(
    items: tuple[int, ...],
    key: tuple[object, ...],
    hits: Mapping[int, Mapping[int, object]],
    labels: Mapping[tuple[int, str], str],
) -> Iterable[str]:
    name = str(key[0]) if key else ""
    for at, time in enumerate(items, 1):
        assert at in hits[time]
        yield f"{name}|{labels[time, name]}" if name and at == 1 else labels[time, name]


def toys(*events: tuple[int, str], ties: Iterable[int] | None = None) -> tuple[Toy, ...]:
    """Events at a time in the stages named by letters: A is stage 0, U is until; a digit after is the key."""
    tie = iter(ties) if ties is not None else iter([0] * len(events))
    return tuple(
        Toy(time, next(tie), {(UNTIL if letter == "U" else ord(letter) - 65): NONE for letter in letters})
        for time, letters in events
    )


@pytest.mark.parametrize(
    ("maxspan", "events", "expected"),
    [
        (5, toys((0, "A"), (5, "B")), [(0, 1)]),
        (5, toys((0, "A"), (6, "B")), []),
        (None, toys((0, "A"), (10**12, "B")), [(0, 1)]),
        (5, toys((0, "A"), (3, "A"), (4, "B"), (5, "B")), [(1, 2)]),
        (5, toys((0, "A"), (0, "B")), []),
        (5, toys((0, "A"), (0, "B"), ties=(0, 1)), [(0, 1)]),
        (5, toys((0, "A"), (1, "A"), (1, "B"), (2, "B")), [(0, 2), (1, 3)]),
        (5, toys((0, "AB"), (1, "AB"), (2, "AB")), [(0, 1), (1, 2)]),
        (9, toys((0, "A"), (1, "U"), (2, "B"), (3, "B")), []),
        (9, toys((0, "AU"), (2, "B")), []),
        (9, toys((0, "A"), (2, "BU")), [(0, 1)]),
        (9, toys((0, "U"), (1, "A"), (2, "B")), [(1, 2)]),
        (9, toys((0, "A"), (1, "A"), (1, "U"), (2, "B")), []),
    ],
)
def test_two_steps(maxspan: int | None, events: tuple[Toy, ...], expected: list[tuple[int, ...]]) -> None:
    case = Case((False, False), maxspan, events)
    assert run(case) == expected == sequences(case)


def test_a_rejected_hit_consumes() -> None:
    """The newest A is taken by the B that is too late, with the older one: nothing is left for a later C."""
    case = Case((False, False, False), 5, toys((0, "A"), (1, "A"), (7, "B"), (8, "C")))
    assert run(case) == []


@pytest.mark.parametrize(
    ("missing", "events", "expected"),
    [
        ((0, 1, 0), toys((0, "A"), (1, "B"), (2, "C")), []),
        ((0, 1, 0), toys((0, "AB"), (2, "BC")), [(0, 1)]),
        ((0, 1), toys((0, "A"), (5, "B")), []),
        ((0, 1), toys((0, "A"), (6, "B")), [(0,)]),
        ((0, 1), toys((0, "AB"), (6, "")), [(0,)]),
        ((0, 1), toys((0, "A")), [(0,)]),
        ((0, 0, 1), toys((0, "A"), (3, "B"), (5, "C")), []),
        ((1, 0), toys((0, "A"), (5, "B")), []),
        ((1, 0), toys((0, "A"), (6, "B")), [(1,)]),
        ((1, 0), toys((6, "AB")), [(0,)]),
        ((1, 0, 0), toys((0, "A"), (3, "B"), (6, "C")), [(1, 2)]),
        ((1, 0, 1), toys((0, "B"), (1, "C")), [(0,)]),
        ((1, 0, 1), toys((0, "A"), (3, "B")), [(1,)]),
        ((1, 0, 1), toys((0, "A"), (3, "B"), (5, "C")), []),
        ((1, 0, 1), toys((0, "A"), (3, "B"), (6, "C")), [(1,)]),
    ],
)
def test_missing_events(missing: tuple[int, ...], events: tuple[Toy, ...], expected: list[tuple[int, ...]]) -> None:
    case = Case(tuple(map(bool, missing)), 5, events)
    assert run(case) == expected == sequences(case)


def test_trailing_missing_waits_for_time_to_pass() -> None:
    matcher: SequenceMatcher[str] = SequenceMatcher(shape((False, True)), 5)
    assert matcher.push("a", ordinal(0), {1: NONE}) == []
    assert matcher.push("b", ordinal(5), {}) == []
    assert [one.items for one in matcher.push("c", ordinal(6), {1: NONE})] == [("a",)]
    assert [one.items for one in matcher.flush()] == [("c",)]
    assert matcher.flush() == []


def test_error_shapes() -> None:
    with pytest.raises(ValueError, match="not a missing"):
        SequenceMatcher(shape((True,)), 5)
    with pytest.raises(ValueError, match="maxspan"):
        SequenceMatcher(shape((False, True)), None)


def test_error_out_of_order() -> None:
    matcher: SequenceMatcher[int] = SequenceMatcher(shape((False, False)), 5)
    matcher.push(0, ordinal(5), {})
    with pytest.raises(ValueError, match="order"):
        matcher.push(1, ordinal(4), {})


def test_state_is_bounded_by_the_keys_within_maxspan() -> None:
    matcher: SequenceMatcher[int] = SequenceMatcher(shape((False, False, True)), 100)
    most = 0
    for number in range(20_000):
        stage = 1 if number % 3 else 2
        matcher.push(number, ordinal(number), {stage: ((number // 7,),)})
        most = max(most, matcher.live_keys)
    assert most <= 2 * 100 // 7 + 3


def test_state_of_one_busy_key_is_bounded() -> None:
    matcher: SequenceMatcher[int] = SequenceMatcher(shape((False, False)), 100)
    for number in range(5_000):
        matcher.push(number, ordinal(number), {1: NONE, plan.UNTIL: NONE})
    (track,) = matcher._tracks.values()
    assert len(track.pending[1]) <= 2
    assert len(track.until) <= 2


def test_missing_tiebreaker_is_last() -> None:
    assert ordinal(1, 5) < ordinal(1, 6) < ordinal(1) < ordinal(2, 0)

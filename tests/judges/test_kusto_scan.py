"""The worked examples of Microsoft's scan-operator page, and what follows from its text."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from converter.proof.judges.kusto.run import READINGS, KustoError, Reading, run


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def test_cumulative_sum() -> None:
    query = """
        range x from 1 to 5 step 1
        | scan declare (cumulative_x:long=0) with (step s1: true => cumulative_x = x + s1.cumulative_x;)
    """
    assert [row["cumulative_x"] for row in run(query, {})] == [1, 3, 6, 10, 15]


def test_cumulative_sum_with_reset() -> None:
    query = """
        range x from 1 to 5 step 1
        | extend y = 2 * x
        | scan declare (cumulative_x:long=0, cumulative_y:long=0) with
        (
            step s1: true => cumulative_x = iff(s1.cumulative_x >= 10, x, x + s1.cumulative_x),
                             cumulative_y = iff(s1.cumulative_y >= 10, y, y + s1.cumulative_y);
        )
    """
    rows = [(row["x"], row["y"], row["cumulative_x"], row["cumulative_y"]) for row in run(query, {})]
    assert rows == [(1, 2, 1, 2), (2, 4, 3, 6), (3, 6, 6, 12), (4, 8, 10, 8), (5, 10, 5, 18)]


def test_fill_forward() -> None:
    query = """
        let Events = datatable (Ts: timespan, Event: string) [
            0m, "A", 1m, "", 2m, "B", 3m, "", 4m, "", 6m, "C", 8m, "", 11m, "D", 12m, ""
        ];
        Events
        | sort by Ts asc
        | scan declare (Event_filled: string="") with
        (
            step s1: true => Event_filled = iff(isempty(Event), s1.Event_filled, Event);
        )
    """
    assert "".join(str(row["Event_filled"]) for row in run(query, {})) == "AABBBCCDD"


def test_sessions() -> None:
    query = """
        let Events = datatable (Ts: timespan, Event: string) [
            0m, "A", 1m, "A", 2m, "B", 3m, "D", 32m, "B", 36m, "C", 38m, "D", 41m, "E", 75m, "A"
        ];
        Events
        | sort by Ts asc
        | scan with_match_id=session_id declare (sessionStart: timespan) with
        (
            step inSession: true => sessionStart = iff(isnull(inSession.sessionStart), Ts, inSession.sessionStart);
            step endSession output=none: Ts - inSession.sessionStart > 30m;
        )
    """
    rows = [(row["Ts"], row["sessionStart"], row["session_id"]) for row in run(query, {})]
    starts = [
        (0, 0, 0),
        (1, 0, 0),
        (2, 0, 0),
        (3, 0, 0),
        (32, 32, 1),
        (36, 32, 1),
        (38, 32, 1),
        (41, 32, 1),
        (75, 75, 2),
    ]
    assert rows == [(minutes(at), minutes(start), number) for at, start, number in starts]


SESSION_LENGTH = """
    let LogsEvents = datatable(Timestamp:datetime, userID:int, EventType:string)
    [
        datetime(2024-05-28 08:15:23), 1, "login",
        datetime(2024-05-28 08:30:15), 2, "login",
        datetime(2024-05-28 09:10:27), 3, "login",
        datetime(2024-05-28 12:30:45), 1, "logout",
        datetime(2024-05-28 11:45:32), 2, "logout",
        datetime(2024-05-28 13:25:19), 3, "logout"
    ];
    LogsEvents
    | sort by userID, Timestamp
    | partition hint.strategy=native by userID (
        sort by Timestamp asc
        | scan declare (start: datetime, end: datetime, sessionDuration: timespan) with (
            step s1 output=none: EventType == "login" => start = Timestamp;
            step s2 output=all: EventType == "logout" => start = s1.start, end = Timestamp,
                                                         sessionDuration = Timestamp - s1.start;
        )
    )
    | project start, end, userID, sessionDuration
"""


@pytest.mark.parametrize("reading", READINGS)
def test_session_length_per_user(reading: Reading) -> None:
    found = {row["userID"]: str(row["sessionDuration"]) for row in run(SESSION_LENGTH, {}, reading=reading)}
    assert found == {1: "4:15:22", 2: "3:15:17", 3: "4:14:52"}


START_STOP = """
    let Events = datatable (Ts: timespan, Event: string) [
        0m, "A", 1m, "Start", 2m, "B", 3m, "D", 4m, "Stop", 6m, "C", 8m, "Start", 11m, "E", 12m, "Stop"
    ];
    Events
    | sort by Ts asc
    | scan with_match_id=m_id with
    (
        step s1: Event == "Start";
        step s2: Event != "Start" and Event != "Stop" and Ts - s1.Ts <= 5m;
        step s3: Event == "Stop" and Ts - s1.Ts <= 5m;
    )
"""


def test_start_and_stop() -> None:
    rows = [(row["Ts"], row["Event"], row["m_id"]) for row in run(START_STOP, {})]
    expected = [
        (1, "Start", 0),
        (2, "B", 0),
        (3, "D", 0),
        (4, "Stop", 0),
        (8, "Start", 1),
        (11, "E", 1),
        (12, "Stop", 1),
    ]
    assert rows == [(minutes(at), event, number) for at, event, number in expected]


def letters(text: str, steps: str, *, declare: str = "") -> list[tuple[object, ...]]:
    """Events a letter a minute; what the steps put out."""
    cells = ", ".join(f'{at}m, "{letter}"' for at, letter in enumerate(text))
    query = f"datatable (T: timespan, E: string) [{cells}] | sort by T asc | scan {declare} with ({steps})"
    return [(row["T"] // timedelta(minutes=1), *list(row.values())[2:]) for row in run(query, {})]  # type: ignore[operator]


def test_newest_first_step_wins_and_is_consumed() -> None:
    steps = 'step s1 output=none: E == "a" => t = T; step s2: E == "b" and isnull(s2.t) => t = s1.t;'
    assert letters("aabb", steps, declare="declare (t: timespan)") == [(2, minutes(1))]


def test_without_a_guard_a_finished_step_repeats() -> None:
    assert letters("abb", 'step s1 output=none: E == "a"; step s2: E == "b";') == [(1,), (2,)]


def test_output_last_waits_for_the_end_of_the_series() -> None:
    assert letters("aabba", 'step s1 output=last: E == "a"; step s2 output=last: E == "b";') == [(1,), (3,), (4,)]


def test_declared_default_shows_before_the_step_matched() -> None:
    steps = 'step s1 output=none: E == "a"; step s2: E == "b" and s2.down == false => down = true;'
    assert letters("abbab", steps, declare="declare (down: bool = false)") == [(1, True), (4, True)]


def test_error_not_serialized() -> None:
    with pytest.raises(KustoError, match="serialized"):
        run("datatable (x: long) [1] | summarize by x | scan with (step s1: true;)", {})


def test_error_not_declared() -> None:
    with pytest.raises(KustoError, match="not declared"):
        run("range x from 1 to 2 step 1 | scan with (step s1: true => y = x;)", {})


def test_error_step_not_seen_yet() -> None:
    with pytest.raises(KustoError):
        run("range x from 1 to 2 step 1 | scan with (step s1: s2.x == 1; step s2: true;)", {})


def eql_sequences(stream: str, steps: tuple[str, ...], maxspan: int) -> list[tuple[int, int]]:
    """(first, last) of each sequence by rules E15 and E16: the newest pending one advances and is consumed."""
    pending: list[int | None] = [None] * len(steps)
    found: list[tuple[int, int]] = []
    for at, letter in enumerate(stream):
        for step in reversed(range(len(steps))):
            if letter not in steps[step]:
                continue
            if step == 0:
                pending[0] = at
                continue
            first, pending[step - 1] = pending[step - 1], None
            if first is None or at - first > maxspan:
                continue
            if step == len(steps) - 1:
                found.append((first, at))
            else:
                pending[step] = first
    return found


@pytest.mark.parametrize("guarded", [True, False])
def test_guarded_scan_is_an_eql_sequence(guarded: bool) -> None:
    chance = random.Random(7)
    differ = 0
    for _ in range(300):
        stream = "".join(chance.choice("abcd") for _ in range(chance.randint(3, 14)))
        steps = tuple("".join(chance.sample("abcd", chance.randint(1, 2))) for _ in range(chance.randint(2, 4)))
        maxspan = chance.randint(1, 9)
        text = f'step s0 output=none: "{steps[0]}" contains E => first = T; '
        for at, letters_of in enumerate(steps[1:], 1):
            guard = f" and isnull(s{at}.first)" if guarded else ""
            output = "" if at == len(steps) - 1 else " output=none"
            text += (
                f'step s{at}{output}: "{letters_of}" contains E and T - s{at - 1}.first <= {maxspan}m{guard} '
                f"=> first = s{at - 1}.first; "
            )
        rows = letters(stream, text, declare="declare (first: timespan)")
        got = [(int(first / minutes(1)), at) for at, first in rows]  # type: ignore[operator]
        differ += got != eql_sequences(stream, steps, maxspan)
    assert (differ == 0) is guarded

"""One switch for each point on which Splunk's documents are silent or contradict each other.

A converted search has to give the same result under every reading; `READINGS` holds the default first, then one reading
for each alternative of each switch, then one with every switch at its last alternative.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final, Literal, get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class Reading:
    """How the open questions are answered. The first alternative of each literal is the default."""

    name: str = "default"
    # NOT NULL: measured TRUE on 8.2.2 (qiita frozencatpisces bb0adbf22712565c15e1); three-valued logic says NULL.
    not_null: Literal["true", "null"] = "true"
    # AND/OR with one NULL operand: Kleene, NULL counts as FALSE, or NULL whenever an operand is NULL.
    and_or_null: Literal["kleene", "false", "strict"] = "kleene"
    # == != < > over a multivalue operand.
    many_compare: Literal["any", "all", "first", "null", "false"] = "any"
    # lower, tonumber, like, match, cidrmatch, len, … given a multivalue argument: per value, first value, NULL.
    many_function: Literal["each", "first", "null"] = "each"
    # mvfind() over a field that is missing.
    mvfind_missing: Literal["null", "value"] = "null"
    # mvmap() over a field that is missing: NULL, or the expression evaluated once.
    mvmap_missing: Literal["null", "once"] = "null"
    # The literal layer turns \\ into \ before the regex is compiled, or leaves regex literals alone.
    regex_backslash: Literal["halved", "raw"] = "halved"
    # The escapes of a string literal: the few that are documented or in use, or all of C (\\b is then a backspace).
    literal_escapes: Literal["few", "all"] = "few"
    # A number-looking field against a number-looking string literal: as numbers, or as text.
    numeric_text: Literal["number", "text"] = "number"
    # A number against text that is no number.
    mixed_compare: Literal["text", "null"] = "text"
    # streamstats without window: every earlier event, or max_stream_window (10,000).
    streamstats_window: Literal["all", "10000"] = "all"
    # An event that lacks a by-field of streamstats: no result, or one group for all of them.
    streamstats_missing_by: Literal["none", "group"] = "none"
    # An event with several values in a by-field of streamstats or eventstats.
    streamstats_many_by: Literal["whole", "none"] = "whole"
    # A streamstats/eventstats function without result whose name is an existing field: field removed, or kept.
    stats_null_result: Literal["clears", "keeps"] = "clears"
    # time_window: an event exactly at the edge is in, or out.
    time_window_edge: Literal["in", "out"] = "in"
    # stats ... by k for an event without k: dropped (likely), or a group without k.
    stats_missing_by: Literal["drop", "group"] = "drop"
    # Events with equal sort keys.
    sort_ties: Literal["given", "reversed"] = "given"
    # JSON null under automatic extraction (raw_json only): no field, or the text null.
    json_null: Literal["missing", "text"] = "missing"
    # search f!=v on several values: no value may be v, or one value differs.
    search_unequal_many: Literal["none", "any"] = "none"
    # search f="": only a present empty value, or a missing field too.
    search_empty: Literal["present", "missing_too"] = "present"
    # search f=* on an empty value.
    search_star_empty: Literal["match", "no_match"] = "match"
    # cidrmatch() with another address family or with text that is no address.
    cidr_bad_address: Literal["false", "null"] = "false"


def _alternatives() -> dict[str, tuple[str, ...]]:
    hints = get_type_hints(Reading)
    return {f.name: get_args(hints[f.name]) for f in fields(Reading) if f.name != "name"}


ALTERNATIVES: Final = _alternatives()


def _with(name: str, **switches: str) -> Reading:
    return replace(Reading(), name=name, **switches)  # type: ignore[arg-type]


def _readings() -> tuple[Reading, ...]:
    one_by_one = [
        _with(f"{switch}={value}", **{switch: value}) for switch, values in ALTERNATIVES.items() for value in values[1:]
    ]
    every = _with("every switch flipped", **{switch: values[-1] for switch, values in ALTERNATIVES.items()})
    return (Reading(), *one_by_one, every)


READINGS: Final[tuple[Reading, ...]] = _readings()

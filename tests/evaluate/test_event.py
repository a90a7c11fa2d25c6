"""Values of a field: every spelling of a path, arrays, nulls and coercion by kind."""

from __future__ import annotations

import pytest

from converter.model.value import Field, Kind
from converter.reference.event import address, address_text, elements, instant, network, values


@pytest.mark.parametrize(
    "event",
    [
        {"a": {"b": {"c": "x"}}},
        {"a.b.c": "x"},
        {"a.b": {"c": "x"}},
        {"a": {"b.c": ["x"]}},
        {"a": [{"b": None}, {"b": [{"c": [None, ["x"]]}]}]},
    ],
)
def test_values_of_any_spelling(event: dict[str, object]) -> None:
    assert values(event, Field("a.b.c")) == ("x",)


def test_values_of_all_spellings_together() -> None:
    assert values({"a": [{"b": "x"}, {"b": ["y"]}], "a.b": "z"}, Field("a.b")) == ("x", "y", "z")


@pytest.mark.parametrize("nothing", [None, [], [None], [[], [None]], {}, {"c": 1}])
def test_values_of_nothing(nothing: object) -> None:
    assert values({"a": nothing}, Field("a")) == ()
    assert values({}, Field("a")) == ()


@pytest.mark.parametrize(
    ("kind", "raw", "indexed"),
    [
        (Kind.KEYWORD, 5, "5"),
        (Kind.KEYWORD, 5.0, "5.0"),
        (Kind.KEYWORD, True, "true"),
        (Kind.TEXT, False, "false"),
        (Kind.KEYWORD, "", ""),
        (Kind.LONG, "5", 5),
        (Kind.LONG, "-5.9", -5),
        (Kind.LONG, 5.9, 5),
        (Kind.LONG, 2**63 - 1, 2**63 - 1),
        (Kind.LONG, str(2**63 - 1), 2**63 - 1),
        (Kind.LONG, 2**63, None),
        (Kind.LONG, True, None),
        (Kind.LONG, "", None),
        (Kind.LONG, "x", None),
        (Kind.LONG, " 5", None),
        (Kind.DOUBLE, "1e3", 1000.0),
        (Kind.DOUBLE, 7, 7.0),
        (Kind.DOUBLE, True, None),
        (Kind.DOUBLE, "nan", None),
        (Kind.DOUBLE, float("inf"), None),
        (Kind.DOUBLE, 10**400, None),
        (Kind.DOUBLE, b"1", None),
        (Kind.BOOLEAN, True, True),
        (Kind.BOOLEAN, "true", True),
        (Kind.BOOLEAN, "false", False),
        (Kind.BOOLEAN, "", False),
        (Kind.BOOLEAN, "True", None),
        (Kind.BOOLEAN, 1, None),
        (Kind.IP, "1.2.3.4", 0xFFFF01020304),
        (Kind.IP, "::ffff:1.2.3.4", 0xFFFF01020304),
        (Kind.IP, "0:0::1", 1),
        (Kind.IP, "fe80::1%eth0", None),
        (Kind.IP, "01.2.3.4", None),
        (Kind.IP, 1, None),
        (Kind.DATE, 12, 12),
        (Kind.DATE, "x", None),
        (Kind.KEYWORD, b"x", None),
    ],
)
def test_coercion(kind: Kind, raw: object, indexed: object) -> None:
    found = values({"f": raw}, Field("f", kind))
    assert found == (() if indexed is None else (indexed,))
    assert [type(one) for one in found] == ([] if indexed is None else [type(indexed)])


@pytest.mark.parametrize(
    ("raw", "ms"),
    [
        ("1970-01-01T00:00:00.001Z", 1),
        ("1970-01-01T00:00:00.0019Z", 1),
        ("1970-01-01T00:00:00,5", 500),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:00-0100", 0),
        ("1970-01-01T00Z", 0),
        ("1970-01-02", 86_400_000),
        ("1970-02", 31 * 86_400_000),
        ("1971", 365 * 86_400_000),
        ("1", 1),
        ("-1", -1),
        ("1650000000000", 1_650_000_000_000),
        (1.9, 1),
        (float("nan"), None),
        (True, None),
        ("1970-13-01", None),
        ("1970-01-01 00:00:00", None),
        ([], None),
    ],
)
def test_instants(raw: object, ms: int | None) -> None:
    assert instant(raw) == ms


def test_elements_are_events_of_their_own() -> None:
    event = {"a": {"b": [{"c": 1}, "scalar", None, [{"c": 2}]]}}
    assert list(elements(event, "a.b")) == [{"a.b": {"c": 1}}, {"a.b": {"c": 2}}]
    assert [values(e, Field("a.b.c", Kind.LONG)) for e in elements(event, "a.b")] == [(1,), (2,)]


def test_networks_hold_their_edges() -> None:
    net = network("10.0.0.0/30")
    assert net is not None
    assert [a for a in ("9.255.255.255", "10.0.0.0", "10.0.0.3", "10.0.0.4") if address(a) in net] == [
        "10.0.0.0",
        "10.0.0.3",
    ]
    assert network("10.0.0.1") == range(0xFFFF0A000001, 0xFFFF0A000002)
    assert network("nonsense") is None
    assert address_text(0xFFFF0A000001) == "10.0.0.1"
    assert address_text(1) == "::1"

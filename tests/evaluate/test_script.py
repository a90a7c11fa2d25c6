"""The functions of scripts on plain values: the examples of EQL's function reference, and null."""

from __future__ import annotations

import pytest

from converter.model import pattern
from converter.model.pattern import Case, Wild
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now
from converter.reference.script import Outcome, apply, outcomes

F = Function
PATH = "C:\\Windows\\System32\\cmd.exe"


@pytest.mark.parametrize(
    ("function", "arguments", "outcome"),
    [
        (F.ADD, (4, 0.5), 4.5),
        (F.ADD, (4, None), None),
        (F.ADD, ("4", 1), None),
        (F.ADD, (True, 1), None),
        (F.SUBTRACT, (10, 2), 8),
        (F.MULTIPLY, (2, -2), -4),
        (F.DIVIDE, (4, 2), 2),
        (F.DIVIDE, (4, 3), 1),
        (F.DIVIDE, (-4, 3), -1),
        (F.DIVIDE, (4.0, 3), 4 / 3),
        (F.DIVIDE, (4, 0), None),
        (F.MODULO, (10, 6), 4),
        (F.MODULO, (-10, 6), -4),
        (F.MODULO, (10, 0.5), 0.0),
        (F.MODULO, (1, 0), None),
        (F.BETWEEN, (PATH, "System32\\", ".exe"), "cmd"),
        (F.BETWEEN, (PATH, "system32\\", ".exe"), ""),
        (F.BETWEEN, (PATH, "System32\\", ".dll"), ""),
        (F.BETWEEN, ("welcome to event query language", " ", " "), "to"),
        (F.BETWEEN, ("welcome to event query language", " ", " ", True), "to event query"),
        (F.BETWEEN, (PATH, "", ".exe"), PATH),
        (F.BETWEEN, (None, "a", "b"), None),
        (F.CIDR_MATCH, ("192.168.152.12", "10.0.0.0/8", "192.168.0.0/16"), True),
        (F.CIDR_MATCH, ("192.168.152.12", "10.0.0.0/8"), False),
        (F.CIDR_MATCH, ("x", "10.0.0.0/8"), False),
        (F.CIDR_MATCH, (None, "10.0.0.0/8"), None),
        (F.CONCAT, ("a", 1, True, 1.5), "a1true1.5"),
        (F.CONCAT, ("a", None), None),
        (F.ENDS_WITH, ("regsvr32.exe", ".exe"), True),
        (F.ENDS_WITH, ("regsvr32.exe", ".EXE"), False),
        (F.STARTS_WITH, ("regsvr32.exe", "reg"), True),
        (F.STARTS_WITH, (5, "5"), None),
        (F.INDEX_OF, ("subdomain.google.com", "."), 9),
        (F.INDEX_OF, ("subdomain.google.com", ".", 10), 16),
        (F.INDEX_OF, ("subdomain.google.com", "x"), None),
        (F.LENGTH, ("explorer.exe",), 12),
        (F.LENGTH, ("",), 0),
        (F.LENGTH, (None,), None),
        (F.LIKE, ("abc", pattern.of("x"), pattern.of("a", Wild.ANY_RUN)), True),
        (F.LIKE, ("abc", pattern.of("A", Wild.ANY_RUN)), False),
        (F.NUMBER, ("1337",), 1337),
        (F.NUMBER, ("42.5",), 42.5),
        (F.NUMBER, ("deadbeef", 16), 0xDEADBEEF),
        (F.NUMBER, ("0xdeadbeef",), 0xDEADBEEF),
        (F.NUMBER, ("0xdeadbeef", 16), 0xDEADBEEF),
        (F.NUMBER, ("beef",), None),
        (F.NUMBER, ("zz", 16), None),
        (F.NUMBER, ("1_0", 2), None),
        (F.STRING, (42,), "42"),
        (F.STRING, (False,), "false"),
        (F.STRING_CONTAINS, ("start regsvr32.exe", "regsvr32"), True),
        (F.STRING_CONTAINS, ("start regsvr32.exe", ""), False),
        (F.STRING_CONTAINS, ("", ""), False),
        (F.SUBSTRING, ("start regsvr32.exe", 6), "regsvr32.exe"),
        (F.SUBSTRING, ("start regsvr32.exe", 0, 5), "start"),
        (F.SUBSTRING, ("start regsvr32.exe", 6, 14), "regsvr32"),
        (F.SUBSTRING, ("start regsvr32.exe", -4), ".exe"),
        (F.SUBSTRING, ("start regsvr32.exe", -4, -1), ".ex"),
        (F.EQ, ("a", "A"), False),
        (F.EQ, (1, 1.0), True),
        (F.EQ, (True, True), True),
        (F.EQ, (True, 1), None),
        (F.EQ, ("1", 1), None),
        (F.NE, ("a", "b"), True),
        (F.NE, ("a", None), None),
        (F.LT, ("A", "a"), True),
        (F.LE, (1, 1), True),
        (F.GT, (2, 1), True),
        (F.GE, (1, 2), False),
        (F.IS_NULL, (None,), True),
        (F.IS_NULL, ("",), False),
        (F.NOT, (None,), None),
        (F.NOT, (True,), False),
        (F.NOT, (False,), True),
        (F.AND, (True, None), None),
        (F.AND, (False, None), False),
        (F.AND, (True, True), True),
        (F.OR, (True, None), True),
        (F.OR, (False, None), None),
        (F.OR, (False, False), False),
    ],
)
def test_functions(function: Function, arguments: tuple[Outcome, ...], outcome: Outcome) -> None:
    found = apply(function, arguments, Case.SENSITIVE)
    assert found == outcome
    assert type(found) is type(outcome)


@pytest.mark.parametrize(
    ("function", "arguments", "outcome"),
    [
        (F.BETWEEN, (PATH, "system32\\", ".EXE"), "cmd"),
        (F.ENDS_WITH, ("regsvr32.exe", ".EXE"), True),
        (F.STARTS_WITH, ("Regsvr32.exe", "reg"), True),
        (F.STRING_CONTAINS, ("start REGSVR32.exe", "regsvr32"), True),
        (F.INDEX_OF, ("aBc", "b"), 1),
        (F.LIKE, ("abc", pattern.of("A", Wild.ANY_RUN)), True),
        (F.EQ, ("a", "A"), True),
    ],
)
def test_functions_insensitive(function: Function, arguments: tuple[Outcome, ...], outcome: Outcome) -> None:
    assert apply(function, arguments, Case.INSENSITIVE) == outcome


def test_outcomes_have_no_repeats_and_keep_types() -> None:
    numbers = Field("n", Kind.LONG)
    assert outcomes(Call(F.MODULO, (numbers, Literal(2))), {"n": [1, 2, 3, 4]}) == (1, 0)
    assert outcomes(numbers, {}) == (None,)
    assert outcomes(Literal(Instant(7)), {}) == (7,)
    assert outcomes(Literal(Now(0)), {}) == (None,)

"""Conversions, dates and arrays of Kusto by value, each by Microsoft's page of the function.

learn.microsoft.com/kusto/query/<name>-function
"""

from __future__ import annotations

import pytest

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.run import READINGS, run


def value(expression: str) -> object:
    ((_, found),) = run(f"print {expression}", {}, reading=READINGS[0])[0].items()
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # toint, tolong: what does not fit or is no number is null; a real loses its fraction
        ("toint(true)", 1),
        ("toint('2147483648')", None),
        ("tolong('2147483648')", 2147483648),
        ("tolong('x')", None),
        ("tolong(' 7 ')", 7),
        ("toint(-2.7)", -2),
        ("toint(dynamic([1]))", None),
        # toreal
        ("toreal('1.5e3')", 1500.0),
        ("toreal('x')", None),
        ("toreal(true)", 1.0),
        ("toreal(dynamic([1]))", None),
        # tobool
        ("tobool('TRUE')", True),
        ("tobool('0')", False),
        ("tobool('yes')", None),
        ("tobool(2)", True),
        ("tobool(0)", False),
        ("tobool(dynamic([1]))", None),
        # todatetime, totimespan
        ("todatetime('2024-02-29') == datetime(2024-02-29)", True),
        ("isnull(todatetime('x'))", True),
        ("isnull(todatetime(true))", True),
        ("todatetime(datetime(2024-02-29)) == datetime(2024-02-29)", True),
        ("totimespan('0.00:01:00') == 1m", True),
        ("totimespan(2h) == 2h", True),
        ("isnull(totimespan(true))", True),
        # toguid
        ("tostring(toguid('70fc66f7-8279-44fc-9092-d364d70fce44'))", "70fc66f7-8279-44fc-9092-d364d70fce44"),
        ("isnull(toguid('x'))", True),
        # parse_json
        ("parse_json('')", None),
        ("parse_json(dynamic([1]))", [1]),
        ("parse_json('[1, \"a\", null]')", [1, "a", None]),
        # parse_command_line
        ("parse_command_line('', 'windows')", None),
        ("parse_command_line('a \"b c\" d', 'windows')", ["a", "b c", "d"]),
        (r"parse_command_line(@'a\b  \\c', 'windows')", ["a\\b", "\\\\c"]),
        (r"""parse_command_line(@'x "a\"b"', 'windows')""", ["x", 'a"b']),
        (r"""parse_command_line(@'x "a\\" b', 'windows')""", ["x", "a\\", "b"]),
        # ceiling: the least whole number that is not below
        ("ceiling(-1.1)", -1.0),
        ("ceiling(0)", 0),
        ("ceiling(0.9)", 1.0),
        ("ceiling(real(null))", None),
        # bin
        ("bin(7, 3)", 6),
        ("bin(-7, 3)", -9),
        ("bin(long(null), 3)", None),
        ("isnull(bin(7, -1))", True),
        ("bin(datetime(2024-05-15 13:47), 1h) == datetime(2024-05-15 13:00)", True),
        # datetime_add, startofday, hourofday, dayofweek
        ("datetime_add('day', 1, datetime(2024-02-28)) == datetime(2024-02-29)", True),
        ("datetime_add('hour', -1, datetime(2024-01-01)) == datetime(2023-12-31 23:00)", True),
        ("isnull(datetime_add('day', int(null), datetime(2024-02-28)))", True),
        ("startofday(datetime(2024-05-15 13:47)) == datetime(2024-05-15)", True),
        ("isnull(startofday(datetime(null)))", True),
        ("hourofday(datetime(2024-05-15 13:47))", 13),
        ("dayofweek(datetime(2024-05-15)) == 3d", True),  # a Wednesday
        ("dayofweek(datetime(2024-05-19)) == 0d", True),  # a Sunday
        ("isnull(datetime_diff('day', datetime(null), datetime(2024-01-01)))", True),
        # abs, binary_and, binary_or, binary_xor
        ("abs(-5)", 5),
        ("abs(-1h) == 1h", True),
        ("abs(long(null))", None),
        ("binary_and(6, 3)", 2),
        ("binary_or(6, 3)", 7),
        ("binary_xor(6, 3)", 5),
        ("binary_and(6, long(null))", None),
        # arrays and bags
        ("bag_pack('a', 1, 'b', 'x')", {"a": 1, "b": "x"}),
        ("bag_keys(dynamic({'a': 1, 'b': 2}))", ["a", "b"]),
        ("bag_keys(dynamic([1]))", None),
        ("bag_has_key(dynamic({'a': 1}), 'a')", True),
        ("bag_has_key(dynamic({'a': 1}), 'b')", False),
        ("set_intersect(dynamic([1, 2, 3, 2]), dynamic([2, 3]))", [2, 3]),
        ("set_difference(dynamic([1, 2, 3, 1]), dynamic([2]))", [1, 3]),
        ("set_union(dynamic([1, 2]), dynamic([2, 3]))", [1, 2, 3]),
        ("zip(dynamic([1, 2]), dynamic(['a']))", [[1, "a"], [2, None]]),
        ("array_sum(dynamic([1, 2.5]))", 3.5),
        ("array_sum(dynamic('x'))", None),
        ("array_sort_asc(dynamic(['b', 'a']))", ["a", "b"]),
        ("array_sort_desc(dynamic([1, 3, 2]))", [3, 2, 1]),
        ("array_reverse(dynamic([1, 2]))", [2, 1]),
        ("array_slice(dynamic('x'), 0, 1)", None),
        ("dynamic([1, 2, 3])[-1]", 3),
    ],
)
def test_value_of(expression: str, expected: object) -> None:
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "expression",
    [
        "abs('a')",
        "ceiling('a')",
        "bin('a', 1)",
        "now(1)",
        "datetime_diff('decade', datetime(2024-01-01), datetime(2024-01-01))",
        "datetime_add('decade', 1, datetime(2024-01-01))",
        "startofday(1)",
        "bag_pack('a')",
        "bag_has_key(dynamic({'a': 1}), '$.a')",
        "array_sum(dynamic(['a']))",
        "array_sort_asc(dynamic([1, 'a']))",
        "parse_command_line('a', 'linux')",
    ],
)
def test_error_of_what_is_not_judged(expression: str) -> None:
    with pytest.raises(KustoError):
        value(expression)

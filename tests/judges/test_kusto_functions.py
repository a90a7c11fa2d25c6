"""Scalar functions and operators on the examples of their pages."""

from __future__ import annotations

import pytest

from converter.proof.judges.kusto.run import READINGS, Reading, run


def value(expression: str, reading: Reading = READINGS[0]) -> object:
    ((_, found),) = run(f"print {expression}", {}, reading=reading)[0].items()
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # numerical-operators
        ("14 % 12", 2),
        ("-14 % 12", 10),
        ("14 % -12", 2),
        ("-14 % -12", 10),
        ("1 / 2", 0),
        ("-7 / 2", -3),
        ("1.0 / 2", 0.5),
        ("1 / 2.0", 0.5),
        ("1d / 1s", 86400.0),
        ("1 + 2 * 3 - 4", 3),
        ("long(null) + 1", None),
        # substring
        ('substring("123456", 1)', "23456"),
        ('substring("123456", 2, 2)', "34"),
        ('substring("ABCD", 0, 2)', "AB"),
        ('substring("123456", -2, 2)', "56"),
        # indexof
        ('indexof("abcdefg","cde")', 2),
        ('indexof("abcdefg","cde",1,4)', 2),
        ('indexof("abcdefg","cde",1,2)', -1),
        ('indexof("abcdefg","cde",3,4)', -1),
        ('indexof("abcdefg","cde",-5)', 2),
        ("indexof(1234567,5,1,4)", 4),
        ('indexof("abcdefg","cde",2,-1)', 2),
        ('indexof("abcdefgabcdefg", "cde", 1, 10, 2)', 9),
        ('indexof("abcdefgabcdefg", "cde", 1, -1, 3)', -1),
        # split, trim, extract, replace
        ('split("aa_bb", "_")', ["aa", "bb"]),
        ('split("aaa_bbb_ccc", "_", 1)', ["bbb"]),
        ('split("", "_")', [""]),
        ('split("a__b", "_")', ["a", "", "b"]),
        ('split("aabbcc", "bb")', ["aa", "cc"]),
        ('trim("--", @"--https://bing.com--")', "https://bing.com"),
        ('trim(@"[^\\w]+", "-  Te st1// $")', "Te st1"),
        ('extract_all(@"(\\d+)", "a set of numbers: 123, 567 and 789")', ["123", "567", "789"]),
        ('extract_all(@"(\\w)(\\w+)(\\w)", "82b8be2d-dfa7")', [["8", "2b8be2", "d"], ["d", "fa", "7"]]),
        ('extract(@"x=(\\d+)", 1, "a x=45", typeof(long))', 45),
        ('extract("x=([0-9]+)", 1, "a")', ""),
        ('replace_regex("a1b22", @"(\\d+)", @"<\\1>")', "a<1>b<22>"),
        ('replace_string("aXbX", "X", "")', "ab"),
        # arrays
        ("array_slice(dynamic([1,2,3]), 1, 2)", [2, 3]),
        ("array_slice(dynamic([1,2,3,4,5]), 2, -1)", [3, 4, 5]),
        ("array_slice(dynamic([1,2,3,4,5]), -3, -2)", [3, 4]),
        ('set_has_element(dynamic(["this", "is", "an", "example"]), "example")', True),
        ('set_has_element(dynamic(["This"]), "this")', False),
        ("set_has_element(dynamic([1, 2]), 2)", True),
        ("set_has_element(dynamic([1]), '1')", False),
        ("set_has_element(dynamic([true]), 1)", False),
        ('array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "an")', 2),
        ('array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "example", 1, 2)', -1),
        ('array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "an", 1, -1, 2)', 4),
        ('array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "an", -3)', 4),
        ('array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "is", -4)', -1),
        ("array_length(parse_json('{}'))", None),
        ("array_concat(dynamic([1]), dynamic([2, 3]))", [1, 2, 3]),
        ('strcat_array(dynamic(["a", 1]), ";")', "a;1"),
        ('bag_keys(dynamic({"a": 1, "b": 2}))', ["a", "b"]),
        ("pack_array(1, 'a')", [1, "a"]),
        # isnull, isempty, parse_json, tostring
        ('isnull("")', False),
        ('isnull(parse_json(""))', True),
        ('isnull(parse_json("[]"))', False),
        ('isnull(parse_json("{}"))', False),
        ('isempty(parse_json("[]"))', False),
        ('isempty(parse_json(""))', True),
        ("tostring(dynamic(null))", ""),
        ('tostring(parse_json(\'{"a": 1.0, "b": [true, null, "x"]}\'))', '{"a":1,"b":[true,null,"x"]}'),
        ("parse_json('not json')", "not json"),
        ('parse_json(tostring(parse_json(\'{"a":123, "b":"{\\\\"c\\\\":456}"}\').b)).c', 456),
        ('tolong("abc")', None),
        ("toint(123.4)", 123),
        ('toreal("1e3")', 1000.0),
        ('tobool("TRUE")', True),
        # bin, datetime_diff
        ("bin(4.5, 1)", 4.0),
        ("tostring(bin(time(16d), 7d))", "14.00:00:00"),
        ("tostring(bin(datetime(1970-05-11 13:45:07), 1d))", "1970-05-11T00:00:00.0000000Z"),
        ("datetime_diff('year', datetime(2017-01-01), datetime(2000-12-31))", 17),
        ("datetime_diff('quarter', datetime(2017-07-01), datetime(2017-03-30))", 2),
        ("datetime_diff('month', datetime(2017-01-01), datetime(2015-12-30))", 13),
        ("datetime_diff('week', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59))", 5),
        ("datetime_diff('day', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59))", 29),
        ("datetime_diff('hour', datetime(2017-10-31 01:00), datetime(2017-10-30 23:59))", 2),
        ("datetime_diff('minute', datetime(2017-10-30 23:05:01), datetime(2017-10-30 23:00:59))", 5),
        ("datetime_diff('second', datetime(2017-10-30 23:00:10.100), datetime(2017-10-30 23:00:00.900))", 10),
        ("time(0.12:34:56.7) == 12h + 34m + 56.7s", True),
        ("time(15 seconds) == 15s", True),
        # text operators: the table of datatypes-string-operators
        ('"abc" =~ "ABC"', True),
        ('"aBc" !~ "xyz"', True),
        ('"North America" has "america"', True),
        ('"North America" !has "amer"', True),
        ('"North America" has_cs "America"', True),
        ('"North America" hasprefix "ame"', True),
        ('"North America" !hasprefix "mer"', True),
        ('"North America" hassuffix "ica"', True),
        ('"FabriKam" contains "BRik"', True),
        ('"Fabrikam" startswith "fab"', True),
        ('"Fabrikam" !startswith_cs "fab"', True),
        ('"Fabrikam" endswith "Kam"', True),
        ('"Fabrikam" matches regex "b.*k"', True),
        ('"North America" has_any("south", "north")', True),
        ('"a_b" has "a"', True),
        ('"x\\ny" matches regex "^x.y$"', False),
        ('"x\\ny" matches regex "(?s)^x.y$"', True),
        ('"x\\ny" matches regex "^y"', False),
        (r'"٣é" matches regex @"^\d\w$"', True),
        # one letter's two cases are no more than that, beside another letter too
        ('"\u017f\u212a" matches regex "^([sS]|[iI]|[Kk])+$"', False),
        ('"sSIiK" matches regex "^([sS]|[iI]|[Kk])+$"', True),
        ('"\u017f" matches regex "(?i-u:s)|(?i-u:i)"', False),
        # literals
        (r"'C:\\x' == @'C:\x'", True),
        ('@"a""b"', 'a"b'),
        ("\"a\" 'b'", "ab"),
        (r'"\x41\u00e9\101"', "AéA"),
        ("h'secret'", "secret"),
        ("0x1F", 31),
        (r"""dynamic([@'C:\', "C:\\x", 'it)'])""", ["C:\\", "C:\\x", "it)"]),
        ("iff(bool(null), 'a', 'b')", "b"),
        ("case(false, 1, true, 2, 3)", 2),
        ("coalesce('', 'b')", "b"),
        ("strcat_delim('|', 'a', 1, true)", "a|1|true"),
        ('array_sort_asc(dynamic(["b", "a"]))', ["a", "b"]),
        ('bag_merge(dynamic({"A1": 12, "B1": 2}), dynamic({"A2": 81, "B1": 1}))', {"A1": 12, "A2": 81, "B1": 2}),
        ("ipv4_compare('192.168.1.1/24', '192.168.1.255')", 0),
        ('parse_ipv6("192.168.255.255")', "0000:0000:0000:0000:0000:ffff:c0a8:ffff"),
        ("url_decode('a%20b')", "a b"),
    ],
)
def test_value(expression: str, expected: object) -> None:
    found = value(expression)
    assert found == expected
    assert isinstance(found, bool) == isinstance(expected, bool)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("ipv4_is_in_range('192.168.1.1', '192.168.1.1')", True),
        ("ipv4_is_in_range('192.168.1.1', '192.168.1.255/24')", True),
        ("ipv4_is_in_range('192.168.2.1', '192.168.1.255/24')", False),
        ("ipv4_is_in_range('fe80::1', '192.168.1.255/24')", None),
        ("ipv4_is_in_range('', '192.168.1.255/24')", None),
        ("ipv4_is_in_range('10.0.0.1:443', '10.0.0.0/8')", None),
        ("ipv4_is_match('192.168.1.1/24', '192.168.1.255')", True),
        ("ipv4_is_match('192.168.1.1/30', '192.168.1.255/24')", True),
        ("ipv4_is_match('192.168.1.1', '192.168.1.0', 31)", True),
        ("ipv4_is_in_any_range('192.168.1.6', '192.168.1.1/24', '10.0.0.1/8', '127.1.0.1/16')", True),
        ('ipv4_is_in_any_range("127.0.0.1", dynamic(["127.0.0.1", "192.168.1.1"]))', True),
        ('ipv4_is_in_any_range("1.1.1.1", dynamic(["127.0.0.1/8", "192.168.1.1"]))', False),
        ("ipv6_is_match('192.168.1.1', '192.168.1.1')", True),
        ("ipv6_is_match('192.168.1.1/24', '192.168.1.255')", True),
        ("ipv6_is_match('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7998/120')", True),
        ("ipv6_is_match('192.168.1.1', '::ffff:c0a8:0101')", True),
        ("ipv6_is_match('192.168.1.1/24', '::ffff:c0a8:01ff')", True),
        ("ipv6_is_match('::192.168.1.1/30', '192.168.1.255/24')", True),
        ("ipv6_is_match('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7995', 127)", True),
        ("ipv6_is_match('0:0::1', '::1')", True),
        ("ipv6_is_match('host', '::1')", None),
        (
            "ipv6_is_in_range('a5e:f127:8a9d:146d:e102:b5d3:c755:abcd', 'a5e:f127:8a9d:146d:e102:b5d3:c755:0000/112')",
            True,
        ),
        ("ipv6_is_in_range('a5e:f127:8a9d:146d:e102:b5d3:c755:abcd', '0:0:0:0:0:ffff:c0a8:ac/60')", False),
        ("ipv6_is_in_range('192.168.1.1', 'fe80::/10')", False),
        ("ipv6_is_in_range('192.168.1.1', '::ffff:0:0/96')", True),
    ],
)
def test_address(expression: str, expected: bool | None) -> None:
    assert value(expression) is expected


def test_readings_of_open_points() -> None:
    assert value('substring("ab", -4)') == "ab"
    assert value('substring("ab", -4)', Reading(substring_clamps=False)) == ""
    assert value("ipv6_is_in_range('1.1.1.1', 'fe80::/10')", Reading(ipv6_reads_ipv4=False)) is None
    dated = "set_has_element(parse_json('[\"2024-01-01\"]'), '2024-01-01')"
    assert value(dated) is True
    assert value(dated, Reading(json_text_is_typed=True)) is False
    assert value("isnull(dynamic([null])[0])") is True
    assert value("isnull(dynamic([null])[0])", Reading(json_null_is_null=False)) is False
    assert value("not(bool(null) and true)") is None
    assert value("not(bool(null) and true)", Reading(null_and_true=False)) is True

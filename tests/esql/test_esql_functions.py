"""Scalar functions and operators of ES|QL: one expression, one value.

The meaning is that of the functions' pages (elastic.co/docs/reference/query-languages/esql/esql-functions-operators)
and of the rules of docs/rules.md that each part names.
"""

from __future__ import annotations

import math

import pytest

import converter

NOW = 1_700_000_000_000  # 2023-11-14T22:13:20Z


def value(expression: str) -> object:
    made = converter.esql(f"row x = {expression}", {}, now=NOW)
    assert made.names == ("x",)
    ((found,),) = made.rows
    return found


OPERATORS = [
    # Q18: overflow and division by zero are null, division cuts towards zero.
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("-7 % 3", -1),
    ("7 % -3", 1),
    ("7.5 % 2", 1.5),
    ("7 / 0", None),
    ("7 % 0", None),
    ("7.0 / 0", None),
    ("2147483647 + 1", None),
    ("2147483648 + 1", 2_147_483_649),
    ("9223372036854775807 + 1", None),
    ("1e308 * 10", None),
    ("1 + 0.5", 1.5),
    ("-(3)", -3),
    ("-(2.5)", -2.5),
    ("9223372036854775808", 9_223_372_036_854_775_808),
    # Q01, Q11: three values; the decisive one wins over null.
    ("true and null::boolean", None),
    ("false and null::boolean", False),
    ("true or null::boolean", True),
    ("false or null::boolean", None),
    ("not null::boolean", None),
    ("not false", True),
    ("1 in (2, null)", None),
    ("1 in (1, null)", True),
    ("1 in (2, 3)", False),
    ("null::integer in (1, 2)", None),
    ("1 not in (2, 3)", True),
    ("null::integer is null", True),
    ("[1, 2] is not null", True),
    # Q02: an operator on several values is null.
    ("[1, 2] + 1", None),
    ("[1, 2] == 1", None),
    ("[1, 2] in (1, 2)", None),
    ("1 in ([1, 2], 3)", None),
    # Q12, Q16, Q17, versions by semver.
    ('"a" < "b"', True),
    ('"Z" < "a"', True),
    ("1 == 1.0", True),
    ('"10.0.0.2"::ip < "10.0.0.10"::ip', True),
    ('"1.9.0"::version < "1.10.0"::version', True),
    ('"1.0.0-alpha"::version < "1.0.0"::version', True),
    ('"1.0.0-alpha.2"::version < "1.0.0-alpha.10"::version', True),
    # Q03, Q28: like and rlike take the whole value, case included.
    ('"abc" like "a?c"', True),
    ('"abc" like "b*"', False),
    ('"aBc" like "abc"', False),
    ('"a*c" like """a\\*c"""', True),
    ('"abc" like """a\\*c"""', False),
    ('"abc" like ("x*", "*c")', True),
    ('"foobar" rlike "foo.*"', True),
    ('"foobar" rlike "foo"', False),
    ('"7" rlike "<1-10>"', True),
    ('null::keyword like "a*"', None),
    ('["a", "b"] like "a"', None),
]

NUMBERS = [
    ("abs(-3)", 3),
    ("abs(-1.5)", 1.5),
    ("ceil(1.2)", 2.0),
    ("ceil(-1.2)", -1.0),
    ("ceil(3)", 3),
    ("floor(-1.2)", -2.0),
    ("floor(3)", 3),
    # Q22
    ("round(2.5)", 3.0),
    ("round(-2.5)", -3.0),
    ("round(1.2345, 2)", 1.23),
    ("round(15, -1)", 20),
    ("round(-15, -1)", -20),
    ("round(14, -1)", 10),
    ("round(123.4, -2)", 100.0),
    ("round(7, 2)", 7),
    ("pow(2, 10)", 1024.0),
    ("pow(10.0, 400)", None),
    ("pow(-8.0, 0.5)", None),
    ("pow(0, -1)", None),
    ("sqrt(9)", 3.0),
    ("sqrt(-1)", None),
    ("exp(0)", 1.0),
    ("exp(1000)", None),
    ("log(1)", 0.0),
    ("log(2, 8)", 3.0),
    ("log(0)", None),
    ("log(1, 5)", None),
    ("log(-2, 8)", None),
    ("log10(1000)", 3.0),
    ("log10(0)", None),
    ("signum(-2.5)", -1.0),
    ("signum(0)", 0.0),
    ("to_degrees(3.141592653589793)", 180.0),
    ("to_radians(180.0)", math.pi),
    ("greatest(1, 5, 3)", 5),
    ("greatest(1, 2.5)", 2.5),
    ("least(4, 2.5)", 2.5),
    ("least(4.5, 2)", 2.0),
    ('greatest("a", "c", "b")', "c"),
    ("greatest(1, null::integer)", None),
]

# The pages of the mathematical functions: null where they are not defined, or beyond a double.
MATHEMATICS = [
    ("sin(0)", 0.0),
    ("cos(0)", 1.0),
    ("tan(0.0)", 0.0),
    ("asin(1)", math.pi / 2),
    ("acos(2)", None),
    ("atan(1)", math.pi / 4),
    ("atan2(12.9, 0.6)", 1.5243181954438936),
    ("sinh(1000)", None),
    ("cosh(1.8)", 3.1074731763172667),
    ("tanh(1.8)", 0.9468060128462683),
    ("asinh(0)", 0.0),
    ("acosh(0.5)", None),
    ("atanh(1)", None),
    ("cbrt(1000.0)", 10.0),
    ("cbrt(27)", 3.0),
    ("cbrt(2)", 2 ** (1 / 3)),
    ("hypot(3, 4)", 5.0),
    ("e()", math.e),
    ("pi()", math.pi),
    ("tau()", math.tau),
    ("scalb(3.0, 10)", 3072.0),
    ("scalb(1.0, 5000)", None),
    ("copy_sign(-2, 5.0)", 2),
    ("copy_sign(2.5, -1)", -2.5),
    ("round_to(7, 1, 5, 10)", 5),
    ("round_to(0, 1, 5)", 1),
    ("round_to(7, 1, 5.5)", 5.5),
    ("clamp(5, 1, 3)", 3),
    ("clamp(0, 1, 3)", 1),
    ("clamp_min(2, 1)", 2),
    ("clamp_max(2, 1)", 1),
    ("clamp(null::integer, 1, 3)", None),
    # BUCKET: a size; or a round one, of which so many cover the range.
    ("bucket(7.5, 2)", 6.0),
    ("bucket(-1, 2)", -2.0),
    ("bucket(25324, 20, 0, 100000)", 20000.0),
    ("bucket(25324, 30, 0, 100000)", 25000.0),
    ("bucket(1, 3, 5, 5)", None),
    ('bucket("1985-07-09"::datetime, 20, "1985-01-01", "1986-01-01")', "1985-07-01T00:00:00.000Z"),
    ('bucket("1985-07-09"::datetime, 100, "1985-01-01", "1986-01-01")', "1985-07-08T00:00:00.000Z"),
    ('bucket("1985-07-09"::datetime, 1, "1985-01-01", "1999-01-01")', "1985-01-01T00:00:00.000Z"),
    ('bucket("1985-07-09T01:07:00Z"::datetime, 24, "1985-07-09", "1985-07-10")', "1985-07-09T01:00:00.000Z"),
    ('bucket("1985-07-09T01:00:00Z"::datetime, 1 week)', "1985-07-08T00:00:00.000Z"),
]

TEXTS = [
    # Q23: code points, from 1.
    ('length("añ😀")', 3),
    ('byte_length("añ😀")', 7),
    ('bit_length("añ😀")', 56),
    ('substring("hello", 2)', "ello"),
    ('substring("hello", 2, 3)', "ell"),
    ('substring("hello", -3)', "llo"),
    ('substring("hello", -9, 2)', "he"),
    ('substring("hello", 0, 2)', "he"),
    ('substring("hello", 9)', ""),
    ('left("hello", 2)', "he"),
    ('left("hello", -1)', ""),
    ('left("hello", 9)', "hello"),
    ('right("hello", 2)', "lo"),
    ('right("hello", 9)', "hello"),
    ('right("hello", 0)', ""),
    ('right("hello", -2)', ""),
    ('locate("a tiger", "tiger")', 3),
    ('locate("abab", "ab", 2)', 3),
    ('locate("abc", "x")', 0),
    ('contains("hello", "ell")', True),
    ('starts_with("hello", "el")', False),
    ('ends_with("hello", "lo")', True),
    # Q24
    ('concat("a", "b", "c")', "abc"),
    ('concat("a", null::keyword)', None),
    ('concat("a", ["b", "c"])', None),
    # Q25
    ('to_lower("ÀB")', "àb"),
    ('to_upper("straße")', "STRASSE"),
    ('to_lower(["A", "B"])', ["a", "b"]),
    ('trim("  a b ")', "a b"),
    ('ltrim("  a ")', "a "),
    ('rtrim("  a ")', "  a"),
    # Q26
    ('replace("a1b22", "[0-9]+", "#")', "a#b#"),
    ('replace("ab", "(a)(b)", "$2$1")', "ba"),
    ('replace("ab", "(a)(x)?", "[$2]")', "[]b"),
    ('split("a.b.c", ".")', ["a", "b", "c"]),
    ('split("abc", ".")', "abc"),
    ("space(3)", "   "),
    ("space(-1 + 0)", None),
    ('repeat("ab", 3)', "ababab"),
    ('repeat("ab", 0)', ""),
    ('repeat("ab", -1 + 0)', None),
    ('reverse("añ😀")', "😀ña"),
    # Q27
    ('url_decode("a%20b+c")', "a b c"),
    ('url_decode("%zz")', None),
    # Its page: all but letters, digits and . - _ ~ is encoded, the space as +.
    ('url_encode("a b&ü*~")', "a+b%26%C3%BC%2A~"),
    ('url_encode_component("a b&ü*~")', "a%20b%26%C3%BC%2A~"),
    ('hash("sha-1", "abc")', "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ('hash("MD5", "abc")', "900150983cd24fb0d6963f7d28e17f72"),
    ('hash("nosuch", "abc")', None),
    ('to_base64("elastic")', "ZWxhc3RpYw=="),
    ('from_base64("ZWxhc3RpYw==")', "elastic"),
    ('from_base64("!")', None),
    # RFC 1321, FIPS 180-4: the digests of "abc"
    ('md5("abc")', "900150983cd24fb0d6963f7d28e17f72"),
    ('sha1("abc")', "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ('sha256("abc")', "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
]

JSON = [
    ("$.a", '{"a":"x"}', "x"),
    ("a", '{"a":"x"}', "x"),
    ("a.b", '{"a":{"b":7}}', "7"),
    ("$.a[1]", '{"a":[1,2.50]}', "2.50"),
    ("$['a b']", '{"a b":true}', "true"),
    ('$["a.b"]', '{"a.b":false}', "false"),
    ("$.a", '{"a":{"k":[1,"é",null,{"z":1.0}]}}', '{"k":[1,"é",null,{"z":1.0}]}'),
    ("$.a", '{"a":null}', None),
    ("$.b", '{"a":1}', None),
    ("$.a[2]", '{"a":[1]}', None),
    ("$.a.b", '{"a":[1]}', None),
    ("$[0]", '{"a":1}', None),
    ("$.a", "no json", None),
    ("$.[", '{"a":1}', None),
    ("$.a", '{"a":1,"a":2}', "1"),
]

CONVERSIONS = [
    # Q19, Q20
    ('"1.5"::integer', 2),
    ('"-1.5"::long', -2),
    ('"x"::integer', None),
    ('"3000000000"::integer', None),
    ('"3000000000"::long', 3_000_000_000),
    ("2.5::integer", 3),
    ("true::integer", 1),
    ('["1", "x", "3"]::integer', [1, 3]),
    ('"1e3"::double', 1000.0),
    ('"x"::double', None),
    ("false::double", 0.0),
    ('"TRUE"::boolean', True),
    ('"yes"::boolean', False),
    ('to_unsigned_long("18446744073709551615")', 18_446_744_073_709_551_615),
    ("to_ul(2.5)", 3),
    ("to_ulong(-1)", None),
    ("true::unsigned_long", 1),
    ("0::boolean", False),
    ("2.0::boolean", True),
    ('"2024-02-29T12:00:00Z"::datetime', "2024-02-29T12:00:00.000Z"),
    ('"2024"::datetime', "2024-01-01T00:00:00.000Z"),
    ('"2024-03-05T10:20:30.1234+02:30"::datetime', "2024-03-05T07:50:30.123Z"),
    ('"2024-02-30"::datetime', None),
    ('"today"::datetime', None),
    ("1000::datetime", "1970-01-01T00:00:01.000Z"),
    ('to_long("1970-01-01T00:00:01.500Z"::datetime)', 1500),
    ('"10.0.0.1"::ip', "10.0.0.1"),
    ('"2001:DB8:0::1"::ip', "2001:db8::1"),
    ('"::ffff:10.0.0.1"::ip', "10.0.0.1"),
    ('"fe80::1%eth0"::ip', None),
    ('"10.0.0.300"::ip', None),
    ("to_string(1.0)", "1.0"),
    ("to_string(1e10)", "1.0E10"),
    ("to_string(-2.5e-7)", "-2.5E-7"),
    ("to_string(123456.5)", "123456.5"),
    ("to_string(true)", "true"),
    ("to_string(5)", "5"),
    ('to_string("10.0.0.1"::ip)', "10.0.0.1"),
    ("to_string(0::datetime)", "1970-01-01T00:00:00.000Z"),
    ("to_string([1, 2])", ["1", "2"]),
    ('"1.2.3"::version', "1.2.3"),
    ('to_string(to_geopoint("POINT(2.5 48.0)"))', "POINT (2.5 48.0)"),
    ('to_geopoint("48.0,2.5")', "POINT (2.5 48.0)"),
    ('to_geopoint("nowhere")', None),
    ('to_geopoint("a,b")', None),
    ('st_x(to_geopoint("POINT(2.5 48.0)"))', 2.5),
    ('st_y(to_geopoint("POINT(2.5 48.0)"))', 48.0),
    ('st_distance(to_geopoint("POINT(0 0)"), to_geopoint("POINT(0 0)"))', 0.0),
    # A quarter of the great circle: the pole from the equator, by the mean radius.
    ('round(st_distance(to_geopoint("POINT(0 0)"), to_geopoint("POINT(0 90)")))', 10_007_557.0),
]

DATES = [
    # Q31
    ("now()", "2023-11-14T22:13:20.000Z"),
    ('"2024-01-31"::datetime + 1 month', "2024-02-29T00:00:00.000Z"),
    ('"2024-03-31"::datetime - 1 month', "2024-02-29T00:00:00.000Z"),
    ('"2024-02-29"::datetime + 1 year', "2025-02-28T00:00:00.000Z"),
    ('"2024-01-01"::datetime + 1 quarter', "2024-04-01T00:00:00.000Z"),
    ('"2024-01-01"::datetime - 1 week', "2023-12-25T00:00:00.000Z"),
    ('"2024-01-01"::datetime + 90 minutes', "2024-01-01T01:30:00.000Z"),
    ('1 day + "2024-02-28"::datetime', "2024-02-29T00:00:00.000Z"),
    ('"2024-01-31"::datetime + to_dateperiod("1 month")', "2024-02-29T00:00:00.000Z"),
    ('"2024-01-01"::datetime + to_timeduration("90 minutes")', "2024-01-01T01:30:00.000Z"),
    ('day_name("2024-02-29"::datetime)', "Thursday"),
    ('month_name("2024-02-29"::datetime)', "February"),
    # Q32
    ('date_trunc(1 hour, "2024-05-15T13:47:09Z"::datetime)', "2024-05-15T13:00:00.000Z"),
    ('date_trunc(7 minutes, "1970-01-01T00:20:00Z"::datetime)', "1970-01-01T00:14:00.000Z"),
    ('date_trunc(1 day, "1969-12-31T05:00:00Z"::datetime)', "1969-12-31T00:00:00.000Z"),
    ('date_trunc(2 days, "1970-01-04T05:00:00Z"::datetime)', "1970-01-03T00:00:00.000Z"),
    ('date_trunc(1 week, "2024-05-15T13:47:09Z"::datetime)', "2024-05-13T00:00:00.000Z"),  # a Wednesday
    ('date_trunc(1 week, "2024-05-13T00:00:00Z"::datetime)', "2024-05-13T00:00:00.000Z"),
    ('date_trunc(1 month, "2024-05-15T13:47:09Z"::datetime)', "2024-05-01T00:00:00.000Z"),
    ('date_trunc(1 quarter, "2024-05-15"::datetime)', "2024-04-01T00:00:00.000Z"),
    ('date_trunc(1 year, "2024-05-15"::datetime)', "2024-01-01T00:00:00.000Z"),
    # Q33
    ('date_diff("second", "2024-01-01T00:00:00.900Z"::datetime, "2024-01-01T00:00:02.800Z"::datetime)', 1),
    ('date_diff("second", "2024-01-01T00:00:02.800Z"::datetime, "2024-01-01T00:00:00.900Z"::datetime)', -1),
    ('date_diff("minutes", "2024-01-01T00:00:00Z"::datetime, "2024-01-01T01:59:59Z"::datetime)', 119),
    ('date_diff("hours", "2024-01-01"::datetime, "2024-01-02"::datetime)', 24),
    ('date_diff("dd", "2024-01-01"::datetime, "2024-03-01"::datetime)', 60),
    ('date_diff("week", "2024-01-01"::datetime, "2024-01-14"::datetime)', 1),
    ('date_diff("month", "2024-01-31"::datetime, "2024-02-28"::datetime)', 0),
    ('date_diff("month", "2024-01-15"::datetime, "2024-03-15"::datetime)', 2),
    ('date_diff("month", "2024-03-15"::datetime, "2024-01-16"::datetime)', -1),
    ('date_diff("quarter", "2024-01-01"::datetime, "2024-07-01"::datetime)', 2),
    ('date_diff("year", "2023-06-01"::datetime, "2024-05-31"::datetime)', 0),
    ('date_diff("yyyy", "2020-02-29"::datetime, "2024-02-29"::datetime)', 4),
    ('date_diff("ms", "2024-01-01"::datetime, "2024-01-01T00:00:00.007Z"::datetime)', 7),
    ('date_diff("microseconds", "2024-01-01"::datetime, "2024-01-01T00:00:00.007Z"::datetime)', 7000),
    ('date_diff("ns", "2024-01-01"::datetime, "2024-01-01T00:00:00.007Z"::datetime)', 7_000_000),
    # beyond an integer
    ('date_diff("ms", "2000-01-01"::datetime, "2024-01-01"::datetime)', None),
    # java.time.format.DateTimeFormatter, the letters of DATE_FORMAT
    ('date_format("2024-03-05T15:04:09.012Z"::datetime)', "2024-03-05T15:04:09.012Z"),
    ('date_format("yyyy-MM-dd HH:mm:ss.SSS", "2024-03-05T15:04:09.012Z"::datetime)', "2024-03-05 15:04:09.012"),
    ('date_format("yy/M/d h:mm a", "2024-03-05T15:04:09Z"::datetime)', "24/3/5 3:04 PM"),
    ('date_format("EEE, d MMM yyyy", "2024-03-05"::datetime)', "Tue, 5 Mar 2024"),
    ('date_format("EEEE d MMMM", "2024-03-05"::datetime)', "Tuesday 5 March"),
    ('date_format("DDD K k", "2024-03-05"::datetime)', "065 0 24"),
    ("""date_format("yyyy'T'HH ''X", "2024-03-05"::datetime)""", "2024T00 'Z"),
    ('date_format("HH xx", "2024-03-05T08:00:00Z"::datetime)', "08 +0000"),
    # DATE_PARSE
    ('date_parse("yyyy-MM-dd", "2024-03-05")', "2024-03-05T00:00:00.000Z"),
    ('date_parse("dd/MM/yyyy HH:mm:ss", "05/03/2024 01:02:03")', "2024-03-05T01:02:03.000Z"),
    ("""date_parse("yyyy-MM-dd'T'HH:mm:ss.SSSX", "2024-03-05T01:02:03.004Z")""", "2024-03-05T01:02:03.004Z"),
    ('date_parse("yyyy-MM-dd", "05.03.2024")', None),
    ('date_parse("2024-03-05T01:02:03Z")', "2024-03-05T01:02:03.000Z"),
    # java.time.temporal.ChronoField, the parts of DATE_EXTRACT
    ('date_extract("year", "2024-03-05T15:04:09.012Z"::datetime)', 2024),
    ('date_extract("month_of_year", "2024-03-05T15:04:09.012Z"::datetime)', 3),
    ('date_extract("day_of_month", "2024-03-05T15:04:09.012Z"::datetime)', 5),
    ('date_extract("day_of_week", "2024-03-05T15:04:09.012Z"::datetime)', 2),
    ('date_extract("day_of_year", "2024-03-05T15:04:09.012Z"::datetime)', 65),
    ('date_extract("HOUR_OF_DAY", "2024-03-05T15:04:09.012Z"::datetime)', 15),
    ('date_extract("minute_of_hour", "2024-03-05T15:04:09.012Z"::datetime)', 4),
    ('date_extract("minute_of_day", "2024-03-05T15:04:09.012Z"::datetime)', 904),
    ('date_extract("second_of_minute", "2024-03-05T15:04:09.012Z"::datetime)', 9),
    ('date_extract("milli_of_second", "2024-03-05T15:04:09.012Z"::datetime)', 12),
    ('date_extract("aligned_day_of_week_in_year", "2024-02-29"::datetime)', 4),
    ('date_extract("aligned_day_of_week_in_month", "2024-02-29"::datetime)', 1),
    ('date_extract("aligned_week_of_month", "2024-02-29"::datetime)', 5),
    ('date_extract("aligned_week_of_year", "2024-02-29"::datetime)', 9),
    ('date_extract("ampm_of_day", "2024-03-05T15:04:09.012Z"::datetime)', 1),
    ('date_extract("hour_of_ampm", "2024-03-05T15:04:09.012Z"::datetime)', 3),
    ('date_extract("clock_hour_of_ampm", "2024-03-05T12:04:09.012Z"::datetime)', 12),
    ('date_extract("clock_hour_of_day", "2024-03-05T00:04:09.012Z"::datetime)', 24),
    ('date_extract("era", "2024-03-05"::datetime)', 1),
    ('date_extract("instant_seconds", "1970-01-01T00:01:01.500Z"::datetime)', 61),
    ('date_extract("offset_seconds", "2024-03-05"::datetime)', 0),
    ('date_extract("proleptic_month", "2024-03-05"::datetime)', 24_290),
    ('date_extract("year_of_era", "2024-03-05"::datetime)', 2024),
    ('date_extract("second_of_day", "2024-03-05T01:00:01.5Z"::datetime)', 3601),
    ('date_extract("milli_of_day", "2024-03-05T00:00:01.5Z"::datetime)', 1500),
    ('date_extract("micro_of_day", "2024-03-05T00:00:01.5Z"::datetime)', 1_500_000),
    ('date_extract("nano_of_day", "2024-03-05T00:00:01.5Z"::datetime)', 1_500_000_000),
    ('date_extract("micro_of_second", "2024-03-05T00:00:01.5Z"::datetime)', 500_000),
    ('date_extract("nano_of_second", "2024-03-05T00:00:01.5Z"::datetime)', 500_000_000),
    ('date_extract("epoch_day", "1970-01-03T15:04:09.012Z"::datetime)', 2),
]

ADDRESSES = [
    # Q21
    ('cidr_match("10.1.2.3"::ip, "10.0.0.0/8")', True),
    ('cidr_match("11.1.2.3"::ip, "10.0.0.0/8", "11.1.2.3")', True),
    ('cidr_match("11.1.2.3"::ip, "10.0.0.0/8", "11.1.2.4")', False),
    ('cidr_match("2001:db8::5"::ip, "2001:db8::/32")', True),
    ('cidr_match("10.0.0.1"::ip, "::/0")', True),
    ('cidr_match(null::ip, "10.0.0.0/8")', None),
    ('ip_prefix("192.168.77.5"::ip, 24, 0)', "192.168.77.0"),
    ('ip_prefix("2001:db8:1::5"::ip, 24, 32)', "2001:db8::"),
    ('ip_prefix("192.168.77.5"::ip, 33, 0)', None),
]

CASES = [
    # Q29, Q30
    ("case(false, 1, true, 2, 3)", 2),
    ("case(false, 1, 3)", 3),
    ("case(false, 1)", None),
    ("case(null::boolean, 1, 3)", 3),
    ("case([true, true], 1, 3)", 3),
    ("case(true, 1, 2.5)", 1.0),
    ("coalesce(null::integer, [1, 2], 3)", [1, 2]),
    ("coalesce(null::integer, null::integer)", None),
    ("coalesce(null::double, 3)", 3.0),
]

MANY = [
    # Q34, Q35
    ("mv_count([3, 1, 3])", 3),
    ("mv_count(5)", 1),
    ("mv_count(null::integer)", None),
    ("mv_min([3, 1, 2])", 1),
    ("mv_max([3, 1, 2])", 3),
    ('mv_max(["a", "c", "b"])', "c"),
    ("mv_min(null::integer)", None),
    ("mv_max(null::integer)", None),
    ("mv_sum([1, 2, 3])", 6),
    ("mv_sum([1.5, 2.0])", 3.5),
    ("mv_sum([2147483647, 1])", None),
    ("mv_sum(null::integer)", None),
    ("mv_avg([1, 2])", 1.5),
    ("mv_avg(null::integer)", None),
    ("mv_first([3, 1])", 3),
    ("mv_last([3, 1])", 1),
    ("mv_first(null::integer)", None),
    ("mv_last(null::integer)", None),
    ('mv_concat(["a", "b"], ", ")', "a, b"),
    ('mv_concat("a", "-")', "a"),
    ('mv_concat(["a", "b"], null::keyword)', None),
    ("mv_dedupe([2, 1, 2])", [2, 1]),
    ("mv_sort([3, 1, 2])", [1, 2, 3]),
    ('mv_sort([3, 1, 2], "DESC")', [3, 2, 1]),
    ("mv_slice([1, 2, 3, 4], 1, 2)", [2, 3]),
    ("mv_slice([1, 2, 3, 4], 1)", 2),
    ("mv_slice([1, 2, 3, 4], -2, -1)", [3, 4]),
    ("mv_slice([1, 2], 5)", None),
    ("mv_slice([1, 2], -9, -8)", None),
    ("mv_append([1, 2], 3)", [1, 2, 3]),
    ("mv_append([1, 2], null::integer)", None),
    ('mv_contains(["a", "b"], "b")', True),
    ('mv_contains(["a", "b"], ["b", "c"])', False),
    ('mv_contains("a", null::keyword)', True),
    ('mv_contains(null::keyword, "a")', False),
    ("mv_intersection([1, 2, 3], [3, 2])", [2, 3]),
    ("mv_intersection([1, 2], [3, 4])", None),
    ("mv_difference([1, 2, 3], [2])", [1, 3]),
    ("mv_difference([1, 1], null::integer)", [1, 1]),
    ("mv_difference(null::integer, [2])", None),
    ("mv_intersects([1, 2], [2, 5])", True),
    ("mv_intersects([1, 2], null::integer)", False),
    ("mv_median([5, 1, 3])", 3),
    ("mv_median([1, 2, 4, 5])", 3),
    ("mv_median([1, 2, 3, 5])", 2),
    ("mv_median([1.0, 2.0])", 1.5),
    ("mv_median(null::integer)", None),
    ("mv_median_absolute_deviation([0, 2, 5, 6])", 2),
    ("mv_median_absolute_deviation([1.0, 2.0])", 0.5),
    ("mv_median_absolute_deviation(null::double)", None),
    ("mv_percentile([1, 2, 3, 4], 50)", 2),
    ("mv_percentile([5.0, 10.0], 75)", 8.75),
    ("mv_percentile([5, 10], 100)", 10),
    ("mv_percentile([5, 10], 101)", None),
    # The example of its page.
    ("mv_pseries_weighted_sum([70.0, 45.0, 21.0, 21.0, 21.0], 1.5)", 94.45465156212452),
    ("mv_pseries_weighted_sum([1.0, 2.0], 1e308)", None),
    ("mv_pseries_weighted_sum(null::double, 1.5)", None),
    ('mv_zip(["a", "b", "c"], ["1", "2"], "-")', ["a-1", "b-2", "c"]),
    ('mv_zip("a", ["1", "2"])', ["a,1", "2"]),
    ('mv_zip(null::keyword, "1")', "1"),
    ("mv_union([1, 2], [2, 3])", [1, 2, 3]),
    ("mv_union([1, 2], null::integer)", [1, 2]),
]

ALL = [*OPERATORS, *NUMBERS, *MATHEMATICS, *TEXTS, *CONVERSIONS, *DATES, *ADDRESSES, *CASES, *MANY]


@pytest.mark.parametrize(("expression", "expected"), ALL)
def test_value_of(expression: str, expected: object) -> None:
    found = value(expression)
    assert found == pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("path", "text", "expected"), JSON)
def test_value_of_json_path(path: str, text: str, expected: str | None) -> None:
    """By the page of JSON_EXTRACT: text without quotes, numbers as written, objects and arrays as JSON."""
    assert value(f'json_extract("""{text}""", """{path}""")') == expected


@pytest.mark.parametrize(
    "expression",
    [
        'md5(["a", "b"])',
        'left(["ab", "cd"], 1)',
        'date_trunc(1 day, ["2024-01-01", "2024-01-02"]::datetime)',
        "abs([1, 2])",
    ],
)
def test_value_of_function_of_several_values_is_null(expression: str) -> None:
    """Rule Q02."""
    assert value(expression) is None

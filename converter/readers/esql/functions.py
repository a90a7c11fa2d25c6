"""The functions that are read: what they take and give, as a table.

https://www.elastic.co/docs/reference/query-languages/esql/esql-functions-operators
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from converter.deferred import dataclass
from converter.model.operation import Aggregator, Operation
from converter.model.pipeline import Type
from converter.readers.esql.typing import (
    ADDRESSES,
    ANYTHING,
    BOOLEANS,
    DATES,
    NUMBERS,
    ORDERED,
    POINTS,
    SPANS,
    STRINGS,
    WHOLE,
)


class Gives(Enum):
    """Types of results that depend on the arguments."""

    FIRST = "first"  # the type of the first argument; text becomes keyword
    COMMON = "common"  # the type that all arguments have together
    SUM = "sum"  # long for whole numbers, double for the others


Kinds = frozenset[Type]


@dataclass(frozen=True, slots=True)
class Signature:
    """`takes`: the types of each argument; the last one's repeat if `rest`. `least`: how many are needed."""

    operation: Operation
    takes: tuple[Kinds, ...]
    gives: Type | Gives
    least: int
    rest: bool = False

    @property
    def most(self) -> int | None:
        """How many arguments may be given; None without bound."""
        return None if self.rest else len(self.takes)

    def kinds(self, position: int) -> Kinds:
        """What the argument at a position may be."""
        return self.takes[min(position, len(self.takes) - 1)]


def _s(
    operation: Operation, gives: Type | Gives, *takes: Kinds, least: int | None = None, rest: bool = False
) -> Signature:
    return Signature(operation, takes, gives, len(takes) if least is None else least, rest)


_K, _I, _L, _D, _B = Type.KEYWORD, Type.INTEGER, Type.LONG, Type.DOUBLE, Type.BOOLEAN
_O = Operation

_CONVERSIONS: Final[Mapping[str, Signature]] = {
    "to_string": _s(_O.TO_STRING, _K, ANYTHING),
    "to_str": _s(_O.TO_STRING, _K, ANYTHING),
    "to_integer": _s(_O.TO_INTEGER, _I, NUMBERS | STRINGS | BOOLEANS | DATES),
    "to_int": _s(_O.TO_INTEGER, _I, NUMBERS | STRINGS | BOOLEANS | DATES),
    "to_long": _s(_O.TO_LONG, _L, NUMBERS | STRINGS | BOOLEANS | DATES),
    "to_double": _s(_O.TO_DOUBLE, _D, NUMBERS | STRINGS | BOOLEANS | DATES),
    "to_dbl": _s(_O.TO_DOUBLE, _D, NUMBERS | STRINGS | BOOLEANS | DATES),
    "to_boolean": _s(_O.TO_BOOLEAN, _B, NUMBERS | STRINGS | BOOLEANS),
    "to_bool": _s(_O.TO_BOOLEAN, _B, NUMBERS | STRINGS | BOOLEANS),
    "to_unsigned_long": _s(_O.TO_UNSIGNED, Type.UNSIGNED_LONG, NUMBERS | STRINGS | BOOLEANS | DATES),
    "to_ulong": _s(_O.TO_UNSIGNED, Type.UNSIGNED_LONG, NUMBERS | STRINGS | BOOLEANS | DATES),
    "to_ul": _s(_O.TO_UNSIGNED, Type.UNSIGNED_LONG, NUMBERS | STRINGS | BOOLEANS | DATES),
    "to_datetime": _s(_O.TO_DATE, Type.DATE, NUMBERS | STRINGS | DATES),
    "to_date": _s(_O.TO_DATE, Type.DATE, NUMBERS | STRINGS | DATES),
    "to_dt": _s(_O.TO_DATE, Type.DATE, NUMBERS | STRINGS | DATES),
    "to_ip": _s(_O.TO_IP, Type.IP, STRINGS | ADDRESSES),
    "to_version": _s(_O.TO_VERSION, Type.VERSION, STRINGS | {Type.VERSION}),
    "to_ver": _s(_O.TO_VERSION, Type.VERSION, STRINGS | {Type.VERSION}),
    "to_geopoint": _s(_O.TO_POINT, Type.POINT, STRINGS | POINTS),
    "to_degrees": _s(_O.TO_DEGREES, _D, NUMBERS),
    "to_radians": _s(_O.TO_RADIANS, _D, NUMBERS),
}

_NUMERIC: Final[Mapping[str, Signature]] = {
    "abs": _s(_O.ABS, Gives.FIRST, NUMBERS),
    "ceil": _s(_O.CEIL, Gives.FIRST, NUMBERS),
    "floor": _s(_O.FLOOR, Gives.FIRST, NUMBERS),
    "round": _s(_O.ROUND, Gives.FIRST, NUMBERS, WHOLE, least=1),
    "pow": _s(_O.POWER, _D, NUMBERS, NUMBERS),
    "sqrt": _s(_O.SQRT, _D, NUMBERS),
    "exp": _s(_O.EXP, _D, NUMBERS),
    "log": _s(_O.LOG, _D, NUMBERS, NUMBERS, least=1),
    "log10": _s(_O.LOG10, _D, NUMBERS),
    "signum": _s(_O.SIGNUM, _D, NUMBERS),
    **{
        operation.value: _s(operation, _D, NUMBERS)
        for operation in (
            *(_O.SIN, _O.COS, _O.TAN, _O.ASIN, _O.ACOS, _O.ATAN),
            *(_O.SINH, _O.COSH, _O.TANH, _O.ASINH, _O.ACOSH, _O.ATANH, _O.CUBE_ROOT),
        )
    },
    "atan2": _s(_O.ATAN2, _D, NUMBERS, NUMBERS),
    "hypot": _s(_O.HYPOT, _D, NUMBERS, NUMBERS),
    "scalb": _s(_O.SCALE, _D, NUMBERS, WHOLE),
    "copy_sign": _s(_O.COPY_SIGN, Gives.FIRST, NUMBERS, NUMBERS),
    "round_to": _s(_O.ROUND_TO, Gives.COMMON, NUMBERS | DATES, least=2, rest=True),
    "clamp": _s(_O.CLAMP, Gives.COMMON, ORDERED, ORDERED, ORDERED),
    "clamp_min": _s(_O.GREATEST, Gives.COMMON, ORDERED, ORDERED),
    "clamp_max": _s(_O.LEAST, Gives.COMMON, ORDERED, ORDERED),
    "greatest": _s(_O.GREATEST, Gives.COMMON, ORDERED, least=1, rest=True),
    "least": _s(_O.LEAST, Gives.COMMON, ORDERED, least=1, rest=True),
}

_TEXTUAL: Final[Mapping[str, Signature]] = {
    "length": _s(_O.LENGTH, _I, STRINGS),
    "byte_length": _s(_O.BYTE_LENGTH, _I, STRINGS),
    "bit_length": _s(_O.BIT_LENGTH, _I, STRINGS),
    "substring": _s(_O.SUBSTRING, _K, STRINGS, WHOLE, WHOLE, least=2),
    "left": _s(_O.LEFT, _K, STRINGS, WHOLE),
    "right": _s(_O.RIGHT, _K, STRINGS, WHOLE),
    "locate": _s(_O.LOCATE, _I, STRINGS, STRINGS, WHOLE, least=2),
    "contains": _s(_O.CONTAINS, _B, STRINGS, STRINGS),
    "starts_with": _s(_O.STARTS_WITH, _B, STRINGS, STRINGS),
    "ends_with": _s(_O.ENDS_WITH, _B, STRINGS, STRINGS),
    "concat": _s(_O.CONCAT, _K, STRINGS, least=1, rest=True),
    "to_lower": _s(_O.TO_LOWER, _K, STRINGS),
    "to_upper": _s(_O.TO_UPPER, _K, STRINGS),
    "trim": _s(_O.TRIM, _K, STRINGS),
    "ltrim": _s(_O.LEFT_TRIM, _K, STRINGS),
    "rtrim": _s(_O.RIGHT_TRIM, _K, STRINGS),
    "replace": _s(_O.REPLACE, _K, STRINGS, STRINGS, STRINGS),
    "split": _s(_O.SPLIT, _K, STRINGS, STRINGS),
    "space": _s(_O.SPACE, _K, WHOLE),
    "repeat": _s(_O.REPEAT, _K, STRINGS, WHOLE),
    "reverse": _s(_O.REVERSE, _K, STRINGS),
    "url_decode": _s(_O.URL_DECODE, _K, STRINGS),
    "url_encode": _s(_O.URL_ENCODE, _K, STRINGS),
    "url_encode_component": _s(_O.URL_ENCODE_COMPONENT, _K, STRINGS),
    "hash": _s(_O.HASH, _K, STRINGS, STRINGS),
    "from_base64": _s(_O.FROM_BASE64, _K, STRINGS),
    "to_base64": _s(_O.TO_BASE64, _K, STRINGS),
    "json_extract": _s(_O.JSON_EXTRACT, _K, STRINGS, STRINGS),
    "md5": _s(_O.MD5, _K, STRINGS),
    "sha1": _s(_O.SHA1, _K, STRINGS),
    "sha256": _s(_O.SHA256, _K, STRINGS),
}

_TEMPORAL: Final[Mapping[str, Signature]] = {
    "now": _s(_O.NOW, Type.DATE),
    "date_trunc": _s(_O.DATE_TRUNC, Type.DATE, SPANS, DATES),
    "date_diff": _s(_O.DATE_DIFF, _I, STRINGS, DATES, DATES),
    "date_format": _s(_O.DATE_FORMAT, _K, STRINGS | DATES, DATES, least=1),
    "date_parse": _s(_O.DATE_PARSE, Type.DATE, STRINGS, STRINGS, least=1),
    "date_extract": _s(_O.DATE_EXTRACT, _L, STRINGS, DATES),
    "day_name": _s(_O.DAY_NAME, _K, DATES),
    "month_name": _s(_O.MONTH_NAME, _K, DATES),
    "cidr_match": _s(_O.CIDR_MATCH, _B, ADDRESSES, STRINGS, least=2, rest=True),
    "ip_prefix": _s(_O.IP_PREFIX, Type.IP, ADDRESSES, WHOLE, WHOLE),
    "st_distance": _s(_O.ST_DISTANCE, _D, POINTS, POINTS),
    "st_x": _s(_O.ST_X, _D, POINTS),
    "st_y": _s(_O.ST_Y, _D, POINTS),
}

_MANY: Final[Mapping[str, Signature]] = {
    "mv_count": _s(_O.MV_COUNT, _I, ANYTHING),
    "mv_min": _s(_O.MV_MIN, Gives.FIRST, ORDERED),
    "mv_max": _s(_O.MV_MAX, Gives.FIRST, ORDERED),
    "mv_sum": _s(_O.MV_SUM, Gives.FIRST, NUMBERS),
    "mv_avg": _s(_O.MV_AVG, _D, NUMBERS),
    "mv_first": _s(_O.MV_FIRST, Gives.FIRST, ANYTHING),
    "mv_last": _s(_O.MV_LAST, Gives.FIRST, ANYTHING),
    "mv_concat": _s(_O.MV_CONCAT, _K, STRINGS, STRINGS),
    "mv_dedupe": _s(_O.MV_DEDUPE, Gives.FIRST, ANYTHING),
    "mv_sort": _s(_O.MV_SORT, Gives.FIRST, ORDERED, STRINGS, least=1),
    "mv_slice": _s(_O.MV_SLICE, Gives.FIRST, ANYTHING, WHOLE, WHOLE, least=2),
    "mv_append": _s(_O.MV_APPEND, Gives.COMMON, ANYTHING, ANYTHING),
    "mv_contains": _s(_O.MV_CONTAINS, _B, ANYTHING, ANYTHING),
    "mv_intersection": _s(_O.MV_INTERSECTION, Gives.COMMON, ANYTHING, ANYTHING),
    "mv_union": _s(_O.MV_UNION, Gives.COMMON, ANYTHING, ANYTHING),
    "mv_contains_all": _s(_O.MV_CONTAINS, _B, ANYTHING, ANYTHING),
    "mv_difference": _s(_O.MV_DIFFERENCE, Gives.COMMON, ANYTHING, ANYTHING),
    "mv_intersects": _s(_O.MV_INTERSECTS, _B, ANYTHING, ANYTHING),
    "mv_median": _s(_O.MV_MEDIAN, Gives.FIRST, NUMBERS),
    "mv_median_absolute_deviation": _s(_O.MV_DEVIATION, Gives.FIRST, NUMBERS),
    "mv_percentile": _s(_O.MV_PERCENTILE, Gives.FIRST, NUMBERS, NUMBERS),
    "mv_pseries_weighted_sum": _s(_O.MV_WEIGHTED_SUM, _D, NUMBERS, NUMBERS),
    "mv_zip": _s(_O.MV_ZIP, _K, STRINGS, STRINGS, STRINGS, least=2),
    "coalesce": _s(_O.COALESCE, Gives.COMMON, ANYTHING, least=1, rest=True),
}

FUNCTIONS: Final[Mapping[str, Signature]] = {**_CONVERSIONS, **_NUMERIC, **_TEXTUAL, **_TEMPORAL, **_MANY}
"""By name in lower case; CASE, IS_NULL and the searches are read by hand."""


@dataclass(frozen=True, slots=True)
class AggregateSignature:
    """`takes`, `gives` and `least` as of `Signature`."""

    function: Aggregator
    takes: tuple[Kinds, ...]
    gives: Type | Gives
    least: int


AGGREGATES: Final[Mapping[str, AggregateSignature]] = {
    "count": AggregateSignature(Aggregator.COUNT, (ANYTHING,), _L, 0),
    "count_distinct": AggregateSignature(Aggregator.COUNT_DISTINCT, (ORDERED, WHOLE), _L, 1),
    "values": AggregateSignature(Aggregator.VALUES, (ANYTHING,), Gives.FIRST, 1),
    "min": AggregateSignature(Aggregator.MIN, (ORDERED,), Gives.FIRST, 1),
    "max": AggregateSignature(Aggregator.MAX, (ORDERED,), Gives.FIRST, 1),
    "sum": AggregateSignature(Aggregator.SUM, (NUMBERS,), Gives.SUM, 1),
    "avg": AggregateSignature(Aggregator.AVG, (NUMBERS,), _D, 1),
    "median": AggregateSignature(Aggregator.MEDIAN, (NUMBERS,), _D, 1),
    "variance": AggregateSignature(Aggregator.VARIANCE, (NUMBERS,), _D, 1),
    "percentile": AggregateSignature(Aggregator.PERCENTILE, (NUMBERS, NUMBERS), _D, 2),
    "median_absolute_deviation": AggregateSignature(Aggregator.DEVIATION, (NUMBERS,), _D, 1),
    "weighted_avg": AggregateSignature(Aggregator.WEIGHTED_AVG, (NUMBERS, NUMBERS), _D, 2),
    "sample": AggregateSignature(Aggregator.SAMPLE, (ANYTHING, WHOLE), Gives.FIRST, 2),
    "std_dev": AggregateSignature(Aggregator.STD_DEV, (NUMBERS,), _D, 1),
    "first": AggregateSignature(Aggregator.FIRST, (ANYTHING, ORDERED), Gives.FIRST, 2),
    "last": AggregateSignature(Aggregator.LAST, (ANYTHING, ORDERED), Gives.FIRST, 2),
    "top": AggregateSignature(Aggregator.TOP, (ORDERED, WHOLE, STRINGS), Gives.FIRST, 2),
    "present": AggregateSignature(Aggregator.PRESENT, (ANYTHING,), _B, 1),
    "absent": AggregateSignature(Aggregator.ABSENT, (ANYTHING,), _B, 1),
}

SEARCHES: Final = frozenset({"kql", "match", "match_phrase", "qstr"})
"""The functions that search the event."""

KNOWN: Final = frozenset(
    (
        *("to_date_nanos", "to_cartesianpoint", "to_cartesianshape", "to_geoshape", "to_aggregate_metric_double"),
        *("to_counter", "to_gauge", "to_date_range", "to_range", "to_dense_vector", "to_exponential_histogram"),
        *("to_tdigest", "to_geohash", "to_geohex", "to_geotile", "to_ascii", "chunk", "date_unit_count"),
        *("days_in_month", "day", "hour", "month", "year", "in_range", "range_contains", "range_intersects"),
        *("range_max", "range_min", "range_within", "trange", "tbucket", "categorize", "earliest", "latest"),
        *("st_centroid_agg", "st_extent_agg", "st_contains", "st_disjoint", "st_intersects", "st_within"),
        *("st_envelope", "st_geohash", "st_geotile", "st_geohex", "st_xmax", "st_xmin", "st_ymax", "st_ymin"),
        *("st_npoints", "st_simplify", "st_geometrytype", "st_isempty", "st_buffer", "st_dimension"),
        *("score", "term", "multi_match", "knn", "decay", "text_embedding", "embedding", "top_snippets"),
        *("extract_snippets", "rate", "irate", "increase", "delta", "idelta", "deriv", "avg_over_time"),
        *("count_over_time", "count_distinct_over_time", "sum_over_time", "min_over_time", "max_over_time"),
        *("last_over_time", "first_over_time", "absent_over_time", "present_over_time", "stddev_over_time"),
        *("nullif", "field_extract", "network_direction", "v_cosine", "v_dot_product", "v_hamming"),
        *("v_l1_norm", "v_l2_norm", "v_magnitude"),
    )
)
"""Functions of ES|QL that are not read."""

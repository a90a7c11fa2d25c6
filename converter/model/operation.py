"""The operators and functions of a pipeline's expressions, named as ES|QL names them.

Unless a function says otherwise, an argument that is null or has several values makes it null (rules Q01, Q02).
"""

from __future__ import annotations

from enum import Enum


class Operation(Enum):
    """The value is how ES|QL writes it; the sets below say which do not follow the common rule of nulls."""

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes the name in Python, most of a tree's hash

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    AND = "and"
    OR = "or"
    NOT = "not"
    IN = "in"  # the first argument equals one of the others
    IS_NULL = "is null"
    IS_NOT_NULL = "is not null"
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    MODULO = "%"
    NEGATE = "negate"

    TO_STRING = "to_string"
    TO_INTEGER = "to_integer"
    TO_LONG = "to_long"
    TO_DOUBLE = "to_double"
    TO_BOOLEAN = "to_boolean"
    TO_UNSIGNED = "to_unsigned_long"
    TO_DATE = "to_datetime"
    TO_IP = "to_ip"
    TO_VERSION = "to_version"
    TO_POINT = "to_geopoint"
    TO_DEGREES = "to_degrees"
    TO_RADIANS = "to_radians"

    ABS = "abs"
    CEIL = "ceil"
    FLOOR = "floor"
    ROUND = "round"
    POWER = "pow"
    SQRT = "sqrt"
    EXP = "exp"
    LOG = "log"
    LOG10 = "log10"
    SIGNUM = "signum"
    SIN = "sin"
    COS = "cos"
    TAN = "tan"
    ASIN = "asin"
    ACOS = "acos"
    ATAN = "atan"
    ATAN2 = "atan2"
    SINH = "sinh"
    COSH = "cosh"
    TANH = "tanh"
    ASINH = "asinh"
    ACOSH = "acosh"
    ATANH = "atanh"
    CUBE_ROOT = "cbrt"
    HYPOT = "hypot"
    SCALE = "scalb"
    COPY_SIGN = "copy_sign"
    ROUND_TO = "round_to"
    CLAMP = "clamp"
    BUCKET = "bucket"
    GREATEST = "greatest"
    LEAST = "least"

    LENGTH = "length"
    BYTE_LENGTH = "byte_length"
    BIT_LENGTH = "bit_length"
    SUBSTRING = "substring"
    LEFT = "left"
    RIGHT = "right"
    LOCATE = "locate"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    CONCAT = "concat"
    TO_LOWER = "to_lower"
    TO_UPPER = "to_upper"
    TRIM = "trim"
    LEFT_TRIM = "ltrim"
    RIGHT_TRIM = "rtrim"
    REPLACE = "replace"
    COUNT_MATCHES = "count_matches"  # how often an expression matches, without overlaps; no function of ES|QL
    SPLIT = "split"
    SPACE = "space"
    REPEAT = "repeat"
    REVERSE = "reverse"
    URL_DECODE = "url_decode"
    URL_ENCODE = "url_encode"
    URL_ENCODE_COMPONENT = "url_encode_component"
    FROM_BASE64 = "from_base64"
    TO_BASE64 = "to_base64"
    JSON_EXTRACT = "json_extract"
    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    HASH = "hash"

    NOW = "now"
    DATE_TRUNC = "date_trunc"
    DATE_DIFF = "date_diff"
    DATE_FORMAT = "date_format"
    DATE_PARSE = "date_parse"
    DATE_EXTRACT = "date_extract"
    DAY_NAME = "day_name"
    MONTH_NAME = "month_name"

    CIDR_MATCH = "cidr_match"
    IP_PREFIX = "ip_prefix"

    MV_COUNT = "mv_count"
    MV_MIN = "mv_min"
    MV_MAX = "mv_max"
    MV_SUM = "mv_sum"
    MV_AVG = "mv_avg"
    MV_FIRST = "mv_first"
    MV_LAST = "mv_last"
    MV_CONCAT = "mv_concat"
    MV_DEDUPE = "mv_dedupe"
    MV_SORT = "mv_sort"
    MV_SLICE = "mv_slice"
    MV_APPEND = "mv_append"
    MV_CONTAINS = "mv_contains"
    MV_INTERSECTION = "mv_intersection"
    MV_UNION = "mv_union"
    MV_DIFFERENCE = "mv_difference"
    MV_INTERSECTS = "mv_intersects"
    MV_MEDIAN = "mv_median"
    MV_DEVIATION = "mv_median_absolute_deviation"
    MV_PERCENTILE = "mv_percentile"
    MV_WEIGHTED_SUM = "mv_pseries_weighted_sum"
    MV_ZIP = "mv_zip"

    CASE = "case"
    COALESCE = "coalesce"

    ST_DISTANCE = "st_distance"
    ST_X = "st_x"
    ST_Y = "st_y"


class Aggregator(Enum):
    """The functions over the rows of a group."""

    COUNT = "count"  # of an argument: its values, not its rows (rule Q05)
    COUNT_DISTINCT = "count_distinct"
    VALUES = "values"
    MIN = "min"
    MAX = "max"
    SUM = "sum"
    AVG = "avg"
    MEDIAN = "median"
    STD_DEV = "std_dev"
    VARIANCE = "variance"
    PERCENTILE = "percentile"
    DEVIATION = "median_absolute_deviation"
    WEIGHTED_AVG = "weighted_avg"
    SAMPLE = "sample"
    FIRST = "first"
    LAST = "last"
    TOP = "top"
    PRESENT = "present"
    ABSENT = "absent"


PER_VALUE = frozenset(
    {
        Operation.TO_STRING,
        Operation.TO_INTEGER,
        Operation.TO_LONG,
        Operation.TO_DOUBLE,
        Operation.TO_BOOLEAN,
        Operation.TO_UNSIGNED,
        Operation.TO_DATE,
        Operation.TO_IP,
        Operation.TO_VERSION,
        Operation.TO_POINT,
        Operation.TO_DEGREES,
        Operation.TO_RADIANS,
        Operation.TO_LOWER,
        Operation.TO_UPPER,
    }
)
"""Functions that work on each value of many; values they cannot convert vanish (rules Q19, Q25)."""

GIVES_MANY = frozenset(
    {
        Operation.SPLIT,
        Operation.MV_DEDUPE,
        Operation.MV_SORT,
        Operation.MV_SLICE,
        Operation.MV_APPEND,
        Operation.MV_INTERSECTION,
        Operation.MV_UNION,
        Operation.MV_DIFFERENCE,
        Operation.MV_ZIP,
    }
)
"""Functions whose result may have several values though no argument has."""

PASSES = frozenset({Operation.CASE, Operation.COALESCE})
"""Functions that hand on an argument as it is."""

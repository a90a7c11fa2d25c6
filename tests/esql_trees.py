"""Random trees of ES|QL, as hypothesis strategies."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from converter.languages.esql.query import (
    Aggregate,
    Assignment,
    ChangePoint,
    Command,
    Completion,
    Dissect,
    Drop,
    Enrich,
    Enriched,
    Eval,
    From,
    Grok,
    Keep,
    Limit,
    LookupJoin,
    MvExpand,
    NamePattern,
    Order,
    Query,
    Rename,
    Renaming,
    Row,
    Sort,
    Stats,
    Where,
)
from converter.languages.esql.syntax import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Array,
    Boolean,
    Call,
    Cast,
    Comparison,
    ComparisonOperator,
    Duration,
    Expression,
    In,
    IsNull,
    Like,
    Literal,
    Name,
    Negative,
    Not,
    Null,
    Number,
    Options,
    Or,
    PatternOperator,
    Search,
    Text,
)

TEXTS = st.text(st.sampled_from('ab*?.\\"\n\t\r |é🔥`/'), max_size=6)
PATHS = st.one_of(
    st.sampled_from(["a", "b.c", "@timestamp", "_id", "source.as.number", "in", "not.by", "Esql.x_y"]),
    st.text(st.sampled_from("ab._`* -1é"), min_size=1, max_size=5).filter(lambda t: "" not in t.split(".")),
)
NAMES = PATHS.map(Name)
WHOLE = st.one_of(st.integers(-(2**31), 2**64 - 1), st.integers(-20, 20))
NUMBERS = st.one_of(WHOLE, st.floats(allow_nan=False, allow_infinity=False)).map(Number)
CONSTANTS: SearchStrategy[Literal] = st.one_of(
    TEXTS.map(Text),
    NUMBERS,
    st.booleans().map(Boolean),
    st.just(Null()),
    st.builds(Duration, st.integers(0, 99), st.sampled_from(["hour", "m", "DAYS"])),
    st.builds(Array, st.lists(st.one_of(TEXTS.map(Text), NUMBERS), min_size=1, max_size=3).map(tuple)),
)
FUNCTIONS = st.sampled_from(["to_lower", "FIRST", "Count", "last"])
OPTIONS = st.builds(Options, st.lists(st.tuples(TEXTS, NUMBERS), max_size=2).map(tuple))
SEARCHED = st.one_of(TEXTS.map(Text), NUMBERS, st.booleans().map(Boolean))


def _wider(inner: SearchStrategy[Expression]) -> SearchStrategy[Expression]:
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Call, FUNCTIONS, st.lists(inner, max_size=3).map(tuple)),
        st.builds(lambda f, a, o: Call(f, a, options=o), FUNCTIONS, some, OPTIONS),
        st.builds(Cast, inner, st.sampled_from(["string", "long"])),
        st.builds(Negative, inner.filter(lambda e: not isinstance(e, Number))),
        st.builds(Arithmetic, st.sampled_from(ArithmeticOperator), inner, inner),
        st.builds(Comparison, st.sampled_from(ComparisonOperator), inner, inner),
        st.builds(In, inner, some, st.booleans()),
        st.builds(Like, st.sampled_from(PatternOperator), inner, some, st.just(value=True), st.booleans()),
        st.builds(IsNull, inner, st.booleans()),
        st.builds(Not, inner),
        st.builds(And, several),
        st.builds(Or, several),
    )


LEAVES: SearchStrategy[Expression] = st.one_of(
    NAMES,
    CONSTANTS,
    st.builds(Search, NAMES, SEARCHED, st.sampled_from(["", "string"])),
    st.just(Call("count", (), star=True)),
)
EXPRESSIONS = st.recursive(LEAVES, _wider, max_leaves=8)
ASSIGNMENTS = st.lists(st.builds(Assignment, PATHS, EXPRESSIONS), min_size=1, max_size=3).map(tuple)
COMPONENTS = st.one_of(
    st.sampled_from(["a", "b_1", "x y", "c*d", "in"]), st.sampled_from(["*", "a*", "*b*c"]).map(lambda t: ("*", t))
)


def _pattern(components: list[str | tuple[str, str]]) -> NamePattern:
    parts = [""]
    for number, component in enumerate(components):
        if number:
            parts[-1] += "."
        if isinstance(component, tuple):
            first, *more = str(component[1]).split("*")
            parts[-1] += first
            parts.extend(more)
        else:
            parts[-1] += str(component)
    return NamePattern(tuple(parts))


PATTERNS = st.lists(COMPONENTS, min_size=1, max_size=3).map(_pattern)
MANY_PATTERNS = st.lists(PATTERNS, min_size=1, max_size=3).map(tuple)
SOURCES = st.one_of(st.sampled_from(["logs-*", "-old*", ".alerts-security.*", "c:idx", "metadata"]), st.just("a b,c"))
AGGREGATES = st.builds(Aggregate, st.builds(Assignment, PATHS, EXPRESSIONS), st.none() | EXPRESSIONS)
ATOMS = EXPRESSIONS.filter(lambda e: isinstance(e, Name | Text | Call | Cast))
ORDERS = st.builds(Order, EXPRESSIONS, st.booleans(), st.none() | st.booleans())

COMMANDS: SearchStrategy[Command] = st.one_of(
    st.builds(Where, EXPRESSIONS),
    st.builds(Eval, ASSIGNMENTS),
    st.builds(Stats, st.lists(AGGREGATES, min_size=1, max_size=2).map(tuple), st.just(()) | ASSIGNMENTS, st.booleans()),
    st.builds(Stats, st.just(()), ASSIGNMENTS),
    st.builds(Keep, MANY_PATTERNS),
    st.builds(Drop, MANY_PATTERNS),
    st.builds(Rename, st.lists(st.builds(Renaming, NAMES, NAMES), min_size=1, max_size=2).map(tuple)),
    st.builds(Sort, st.lists(ORDERS, min_size=1, max_size=2).map(tuple)),
    st.builds(Limit, st.integers(0, 10_000), st.just(()) | st.tuples(NAMES)),
    st.builds(Grok, ATOMS, st.lists(TEXTS.map(Text), min_size=1, max_size=2).map(tuple)),
    st.builds(Dissect, ATOMS, TEXTS.map(Text), TEXTS),
    st.builds(MvExpand, NAMES),
    st.builds(
        Enrich,
        st.sampled_from(["policy-1", "p"]),
        st.none() | PATTERNS,
        st.lists(st.builds(Enriched, st.none() | PATTERNS, PATTERNS), max_size=2).map(tuple),
    ),
    st.builds(LookupJoin, SOURCES, st.lists(EXPRESSIONS, min_size=1, max_size=2).map(tuple)),
    st.builds(Completion, st.none() | NAMES, ATOMS, st.none() | OPTIONS),
    st.builds(ChangePoint, NAMES, st.none() | NAMES, st.none() | st.tuples(NAMES, NAMES)),
)


def queries() -> SearchStrategy[Query]:
    """Whole queries."""
    first = st.one_of(
        st.builds(From, st.lists(SOURCES, min_size=1, max_size=2).map(tuple), st.sampled_from([(), ("_id", "_index")])),
        st.builds(Row, ASSIGNMENTS),
    )
    return st.builds(lambda head, tail: Query((head, *tail)), first, st.lists(COMMANDS, max_size=4))

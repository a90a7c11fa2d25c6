"""Hypothesis strategies: predicates over a small schema, and events that come close to them."""

from __future__ import annotations

from hypothesis import strategies as st

from converter.model import pattern
from converter.model.pattern import (
    Alternate,
    AnyChar,
    Case,
    Char,
    CharClass,
    Concat,
    Pattern,
    Regex,
    Repeat,
    Wild,
)
from converter.model.predicate import (
    Analyzer,
    And,
    Compare,
    Comparison,
    Constant,
    Element,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Call, Field, Function, Instant, Kind, Literal

# Text that lies near every edge: case, signs of each language, backslashes, quotes, line breaks, beyond ASCII.
TEXTS = (
    "", "a", "A", "ab", "aB", "a*b", "a?b", "*", "?", "\\", "\\\\", 'a"b', "a'b", "a b", "a\nb", "a\tb", "a|b",
    "$a$", "`a`", "[a]", "{a}", "(a)", "a.b", "a-b", "C:\\a\\b", "é", "É", "k", "\u212a", "true", "5", "5.0", "05", "%", "_",
    "10.0.0.1", "//", "/*", "```", "@", "^a$", "a,b",
)  # fmt: skip
ADDRESSES = ("10.0.0.1", "10.0.0.255", "10.0.1.0", "192.168.0.1", "fe80::1", "::1", "::ffff:10.0.0.1", "x")
NETWORKS = ("10.0.0.0/24", "10.0.0.1/32", "fe80::/10", "0.0.0.0/0", "::1/128")

ONE = Field("user.name", Kind.KEYWORD, many=False)
MANY = Field("process.args", Kind.KEYWORD, many=True)
NUMBER = Field("process.pid", Kind.LONG, many=False)
NUMBERS = Field("http.codes", Kind.LONG, many=True)
REAL = Field("score", Kind.DOUBLE, many=False)
FLAG = Field("process.interactive", Kind.BOOLEAN, many=False)
ADDRESS = Field("source.ip", Kind.IP, many=False)
ADDRESSES_FIELD = Field("related.ip", Kind.IP, many=True)
DATE = Field("file.created", Kind.DATE, many=False)
TEXT = Field("message", Kind.TEXT, many=False)
INNER = Field("bindings.role", Kind.KEYWORD, many=False)
INNER_TOO = Field("bindings.member", Kind.KEYWORD, many=False)

texts = st.sampled_from(TEXTS)
cases = st.sampled_from(Case)
keywords = st.sampled_from((ONE, MANY))
comparisons = st.sampled_from(Comparison)


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    parts = draw(st.lists(st.one_of(texts, st.sampled_from(Wild)), min_size=1, max_size=4))
    return pattern.of(*parts)


_chars = st.sampled_from("aAbB0.*\\\"é\n-")
regexes: st.SearchStrategy[Regex] = st.recursive(
    st.one_of(
        _chars.map(Char),
        st.just(AnyChar()),
        st.builds(
            CharClass,
            st.lists(st.sampled_from((("a", "c"), ("0", "9"), ("B", "B"), ("é", "é"))), min_size=1, max_size=2, unique=True).map(
                tuple
            ),
            st.booleans(),
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda p: Concat(tuple(p))),
        st.lists(inner, min_size=1, max_size=3).map(lambda p: Alternate(tuple(p))),
        st.builds(Repeat, inner, st.integers(0, 1), st.sampled_from((None, 1, 2))),
    ),
    max_leaves=5,
)
_scripts = st.one_of(
    st.builds(
        lambda op, n: Call(op, (Call(Function.LENGTH, (ONE,)), Literal(n))),
        st.sampled_from((Function.EQ, Function.GT, Function.LE, Function.NE)),
        st.integers(0, 3),
    ),
    st.builds(lambda t, c: Call(Function.ENDS_WITH, (ONE, Literal(t)), c), texts, cases),
    st.builds(lambda t, c: Call(Function.STRING_CONTAINS, (ONE, Literal(t)), c), texts, cases),
    st.builds(
        lambda a, b, t: Call(Function.EQ, (Call(Function.SUBSTRING, (ONE, Literal(a), Literal(b))), Literal(t))),
        st.integers(-3, 3),
        st.integers(-3, 3),
        texts,
    ),
    st.builds(
        lambda n, op: Call(op, (Call(Function.ADD, (NUMBER, Literal(n))), Literal(4))),
        st.integers(-2, 2),
        st.sampled_from((Function.EQ, Function.GT, Function.LE)),
    ),
    st.builds(lambda c: Call(Function.EQ, (ONE, Field("host.name", Kind.KEYWORD, many=False)), c), cases),
)


def leaves(*, scripts: bool = True, phrases: bool = True, dates: bool = True) -> st.SearchStrategy[Predicate]:
    """Every leaf of the model; the flags leave out what a target cannot say."""
    choices: list[st.SearchStrategy[Predicate]] = [
        st.sampled_from((ONE, MANY, NUMBER, NUMBERS, FLAG, ADDRESS)).map(Present),
        st.builds(OneOf, keywords, st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple), cases),
        st.builds(Like, keywords, st.lists(patterns(), min_size=1, max_size=2).map(tuple), cases),
        st.builds(Matches, keywords, st.lists(regexes, min_size=1, max_size=2).map(tuple), cases),
        st.builds(Compare, st.sampled_from((NUMBER, NUMBERS)), comparisons, st.integers(-1, 6)),
        st.builds(Compare, st.just(REAL), comparisons, st.sampled_from((0.0, 0.5, 2.0))),
        st.builds(Compare, st.just(FLAG), st.just(Comparison.EQ), st.booleans()),
        st.builds(
            InNetwork,
            st.sampled_from((ADDRESS, ADDRESSES_FIELD)),
            st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=2, unique=True).map(tuple),
        ),
    ]
    if phrases:
        words = st.lists(st.sampled_from(("a", "ab", "system")), min_size=1, max_size=2)
        token = words.map(lambda ws: tuple(pattern.of(w) for w in ws))
        choices.append(st.builds(Phrase, st.just(TEXT), token, st.sampled_from(Analyzer)))
    if dates:
        choices.append(st.builds(Compare, st.just(DATE), comparisons, st.just(Instant(1_700_000_000_000))))
    if scripts:
        choices.append(st.builds(Holds, _scripts))
    return st.one_of(choices)


def predicates(
    *, scripts: bool = True, phrases: bool = True, dates: bool = True, elements: bool = True
) -> st.SearchStrategy[Predicate]:
    """Trees of leaves; not in normal form."""
    simple = leaves(scripts=scripts, phrases=phrases, dates=dates)
    inner = st.builds(OneOf, st.sampled_from((INNER, INNER_TOO)), st.tuples(texts), cases)
    base: list[st.SearchStrategy[Predicate]] = [simple, simple, simple, st.builds(Constant, st.booleans())]
    if elements:
        pair = st.tuples(inner, inner).map(lambda two: And(two))
        base.append(st.builds(Element, st.just("bindings"), st.one_of(inner, pair)))
    return st.recursive(
        st.one_of(base),
        lambda child: st.one_of(
            st.lists(child, min_size=1, max_size=3).map(lambda ts: And(tuple(ts))),
            st.lists(child, min_size=1, max_size=3).map(lambda ts: Or(tuple(ts))),
            child.map(Not),
        ),
        max_leaves=6,
    )


def _one_or_many(value: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(value, st.none(), st.lists(st.one_of(value, st.none()), max_size=3))


@st.composite
def events(draw: st.DrawFn) -> dict[str, object]:
    """Events of the schema: single-valued fields hold one value, the others any number; some are missing."""
    event: dict[str, object] = {}

    def put(field: Field, value: st.SearchStrategy[object]) -> None:
        if draw(st.booleans()):
            event[field.path] = draw(_one_or_many(value) if field.many else value)

    put(ONE, texts)
    put(Field("host.name", many=False), texts)
    put(MANY, texts)
    put(NUMBER, st.integers(-1, 6))
    put(NUMBERS, st.integers(-1, 6))
    put(REAL, st.sampled_from((0.0, 0.5, 1.5, 2.0)))
    put(FLAG, st.booleans())
    put(ADDRESS, st.sampled_from(ADDRESSES))
    put(ADDRESSES_FIELD, st.sampled_from(ADDRESSES))
    put(DATE, st.sampled_from(("2023-11-14T22:13:20.000Z", "2023-11-14T22:13:19.999Z", "2024-01-01T00:00:00Z")))
    put(TEXT, st.sampled_from(("a", "A ab", "ab-a", "system.a", "x system ab y", "a_b", "")))
    if draw(st.booleans()):
        rows = st.fixed_dictionaries({}, optional={"role": texts, "member": texts})
        event["bindings"] = draw(st.lists(rows, max_size=3))
    return event

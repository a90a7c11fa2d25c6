"""Random predicates and events for the Sentinel target, and the events as rows of an `ECS` table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from backends.sentinel import TARGET
from backends.sentinel.condition.column import ecs_type
from converter.diagnostics import Diagnostic, Source
from converter.model import pattern as patterns
from converter.model.metadata import Metadata
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
from converter.model.rule import Detection, Match, Rule
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Value
from converter.proof.judges.kusto.rows import Table
from converter.proof.judges.kusto.run import READINGS, Reading, run
from converter.target import Binding, Bound, Emission, Options

NAME = Field("process.name", Kind.KEYWORD, many=False)
ARGS = Field("process.args", Kind.KEYWORD, many=True)
TAGS = Field("tags", Kind.KEYWORD, many=True)
PID = Field("process.pid", Kind.LONG, many=False)
PORTS = Field("ports", Kind.LONG, many=True)
SCORE = Field("risk", Kind.DOUBLE, many=False)
SIGNED = Field("signed", Kind.BOOLEAN, many=False)
FLAGS = Field("flags", Kind.BOOLEAN, many=True)
CREATED = Field("file.created", Kind.DATE, many=False)
SOURCE = Field("source.ip", Kind.IP, many=False)
HOSTS = Field("host.ip", Kind.IP, many=True)
SCRIPT = Field("script.text", Kind.TEXT, many=False)
MESSAGE = Field("message", Kind.TEXT, many=False)
ROLE = Field("bindings.role", Kind.KEYWORD, many=True)
LEVEL = Field("bindings.level", Kind.LONG, many=True)
ACTION = Field("bindings.action", Kind.KEYWORD, many=False)
FIELDS = (NAME, ARGS, TAGS, PID, PORTS, SCORE, SIGNED, FLAGS, CREATED, SOURCE, HOSTS, SCRIPT, MESSAGE)

# No letter with a partner outside ASCII in the values: whether =~ folds those is left open by the documentation.
TEXTS = (
    "a", "A", "ab", "AB", "aB", "ba", "b", "sk", "SK", "Sk*", "s?", "a\\b", 'q"q', "x\ny", "é", "É", "aé", "[]", "[null]",
    "null", "true", "50", "5", "a b", "a-b", "{}", "C:\\Windows\\a.exe", "x'y", "$a", "a.b", "(b)", "[a", "10.0.0.1", "-1",
)  # fmt: skip
ADDRESSES = ("10.0.0.1", "10.255.0.9", "192.168.1.1", "8.8.8.8", "::1", "fe80::1", "2001:db8::1", "2001:DB8:0::1")
NETWORKS = ("10.0.0.0/8", "10.0.0.1/32", "8.8.8.8/32", "192.168.0.0/16", "fe80::/10", "::1/128", "2001:db8::1/128",
            "2001:db8::/32", "::/0", "::ffff:10.0.0.0/104")  # fmt: skip
START = datetime(2024, 1, 1, tzinfo=UTC)
START_MS = 1_704_067_200_000

texts = st.sampled_from(TEXTS)
cases = st.sampled_from(Case)


def wildcards() -> st.SearchStrategy[Pattern]:
    part = st.one_of(texts, st.sampled_from(Wild), st.sampled_from("abk"))
    return st.lists(part, min_size=1, max_size=4).map(lambda parts: patterns.of(*parts))


@cache
def regexes() -> st.SearchStrategy[Regex]:
    char = st.sampled_from("abABsk.é\\[-&").map(Char)
    ranges = st.lists(
        st.sampled_from((("a", "c"), ("A", "Z"), ("k", "k"), ("-", "-"), ("[", "]"), ("&", "~"))), max_size=2
    )
    klass = st.builds(CharClass, ranges.map(tuple), st.booleans())
    leaf: st.SearchStrategy[Regex] = st.one_of(char, st.just(AnyChar()), klass)

    def grow(inner: st.SearchStrategy[Regex]) -> st.SearchStrategy[Regex]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        bounds = st.sampled_from(((0, None), (1, None), (0, 1), (2, 2), (1, 3), (2, None)))
        repeat = st.tuples(inner, bounds).map(lambda t: Repeat(t[0], *t[1]))
        return st.one_of(several.map(Concat), several.map(Alternate), repeat)

    return st.recursive(leaf, grow, max_leaves=5)


def keyword_leaves(*fields: Field) -> st.SearchStrategy[Predicate]:
    field = st.sampled_from(fields)
    many = st.lists(texts, min_size=1, max_size=5, unique=True).map(tuple)
    return st.one_of(
        st.builds(Present, field),
        st.builds(OneOf, field, many, cases),
        st.builds(Like, field, st.lists(wildcards(), min_size=1, max_size=3).map(tuple), cases),
        st.builds(Matches, field, st.lists(regexes(), min_size=1, max_size=2).map(tuple), cases),
    )


def number_leaves(*fields: Field) -> st.SearchStrategy[Predicate]:
    numbers = st.one_of(st.sampled_from([-1, 0, 5, 50]), st.sampled_from([0.5, 5.0]))
    field = st.sampled_from(fields)
    return st.one_of(st.builds(Present, field), st.builds(Compare, field, st.sampled_from(Comparison), numbers))


def phrases() -> st.SearchStrategy[Predicate]:
    token = st.one_of(
        st.sampled_from(["ab", "sk", "a-b", "k"]).map(lambda t: Pattern((t,))),
        st.sampled_from(
            [patterns.of("a", Wild.ANY_RUN), patterns.of(Wild.ANY_RUN, "k"), patterns.of("s", Wild.ANY_ONE)]
        ),
    )
    found = st.lists(token, min_size=1, max_size=3).map(tuple)
    words = st.sampled_from(["ab", "sk", "a.b", "1", "1.2", "é", "a_1", "x's"]).map(lambda t: Pattern((t,)))
    plain = st.lists(words, min_size=1, max_size=3)
    started = plain.map(lambda ts: (*ts[:-1], patterns.of(*ts[-1].parts, Wild.ANY_RUN)))
    ended = plain.map(lambda ts: (patterns.of(Wild.ANY_RUN, *ts[0].parts), *ts[1:]))
    return st.one_of(
        st.builds(Phrase, st.just(SCRIPT), found, st.just(Analyzer.POWERSHELL)),
        st.builds(Phrase, st.just(MESSAGE), st.one_of(plain.map(tuple), started, ended), st.just(Analyzer.STANDARD)),
    )


def leaves() -> st.SearchStrategy[Predicate]:
    moments = st.sampled_from([Instant(START_MS), Instant(START_MS + 3_600_000)])
    networks = st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=4, unique=True).map(tuple)
    flags = st.sampled_from([SIGNED, FLAGS])
    return st.one_of(
        keyword_leaves(NAME, ARGS, TAGS),
        number_leaves(PID, PORTS, SCORE),
        st.builds(Compare, flags, st.just(Comparison.EQ), st.booleans()),
        st.builds(Present, st.sampled_from([SIGNED, FLAGS, CREATED, SOURCE, HOSTS])),
        st.builds(Compare, st.just(CREATED), st.sampled_from(Comparison), moments),
        st.builds(InNetwork, st.sampled_from([SOURCE, HOSTS, NAME, ARGS]), networks),
        phrases(),
        st.builds(Element, st.just("bindings"), trees(st.one_of(keyword_leaves(ROLE, ACTION), number_leaves(LEVEL)))),
        scripts(),
    )


def trees(leaf: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
    def grow(inner: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
        several = st.lists(inner, min_size=2, max_size=4).map(tuple)
        return st.one_of(several.map(And), several.map(Or), inner.map(Not))

    return st.recursive(st.one_of(leaf, leaf, leaf, st.booleans().map(Constant)), grow, max_leaves=6)


_TEXT_FIELDS = (NAME, ARGS, TAGS)
_C = Case


def text_values() -> st.SearchStrategy[Value]:
    places = st.sampled_from([-3, -1, 0, 1, 2, 5]).map(Literal)
    flat = st.one_of(st.sampled_from(_TEXT_FIELDS), texts.map(Literal), st.sampled_from(_TEXT_FIELDS))

    def grow(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
        borders = st.sampled_from(["a", "b", "s", "."]).map(Literal)
        return st.one_of(
            st.builds(lambda a, b: Call(Function.CONCAT, (a, b)), inner, inner),
            st.builds(lambda a, b: Call(Function.SUBSTRING, (a, b)), inner, places),
            st.builds(lambda a, b, c: Call(Function.SUBSTRING, (a, b, c)), inner, places, places),
            st.builds(
                lambda a, b, c, g, f: Call(Function.BETWEEN, (a, b, c, Literal(g)), f),
                inner,
                borders,
                borders,
                st.booleans(),
                cases,
            ),
            st.builds(lambda a: Call(Function.STRING, (a,)), st.one_of(inner, st.just(PID))),
        )

    return st.recursive(flat, grow, max_leaves=3)


def number_values() -> st.SearchStrategy[Value]:
    flat = st.one_of(
        st.sampled_from([PID, PORTS]),
        st.sampled_from([-3, 0, 2, 5]).map(Literal),
        st.builds(lambda a: Call(Function.LENGTH, (a,)), text_values()),
        st.builds(
            lambda a, b, f: Call(Function.INDEX_OF, (a, Literal(b)), f),
            text_values(),
            st.sampled_from(["a", "b"]),
            cases,
        ),
    )
    signs = st.sampled_from([Function.ADD, Function.SUBTRACT, Function.MULTIPLY, Function.DIVIDE, Function.MODULO])

    def grow(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
        return st.builds(lambda f, a, b: Call(f, (a, b)), signs, inner, inner)

    return st.recursive(flat, grow, max_leaves=3)


def scripts() -> st.SearchStrategy[Predicate]:
    orders = st.sampled_from([Function.EQ, Function.NE, Function.LT, Function.LE, Function.GT, Function.GE])
    tests = st.sampled_from([Function.STARTS_WITH, Function.ENDS_WITH, Function.STRING_CONTAINS])
    any_case = cases
    networks = st.lists(st.sampled_from(NETWORKS).map(Literal), min_size=1, max_size=2)
    truths: st.SearchStrategy[Call] = st.one_of(
        st.builds(lambda f, a, b: Call(f, (a, b)), orders, number_values(), number_values()),
        st.builds(
            lambda f, a, b, c: Call(f, (a, b), c),
            st.sampled_from([Function.EQ, Function.NE]),
            text_values(),
            text_values(),
            any_case,
        ),
        st.builds(lambda f, a, b, c: Call(f, (a, b), c), tests, text_values(), text_values(), any_case),
        st.builds(lambda a, p, c: Call(Function.LIKE, (a, Literal(p)), c), text_values(), wildcards(), any_case),
        st.builds(lambda a, n: Call(Function.CIDR_MATCH, (a, *n)), text_values(), networks),
        st.builds(lambda a: Call(Function.IS_NULL, (a,)), st.one_of(text_values(), number_values())),
    )

    def grow(inner: st.SearchStrategy[Call]) -> st.SearchStrategy[Call]:
        pair = st.tuples(inner, inner)
        return st.one_of(
            inner.map(lambda a: Call(Function.NOT, (a,))),
            pair.map(lambda p: Call(Function.AND, p)),
            pair.map(lambda p: Call(Function.OR, p)),
        )

    return st.builds(Holds, st.recursive(truths, grow, max_leaves=2))


def _either(single: st.SearchStrategy[object], *, many: bool) -> st.SearchStrategy[object]:
    if not many:
        return st.one_of(st.none(), single)
    listed = st.lists(st.one_of(single, single, st.none()), max_size=3)
    return st.one_of(st.none(), single, listed)


_VALUES: Mapping[Kind, Callable[[], st.SearchStrategy[object]]] = {
    Kind.KEYWORD: lambda: texts,
    Kind.TEXT: lambda: st.lists(st.sampled_from(["ab", "Sk", "a-b", "K", "ab1", " ", "::", "é", "\n"]), max_size=5).map(
        "".join
    ),
    Kind.LONG: lambda: st.sampled_from([-1, 0, 5, 50, 7]),
    Kind.DOUBLE: lambda: st.sampled_from([0.5, 5.0, -1.25]),
    Kind.BOOLEAN: st.booleans,
    Kind.IP: lambda: st.sampled_from(ADDRESSES),
    Kind.DATE: lambda: st.sampled_from([0, 1_800_000, 3_600_000]).map(
        lambda ms: (START + timedelta(milliseconds=ms)).isoformat()
    ),
}


@cache
def events() -> st.SearchStrategy[dict[str, object]]:
    singles = {f.path: _either(_VALUES[f.kind](), many=f.many) for f in FIELDS}
    element = st.fixed_dictionaries(
        {},
        optional={
            "role": _either(texts, many=True),
            "level": _either(_VALUES[Kind.LONG](), many=True),
            "action": _either(texts, many=False),
        },
    )
    nested = st.one_of(st.none(), element, st.lists(element, max_size=3))
    pieces = [
        "ab",
        "AB",
        "Sk",
        "a.b",
        "a",
        "b",
        "1",
        "1.2",
        "é",
        "a_1",
        "x's",
        " ",
        ".",
        ":",
        ",",
        "-",
        "'",
        "_",
        "漢",
        "\U0001f600",
    ]
    singles[MESSAGE.path] = st.one_of(st.none(), st.lists(st.sampled_from(pieces), max_size=6).map("".join))
    return st.fixed_dictionaries({**singles, "bindings": nested}).map(_without_empty)


def _without_empty(event: dict[str, object]) -> dict[str, object]:
    """Events hold no empty text: a string column cannot tell it from a missing value (T301)."""
    return {name: None if value == "" else value for name, value in event.items()}


def columns(fields: Sequence[Field] = FIELDS) -> dict[str, str]:
    return {"row": "long", "bindings": "dynamic", "@timestamp": "datetime", **{f.path: ecs_type(f) for f in fields}}


def cell(kind: str, value: object) -> object:
    """The value as a table of the given column types holds it."""
    if kind == "string":
        return "" if value is None else value
    if kind == "datetime" and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


def table(found: Sequence[Mapping[str, object]], types: Mapping[str, str] | None = None) -> Table:
    kinds = types or columns()
    rows = [{"row": i, **{n: cell(k, e.get(n)) for n, k in kinds.items() if n != "row"}} for i, e in enumerate(found)]
    return Table(kinds, rows)


def rule(detection: Detection, **keys: object) -> Rule:
    meta = Metadata("a rule", "query", **keys)  # type: ignore[arg-type]  # the caller names real keys
    return Rule(meta, detection, Source("rule", ""), Source("rule", ""))


def emitted(detection: Detection, binding: Binding | None = None, form: str = "", **keys: object) -> Emission:
    return TARGET.emit(Bound.everywhere(rule(detection, **keys), binding or Binding()), Options(form, bare=True))


def query(predicate: Predicate) -> tuple[str, tuple[Diagnostic, ...]]:
    emission = emitted(Match(predicate))
    return emission.text, emission.diagnostics


def rows(text: str, found: Sequence[Mapping[str, object]], reading: Reading = READINGS[0]) -> list[int]:
    return sorted(int(str(r["row"])) for r in run(text, {"ECS": table(found)}, reading=reading))

"""Hypothesis strategies for the model: predicates of every node, and events that have a chance to satisfy them.

Few field names and few values, so that events and predicates meet. Arrays, nulls, dotted and nested names, wrong types
and hostile text all occur.
"""

from __future__ import annotations

from hypothesis import strategies as st

from converter.model import pattern
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Pattern, Regex, Repeat, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    End,
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
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Scalar

KEYWORDS = (Field("k.a", Kind.KEYWORD, many=False), Field("k.b", Kind.KEYWORD), Field("k", Kind.KEYWORD, many=False))
LONG = Field("n.long", Kind.LONG)
DOUBLE = Field("n.real", Kind.DOUBLE)
BOOLEAN = Field("flag", Kind.BOOLEAN, many=False)
ADDRESS = Field("net.ip", Kind.IP)
DATE = Field("when", Kind.DATE, many=False)
TEXT = Field("message", Kind.TEXT)
NESTED = "list.of"
FIELDS = (*KEYWORDS[:2], LONG, DOUBLE, BOOLEAN, ADDRESS, DATE, TEXT)

HOSTILE = (
    '"',
    "\\",
    "'",
    "`",
    "|",
    "$x$",
    "[search x]",
    "/* */",
    "// x",
    "\n",
    "\t",
    "%",
    "*",
    "?",
    "a*b",
    "\u212a",
    "é",
    "😀",
)
WORDS = ("a", "A", "ab", "Ab", "b", "cmd.exe", "C:\\x", "10", "9", "true", "", " ")
NETWORKS = ("10.0.0.0/8", "10.1.2.3/32", "192.168.0.0/30", "2001:db8::/32", "::1/128")
ADDRESSES = (
    "10.0.0.0",
    "10.1.2.3",
    "9.255.255.255",
    "192.168.0.3",
    "192.168.0.4",
    "2001:db8::1",
    "::ffff:10.1.2.3",
    "x",
)

cases = st.sampled_from(Case)
texts = st.one_of(st.sampled_from(WORDS), st.sampled_from(HOSTILE), st.text("aAbB*?.\\\n", max_size=4))
numbers = st.integers(-3, 3)
reals = st.sampled_from((-1.5, 0.0, 0.5, 1.0, 2.25))
keyword_fields = st.sampled_from(KEYWORDS[:2])

patterns: st.SearchStrategy[Pattern] = st.lists(st.one_of(st.sampled_from(Wild), texts), max_size=4).map(
    lambda parts: pattern.of(*parts)
)
_classes = st.builds(CharClass, st.sampled_from(((("a", "b"),), (("A", "Z"), ("0", "9")))), st.booleans())
regexes: st.SearchStrategy[Regex] = st.recursive(
    st.one_of(st.sampled_from("abA.\n").map(Char), st.just(AnyChar()), _classes),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: Concat(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: Alternate(tuple(options))),
        st.tuples(inner, st.integers(0, 2), st.sampled_from((None, 2, 3))).map(lambda p: Repeat(*p)),
    ),
    max_leaves=5,
)


def _some(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(values, min_size=1, max_size=3, unique=True).map(tuple)


def _compares() -> st.SearchStrategy[Compare]:
    order = st.sampled_from(Comparison)
    return st.one_of(
        st.builds(Compare, st.just(LONG), order, numbers),
        st.builds(Compare, st.just(DOUBLE), order, reals),
        st.builds(Compare, st.just(BOOLEAN), st.just(Comparison.EQ), st.booleans()),
        st.builds(Compare, st.just(DATE), order, st.integers(0, 3).map(Instant)),
        st.builds(Compare, keyword_fields, st.sampled_from(tuple(Comparison)[1:]), texts),
    )


def _betweens() -> st.SearchStrategy[Between]:
    def ends(values: st.SearchStrategy[Scalar]) -> tuple[st.SearchStrategy[End], st.SearchStrategy[End]]:
        end = st.builds(End, values, st.booleans())
        return end, end

    return st.one_of(
        st.builds(Between, st.just(LONG), *ends(numbers)),
        st.builds(Between, st.just(DOUBLE), *ends(reals)),
        st.builds(Between, st.just(DATE), *ends(st.integers(0, 3).map(Instant))),
        st.builds(Between, keyword_fields, *ends(texts)),
    )


def _calls() -> st.SearchStrategy[Call]:
    field = st.one_of(keyword_fields, st.just(LONG))
    length = st.builds(lambda f: Call(Function.LENGTH, (f,)), keyword_fields)
    number = st.one_of(st.just(LONG), length, numbers.map(Literal))
    comparison = st.sampled_from((Function.EQ, Function.NE, Function.LT, Function.GE))
    text_test = st.sampled_from((Function.STARTS_WITH, Function.ENDS_WITH, Function.STRING_CONTAINS, Function.EQ))
    atoms = st.one_of(
        st.builds(lambda f, a, b: Call(f, (a, b)), comparison, number, number),
        st.builds(
            lambda f, a, b, c: Call(f, (a, b), c),
            text_test,
            keyword_fields,
            st.one_of(keyword_fields, texts.map(Literal)),
            cases,
        ),
        st.builds(lambda a: Call(Function.IS_NULL, (a,)), field),
        st.builds(lambda a, p, c: Call(Function.LIKE, (a, Literal(p)), c), keyword_fields, patterns, cases),
    )
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.builds(lambda a: Call(Function.NOT, (a,)), inner),
            st.builds(lambda f, a, b: Call(f, (a, b)), st.sampled_from((Function.AND, Function.OR)), inner, inner),
        ),
        max_leaves=3,
    )


def leaves() -> st.SearchStrategy[Predicate]:
    """One leaf of any kind."""
    return st.one_of(
        st.sampled_from(FIELDS).map(Present),
        _compares(),
        _betweens(),
        st.builds(OneOf, keyword_fields, _some(texts), cases),
        st.builds(Like, keyword_fields, _some(patterns), cases),
        st.builds(Matches, keyword_fields, _some(regexes), cases),
        st.builds(InNetwork, st.sampled_from((ADDRESS, KEYWORDS[0])), _some(st.sampled_from(NETWORKS))),
        st.builds(
            Phrase,
            st.just(TEXT),
            st.lists(st.sampled_from(("a", "load", "b2", "x-y")).map(pattern.of), min_size=1, max_size=2).map(tuple),
            st.sampled_from(Analyzer),
        ),
        _calls().map(Holds),
    )


def _inside(inner: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
    terms = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(terms.map(And), terms.map(Or), inner.map(Not))


def elements() -> st.SearchStrategy[Predicate]:
    """A nested array of which one object must satisfy all."""
    fields = st.sampled_from([Field(f"{NESTED}.{name}") for name in ("x", "y")])
    leaf = st.one_of(st.builds(OneOf, fields, _some(texts), cases), st.builds(Present, fields))
    return st.builds(Element, st.just(NESTED), st.recursive(leaf, _inside, max_leaves=3))


_elements = elements()


def predicates(
    max_leaves: int = 6, *, scripts: bool = True, dates: bool = True, elements: bool = True
) -> st.SearchStrategy[Predicate]:
    """A predicate of any shape, not in normal form; without the leaves that a target leaves to other tests."""
    kept = leaves().filter(
        lambda leaf: (scripts or not isinstance(leaf, Holds)) and (dates or getattr(leaf, "field", None) != DATE)
    )
    nested = _elements if elements else kept
    base = st.one_of(kept, kept, nested, st.booleans().map(lambda value: Constant(value=value)))
    return st.recursive(base, _inside, max_leaves=max_leaves)


def _contents(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """A value, several, none in one of its forms."""
    return st.one_of(values, values, st.lists(st.one_of(values, st.none()), max_size=3), st.none())


_BY_FIELD: dict[str, st.SearchStrategy[object]] = {
    "k.a": st.one_of(texts, numbers, st.booleans(), st.sampled_from(ADDRESSES)),
    "k.b": texts,
    "n.long": st.one_of(numbers, numbers.map(str), st.sampled_from(("x", 1.5, True))),
    "n.real": st.one_of(reals, numbers, reals.map(str)),
    "flag": st.sampled_from((True, False, "true", "false", "no")),
    "net.ip": st.sampled_from(ADDRESSES),
    "when": st.sampled_from((0, 1, "2", "1970-01-01T00:00:00.003Z", "1970-01-01", "bad")),
    "message": st.sampled_from(("a", "Load it", "load-a B2", "[x]-y::Load", "", "a a load")),
}
_objects = st.dictionaries(st.sampled_from(("x", "y")), _contents(texts), max_size=2)


def _unfold(flat: dict[str, object]) -> dict[str, object]:
    out: dict[str, object] = {}
    for path, value in flat.items():
        head, _, rest = path.partition(".")
        inner = out.setdefault(head, {}) if rest else None
        if isinstance(inner, dict):
            inner[rest] = value
        else:
            out[path] = value
    return out


@st.composite
def events(draw: st.DrawFn) -> dict[str, object]:
    """An event over the strategy's fields, with dotted names or nested objects."""
    flat: dict[str, object] = {}
    for path, values in _BY_FIELD.items():
        if draw(st.integers(0, 3)):
            flat[path] = draw(_contents(values))
    if draw(st.booleans()):
        flat[NESTED] = draw(st.one_of(st.lists(_objects, max_size=3), _objects, st.none()))
    return _unfold(flat) if draw(st.booleans()) else flat

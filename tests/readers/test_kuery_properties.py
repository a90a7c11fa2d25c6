"""A value stays the value, whatever it holds, and a tree written is the tree read."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from converter.diagnostics.errors import QuerySyntaxError
from converter.fields.schema import Schema
from converter.languages.kuery.parse import parse
from converter.languages.kuery.syntax import And, Is, Literal, Nested, Node, Not, Or, Order, Range, Value, Wildcard
from converter.languages.kuery.write import escape, quote, write
from converter.model.pattern import Case
from converter.model.predicate import OneOf
from converter.readers import kuery

AWKWARD = '\\"*?():<>{} \t\r\nandornotANDORNOTu0041|`$[]\u00a0\u3000é😀'
TEXTS = st.one_of(
    st.text(st.sampled_from(AWKWARD), max_size=20), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
PROFILE = settings(derandomize=True, deadline=None, max_examples=400)


@PROFILE
@given(TEXTS)
def test_quoted_text_reads_back(text: str) -> None:
    assert parse(f"f:{quote(text)}") == Is(Literal("f"), Literal(text, quoted=True))
    (leaf,) = [kuery.lower(parse(f"f:{quote(text)}"), Schema()).predicate]
    assert isinstance(leaf, OneOf)
    assert (leaf.values, leaf.case) == ((text,), Case.SENSITIVE)


TRIMMED = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


@PROFILE
@given(TEXTS)
def test_unquoted_text_reads_back(text: str) -> None:
    # What Kibana's own escaping loses: blanks at the ends, the three typed words, an escaped `not`.
    plain = text.strip(TRIMMED)
    if (
        not plain
        or plain in ("true", "false", "null")
        or "\\n" in escape(plain).replace("\\\\", "")
        or "\u00a0" in plain
    ):
        return
    assert parse(f"f:{escape(plain)}") == Is(Literal("f"), Literal(plain))


WORDS = st.text(st.sampled_from('ab.-:*"\\( {'), min_size=1, max_size=6).map(lambda t: t.strip() or "x")
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.builds(Literal, WORDS, st.just(value=False)),
    st.builds(Literal, TEXTS, st.just(value=True)),
    st.builds(Literal, st.sampled_from([True, False, None])),
    st.builds(Wildcard, st.lists(WORDS, min_size=2, max_size=4).map(tuple)),
)
NAMES = st.builds(Literal, WORDS)
NODES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        st.builds(Is, st.one_of(NAMES, st.just(Literal(None))), VALUES),
        st.builds(Range, NAMES, st.sampled_from(Order), VALUES),
    ),
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Not, inner.filter(lambda n: not isinstance(n, Not))),
        st.builds(Nested, NAMES, inner),
    ),
    max_leaves=8,
)


@PROFILE
@given(NODES)
def test_tree_reads_back(tree: Node) -> None:
    assert parse(write(tree)) == tree


@PROFILE
@given(st.text(st.sampled_from('ab: ()"\\*{}<>=andornot\n'), max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except QuerySyntaxError as error:
        (found,) = error.diagnostics
        assert found.span is not None
        assert 0 <= found.span.start <= found.span.end <= len(text)
    else:
        kuery.lower(tree, Schema())

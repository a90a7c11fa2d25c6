"""Scripts, phrases and nested arrays: random ones of every function, judged on random events."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping

import pytest
from targets.splunk_cases import ROW, emitted, found, text_of

from backends.splunk.condition.columns import Columns
from backends.splunk.condition.scalar import Scalars, Unsayable
from converter.fields import analysis
from converter.model.pattern import Case, Pattern, Wild, of
from converter.model.predicate import Analyzer, Element, Holds, Like, Not, OneOf, Phrase, Predicate, Present
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now, Value
from converter.proof.judges.spl.run import READINGS, run
from converter.reference import matches
from converter.target import Notebook

F = Function
SINGLE = tuple(Field(n, many=False) for n in ("s", "p.q", "u"))
MANY = Field("m")
LONG, LONGS = Field("n", Kind.LONG, many=False), Field("nn", Kind.LONG)
Event = Mapping[str, object]


class Writer:
    """Random scripts."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def case(self) -> Case:
        return self.rng.choice(list(Case))

    def text(self, depth: int = 2) -> Value:
        rng = self.rng
        match rng.randint(0, 6 if depth else 1):
            case 0:
                return Literal(rng.choice(("a", "b", "ab", "5", "A")))
            case 1 | 6:
                return rng.choice((*SINGLE, MANY))
            case 2:
                return Call(F.CONCAT, (self.text(depth - 1), self.text(depth - 1)))
            case 3:
                return Call(F.SUBSTRING, (self.text(depth - 1), *self.places()))
            case 4:
                greedy = (Literal(value=True),) if rng.random() < 0.4 else ()
                ends = (Literal(rng.choice("ab")), Literal(rng.choice(("a", "x", ""))))
                return Call(F.BETWEEN, (self.text(depth - 1), *ends, *greedy), self.case())
            case _:
                return Call(F.STRING, (rng.choice((self.number(depth - 1), self.text(depth - 1))),))

    def places(self) -> tuple[Value, ...]:
        rng = self.rng
        if rng.random() < 0.3:
            return Literal(0), Call(F.SUBTRACT, (Call(F.LENGTH, (self.text(0),)), Literal(1)))
        start = Literal(rng.randint(-3, 3))
        return (start, Literal(rng.randint(-3, 4))) if rng.random() < 0.6 else (start,)

    def number(self, depth: int = 2) -> Value:
        rng = self.rng
        match rng.randint(0, 6 if depth else 1):
            case 0:
                return Literal(rng.choice((rng.randint(-4, 6), 0.5)))
            case 1:
                return rng.choice((LONG, LONGS))
            case 2:
                return Call(F.LENGTH, (self.text(depth - 1),))
            case 3 | 4:
                sign = rng.choice((F.ADD, F.SUBTRACT, F.MULTIPLY, F.DIVIDE, F.MODULO))
                return Call(sign, (self.number(depth - 1), self.number(depth - 1)))
            case 5:
                wanted = Literal(rng.choice("ab")) if rng.random() < 0.5 else self.text(depth - 1)
                start = (Literal(rng.randint(-1, 2)),) if isinstance(wanted, Literal) and rng.random() < 0.5 else ()
                return Call(F.INDEX_OF, (self.text(depth - 1), wanted, *start), self.case())
            case _:
                base = rng.choice(((), (Literal(None),), (Literal(16),), (Literal(8),)))
                return Call(F.NUMBER, (self.text(depth - 1), *base))

    def truth(self, depth: int = 2) -> Call:
        rng = self.rng
        match rng.randint(0, 9 if depth else 5):
            case 0:
                left, right = self.number(), self.number()
                relation = rng.choice((F.EQ, F.NE, F.LT, F.LE, F.GT, F.GE))
                return Call(relation, (LONG, right) if isinstance(left, Literal) else (left, right))
            case 1:
                test = rng.choice((F.STARTS_WITH, F.ENDS_WITH, F.STRING_CONTAINS))
                return Call(test, (self.text(), self.text()), self.case())
            case 2:
                return self.text_relation()
            case 3:
                pattern = of(rng.choice(("a", "")), rng.choice(list(Wild)), rng.choice(("b", "")))
                return Call(F.LIKE, (self.text(), Literal(pattern)), self.case())
            case 4:
                return Call(F.IS_NULL, (rng.choice((self.text(), self.number())),))
            case 5:
                return Call(F.CIDR_MATCH, (Field("ip", many=False), Literal("10.0.0.0/8"), Literal("fe80::/10")))
            case 6:
                return Call(F.NOT, (self.truth(depth - 1),))
            case 7:
                wanted = Literal(value=rng.random() < 0.5)
                return Call(F.EQ, (Call(F.STARTS_WITH, (self.text(0), self.text(0)), self.case()), wanted))
            case sign:
                return Call(F.AND if sign == 8 else F.OR, (self.truth(depth - 1), self.truth(depth - 1)))

    def text_relation(self) -> Call:
        rng = self.rng
        case = self.case()
        ordered = case is Case.SENSITIVE and rng.random() < 0.3
        left = self.text()
        if isinstance(left, Literal):
            left = SINGLE[0]
        right = Literal(rng.choice(("a", "ab", "5", "", "x.y"))) if ordered or rng.random() < 0.6 else self.text()
        sides = (right, left) if rng.random() < 0.3 else (left, right)
        return Call(rng.choice((F.LT, F.GE, F.LE, F.GT) if ordered else (F.EQ, F.NE)), sides, case)

    def event(self) -> dict[str, object]:
        rng = self.rng

        def word() -> str:
            return "".join(rng.choice("abAx.51") for _ in range(rng.randint(0, 5)))

        event: dict[str, object] = {f.path: word() for f in SINGLE if rng.random() < 0.8}
        if rng.random() < 0.8:
            event["m"] = [word() for _ in range(rng.randint(0, 3))] if rng.random() < 0.6 else word()
        if rng.random() < 0.8:
            event["n"] = rng.randint(-4, 8)
        if rng.random() < 0.8:
            event["nn"] = [rng.randint(-4, 8) for _ in range(rng.randint(0, 3))]
        if rng.random() < 0.8:
            event["ip"] = rng.choice(("10.1.1.1", "fe80::1", "8.8.8.8", "x"))
        return event


def verdicts(predicate: Predicate, text: str, events: list[dict[str, object]], readings: tuple[int, ...]) -> int:
    wanted = {n for n, event in enumerate(events) if matches(predicate, event)}
    numbered = [{**event, ROW: n} for n, event in enumerate(events)]
    for index in readings:
        rows = run(text, numbered, reading=READINGS[index])
        assert {int(str(r[ROW])) for r in rows} == wanted, f"{READINGS[index].name}\n{predicate}\n{text}"
    return len(wanted)


EVERY = tuple(range(len(READINGS)))


@pytest.mark.parametrize(("seed", "count", "readings"), [(1, 40, EVERY), (2, 300, (0, -1))])
def test_random_scripts(seed: int, count: int, readings: tuple[int, ...]) -> None:
    writer = Writer(seed)
    hits = judged = 0
    for _ in range(count):
        holds: Predicate = Holds(writer.truth())
        predicate = Not(holds) if writer.rng.random() < 0.3 else holds
        emission = emitted(predicate)
        if not emission.text:
            assert [d.code for d in emission.diagnostics] == ["T202"]
            continue
        judged += 1
        hits += verdicts(predicate, emission.text, [writer.event() for _ in range(8)], readings)
    assert judged > 0.95 * count
    assert hits > count


WORDS = ("a", "ab", "b1", "1", "12", "a.b", "a_b", "_", "1.2", "a1")
GAPS = (" ", ".", ":", "'", ",", ";", "-", "_", " _ ", "  ", "\n", "/", "..", ". ")


def prose(rng: random.Random) -> str:
    words = [w.upper() if rng.random() < 0.3 else w for w in (rng.choice(WORDS) for _ in range(rng.randint(0, 5)))]
    return "".join(w + rng.choice(GAPS) for w in words) + rng.choice((*WORDS, ""))


def token(rng: random.Random, analyzer: Analyzer) -> Pattern:
    known = analysis.tokens(prose(rng), analyzer)
    text = rng.choice(known) if known else "a"
    shapes: tuple[Callable[[], Pattern], ...] = (
        lambda: of(text),
        lambda: of(text),
        lambda: of(text[:1], Wild.ANY_RUN),
        lambda: of(Wild.ANY_ONE, text),
        lambda: of(Wild.ANY_RUN, text[-1:]),
    )
    return rng.choice(shapes)()


@pytest.mark.parametrize(("seed", "count", "readings"), [(1, 30, EVERY), (2, 300, (0, -1))])
def test_random_phrases(seed: int, count: int, readings: tuple[int, ...]) -> None:
    rng = random.Random(seed)
    hits = 0
    for _ in range(count):
        field = rng.choice((Field("x", Kind.TEXT, many=False), Field("xs", Kind.TEXT)))
        analyzer = rng.choice(list(Analyzer))
        predicate = Phrase(field, tuple(token(rng, analyzer) for _ in range(rng.randint(1, 3))), analyzer)
        events: list[dict[str, object]] = [
            {"x": prose(rng), "xs": [prose(rng) for _ in range(rng.randint(0, 3))]} for _ in range(10)
        ]
        hits += verdicts(predicate, text_of(predicate), events, readings)
    assert hits > count / 3


@pytest.mark.parametrize("tokens", [(), (of("A"),), (of("a b"),), (of("é"), of("a b"))])
def test_phrase_that_no_text_has(tokens: tuple[Pattern, ...]) -> None:
    text = text_of(Phrase(Field("x", Kind.TEXT, many=False), tokens, Analyzer.POWERSHELL))
    assert found(text, [{"x": "A"}, {"x": "a b"}, {}]) == []


def test_nested_array_asks_one_object() -> None:
    where = Element(
        "list",
        Like(Field("list.a"), (of("x", Wild.ANY_RUN),), Case.SENSITIVE),
    )
    both = Element("list", Not(OneOf(Field("list.a", many=False), ("x",), Case.SENSITIVE)))
    events = [
        {"list": json.dumps(value)}
        for value in ([{"a": "xy"}], [{"a": ["q", "xy"]}], [{"a": "x"}], [{"b": "xy"}], [{"a": "x"}, {"a": "q"}], [])
    ]
    assert found(text_of(where), events) == [0, 1, 2, 4]
    assert found(text_of(both), events) == [0, 1, 3, 4]


def test_error_many_numbers_inside_a_nested_object() -> None:
    from converter.model.predicate import Compare, Comparison

    emission = emitted(Element("list", Compare(Field("list.n", Kind.LONG), Comparison.GT, 1)))
    assert [d.code for d in emission.diagnostics] == ["T202"]


TEXT, NUMBER = SINGLE[0], LONG
DATE = Field("d", Kind.DATE, many=False)
UNSAYABLE = {
    "text_with_number": Call(F.EQ, (TEXT, Literal(1))),
    "number_with_text": Call(F.EQ, (NUMBER, Literal("a"))),
    "text_field_with_number_field": Call(F.EQ, (TEXT, NUMBER)),
    "order_of_computed_texts": Call(F.LT, (TEXT, SINGLE[1])),
    "insensitive_order": Call(F.LT, (TEXT, Literal("a")), Case.INSENSITIVE),
    "order_of_truths": Call(F.LT, (TEXT, Literal(value=True))),
    "constant_without_word": Call(F.EQ, (TEXT, Literal(Instant(0)))),
    "date": Call(F.GT, (Call(F.LENGTH, (DATE,)), Literal(1))),
    "length_of_a_number": Call(F.GT, (Call(F.LENGTH, (NUMBER,)), Literal(1))),
    "sum_of_texts": Call(F.GT, (Call(F.ADD, (TEXT, TEXT)), Literal(1))),
    "computed_network": Call(F.CIDR_MATCH, (TEXT, TEXT)),
    "computed_pattern": Call(F.LIKE, (TEXT, TEXT)),
    "computed_end_of_between": Call(F.EQ, (Call(F.BETWEEN, (TEXT, TEXT, Literal("a"))), Literal("a"))),
    "computed_start_of_index": Call(F.GT, (Call(F.INDEX_OF, (TEXT, TEXT, NUMBER)), Literal(1))),
    "hostile_constant": Call(F.STARTS_WITH, (TEXT, Call(F.CONCAT, (Literal("$x$"), TEXT)))),
    "now": Call(F.STARTS_WITH, (TEXT, Literal(Now(0)))),
    "several_nulls": Call(F.IS_NULL, (Call(F.CONCAT, (MANY, LONGS)),)),
    "no_truth": Call(F.CONCAT, (TEXT, TEXT)),
    "no_value": Call(F.EQ, (Call(F.LENGTH, (Call(F.STARTS_WITH, (TEXT, TEXT)),)), Literal(1))),
}


@pytest.mark.parametrize("name", sorted(UNSAYABLE))
def test_error_script_without_form(name: str) -> None:
    emission = emitted(Holds(UNSAYABLE[name]))
    assert emission.text == ""
    assert [d.code for d in emission.diagnostics] == ["T202"]


def test_error_deep_nesting_is_found_before_it_grows() -> None:
    value: Value = SINGLE[0]
    for _ in range(150):
        value = Call(F.SUBSTRING, (value, Literal(-2), Call(F.LENGTH, (value,))))
        if len(repr(value)) > 10_000:
            break
    with pytest.raises(Unsayable, match="nested too deeply"):
        Scalars(Columns(Notebook())).scalar(Call(F.CONCAT, (value,) * 60))


def test_truth_field_and_presence_in_a_script() -> None:
    flag = Field("t", Kind.BOOLEAN, many=False)
    text = text_of(Holds(Call(F.OR, (Call(F.NOT, (flag,)), Call(F.IS_NULL, (flag,))))))
    assert found(text, [{"t": True}, {"t": False}, {}]) == [1, 2]
    assert found(text_of(Not(Present(flag))), [{"t": True}, {}]) == [1]

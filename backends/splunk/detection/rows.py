"""The events of a sequence's steps as rows: one an event, step and join key.

A step is searched on its own and numbered, several at once by `multisearch`. Steps of one place that a constant tells
apart (no event is two of them) are found by one search, and numbered by that constant.
"""

from __future__ import annotations

from collections.abc import Sequence

from backends.splunk.condition.moment import TIME_MS
from backends.splunk.condition.wildcard import possible
from backends.splunk.detection.filter import Writer, filtered, stages_of
from backends.splunk.detection.place import first, multisearch
from converter.deferred import dataclass
from converter.forms.pinned import said_once
from converter.languages.spl.flow import named
from converter.languages.spl.shorthand import (
    NULL,
    TRUE,
    call,
    case,
    concat,
    conjunction,
    disjunction,
    equal,
    number,
)
from converter.languages.spl.syntax import (
    Aggregate,
    Among,
    Eval,
    Expression,
    Mvexpand,
    Name,
    Number,
    Stage,
    Stats,
    Text,
    Where,
)
from converter.model.pattern import Case
from converter.model.predicate import And, OneOf, Or, Predicate
from converter.model.rule import Key
from converter.model.walk import leaves
from converter.plan.branch import Branch, JoinKey, join_keys, same_place
from converter.plan.places import alike

STEP, TIME = Name("seq_step"), Name("seq_time")


def rows(write: Writer, steps: Sequence[Branch]) -> list[Stage]:
    """A row an event, step and key."""
    apart = told_apart(write, steps)
    if apart is not None:
        found = _together(write, steps, apart)
    else:
        each = [_alone(write, one) for one in steps]
        found = each[0] if len(each) == 1 else [multisearch(each)]
    return _evals_together([*found, Eval(((TIME.text, TIME_MS),)), *_keyed(write, steps, found)])


def numbered_rows(write: Writer, steps: Sequence[Branch]) -> list[Stage]:
    """The same for steps in one place; rows of one event carry its number in `seq_event`."""
    wheres = [said_once(possible(one.where, write.columns)) for one in steps]
    either = filtered(write, Or(tuple(dict.fromkeys(wheres))))
    opening = first(write, steps[0].binding, either)
    tests = [
        call("if", write.checks.whole(where), Text(str(code)), NULL)
        for where, one in zip(wheres, steps, strict=True)
        for code in one.stages
    ]
    stages = [*opening, *stages_of(write, either, opening)]
    rows_of = Eval((("seq_time", TIME_MS), ("seq_step", call("mvappend", *tests))))
    stages += [
        *write.columns.of(named(call("mvappend", *tests)), stages),
        rows_of,
        Stats("streamstats", (Aggregate("count", None, "seq_event"),)),
        Mvexpand("seq_step"),
    ]
    return [*stages, *_keyed(write, steps, stages)]


# ---- steps that a constant tells apart


@dataclass(frozen=True, slots=True)
class Apart:
    """The tests that tell the steps apart among the events of them all."""

    tests: tuple[Expression, ...]


def told_apart(write: Writer, steps: Sequence[Branch]) -> Apart | None:
    """How one constant column tells the steps apart, if it does and they are in one place."""
    several = any(len(one.stages) > 1 or not same_place(one.binding, steps[0].binding) for one in steps)
    if len(steps) < 2 or several:  # noqa: PLR2004 - one needs no telling apart
        return None
    pins = [_pins(said_once(possible(one.where, write.columns))) for one in steps]
    for field in pins[0]:
        if all(field in p for p in pins) and _disjoint([p[field] for p in pins]):
            value = write.columns.value(pins[0][field].field)
            return Apart(tuple(_is(value, p[field]) for p in pins))
    return None


def _pins(where: Predicate) -> dict[str, OneOf]:
    """The constants that hold of every event of a predicate, by column: several of Elastic's fields may be one."""
    terms = where.terms if isinstance(where, And) else (where,)
    pins = [t for t in terms if isinstance(t, OneOf) and not t.field.many]
    return {t.field.way.text if t.field.way is not None else t.field.path: t for t in pins}


def _disjoint(pins: Sequence[OneOf]) -> bool:
    """Whether no value is in two of them, whatever its case."""
    values = [v.lower() for p in pins for v in {v.lower(): v for v in p.values}.values()]
    plain = all(v.isascii() and v.isprintable() and not set('"\\$`') & set(v) and v.strip() == v and v for v in values)
    return plain and len(values) == len(set(values))


def _is(value: Expression, pin: OneOf) -> Expression:
    """Whether the value is one of a pin's, among values that are one of some pin's in any case."""
    digits = all(v.isdigit() and str(int(v)) == v for v in pin.values)
    letters = any(c.isalpha() for v in pin.values for c in v) and pin.case in Case
    items: list[Expression] = [Number(v) if digits else Text(v.lower()) for v in pin.values]
    compared = call("lower", value) if letters else value
    return equal(compared, items[0]) if len(items) == 1 else Among(compared, tuple(items))


def _together(write: Writer, steps: Sequence[Branch], apart: Apart) -> list[Stage]:
    """One search for all the steps, and the number of each event's step."""
    found = filtered(write, Or(tuple(alike([one.where for one in steps]))))
    for leaf in (leaf for one in steps for leaf in leaves(one.where)):
        write.ledger.wrote(leaf)  # the search holds it, perhaps on the column's other name
    opening = first(write, steps[0].binding, found)
    stages = [*opening, *stages_of(write, found, opening)]
    stages += write.columns.of([n for t in apart.tests for n in named(t)], stages)
    return [*stages, Eval(((STEP.text, _told(apart.tests, [number(one.stages[0]) for one in steps])),))]


def _told(tests: Sequence[Expression], steps: Sequence[Expression]) -> Expression:
    """The step whose test holds, the last one without a look at its test."""
    arms, last = list(zip(tests[:-1], steps[:-1], strict=True)), steps[-1]
    match arms:
        case [(test, step)]:
            return call("if", test, step, last)
        case [(test, step), (other, second)]:
            return call("if", test, step, call("if", other, second, last))
        case _:  # a list: each further `if` would stand in the one before
            return case(*arms, (TRUE, last))


# ---- a step on its own


def _alone(write: Writer, one: Branch) -> list[Stage]:
    found = filtered(write, one.where)
    opening = first(write, one.binding, found)
    stages = [*opening, *stages_of(write, found, opening)]
    codes = one.stages
    if len(codes) == 1:
        return [*stages, Eval(((STEP.text, number(codes[0])),))]
    listed = call("split", Text(",".join(map(str, codes))), Text(","))
    return [*stages, Eval(((STEP.text, listed),)), Mvexpand(STEP.text)]


def _keyed(write: Writer, steps: Sequence[Branch], earlier: Sequence[Stage]) -> list[Stage]:
    """The join keys of rows, which have to be there."""
    out: list[Stage] = []
    keys = join_keys(steps)
    for place, key in enumerate(keys, 1):
        value = _key(write, steps, key)
        name = f"seq_key{place}"
        out += write.columns.of(named(value), [*earlier, *out])
        out.append(Eval(((name, call("mvdedup", value) if key.many else value),)))
        if key.many:
            out.append(Mvexpand(name))
    present = [call("isnotnull", Name(f"seq_key{i}")) for i in range(1, len(keys) + 1)]
    out.append(Where(conjunction([call("isnotnull", TIME), *present])))
    return out


def _evals_together(stages: Sequence[Stage]) -> list[Stage]:
    """The stages, evals beside each other in one."""
    out: list[Stage] = []
    for stage in stages:
        if isinstance(stage, Eval) and out and isinstance(out[-1], Eval):
            out[-1] = Eval((*out[-1].columns, *stage.columns))
        else:
            out.append(stage)
    return out


def _key(write: Writer, steps: Sequence[Branch], key: JoinKey) -> Expression:
    """The value of a join key.

    Where some step's key is optional every value gets a mark, so that no value is taken for the missing one.
    """
    arms: dict[Expression, list[int]] = {}
    for one, own in zip(steps, key.keys, strict=True):
        name = write.columns.value(own.field)
        arms.setdefault(_marked(own, name) if key.marked else name, []).extend(one.stages)
    if len(arms) == 1:
        return next(iter(arms))
    if len(arms) == 2:  # noqa: PLR2004 - one or the other
        (value, codes), (other, _) = arms.items()
        return call("if", is_step(codes), value, other)
    return case(*((is_step(codes), value) for value, codes in arms.items()))


def _marked(key: Key, name: Expression) -> Expression:
    missing: Expression = Text("-") if key.optional else NULL
    value = concat(Text("="), name)
    shown = call("mvmap", name, value) if key.field.many else value
    return call("if", call("isnull", name), missing, shown)


def is_step(codes: Sequence[int]) -> Expression:
    """Whether a row is one of these steps."""
    return disjunction(equal(STEP, number(code)) for code in codes)


def key_names(keys: Sequence[JoinKey]) -> tuple[str, ...]:
    """The by-clause of the join keys."""
    return tuple(f"seq_key{i}" for i in range(1, len(keys) + 1))

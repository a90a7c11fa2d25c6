"""Queries over several rows, as the frames of what they ask: new terms, indicators, sequences, samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from converter.deferred import dataclass, replace
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import (
    Among,
    Array,
    Binary,
    Call,
    Chain,
    Columns,
    Duration,
    Dynamic,
    Expansion,
    Expression,
    Extend,
    Item,
    MvApply,
    MvExpand,
    Name,
    Nested,
    Number,
    Operator,
    Program,
    Project,
    Query,
    Star,
    Summarize,
    Table,
    Union,
    Where,
)
from converter.languages.kusto.walk import names
from converter.model.normalise import normalise
from converter.model.predicate import And, Predicate
from converter.readers import frames
from converter.readers.frames import Frame, Keyed
from converter.readers.kusto.condition import milliseconds, subject
from converter.readers.kusto.joins import Join, joined, kept, number, run_before
from converter.readers.kusto.lower import Place, Reading, asked_of_lists, conjuncts, reading, walked
from converter.readers.unraised import UnraisedError

# ---- new terms


def new_terms(program: Program, time: Expression, place: Place) -> Frame:
    """The combinations that a query calls new. Raises UnraisedError."""
    at = next((n for n, o in enumerate(program.query.operators) if isinstance(o, Summarize)), 0)
    match program.query.operators[at:]:
        case (
            Summarize((Item(Call("arg_min", (least, Star()))),), by),
            Where(Binary(">", newer, Call("ago", (Duration() as since,)))),
            *rest,
        ) if least == newer == time and all(isinstance(o, Project | Columns) for o in rest):
            pass
        case _:
            raise UnraisedError("a query for what is not new terms")
    found = reading(program, place)
    found.time = time
    where = found.whole(replace(program.query, operators=program.query.operators[:at]))
    keys = [subject(found.key(item.expression)) for item in by]
    ends = dict(found.ranges)
    if len(found.ranges) != len(ends) or ">=" not in ends or set(ends) - {">=", "<="}:
        raise UnraisedError("a query without a range of time")
    until = milliseconds(ends["<="]) if "<=" in ends else 0
    window = f"until {until}, new since {milliseconds(since)}"
    return frames.new_terms(where, keys, milliseconds(ends[">="]), window)


# ---- indicators


def looked_up(program: Program, indicators: str, place: Place) -> Frame:
    """The rows of which a value stands among those of `indicators`, a query that is named so. Raises UnraisedError."""
    found = reading(program, place)
    if indicators not in found.queries:
        raise UnraisedError("a query without indicators")
    chosen = reading(program).whole(found.queries[indicators])
    sought = {name: _value(query, indicators) for name, query in found.queries.items() if name != indicators}
    pairs: list[list[str]] = []
    terms: list[Predicate] = []
    hits: dict[str, list[str]] = {}
    for operator in program.query.operators:
        match operator:
            case MvApply((column,), (Summarize((Item(counted, name),), ()),)) if set(names(counted)) & set(sought):
                hits[name] = [f"{flat(walked(found.value(column.expression)))} = {_listed(counted, column, sought)}"]
            case Where(condition):
                for term in conjuncts(condition):
                    if set(names(term)) & (set(sought) | set(hits)):
                        pairs += _pairs(term, found, sought, hits)
                    else:
                        terms += found.operator(Where(term))
            case _:
                terms += found.operator(operator)
    if not pairs:
        raise UnraisedError("indicators that are not asked for")
    return frames.looked_up(normalise(And(tuple(terms))), chosen, pairs)


def _value(query: Query, indicators: str) -> str:
    """The value of an indicator that a query lists, by its text."""
    match query:
        case Query(
            Table(name),
            (Project((Item(value, named),)), Where(Call("isnotempty", (Name(asked),)))),
        ) if name == indicators and named == asked:
            return flat(value)
        case _:
            raise UnraisedError("a list that is made otherwise")


def _listed(counted: Expression, column: Expansion, sought: Mapping[str, str]) -> str:
    """What the elements of an array are looked for among."""
    match counted:
        case Binary(
            ">", Call("countif", (Among("in", Call("tostring", (Name(element),)), (Name(name),)),)), Number(0)
        ) if element == column.name and name in sought:
            return sought[name]
        case _:
            raise UnraisedError("a walk that counts otherwise")


def _pairs(
    node: Expression, found: Reading, sought: Mapping[str, str], hits: Mapping[str, list[str]]
) -> Iterator[list[str]]:
    match node:
        case Chain("or", parts):
            for part in parts:
                yield from _pairs(part, found, sought, hits)
        case Among("in", value, (Name(name),)) if name in sought:
            yield [f"{flat(found.value(value))} = {sought[name]}"]
        case Name(name) if name in hits:
            yield hits[name]
        case _:
            raise UnraisedError("indicators that are looked up otherwise")


# ---- steps


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a step: the query that finds its events, its key (None: columns of the rows), what makes a run."""

    query: Query
    key: Expression | None
    run: tuple[Operator, ...] = ()


def sequence(program: Program, known: Mapping[int, Place]) -> Frame:
    """The sequence that a query finds; `known` by the numbers of the sequence's stages. Raises UnraisedError."""
    query = _inlined(program)
    common, rest = kept(query.operators)
    join = joined(rest)
    if isinstance(query.source, Union):
        parts = _parts(query.source, common)
    else:
        key = next((i.expression for o in common if isinstance(o, Extend) for i in o.items if i.name == "Key"), None)
        parts = {1: Part(Query(query.source, common), key)}
    if any(part.run and row != 1 for row, part in parts.items()):
        raise UnraisedError("a run behind another step")
    if not join.run:
        length = run_before(parts[1].run, join) if 1 in parts else 0
        join = replace(join, rows={**dict.fromkeys(range(1, length + 1), 1), length + 1: 2}, last=length + 1)
    elif any(part.run for part in parts.values()):
        raise UnraisedError("a run that no step asks for")
    stages = {row: stage for stage, row in sorted(join.rows.items(), reverse=True)}
    if set(stages) != set(parts) or not set(stages.values()) <= set(known):
        raise UnraisedError("other steps than the rule's")
    found = {row: _keyed(program, part, join, known[stages[row]]) for row, part in parts.items()}
    return frames.chain(join.chain(found))


def _inlined(program: Program) -> Query:
    """The program's query, its source written out where that has a name."""
    queries = {let.name: let.value for let in program.lets if isinstance(let.value, Query)}
    query = program.query
    while isinstance(query.source, Table) and query.source.name in queries:
        inner = queries[query.source.name]
        query = Query(inner.source, (*inner.operators, *query.operators))
    while isinstance(query.source, Nested):
        query = Query(query.source.query.source, (*query.source.query.operators, *query.operators))
    return query


def _parts(union: Union, common: tuple[Operator, ...]) -> dict[int, Part]:
    found: dict[int, Part] = {}
    for query in union.queries:
        stages: tuple[int, ...] = ()
        key: Expression | None = None
        own: list[Operator] = []
        before, run = kept(query.operators)
        if run:
            ends = next(
                (n for n, o in enumerate(run) if isinstance(o, Extend) and o.items[0].name == "Stage"), len(run)
            )
            run, behind = run[:ends], run[ends:]
        else:
            behind = ()
        for operator in (*before, *behind):
            match operator:
                case Extend((Item(value, "Stage"),)):
                    stages = (number(value),)
                case Extend((Item(Call("bag_pack"), "Event"),)):
                    continue
                case MvExpand((Expansion(Dynamic(Array(listed)), "Stage", "long"),)):
                    stages = tuple(map(_number, listed))
                case Extend((Item(value, "Key"),)):
                    key = value
                    own.append(operator)
                case _:
                    own.append(operator)
        for stage in stages:
            if stage in found:
                raise UnraisedError("a step that stands twice")
            found[stage] = Part(Query(query.source, (*own, *common)), key, run)
    return found


def _number(node: object) -> int:
    match node:
        case Number(int(found)):
            return found
        case _:
            raise UnraisedError("a step that is no number")


def _keyed(program: Program, part: Part, join: Join, place: Place) -> Keyed:
    """The condition and the keys of a step's rows. Raises UnraisedError."""
    found = reading(program, place)
    where = found.whole(part.query)
    asked_of_lists(program, place, part.query)
    if join.by == (Name("Key"),):
        if part.key is None:
            raise UnraisedError("rows without a key")
        keys = tuple(subject(one) for one in _joined(found.key(part.key)))
    else:
        keys = tuple(subject(found.key(one)) for one in join.by)
    return Keyed(where, keys)


def _joined(key: Expression) -> tuple[Expression, ...]:
    match key:
        case Call("tostring", (Call("pack_array", parts),)):
            return parts
        case _:
            return (key,)


def sample(program: Program, place: Place) -> Frame:
    """The sample that a query finds. Raises UnraisedError."""
    query = _inlined(program)
    before, rest = kept(query.operators)
    match rest:
        case (Summarize(aggregates, by), Where(limits), *ending) if all(isinstance(o, Project) for o in ending):
            pass
        case _:
            raise UnraisedError("a query for what is no sample")
    marks = {
        i.name: n for o in before if isinstance(o, Extend) for n, i in enumerate(o.items, 1) if i.name == f"Step{n}"
    }
    counted = {i.name: _counted(i.expression, marks) for i in aggregates}
    demands: dict[frozenset[int], int] = {}
    for limit in conjuncts(limits):
        match limit:
            case Binary(">=", Name(name), Number(int(least))) if counted.get(name):
                demands[counted[name]] = least
            case _:
                raise UnraisedError("a condition on another count")
    stages: dict[int, Keyed] = {}
    for name, stage in marks.items():
        found = reading(program, place)
        where = found.whole(Query(query.source, (*before, Where(Name(name)))))
        stages[stage] = Keyed(where, tuple(subject(found.key(item.expression)) for item in by))
    return frames.sample(stages, len(stages), demands)


def _counted(node: Expression, marks: Mapping[str, int]) -> frozenset[int]:
    match node:
        case Call("countif", (Name(name),)) if name in marks:
            return frozenset({marks[name]})
        case Call("countif", (Chain("or", parts),)) if all(isinstance(p, Name) and p.name in marks for p in parts):
            return frozenset(marks[p.name] for p in parts if isinstance(p, Name))
        case _:
            return frozenset()

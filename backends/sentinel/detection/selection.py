"""The rows for which a predicate holds: cheap conditions on stored columns first, computed ones named, walks last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field

from backends.sentinel.condition import test, tree
from backends.sentinel.condition.empty import settled
from backends.sentinel.condition.names import Names
from backends.sentinel.condition.place import Place, element_name
from backends.sentinel.condition.predicate import condition
from backends.sentinel.condition.test import Hit, Test
from backends.sentinel.detection import source
from converter.deferred import dataclass
from converter.forms.pinned import said_once
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import (
    Among,
    Binary,
    Call,
    Expression,
    Extend,
    Index,
    Item,
    Member,
    Name,
    Operator,
    Query,
    Subquery,
    Where,
)
from converter.languages.kusto.walk import map_children, map_operator, replaced, walk
from converter.languages.kusto.walk import names as mentioned
from converter.model.predicate import And, Predicate
from converter.model.walk import leaves
from converter.target.contract import Binding

ELEMENTS = frozenset(element_name(depth, place) for depth in range(4) for place in range(8))
"""Names inside of a walk: what mentions them has no value outside."""
_LONG = 60
"""Characters from which on a computed value has a name even if it is used once."""
_PLAIN = frozenset({"not", "isempty", "isnotempty", "isnull", "isnotnull", "ago", "now"})
_EQUALITIES = frozenset({"==", "!=", "=~", "!~"})


@dataclass(frozen=True, slots=True)
class Selection:
    """The query, the names of what it computed on the way, and the columns that only serve its conditions."""

    query: Query
    named: Mapping[Expression, Name] = field(default_factory=dict)
    helpers: tuple[str, ...] = ()

    @property
    def extra(self) -> tuple[str, ...]:
        """The columns that are not the table's own."""
        return (*(n.name for n in self.named.values()), *self.helpers)

    def then(self, *operators: Operator) -> Query:
        """The query with more operators, in which what has a name is called by it."""
        if not operators:
            return self.query
        more = tuple(map_operator(o, lambda e: replaced(e, self.named)) for o in operators)
        asked = {c for o in self.query.operators if isinstance(o, Where) for c in tree.conjuncts(o.condition)}
        return Query(self.query.source, (*self.query.operators, *(n for o in more for n in _news(o, asked))))


def _news(operator: Operator, asked: AbstractSet[Expression]) -> tuple[Operator, ...]:
    """The operator without what rows that passed the conditions `asked` have or are already."""
    match operator:
        case Extend(items):
            made = tuple(i for i in items if i.expression != Name(i.name))
            return extends(made)
        case Where(condition):
            return source.where(*tree.unasked((c for c in tree.conjuncts(condition) if c not in asked), asked))
        case _:
            return (operator,)


def select(
    predicate: Predicate,
    binding: Binding,
    place: Place,
    *,
    first: Sequence[Expression] = (),
    also: Sequence[Expression] = (),
    rows: Query | None = None,
    asked: Sequence[Expression] | None = None,
) -> Selection:
    """The events of a place for which the predicate holds, of `rows` if they are filtered so far.

    `asked` stands for the conditions of the place's look-ups (`known`), which are asked of a whole table.

    `first` and `also` are conditions over stored columns, before and after those of the predicate.
    """
    for leaf in leaves(predicate):
        place.ledger.wrote(leaf)
    predicate = said_once(settled(predicate))
    terms = predicate.terms if isinstance(predicate, And) else (predicate,)
    tests = [part for t in terms for part in _parts(condition(t, place))]
    if asked is None:
        asked = known(binding, place) if rows is None else ()
    begin = (*place.only, *first) if rows is None else first
    return arranged(tests, binding, place.names, first=begin, also=also, known=asked, rows=rows)


def known(binding: Binding, place: Place) -> tuple[Expression, ...]:
    """The look-ups that a place asks for."""
    return tuple(
        tree.among(tree.path(lookup.column.split(".")), Name(place.lookups[lookup.query])) for lookup in binding.lookups
    )


def _parts(found: Test) -> Iterable[Test]:
    """The conditions that a test joins, each by itself."""
    if found.hits:
        return [found]
    return [Test(c) for c in tree.conjuncts(found.condition)]


def arranged(
    tests: Sequence[Test],
    binding: Binding,
    names: Names,
    *,
    first: Sequence[Expression] = (),
    also: Sequence[Expression] = (),
    known: Sequence[Expression] = (),
    rows: Query | None = None,
) -> Selection:
    """The tests in the order of their costs; `known` are the look-ups that the place asks for."""
    ranked: dict[int, list[Expression]] = {}
    for one in tests:
        ranked.setdefault(_WALK if one.hits else _rank(one.condition), []).append(one.condition)
    early = [*first, *ranked.get(0, []), *ranked.get(1, []), *also]
    late = [*ranked.get(2, []), *ranked.get(3, [])]
    hits = test.hits_of(tests)
    items = shared([*late, *ranked.get(_QUERY, []), *ranked.get(_WALK, []), *_conditions(hits)], names)
    named = {item.expression: Name(item.name) for item in items}
    spelled = [(c, replaced(c, named)) for c in late]
    plain = [c for c, with_names in spelled if with_names == c]
    computed = [with_names for c, with_names in spelled if with_names != c]
    operators: list[Operator] = [
        *source.where(*plain),
        *extends(items),
        *source.where(*computed),
        *source.where(*known, *(replaced(c, named) for c in ranked.get(_QUERY, []))),
        *(map_operator(o, lambda e: replaced(e, named)) for o in test.walks(hits)),
        *source.where(*(replaced(c, named) for c in ranked.get(_WALK, []))),
    ]
    if tree.FALSE in early:
        early = [tree.FALSE]
    kept = [c for c in tree.unasked(dict.fromkeys(early), early) if c != tree.TRUE]
    begun = source.rows(binding, kept) if rows is None else _joined(rows, source.where(*kept))
    return Selection(_joined(begun, operators), named, tuple(h.name for h in hits))


def _joined(rows: Query, operators: Sequence[Operator]) -> Query:
    return Query(rows.source, (*rows.operators, *operators))


_QUERY, _WALK = 4, 5


def _rank(node: Expression) -> int:
    """0 equality of stored columns, 1 other words and signs on them, 2 computed, 3 a regular expression, 4 a query."""
    found = 0
    for part in walk(node):
        match part:
            case Subquery():
                return _QUERY
            case Binary("matches regex"):
                found = 3
            case Member() | Index():
                found = max(found, 2)
            case Call(function) if function not in _PLAIN:
                found = max(found, 2)
            case _:
                continue
    if found:
        return found
    match node:
        case Among(operator) if "in" in operator:
            return 0
        case Binary(operator) if operator in _EQUALITIES:
            return 0
        case _:
            return 1


def _conditions(hits: Sequence[Hit]) -> list[Expression]:
    """The conditions and sources of walks, as often as they are written."""
    found: list[Expression] = []
    for hit in hits:
        found += [hit.test.condition, *_conditions(hit.test.hits)]
    return found


def shared(conditions: Sequence[Expression], names: Names) -> tuple[Item, ...]:
    """What gets a name: computed values that are written twice, or are long. What others need stands before them."""
    suggested: list[Expression] = [e for e in names.suggested if not isinstance(e, Name)]
    asked = frozenset(suggested)
    if not asked:
        return ()
    parts = (part for c in conditions for part in walk(c) if part in asked)
    counts: Counter[Expression] = Counter(part for part in parts if ELEMENTS.isdisjoint(mentioned(part)))
    named = (e for e in suggested if counts[e] > 1 or (counts[e] == 1 and _long(e)))
    found = sorted(named, key=lambda e: len(flat(e)))
    kept: list[Expression] = []
    for one in reversed(found):
        inside = sum(list(walk(k)).count(one) * (counts[k] - 1) for k in kept)
        if counts[one] - inside > 1 or _long(one):
            kept.append(one)
    kept.reverse()
    return tuple(Item(one, names.named(one)) for one in kept)


def _long(node: Expression) -> bool:
    return isinstance(node, Call) and len(flat(node)) > _LONG


def extends(items: Sequence[Item]) -> tuple[Operator, ...]:
    """The operators that make named values: those that need others stand in an `extend` behind them."""
    out: list[Operator] = []
    known: dict[Expression, Expression] = {}
    level: list[Item] = []
    for item in items:
        written = _with_names(item, known)
        if level and any(Name(other.name) in walk(written.expression) for other in level):
            out.append(Extend(tuple(level)))
            level = []
        known[item.expression] = Name(item.name)
        *steps, written = _steps(written)
        if steps:
            out += [*([Extend(tuple(level))] if level else []), *(Extend((s,)) for s in steps)]
            level = []
        level.append(written)
    return (*out, Extend(tuple(level))) if level else tuple(out)


def _steps(item: Item) -> tuple[Item, ...]:
    """One replacement after another, each of what the one before it made under the same name."""
    match item.expression:
        case Call(outer, (Call(inner) as made, *rest)) if outer in _REPLACE and inner in _REPLACE:
            return (*_steps(Item(made, item.name)), Item(Call(outer, (Name(item.name), *rest)), item.name))
        case _:
            return (item,)


_REPLACE = frozenset({"replace_regex", "replace_string"})


def _with_names(item: Item, known: Mapping[Expression, Expression]) -> Item:
    return Item(map_children(item.expression, lambda e: replaced(e, known)), item.name)

"""Look-ups of which an event needs one: lists that differ in one value are one list of both values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backends.sentinel.condition import tree
from backends.sentinel.condition.names import Names
from converter.languages.kusto.syntax import Among, Binary, Chain, Expression, Let, Name, Operator, Query, Text, Where
from converter.languages.kusto.walk import map_children, map_query


def joined(query: Query, lets: Sequence[Let], names: Names) -> tuple[Query, tuple[Let, ...]]:
    """The query and the statements that it needs, where `x in (A) or x in (B)` asks one list instead of two."""
    known = {let.name: let.value for let in lets if isinstance(let.value, Query)}
    if len(known) <= 1:
        return query, tuple(lets)
    uses: Counter[str] = Counter()

    def count(node: Expression) -> Expression:
        if isinstance(node, Name) and node.name in known:
            uses[node.name] += 1
        return map_children(node, count)

    map_query(query, count)
    made: dict[tuple[str, str], Let] = {}

    def change(node: Expression) -> Expression:
        match node:
            case Chain("or", (Among("in", left, (Name(a),)), Among("in", right, (Name(b),)))) if (
                left == right and uses[a] == uses[b] == 1
            ):
                whole = _both(known[a], known[b])
                if whole is not None:
                    made[a, b] = Let(names.fresh(_name(a, b)), whole)
                    return tree.among(left, Name(made[a, b].name))
        return map_children(node, change)

    changed = map_query(query, change)
    gone = {name for pair in made for name in pair}
    return changed, (*(let for let in lets if let.name not in gone), *made.values())


def _name(left: str, right: str) -> str:
    """Devices for LinuxDevices and MacDevices: how both names end; else one or the other."""
    same = 0
    while same < min(len(left), len(right)) and left[-1 - same] == right[-1 - same]:
        same += 1
    ending = left[len(left) - same :]
    return ending[next((i for i, c in enumerate(ending) if c.isupper()), 0) :] or f"{left}Or{right}"


def _both(left: Query, right: Query) -> Query | None:
    """One query for the rows of both, if they differ in one value that a column must have."""
    if left.source != right.source or len(left.operators) != len(right.operators):
        return None
    pairs = list(zip(left.operators, right.operators, strict=True))
    apart = [number for number, (a, b) in enumerate(pairs) if a != b]
    if len(apart) != 1:
        return None
    one = _either(*pairs[apart[0]])
    if one is None:
        return None
    return Query(left.source, (*left.operators[: apart[0]], one, *left.operators[apart[0] + 1 :]))


def _either(left: Operator, right: Operator) -> Operator | None:
    if not isinstance(left, Where) or not isinstance(right, Where):
        return None
    ours, theirs = tree.conjuncts(left.condition), tree.conjuncts(right.condition)
    apart = [n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b]
    if len(ours) != len(theirs) or len(apart) != 1:
        return None
    match ours[apart[0]], theirs[apart[0]]:
        case Binary("==", column, Text() as one), Binary("==", other, Text() as two) if column == other:
            both = tree.one_of(column, (one, two))
            return Where(tree.all_of([*ours[: apart[0]], both, *ours[apart[0] + 1 :]]))
        case _:
            return None

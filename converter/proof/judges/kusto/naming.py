"""The name of a column that a query does not name.

https://learn.microsoft.com/en-us/kusto/query/summarize-operator and what Microsoft's parser makes of the same texts.
"""

from __future__ import annotations

from converter.proof.judges.kusto.syntax import Call, Constant, Expression, Index, Member, Name
from converter.proof.judges.kusto.values import Value

_PREFIXES = {
    "count_distinct": "count_distinct_",
    "count_distinctif": "count_distinctif_",
    "dcount": "dcount_",
    "dcountif": "dcountif_",
    "min": "min_",
    "max": "max_",
    "sum": "sum_",
    "avg": "avg_",
    "sumif": "sumif_",
    "avgif": "avgif_",
    "minif": "minif_",
    "maxif": "maxif_",
    "make_set": "set_",
    "make_set_if": "set_",
    "make_list": "list_",
    "make_list_if": "list_",
    "any": "any_",
}
# The name of the argument goes through these.
_TRANSPARENT = (
    "bin", "floor", "tostring", "tolong", "toint", "todouble", "toreal", "tobool", "todatetime", "totimespan",
    "startofday", "take_any",
)  # fmt: skip


def own_name(expression: Expression) -> str | None:
    """None where the engine makes a name up (Column1, print_0)."""
    match expression:
        case Name(name):
            return name
        case Member(target, key):
            return _joined(target, key)
        case Index(target, Constant(Value(data=str() as key))):
            return _joined(target, key)
        case Call("count", ()):
            return "count_"
        case Call("countif", _):
            return "countif_"
        case Call(name, (argument, *_)) if name in _PREFIXES:
            return _PREFIXES[name] + (own_name(argument) or "")
        case Call(name, (argument, *_)) if name in _TRANSPARENT:
            return own_name(argument)
    return None


def _joined(target: Expression, key: str) -> str | None:
    outer = own_name(target)
    return None if outer is None else f"{outer}_{key}"

"""SPL text from its tree: the only place that sets blanks, breaks and parentheses.

Parentheses stand wherever `search` and `eval` differ in what binds tighter (OR before AND there, AND before OR here) or
the documents are silent (a dot beside plus or minus).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from converter.languages.spl.layout import Break, Doc, Fill, Group, Hard, Nest, render, row
from converter.languages.spl.quoting import eval_field, search_field, word
from converter.languages.spl.syntax import (
    Aggregate,
    Among,
    Append,
    Binary,
    Call,
    Comment,
    Condition,
    Dedup,
    Document,
    Eval,
    Every,
    Excluding,
    Expression,
    Fields,
    Inputlookup,
    Logic,
    Lookup,
    Macro,
    Multisearch,
    Mvexpand,
    Name,
    Negation,
    Negative,
    Number,
    OneOf,
    Options,
    Outputlookup,
    Pair,
    Parameter,
    Pipeline,
    Rename,
    Rex,
    Search,
    Sign,
    Some,
    Sort,
    SortKey,
    Stage,
    Stats,
    Subsearch,
    Table,
    Term,
    Test,
    Text,
    Tstats,
    Where,
)

FENCE = "```"
_PRODUCTS = frozenset({Sign.MULTIPLY, Sign.DIVIDE, Sign.MODULO})
_SUMS = frozenset({Sign.ADD, Sign.SUBTRACT, Sign.CONCAT})


def write(document: Document) -> str:
    """The whole text."""
    return "\n".join(_comment(p) if isinstance(p, Comment) else pipeline(p) for p in document) + "\n"


def pipeline(search: Pipeline) -> str:
    """A search."""
    return render(_pipeline(search))


def expression(value: Expression) -> str:
    """An expression of eval, on one line or more."""
    return render(_expression(value))


def condition(value: Condition) -> str:
    """Terms of `search`."""
    return render(_condition(value))


def _comment(comment: Comment) -> str:
    return f"{FENCE} " + "\n    ".join(comment.lines) + f" {FENCE}"


# ---- pipelines


def _pipeline(search: Pipeline) -> Doc:
    first, *rest = search.stages
    opening: Doc = _terms(first) if isinstance(first, Search) else row("| ", _stage(first))
    if isinstance(first, Macro):
        opening = _stage(first)
    return row(opening, *(part for stage in rest for part in (Hard(), row("| ", _stage(stage)))))


def _inner(search: Pipeline) -> Doc:
    """A search in brackets: on one line if it fits."""
    first, *rest = search.stages
    word_of = "search " if isinstance(first, Search) else "| "
    parts: list[Doc] = [row("[", word_of, _terms(first) if isinstance(first, Search) else _stage(first))]
    for stage in rest:
        parts += [Break(), row("| ", _stage(stage))]
    return Group((Nest(Group(tuple(parts))), "]"))


def _stage(stage: Stage) -> Doc:
    match stage:
        case Search():
            return row("search ", _terms(stage))
        case Where(value):
            return row("where ", Nest(_top(value)))
        case Eval(columns):
            return row("eval ", Nest(_listed([row(f"{eval_field(n)}=", _expression(e)) for n, e in columns])))
        case Stats():
            return _stats(stage)
        case Tstats():
            return _tstats(stage)
        case Sort(keys):
            return row("sort 0 ", Nest(_listed([_sort_key(k) for k in keys])))
        case Mvexpand(field):
            return f"mvexpand {search_field(field)}"
        case Lookup():
            return _lookup(stage)
        case Fields(names, drop):
            return row("fields - " if drop else "fields ", Nest(_names(names)))
        case Table(names):
            return row("table ", Nest(_names(names)))
        case Rename(pairs):
            return row("rename ", Nest(_listed([_pair(p) for p in pairs])))
        case Dedup(names):
            return row("dedup ", Nest(_names(names)))
        case Rex(pattern, options):
            return f'rex {_options(options)}"{pattern}"'
        case Inputlookup(table):
            return f"inputlookup {table}"
        case Outputlookup(table):
            return f"outputlookup {table}"
        case Multisearch(searches):
            return row("multisearch", Nest(row(*(part for s in searches for part in (Hard(), _inner(s))))))
        case Append(search, options):
            return row(f"append {_options(options)}", _inner(search))
        case Macro():
            return _macro(stage)
        case _:
            assert_never(stage)


def _stats(stage: Stats) -> Doc:
    listed = _listed([_aggregate(a) for a in stage.aggregates])
    return row(f"{stage.command} {_options(stage.options)}", Nest(Group((listed, *_by(stage.by)))))


def _tstats(stage: Tstats) -> Doc:
    listed = _listed([_aggregate(a) for a in stage.aggregates])
    source: list[Doc] = [Break(), f"FROM datamodel={stage.model}"]
    if stage.where is not None:
        source += [Break(), row("WHERE ", Nest(_condition(stage.where)))]
    return row(f"tstats {_options(stage.options)}", Nest(Group((listed, *source, *_by(stage.by)))))


def _by(names: Sequence[str]) -> tuple[Doc, ...]:
    return (Break(), row("BY ", Nest(_names(names)))) if names else ()


def _aggregate(one: Aggregate) -> str:
    call = one.function if one.field is None else f"{one.function}({search_field(one.field)})"
    return call if one.alias is None else f"{call} AS {search_field(one.alias)}"


def _sort_key(key: SortKey) -> str:
    name = search_field(key.field) if key.kind == "auto" else f"{key.kind}({search_field(key.field)})"
    return f"-{name}" if key.descending else name


def _lookup(stage: Lookup) -> Doc:
    outputs: tuple[Doc, ...] = ()
    if stage.outputs:
        outputs = (Break(), row("OUTPUT ", _listed([_pair(p) for p in stage.outputs])))
    return row(f"lookup {stage.table} ", Nest(Group((_listed([_pair(p) for p in stage.keys]), *outputs))))


def _pair(pair: Pair) -> str:
    if pair.source == pair.target:
        return search_field(pair.source)
    return f"{search_field(pair.source)} AS {search_field(pair.target)}"


def _options(options: Options) -> str:
    return "".join(f"{name}={value} " for name, value in options)


def _names(names: Sequence[str]) -> Doc:
    return _listed([search_field(n) for n in names])


def _listed(parts: Sequence[Doc]) -> Doc:
    return Fill(tuple(row(p, ",") if i < len(parts) - 1 else p for i, p in enumerate(parts)))


# ---- terms of search


def _terms(stage: Search) -> Doc:
    """The terms of a stage: as many on a line as fit."""
    value = stage.condition
    if isinstance(value, Every):
        return Nest(Fill(tuple(_within(p) for p in value.parts)))
    return Nest(_condition(value))


def _condition(value: Condition) -> Doc:
    match value:
        case Test(field, relation, one):
            return f"{search_field(field)}{relation.value}{word(one)}"
        case OneOf(field, values):
            return row(f"{search_field(field)} IN (", Nest(_listed([word(v) for v in values])), ")")
        case Term(one):
            return word(one)
        case Every(parts):
            return Fill(tuple(_within(p) for p in parts))
        case Some(parts):
            first, *rest = (_within(p) for p in parts)
            return Group((first, *(d for p in rest for d in (Break(), row("OR ", p)))))
        case Excluding(part):
            return row("NOT ", _within(part))
        case Macro():
            return _macro(value)
        case Subsearch(search):
            return _inner(search)
        case _:
            assert_never(value)


def _within(part: Condition) -> Doc:
    """A part of a longer condition, in parentheses if it has parts itself."""
    inner = _condition(part)
    return row("(", Nest(inner), ")") if isinstance(part, Every | Some | Excluding) and _mixes(part) else inner


def _mixes(part: Condition) -> bool:
    return not isinstance(part, Excluding)


# ---- expressions


def _macro(value: Macro) -> Doc:
    if not value.arguments:
        return f"`{value.name}`"
    return row(f"`{value.name}(", Fill(tuple(_arguments(value.arguments))), ")`")


def _arguments(values: Sequence[Expression]) -> list[Doc]:
    return [row(_expression(v), ",") if i < len(values) - 1 else _expression(v) for i, v in enumerate(values)]


def _top(value: Expression) -> Doc:
    """A condition at its outside: one line a part if it is long."""
    return _logic(value) if isinstance(value, Logic) else _expression(value)


def _logic(value: Logic) -> Doc:
    first, *rest = (_operand(p) for p in value.parts)
    return Group((first, *(d for p in rest for d in (Break(), row(f"{value.junction.value} ", p)))))


def _expression(value: Expression) -> Doc:
    match value:
        case Name(text):
            return eval_field(text)
        case Text(raw):
            return f'"{raw}"'
        case Number(digits):
            return digits
        case Parameter(name):
            return f"${name}$"
        case Macro():
            return _macro(value)
        case Call(function, arguments):
            if not arguments:
                return f"{function}()"
            return row(f"{function}(", Nest(Fill(tuple(_arguments(arguments)))), ")")
        case Binary():
            return _binary(value)
        case Negative(term):
            return row("-", _primary(term))
        case Among(term, items):
            return row(_sum(term), " IN (", Nest(Fill(tuple(_arguments(items)))), ")")
        case Logic():
            return _logic(value)
        case Negation(term):
            return row("NOT ", _primary(term))
        case _:
            assert_never(value)


def _operand(value: Expression) -> Doc:
    """A part of AND or OR."""
    return _bracketed(value) if isinstance(value, Logic) else _expression(value)


def _bracketed(value: Expression) -> Doc:
    return row("(", Nest(_expression(value)), ")")


def _primary(value: Expression) -> Doc:
    """A value that stands alone."""
    alone = isinstance(value, Name | Text | Number | Parameter | Macro | Call)
    return _expression(value) if alone else _bracketed(value)


def _is_arithmetic(value: Expression, signs: frozenset[Sign]) -> bool:
    return isinstance(value, Binary) and value.sign in signs


def _sum(value: Expression) -> Doc:
    """A side of a comparison."""
    simple = not isinstance(value, Logic | Negation | Among | Binary) or _is_arithmetic(value, _SUMS | _PRODUCTS)
    return _expression(value) if simple else _bracketed(value)


def _binary(value: Binary) -> Doc:
    sign = value.sign
    if sign is Sign.CONCAT and any(isinstance(side, Number) for side in (value.left, value.right)):
        # A dot beside digits would be theirs.
        left, right = (_bracketed(s) if isinstance(s, Number) else _factor(s) for s in (value.left, value.right))
        return row(left, sign.value, right)
    if sign in _SUMS:
        left = _factor(value.left) if not _same_sum(value.left, sign) else _expression(value.left)
        return row(left, sign.value, _factor(value.right))
    if sign in _PRODUCTS:
        left = _expression(value.left) if _is_arithmetic(value.left, _PRODUCTS) else _primary_or_negative(value.left)
        return row(left, sign.value, _primary_or_negative(value.right))
    return row(_sum(value.left), sign.value, _sum(value.right))


def _same_sum(value: Expression, sign: Sign) -> bool:
    """Whether a left operand needs no parentheses: a dot beside plus or minus does."""
    return isinstance(value, Binary) and value.sign in _SUMS and (value.sign is Sign.CONCAT) == (sign is Sign.CONCAT)


def _factor(value: Expression) -> Doc:
    return _expression(value) if _is_arithmetic(value, _PRODUCTS) else _primary_or_negative(value)


def _primary_or_negative(value: Expression) -> Doc:
    return _expression(value) if isinstance(value, Negative) else _primary(value)

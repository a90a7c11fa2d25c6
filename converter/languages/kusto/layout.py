"""Expressions and queries as text: on one line, or broken at their joints where a line gets long.

Queries hold expressions and expressions queries: the two are written here together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from converter.languages.kusto import literal
from converter.languages.kusto.binding import ADD, ATOM, COMPARE, EQUAL, LEFT, STRING, binds
from converter.languages.kusto.dynamic import json_text
from converter.languages.kusto.filling import STEP, WIDTH, filled
from converter.languages.kusto.syntax import (
    Among,
    Array,
    Between,
    Binary,
    Call,
    Chain,
    Columns,
    Count,
    Datatable,
    Distinct,
    Duration,
    Dynamic,
    Expansion,
    Expression,
    Extend,
    Index,
    Invocation,
    Item,
    Join,
    Member,
    MvApply,
    MvExpand,
    Name,
    Negative,
    Nested,
    Number,
    Operator,
    Order,
    Partition,
    Print,
    Project,
    Query,
    Rename,
    Scan,
    Sort,
    Source,
    Star,
    Step,
    Subquery,
    Summarize,
    Table,
    Take,
    Text,
    Truth,
    Typed,
    Union,
    Where,
)

# ---- queries: an operator a line


def on_one_line(query: Query) -> str:
    """The query without a line break."""
    return " | ".join([_source(query.source, None), *(operator(o, None) for o in query.operators)])


def lines(query: Query, indent: str = "") -> str:
    """The query, each operator on a line that starts with `indent`."""
    head = _source(query.source, indent)
    return f"\n{indent}".join([head, *(f"| {operator(o, indent)}" for o in query.operators)])


def _source(source: Source, indent: str | None) -> str:
    match source:
        case Table(name):
            return literal.name(name)
        case Invocation(function, arguments):
            return f"{function}({', '.join(map(flat, arguments))})"
        case Datatable(columns, cells):
            typed = ", ".join(f"{literal.name(name)}: {type_}" for name, type_ in columns)
            head = f"datatable({typed})["
            inner = None if indent is None else indent + STEP
            return f"{head}{_joined([flat(c) for c in cells], inner, len(head))}]"
        case Print(items):
            return f"print {_items(items, indent, 6)}"
        case Nested(query):
            return _nested(query, indent)
        case Union():
            return _union(source, indent)
        case _:
            assert_never(source)


def _nested(query: Query, indent: str | None) -> str:
    short = f"({on_one_line(query)})"
    if indent is None or len(indent) + len(short) <= WIDTH:
        return short
    inner = indent + STEP
    return f"(\n{inner}{lines(query, inner)}\n{indent})"


def _side(query: Query, indent: str | None) -> str:
    """A query of a union or join: a name alone stands bare."""
    bare = isinstance(query.source, Table) and not query.operators
    return _source(query.source, None) if bare else _nested(query, indent)


def _union(node: Union, indent: str | None) -> str:
    options = "".join(f" {name}={value}" for name, value in node.options)
    short = f"union{options} " + ", ".join(_side(q, None) for q in node.queries)
    if indent is None or len(indent) + len(short) <= WIDTH:
        return short
    inner = indent + STEP
    return f"union{options}\n{inner}" + f",\n{inner}".join(_side(q, inner) for q in node.queries)


def operator(node: Operator, indent: str | None) -> str:
    """An operator without its bar; on one line if there is no `indent`."""
    match node:
        case Where(condition):
            return f"where {flat(condition) if indent is None else lay(condition, indent + STEP, len(indent) + 8)}"
        case Extend(items, serialize):
            word = "serialize" if serialize else "extend"
            return f"{word} {_items(items, indent, len(word) + 1)}" if items else word
        case Project(items):
            return f"project {_items(items, indent, 8)}"
        case Columns(how, names):
            return f"project-{how} {_joined([_pattern(n) for n in names], _inner(indent), len(how) + 9)}"
        case Rename(pairs):
            return "project-rename " + ", ".join(f"{literal.name(a)} = {literal.name(b)}" for a, b in pairs)
        case Summarize():
            return _summarize(node, indent)
        case MvExpand():
            return _expand("mv-expand", node, indent)
        case MvApply(columns, body, index):
            return f"{_expand('mv-apply', MvExpand(columns, index))} on {_body(body, indent)}"
        case Sort(keys, limit):
            head = "sort by" if limit is None else f"top {flat(limit)} by"
            return f"{head} {', '.join(map(_order, keys))}"
        case Take(count):
            return f"take {flat(count)}"
        case Distinct(items):
            return f"distinct {_items(items, indent, 9)}"
        case Count():
            return "count"
        case Join():
            return _join(node, indent)
        case Union():
            return _union(node, indent)
        case Partition(column, body, strategy):
            return f"partition hint.strategy={strategy} by {literal.name(column)} {_body(body, indent)}"
        case Scan():
            return _scan(node, indent)
        case _:
            assert_never(node)


def _inner(indent: str | None) -> str | None:
    return None if indent is None else indent + STEP


def _joined(parts: Sequence[str], indent: str | None, used: int) -> str:
    return ", ".join(parts) if indent is None else filled(parts, indent, used + len(indent))


def _items(items: Sequence[Item], indent: str | None, used: int) -> str:
    if indent is None:
        return ", ".join(map(item_text, items))
    inner = indent + STEP
    return filled([item_text(i, inner + STEP, len(inner)) for i in items], inner, len(indent) + 2 + used)


def _pattern(name: str) -> str:
    return name if "*" in name else literal.name(name)


def _summarize(node: Summarize, indent: str | None) -> str:
    by = f"by {', '.join(map(item_text, node.by))}" if node.by else ""
    short = " ".join(p for p in ("summarize", ", ".join(map(item_text, node.aggregates)), by) if p)
    if indent is None or len(indent) + 2 + len(short) <= WIDTH:
        return short
    inner = indent + STEP
    head = f"summarize {_items(node.aggregates, indent, 10)}" if node.aggregates else "summarize"
    return f"{head}\n{inner}{by}" if by else head


def _expand(word: str, node: MvExpand, indent: str | None = None) -> str:
    index = f"with_itemindex={literal.name(node.index)} " if node.index else ""
    columns = _joined(list(map(_expansion, node.columns)), _inner(indent), len(word) + len(index) + 1)
    return f"{word} {index}{columns}"


def _expansion(node: Expansion) -> str:
    typed = f" to typeof({node.type})" if node.type else ""
    return item_text(Item(node.expression, node.name)) + typed


def _body(body: Sequence[Operator], indent: str | None) -> str:
    """A subquery whose source is implied."""
    short = " | ".join(operator(o, None) for o in body)
    if indent is None or len(short) <= WIDTH // 2:
        return f"({short})"
    inner = indent + STEP
    return f"(\n{inner}" + f"\n{inner}| ".join(operator(o, inner) for o in body) + f"\n{indent})"


def _order(key: Order) -> str:
    nulls = f" nulls {key.nulls}" if key.nulls else ""
    return f"{flat(key.expression)} {'asc' if key.ascending else 'desc'}{nulls}"


def _join(node: Join, indent: str | None) -> str:
    kind = f" kind={node.kind}" if node.kind else ""
    on = ", ".join(map(flat, node.on))
    return f"{'lookup' if node.lookup else 'join'}{kind} {_side(node.right, indent)} on {on}"


def _scan(node: Scan, indent: str | None) -> str:
    declared = ", ".join(f"{literal.name(name)}: {type_}" for name, type_ in node.declared)
    head = f"scan declare ({declared}) with (" if declared else "scan with ("
    if indent is None:
        return f"{head}{' '.join(_step(s, None) for s in node.steps)})"
    inner = indent + STEP
    steps = "".join(f"\n{inner}{_step(s, inner)}" for s in node.steps)
    return f"{head}{steps}\n{indent})"


def _step(step: Step, indent: str | None) -> str:
    output = f" output={step.output}" if step.output else ""
    head = f"step {literal.name(step.name)}{output}:"
    assigned = ", ".join(map(item_text, step.assigned))
    short = f"{head} {flat(step.condition)}{f' => {assigned}' if assigned else ''};"
    if indent is None or len(indent) + len(short) <= WIDTH:
        return short
    inner = indent + STEP
    test = lay(step.condition, inner + STEP, len(inner))
    values = _items(step.assigned, inner, 3)
    return f"{head}\n{inner}{test}" + (f"\n{inner}=> {values};" if assigned else ";")


# ---- expressions


def flat(node: Expression) -> str:
    """The expression on one line."""
    match node:
        case Text(value):
            return literal.text(value)
        case Number(value):
            return literal.number(value)
        case Truth(value):
            return "true" if value else "false"
        case Duration(amount, unit):
            return f"{amount}{unit}"
        case Typed(type_, text):
            return f"{type_}({text})"
        case Dynamic(value):
            return f"dynamic({json_text(value)})"
        case Name(name):
            return literal.name(name)
        case Member(target, key):
            return _member(target, key)
        case Index(target, key):
            return f"{_within(target, ATOM)}[{flat(key)}]"
        case Call() | Among() | Chain():
            return _remembered(node)
        case Negative(operand):
            return f"-{_within(operand, ATOM)}"
        case Binary():
            return _binary(node)
        case Between():
            return _between(node)
        case Star():
            return "*"
        case Subquery(query):
            return on_one_line(query)
        case _:
            assert_never(node)


_known: dict[int, tuple[Expression, str]] = {}
"""The texts of expressions that were asked for last, by the expression's id: each level asks for all below it."""
_MOST_KNOWN = 4096


def _remembered(node: Call | Among | Chain) -> str:
    known = _known.get(id(node))
    if known is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        known = _known[id(node)] = (node, _several(node))
    return known[1]


def _several(node: Call | Among | Chain) -> str:
    match node:
        case Call(function, arguments):
            return f"{function}({', '.join(map(flat, arguments))})"
        case Among(operator, target, items):
            return f"{_within(target, COMPARE)} {operator} ({', '.join(map(_listed, items))})"
        case Chain(word, terms):
            return f" {word} ".join(_within(t, EQUAL) for t in terms)
        case _:
            assert_never(node)


def _listed(item: Expression) -> str:
    """An item of a list. A query alone stands in parentheses of its own, or the list would be one of names."""
    return f"({flat(item)})" if isinstance(item, Subquery) else flat(item)


def _member(target: Expression, key: str) -> str:
    base = _within(target, ATOM)
    return f"{base}.{key}" if literal.is_bare(key) else f"{base}[{literal.text(key)}]"


def _binary(node: Binary) -> str:
    strength = binds(node)
    left = strength if strength in LEFT or strength == STRING else strength + 1
    return f"{_within(node.left, left)} {node.operator} {_within(node.right, strength + 1)}"


def _between(node: Between) -> str:
    word = "!between" if node.negated else "between"
    return f"{_within(node.target, COMPARE)} {word} ({_within(node.low, ADD)} .. {_within(node.high, ADD)})"


def _within(node: Expression, strength: int) -> str:
    return flat(node) if binds(node) >= strength else f"({flat(node)})"


def lay(node: Expression, indent: str, used: int) -> str:
    """The expression; broken into lines that start with `indent` if it does not fit behind `used` characters."""
    short = flat(node)
    if used + len(short) <= WIDTH:
        return short
    match node:
        case Chain(word, terms):
            return _chain(word, terms, indent, used)
        case Among(operator, target, items):
            head = f"{_within(target, COMPARE)} {operator} ("
            return f"{head}{filled(list(map(_listed, items)), indent, used + len(head))})"
        case Call("not", (inner,)):
            return f"not({lay(inner, indent + STEP, used + 4)})"
        case Call(function, arguments):
            laid = [lay(a, indent + STEP, len(indent) + len(STEP)) for a in arguments]
            return f"{function}({filled(laid, indent + STEP, used + len(function) + 1)})"
        case Dynamic(Array(items)):
            return f"dynamic([{filled(list(map(json_text, items)), indent, used + 9)}])"
        case _:
            return short


def _chain(word: str, terms: Sequence[Expression], indent: str, used: int) -> str:
    """Each term on a line of its own behind its word, as many short ones as fit on one."""
    strength = EQUAL  # a mixed chain is never left to the reader
    out = ""
    column = used
    for number, term in enumerate(terms):
        lead = f"{word} " if number else ""
        short = _within(term, strength)
        if number and column + 1 + len(lead) + len(short) <= WIDTH:
            out += f" {lead}{short}"
            column += 1 + len(lead) + len(short)
            continue
        if number:
            out += f"\n{indent}"
            column = len(indent)
        laid = _laid_within(term, strength, indent + (STEP if lead else ""), column + len(lead))
        out += lead + laid
        last = laid.rsplit("\n", 1)
        column = len(last[1]) if len(last) > 1 else column + len(lead) + len(laid)
    return out


def _laid_within(term: Expression, strength: int, indent: str, used: int) -> str:
    if binds(term) >= strength:
        return lay(term, indent, used)
    return f"({lay(term, indent, used + 1)})"


def item_text(item: Item, indent: str = "", used: int | None = None) -> str:
    """`name = expression`; without `used` on one line."""
    head = f"{literal.name(item.name)} = " if item.name else ""
    if used is None:
        return head + flat(item.expression)
    return head + lay(item.expression, indent, used + len(head))

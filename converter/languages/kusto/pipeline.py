"""Queries as text: an operator a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from converter.languages.kusto import literal
from converter.languages.kusto.layout import STEP, WIDTH, filled, flat, item_text, lay
from converter.languages.kusto.syntax import (
    Columns,
    Count,
    Datatable,
    Distinct,
    Expansion,
    Extend,
    Invocation,
    Item,
    Join,
    MvApply,
    MvExpand,
    Nested,
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
    Step,
    Summarize,
    Table,
    Take,
    Union,
    Where,
)


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
            return _expand("mv-expand", node)
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


def _expand(word: str, node: MvExpand) -> str:
    index = f"with_itemindex={literal.name(node.index)} " if node.index else ""
    return f"{word} {index}{', '.join(map(_expansion, node.columns))}"


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

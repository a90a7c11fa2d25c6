"""Searches of the event inside ES|QL: KQL(), MATCH and `:`, QSTR, each by its own language's reader (rules Q04, Q14).

A search is true or false, never null, and holds if any value of an array does.
"""

from __future__ import annotations

from converter.diagnostics import Span
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.esql import syntax
from converter.languages.esql.codes import Q026, Q028, Q034
from converter.languages.kuery.syntax import Is
from converter.languages.kuery.syntax import Literal as Word
from converter.model.pipeline import Expression, Found
from converter.readers import kuery, lucene
from converter.readers.esql.context import Context
from converter.readers.lowered import Lowered

_PARTS = 2


def match_operator(context: Context, node: syntax.Search) -> Expression:
    """`field : constant`."""
    return _match(context, node.field, node.query, quoted=False, span=node.span)


def search(context: Context, node: syntax.Call) -> Expression:
    """A search function."""
    name = node.function.lower()
    if name in ("match", "match_phrase"):
        return _match_call(context, node, quoted=name == "match_phrase")
    if len(node.arguments) != 1 or not isinstance(node.arguments[0], syntax.Text):
        return context.refuse(Q026, f"{node.function} takes one constant text", node.span)
    if node.options is not None and node.options.entries:
        return _options(context, node)
    text = node.arguments[0]
    try:
        if name == "kql":
            found = kuery.lower(kuery.parse(text.value), context.schema)
        else:
            found = lucene.lower(lucene.parse(text.value), context.schema)
    except QuerySyntaxError as error:
        context.add(error.diagnostics, text.span)
        return context.refuse(Q028, f"the query of {node.function} cannot be read", text.span)
    return _found(context, found, node.span)


def _options(context: Context, node: syntax.Call) -> Expression:
    message = f"the options of {node.function} change which events match in ways that cannot be carried"
    return context.refuse(Q034, message, node.span, "Leave them out, or compare the text itself.")


def _match_call(context: Context, node: syntax.Call, *, quoted: bool) -> Expression:
    if len(node.arguments) != _PARTS or not isinstance(node.arguments[0], syntax.Name):
        return context.refuse(Q026, f"{node.function} takes a field and a constant", node.span)
    if node.options is not None and node.options.entries:
        return _options(context, node)
    return _match(context, node.arguments[0], node.arguments[1], quoted=quoted, span=node.span)


def _match(context: Context, field: syntax.Name, query: syntax.Expression, *, quoted: bool, span: Span) -> Expression:
    match query:
        case syntax.Text(text):
            value = text
        case syntax.Boolean(truth):
            value = "true" if truth else "false"
        case syntax.Number(number):
            value = str(number)
        case _:
            return context.refuse(Q026, "a field is matched with a constant", span)
    column = context.scope.find(field.path)
    if column is None:
        return context.column(field.path, field.span)
    if column.field is None:
        message = f"{field.path} is computed; only a field of the event can be searched"
        return context.refuse(Q028, message, field.span, "Compare it with == or like.")
    found = kuery.lower(Is(Word(column.field.path), Word(value, quoted)), context.schema)
    return _found(context, found, span)


def _found(context: Context, found: Lowered, span: Span) -> Expression:
    context.add(found.diagnostics, span)
    if not context.searchable:
        hint = "Put it into a where before stats, limit, mv_expand and the like."
        return context.refuse(Q028, "a search of the events must stand before their rows are changed", span, hint)
    return Found(found.predicate, span)

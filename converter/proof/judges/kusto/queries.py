"""The grammar of statements, sources and tabular operators."""

from __future__ import annotations

from functools import lru_cache

from converter.proof.judges.kusto.cursor import Cursor
from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.expressions import ExpressionParser
from converter.proof.judges.kusto.operators_parser import OperatorParser
from converter.proof.judges.kusto.syntax import (
    Datatable,
    Expression,
    Function,
    FunctionSource,
    Let,
    Nested,
    Operator,
    Print,
    Program,
    Query,
    Range,
    Source,
    TableName,
)
from converter.proof.judges.kusto.values import Kind, kind_named


@lru_cache(maxsize=4096)
def parse(text: str) -> Program:
    """let-statements, then one query."""
    parser = _Parser(Cursor(text))
    return parser.program()


class _Parser:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._expressions = ExpressionParser(cursor, self.query)
        self._operators = OperatorParser(cursor, self._expressions, self.query, self.operators)

    def program(self) -> Program:
        """("let" let ";")* query ";"?"""
        lets = self._lets()
        query = self.query()
        self._cursor.take(";")
        if self._cursor.token.kind != "end":
            self._cursor.fail("expected the end of the query")
        return Program(lets, query)

    def query(self) -> Query:
        """source ("|" operator)*"""
        return Query(self._source(), self.operators())

    def operators(self) -> tuple[Operator, ...]:
        found: list[Operator] = []
        while self._cursor.take("|"):
            found.append(self._operators.operator())
        return tuple(found)

    def _lets(self) -> tuple[Let, ...]:
        found: list[Let] = []
        while self._cursor.take("let"):
            name = self._cursor.name()
            self._cursor.expect("=")
            found.append(Let(name, self._let_value()))
            self._cursor.expect(";")
        return tuple(found)

    def _let_value(self) -> Query | Expression | Function:
        """function | query | expression"""
        cursor = self._cursor
        if cursor.sees("(") and (
            cursor.ahead(1).text == ")" or (cursor.ahead(1).kind == "name" and cursor.ahead(2).text == ":")
        ):
            return self._function()
        return self._query_or_expression()

    def _query_or_expression(self) -> Query | Expression:
        """A name or a call alone may be either: it is read as an expression and settled when it is evaluated."""
        start = self._cursor.mark()
        try:
            query = self.query()
        except KustoError as not_a_query:
            self._cursor.reset(start)
            try:
                return self._expressions.expression()
            except KustoError:
                raise not_a_query from None
        if self._cursor.sees(";", "}") and _is_tabular(query):
            return query
        self._cursor.reset(start)
        return self._expressions.expression()

    def _function(self) -> Function:
        """ "(" (name ":" (type | "(*)") ("=" literal)?)* ")" "{" lets body "}" """
        self._cursor.expect("(")
        parameters: list[tuple[str, Kind | None, Expression | None]] = []
        while not self._cursor.take(")"):
            parameters.append(self._parameter())
            self._cursor.take(",")
        self._cursor.expect("{")
        lets = self._lets()
        body = self._query_or_expression()
        self._cursor.take(";")
        self._cursor.expect("}")
        return Function(tuple(parameters), lets, body)

    def _parameter(self) -> tuple[str, Kind | None, Expression | None]:
        name = self._cursor.name()
        self._cursor.expect(":")
        if self._cursor.take("("):
            while not self._cursor.take(")"):
                self._cursor.next()
            return name, None, None
        kind = kind_named(self._cursor.name())
        default = self._expressions.expression() if self._cursor.take("=") else None
        return name, kind, default

    def _source(self) -> Source:
        cursor = self._cursor
        if cursor.take("("):
            query = self.query()
            cursor.expect(")")
            return Nested(query)
        if cursor.take("print"):
            return Print(self._expressions.items())
        if cursor.take("range"):
            return self._range()
        if cursor.take("union"):
            return self._operators.union()
        if cursor.take("datatable"):
            return self._datatable()
        if cursor.sees("materialize") and cursor.ahead(1).text == "(":
            cursor.next()
            return self._source()
        if cursor.sees("search", "find", "externaldata", "evaluate"):
            cursor.fail(f"{cursor.token.text} is not interpreted")
        name = cursor.name()
        if cursor.sees("("):
            return FunctionSource(name, self._expressions.arguments())
        return TableName(name)

    def _range(self) -> Range:
        """name "from" expression "to" expression "step" expression"""
        column = self._cursor.name()
        self._cursor.expect("from")
        low = self._expressions.expression()
        self._cursor.expect("to")
        high = self._expressions.expression()
        self._cursor.expect("step")
        return Range(column, low, high, self._expressions.expression())

    def _datatable(self) -> Datatable:
        """ "(" name ":" type, ... ")" "[" expression, ... "]" """
        self._cursor.expect("(")
        columns: list[tuple[str, Kind]] = []
        while not self._cursor.take(")"):
            name = self._cursor.name()
            self._cursor.expect(":")
            columns.append((name, kind_named(self._cursor.name())))
            self._cursor.take(",")
        self._cursor.expect("[")
        cells: list[Expression] = []
        while not self._cursor.take("]"):
            cells.append(self._expressions.expression())
            self._cursor.take(",")
        return Datatable(tuple(columns), tuple(cells))


def _is_tabular(query: Query) -> bool:
    match query:
        case Query(Nested(inner), ()):
            return _is_tabular(inner)
        case Query(TableName() | FunctionSource(), ()):
            return False
        case _:
            pass
    return True

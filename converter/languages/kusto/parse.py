"""Text to tree: programs, queries, expressions. Raises QuerySyntaxError with the place of what is not understood."""

from __future__ import annotations

from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.kusto.expressions import Expressions
from converter.languages.kusto.operators import Operators
from converter.languages.kusto.scanner import Scanner
from converter.languages.kusto.syntax import (
    Datatable,
    Expression,
    Invocation,
    Let,
    Nested,
    Print,
    Program,
    Query,
    Source,
    Table,
)


def program(text: str) -> Program:
    """Statements and one query."""
    reader = _Reader(text)
    found = reader.program()
    reader.end()
    return found


def query(text: str) -> Query:
    """A query without statements."""
    reader = _Reader(text)
    found = reader.query()
    reader.end()
    return found


def expression(text: str) -> Expression:
    """A scalar expression."""
    reader = _Reader(text)
    found = reader.expressions.expression()
    reader.end()
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._scan = Scanner(text)
        self.expressions = Expressions(self._scan, self.query)
        self._operators = Operators(self._scan, self.expressions, self._side)

    def end(self) -> None:
        """Nothing may be left."""
        if not self._scan.at_end:
            self._scan.expected("the end")

    def program(self) -> Program:
        """program := ("let" name "=" (query | expression) ";")* query ";"?"""
        lets: list[Let] = []
        while self._scan.take_word("let"):
            name = self._scan.name()
            self._scan.expect("=")
            lets.append(Let(name, self._value()))
            self._scan.expect(";")
        found = self.query()
        self._scan.take(";")
        return Program(found, tuple(lets))

    def _value(self) -> Query | Expression:
        """A query if it is one as a whole; a name or call alone is read as an expression."""
        place = self._scan.position
        try:
            found = self.expressions.expression()
            if self._scan.sees(";"):
                return found
        except QuerySyntaxError:
            pass
        self._scan.position = place
        return self.query()

    def query(self) -> Query:
        """query := source ("|" operator)*"""
        self._scan.deeper()
        found = Query(self._source(), self._operators.operators())
        self._scan.shallower()
        return found

    def _source(self) -> Source:
        """source := "(" query ")" | union | datatable | print | name arguments?"""
        scan = self._scan
        if scan.take("("):
            inner = self.query()
            scan.expect(")")
            return Nested(inner)
        if scan.take_word("union"):
            return self._operators.union()
        if scan.take_word("print"):
            return Print(self.expressions.items())
        if scan.take_word("datatable"):
            return self._datatable()
        name = scan.name("a table")
        return Invocation(name, self.expressions.arguments()) if scan.sees("(") else Table(name)

    def _side(self) -> Query:
        """side := "(" query ")" | name arguments?"""
        if self._scan.take("("):
            inner = self.query()
            self._scan.expect(")")
            return inner
        return Query(self._source())

    def _datatable(self) -> Datatable:
        """datatable := "(" name ":" word ("," ...)* ")" "[" (expression ("," expression)*)? "]" """
        scan = self._scan
        scan.expect("(")
        columns: list[tuple[str, str]] = []
        while not scan.take(")"):
            name = scan.name()
            scan.expect(":")
            columns.append((name, scan.word()))
            scan.take(",")
        scan.expect("[")
        cells: list[Expression] = []
        while not scan.take("]"):
            cells.append(self.expressions.expression())
            scan.take(",")
        return Datatable(tuple(columns), tuple(cells))

"""The grammar of tabular operators, one method each; the docstrings are the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from converter.languages.kusto.expressions import Expressions
from converter.languages.kusto.scanner import Scanner
from converter.languages.kusto.syntax import (
    Columns,
    Count,
    Distinct,
    Expansion,
    Expression,
    Extend,
    Item,
    Join,
    MvApply,
    MvExpand,
    Operator,
    Order,
    Partition,
    Project,
    Query,
    Rename,
    Scan,
    Sort,
    Star,
    Step,
    Summarize,
    Take,
    Union,
    Where,
)

_Output = Literal["", "all", "last", "none"]


class Operators:
    """Reads tabular operators; `side` reads a query of a union or join."""

    def __init__(self, scanner: Scanner, expressions: Expressions, side: Callable[[], Query]) -> None:
        self._scan = scanner
        self._expressions = expressions
        self._side = side
        items = expressions.items
        self._known: dict[str, Callable[[], Operator]] = {
            "where": lambda: Where(expressions.expression()),
            "filter": lambda: Where(expressions.expression()),
            "extend": lambda: Extend(items()),
            "serialize": self._serialize,
            "project": lambda: Project(items()),
            "project-away": lambda: Columns("away", self._names()),
            "project-keep": lambda: Columns("keep", self._names()),
            "project-reorder": lambda: Columns("reorder", self._names()),
            "project-rename": self._rename,
            "summarize": self._summarize,
            "mv-expand": self._mv_expand,
            "mv-apply": self._mv_apply,
            "sort": self._sort,
            "order": self._sort,
            "top": self._top,
            "take": lambda: Take(expressions.expression()),
            "limit": lambda: Take(expressions.expression()),
            "distinct": self._distinct,
            "count": Count,
            "join": lambda: self._join(lookup=False),
            "lookup": lambda: self._join(lookup=True),
            "union": self.union,
            "partition": self._partition,
            "scan": self._scanned,
        }

    def operators(self) -> tuple[Operator, ...]:
        """operators := ("|" operator)*"""
        found: list[Operator] = []
        while self._scan.take("|"):
            found.append(self._operator())
        return tuple(found)

    def _operator(self) -> Operator:
        word = self._scan.peek_operator()
        if word not in self._known:
            self._scan.expected("an operator")
        self._scan.skip_text(word)
        return self._known[word]()

    def _body(self) -> tuple[Operator, ...]:
        """body := "(" operator ("|" operator)* ")" """
        self._scan.expect("(")
        self._scan.deeper()
        found = (self._operator(), *self.operators())
        self._scan.shallower()
        self._scan.expect(")")
        return found

    def _serialize(self) -> Extend:
        """serialize := items?"""
        bare = self._scan.at_end or self._scan.sees("|", ")", ";")
        return Extend(() if bare else self._expressions.items(), serialize=True)

    def _names(self) -> tuple[str, ...]:
        """names := (name | name? "*") ("," ...)*"""
        found = [self._pattern()]
        while self._scan.take(","):
            found.append(self._pattern())
        return tuple(found)

    def _pattern(self) -> str:
        name = "" if self._scan.sees("*") else self._scan.name()
        return name + ("*" if self._scan.take("*") else "")

    def _rename(self) -> Rename:
        """rename := name "=" name ("," ...)*"""
        pairs: list[tuple[str, str]] = []
        while True:
            new = self._scan.name()
            self._scan.expect("=")
            pairs.append((new, self._scan.name()))
            if not self._scan.take(","):
                return Rename(tuple(pairs))

    def _summarize(self) -> Summarize:
        """summarize := items? ("by" items)?"""
        aggregates = () if self._scan.peek() == "by" else self._expressions.items()
        return Summarize(aggregates, self._expressions.items() if self._scan.take_word("by") else ())

    def _mv_expand(self) -> MvExpand:
        """mv-expand := ("with_itemindex" "=" name)? expansion ("," expansion)*"""
        index = ""
        if self._scan.take_word("with_itemindex"):
            self._scan.expect("=")
            index = self._scan.name()
        columns = [self._expansion()]
        while self._scan.take(","):
            columns.append(self._expansion())
        return MvExpand(tuple(columns), index)

    def _expansion(self) -> Expansion:
        """expansion := item ("to" "typeof" "(" word ")")?"""
        item = self._expressions.item()
        type_ = ""
        if self._scan.take_word("to"):
            self._scan.expect_word("typeof")
            type_ = self._scan.inside()
        return Expansion(item.expression, item.name, type_)

    def _mv_apply(self) -> MvApply:
        """mv-apply := mv-expand "on" body"""
        walked = self._mv_expand()
        self._scan.expect_word("on")
        return MvApply(walked.columns, self._body(), walked.index)

    def _sort(self) -> Sort:
        """sort := "by" order ("," order)*"""
        self._scan.expect_word("by")
        return Sort(self._orders())

    def _top(self) -> Sort:
        """top := expression "by" order"""
        limit = self._expressions.expression()
        self._scan.expect_word("by")
        return Sort(self._orders(), limit)

    def _orders(self) -> tuple[Order, ...]:
        """order := expression ("asc" | "desc")? ("nulls" ("first" | "last"))?"""
        found: list[Order] = []
        while True:
            expression = self._expressions.expression()
            ascending = self._scan.take_word("asc", "desc") == "asc"
            nulls = self._scan.word() if self._scan.take_word("nulls") else ""
            found.append(Order(expression, ascending, nulls))
            if not self._scan.take(","):
                return tuple(found)

    def _distinct(self) -> Distinct:
        """distinct := "*" | items"""
        return Distinct((Item(Star()),)) if self._scan.take("*") else Distinct(self._expressions.items())

    def _join(self, *, lookup: bool) -> Join:
        """join := ("kind" "=" word)? side "on" expression ("," expression)*"""
        kind = ""
        if self._scan.take_word("kind"):
            self._scan.expect("=")
            kind = self._scan.word()
        right = self._side()
        self._scan.expect_word("on")
        on: list[Expression] = [self._expressions.expression()]
        while self._scan.take(","):
            on.append(self._expressions.expression())
        return Join(right, tuple(on), kind, lookup)

    def union(self) -> Union:
        """union := (word "=" word)* side ("," side)*"""
        options: list[tuple[str, str]] = []
        while self._scan.is_named():
            option = self._scan.word()
            self._scan.expect("=")
            options.append((option, self._scan.word()))
        queries = [self._side()]
        while self._scan.take(","):
            queries.append(self._side())
        return Union(tuple(queries), tuple(options))

    def _partition(self) -> Partition:
        """partition := ("hint.strategy" "=" word)? "by" name body"""
        strategy = "legacy"
        if self._scan.take_word("hint"):
            self._scan.expect(".")
            self._scan.expect_word("strategy")
            self._scan.expect("=")
            strategy = self._scan.word()
        self._scan.expect_word("by")
        return Partition(self._scan.name(), self._body(), strategy)

    def _scanned(self) -> Scan:
        """scan := ("declare" "(" name ":" word ("," ...)* ")")? "with" "(" step+ ")" """
        declared: list[tuple[str, str]] = []
        if self._scan.take_word("declare"):
            self._scan.expect("(")
            while not self._scan.take(")"):
                name = self._scan.name()
                self._scan.expect(":")
                declared.append((name, self._scan.word()))
                self._scan.take(",")
        self._scan.expect_word("with")
        self._scan.expect("(")
        steps: list[Step] = []
        while not self._scan.take(")"):
            steps.append(self._step())
        return Scan(tuple(declared), tuple(steps))

    def _step(self) -> Step:
        """step := "step" name ("output" "=" word)? ":" expression ("=>" items)? ";" """
        self._scan.expect_word("step")
        name = self._scan.name()
        output = ""
        if self._scan.take_word("output"):
            self._scan.expect("=")
            output = self._scan.word()
            if output not in {"all", "last", "none"}:
                self._scan.expected("all, last or none")
        self._scan.expect(":")
        condition = self._expressions.expression()
        assigned = self._expressions.items() if self._scan.take("=>") else ()
        self._scan.expect(";")
        return Step(name, condition, assigned, cast("_Output", output))

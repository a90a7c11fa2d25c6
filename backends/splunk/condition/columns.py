"""How the fields of a bound rule are reached: stored columns, and columns that an `eval` computes before their use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from backends.splunk.codes import T201
from converter.diagnostics import Diagnostic
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.spl import parse
from converter.languages.spl.codes import T228
from converter.languages.spl.flow import functions, makes, named, reads
from converter.languages.spl.quoting import is_field
from converter.languages.spl.replace import filled
from converter.languages.spl.shorthand import call
from converter.languages.spl.syntax import Call, Eval, Expression, Lookup, Name, Pair, Stage, Text
from converter.languages.spl.syntax import Macro as Called
from converter.model.value import Computed, Field, Macro, Spelled
from converter.target.contract import Notebook
from converter.target.lookup import Beside

_UNNAMEABLE: Final = T201
_UNREADABLE: Final = T228
_LONG: Final = 60
_LONG_FUNCTIONS: Final = frozenset({"match", "replace", "mvfind", "mvmap", "mvfilter"})
"""An expression of a table that long with one of these reads better by a name."""
_SHOWN: Final = 2
"""Parts of a field's path that the name of its column keeps."""


class Columns:
    """The columns of one artifact.

    `taken` are names that a computed column must not have, `beside` are lookups that add columns to an event before
    their use; `looked_up` are those that were used. Expressions call macros by name, which `macros` then
    defines, unless `inline_macros` asks for what they stand for.
    """

    def __init__(
        self,
        notebook: Notebook,
        taken: Iterable[str] = (),
        beside: Iterable[Beside] = (),
        *,
        inline_macros: bool = False,
    ) -> None:
        self._notebook = notebook
        self._taken = set(taken)
        self._computed: dict[str, Expression] = {}
        self._spelled: dict[str, Expression] = {}
        self._parsed: dict[str, Expression] = {}
        self._inline = inline_macros
        self._added = {name: table for table in beside for name, _ in table.adds}
        self.macros: dict[str, Macro] = {}
        self.looked_up: dict[Beside, None] = {}

    # ---- names

    def name(self, field: Field) -> str:
        """The name of the field's column, reported if it cannot be written."""
        if isinstance(field.way, Computed):
            return self.column(field.path, self._expression(field.way, field))
        name = field.way.text if field.way is not None else field.path
        if not is_field(name):
            self._notebook.add(
                Diagnostic(
                    _UNNAMEABLE,
                    f"the field name {name!r} cannot be quoted in SPL",
                    span=field.span,
                    hint="give the field another name in the mapping table",
                )
            )
            return "unnameable"
        return name

    def value(self, field: Field) -> Expression:
        """The field as a value of eval."""
        if isinstance(field.way, Spelled):
            return self._spelled[field.way.text]
        return Name(self.name(field))

    def spelled(self, value: Expression) -> Spelled:
        """A way to one value that a script picks."""
        key = f"#{len(self._spelled)}"
        self._spelled[key] = value
        return Spelled(key)

    def column(self, wanted: str, value: Expression) -> str:
        """The column that an `eval` before use gives the value; of about the name that is wanted."""
        for name, known in self._computed.items():
            if known == value:
                return name
        stem = _stem(wanted)
        name, number = stem, 1
        while name in self._taken or name in self._computed or name in self._added:
            number += 1
            name = f"{stem}_{number}"
        self._computed[name] = value
        return name

    def called(self, wanted: str, macro: Macro, argument: Expression) -> str:
        """The column that a macro of one argument makes, by its name or by what it stands for."""
        if self._inline:
            (parameter,) = macro.parameters
            return self.column(wanted, filled(parse.expression(macro.definition), {parameter: argument}))
        self.macros[macro.name] = macro
        return self.column(wanted, Called(macro.name, (argument,)))

    def line(self, field: Field) -> str | None:
        """The column with the command line that the field's values are cut from, if they are."""
        if not isinstance(field.way, Computed) or not field.many:
            return None
        match self._expression(field.way, field):
            case Called(_, (Name(text),)) | Call("split", (Name(text), Text(" "))):
                return text
            case _:
                return None

    def cut(self, field: Field) -> Expression | None:
        """The text whose pieces between blanks are the field's values, if they are."""
        if not isinstance(field.way, Computed) or not field.many:
            return None
        match self._expression(field.way, field):
            case Call("split", (text, Text(" "))):
                return text
            case _:
                return None

    def is_time(self, field: Field) -> bool:
        """Whether the field is the event's own time, which Splunk keeps as `_time`."""
        return field.path == "@timestamp" and field.way is None

    def elements(self, path: str) -> str:
        """The column that holds each object of the nested array at `path` as JSON text."""
        return self.column(f"each_{path.rpartition('.')[2]}", call("spath", self.value(Field(path)), Text("{}")))

    def _expression(self, way: Computed, field: Field) -> Expression:
        """The expression of a table. A bad one refuses the rule."""
        named_macros = bool(way.called) and not self._inline
        text = way.called if named_macros else way.text
        if named_macros:
            self.macros |= {m.name: m for m in way.macros}
        if text not in self._parsed:
            try:
                self._parsed[text] = self._named(parse.expression(text), text, field, named_macros=named_macros)
            except QuerySyntaxError as error:
                why = error.diagnostics[0].message
                message = f"the table's expression for {field.path} is no SPL that is read here: {why}"
                self._notebook.add(Diagnostic(_UNREADABLE, message, span=field.span))
                self._parsed[text] = call("null")
        return self._parsed[text]

    def _named(self, tree: Expression, text: str, field: Field, *, named_macros: bool) -> Expression:
        """A long expression as a macro of its own, whose name tells it from other definitions of the field."""
        if self._inline or named_macros or len(text) < _LONG or not _LONG_FUNCTIONS & set(functions(tree)):
            return tree
        return self.named(field.path, text, f"{field.path} from the columns of its place")

    def named(self, wanted: str, text: str, note: str) -> Called:
        """A macro for a text of a table; its name tells it from other texts that are wanted under the same name."""
        import hashlib  # few searches need macros of their own

        name = f"{_stem(wanted)}_{hashlib.sha256(text.encode()).hexdigest()[:4]}"
        self.macros[name] = Macro(name, (), f"`{name}`", text, note)
        return Called(name)

    @property
    def inline(self) -> bool:
        """Whether no macro is called."""
        return self._inline

    # ---- stages

    def is_computed(self, names: Iterable[str]) -> bool:
        """Whether one of the names is that of a column that is computed, or added by a lookup."""
        return any(n in self._computed or n in self._added for n in names)

    def before(self, stage: Stage, earlier: Sequence[Stage]) -> list[Stage]:
        """The `eval` of computed columns that a stage reads, but for those that the earlier stages make."""
        return self.of(reads(stage), earlier)

    def of(self, names: Iterable[str], earlier: Sequence[Stage]) -> list[Stage]:
        """The `lookup` and `eval` of these columns, as far as they are no stored ones and not made yet."""
        made = {n for stage in earlier for n in makes(stage)}
        needed = dict.fromkeys(self._needed(names, made))
        evaluated = tuple((n, self._computed[n]) for n in self._computed if n in needed)
        return [*self._lookups(needed), *([Eval(evaluated)] if evaluated else [])]

    def _lookups(self, needed: Iterable[str]) -> Iterator[Stage]:
        """The lookups that add the needed columns, each once."""
        wanted = set(needed)
        for table in dict.fromkeys(table for name, table in self._added.items() if name in wanted):
            self.looked_up[table] = None
            added = tuple(Pair(source, name) for name, source in table.adds if name in wanted)
            yield Lookup(table.name, (Pair(table.key, table.column),), added)

    def _needed(self, names: Iterable[str], made: set[str]) -> Iterator[str]:
        for name in names:
            if name in self._computed and name not in made:
                yield from self._needed((n for n in named(self._computed[name]) if n != name), made)
                yield name
            elif name in self._added and name not in made:
                yield name


def _stem(wanted: str) -> str:
    """About the name that is wanted, in letters, digits and _."""
    short = ".".join(wanted.split(".")[-_SHOWN:])
    stem = re.sub(r"\W+", "_", short, flags=re.ASCII).strip("_") or "value"
    return f"_{stem}"[stem[0].isalpha() :]


class ElementColumns(Columns):
    """The fields of one object of a nested array, whose JSON text is in the column `element`."""

    def __init__(self, notebook: Notebook, path: str, element: str) -> None:
        super().__init__(notebook)
        self._path = path
        self._element = Name(element)

    def value(self, field: Field) -> Expression:
        """A member of the object: the values of an array, or the only one."""
        if isinstance(field.way, Spelled):
            return super().value(field)
        self.name(field)
        member = field.path.removeprefix(f"{self._path}.")
        one = call("spath", self._element, Text(member))
        return call("coalesce", call("spath", self._element, Text(f"{member}{{}}")), one) if field.many else one

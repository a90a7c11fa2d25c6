"""A module read back, and its rule as the module's functions ask for it.

What stands beside the condition (the runtime) must be the package's own, statement by statement; else nothing is read.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

from backends.python.detection.sources import assemble
from backends.python.readback import frames
from backends.python.readback.condition import Conditions
from converter.model.normalise import normalise
from converter.model.predicate import Holds, Leaf, Or, Predicate
from converter.model.rule import AnyOf, Match
from converter.model.value import Call, Field, Function, Kind, Value
from converter.model.walk import fields, map_fields, map_leaves
from converter.readers.unraised import UnraisedError
from converter.target.contract import Bound, Emission
from converter.target.readback import NotRaised, Raised, Reading, Several, Unlike

_RUNTIME = Path(__file__).parent.parent / "runtime"
_CONDITION = "matches"
_ORDER = "tiebreaker"


def raised(bound: Bound, emission: Emission) -> Reading:
    """The conditions of a module, and those of the rule that it was made from, where their frames are alike."""
    detection = bound.rule.detection
    try:
        functions, constants = _module(emission)
        match detection:
            case Match(where):
                return _compared(where, _only(functions))
            case AnyOf(matches):
                return _compared(Or(tuple(one.where for one in matches)), _only(functions))
            case _:
                asked = frames.wanted(detection, bound.rule.meta)
        if asked is None:
            return NotRaised(f"a detection of the kind {type(detection).__name__}")
        read = frames.found(detection, functions, constants)
    except UnraisedError as error:
        return NotRaised(str(error))
    if not asked.alike(read):
        return Unlike(str(asked), str(read))
    return _several(zip(asked.conditions, read.conditions, strict=True))


def _several(pairs: Iterable[tuple[Predicate, Predicate]]) -> Several | NotRaised:
    try:
        return Several(tuple(_compared(*pair) for pair in dict.fromkeys(pairs)))
    except UnraisedError as error:
        return NotRaised(str(error))


def _compared(where: Predicate, found: Predicate) -> Raised:
    wanted = map_leaves(where, _as_asked)
    known = {field.path: field for field in fields(wanted)}
    return Raised(wanted, map_fields(found, lambda f: _known(f, known)), {}, empties=True)


def _only(functions: Mapping[str, Predicate]) -> Predicate:
    if list(functions) != [_CONDITION]:
        raise UnraisedError("not one function that matches")
    return functions[_CONDITION]


def _module(emission: Emission) -> tuple[Mapping[str, Predicate], Mapping[str, ast.expr]]:
    """The conditions that the module's own functions return, and its constants; what orders events is one of these."""
    try:
        own = emission.tree if isinstance(emission.tree, str) else _without_runtime(emission.text)
        body = ast.parse(own).body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise UnraisedError("no Python") from error
    constants: dict[str, ast.expr] = {}
    asked: dict[str, ast.FunctionDef] = {}
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant()):
                continue
            case ast.FunctionDef(name=name) if name in asked:
                raise UnraisedError("not one function that matches")
            case ast.FunctionDef(name=name) if name not in _names():
                asked[name] = node
            case ast.Assign([ast.Name(name)], found) if name not in {*constants, *_names()} and name.isupper():
                constants[name] = found
            case _ if ast.dump(node) in _own():
                continue
            case _:
                raise UnraisedError("a runtime of another making")
    constants.pop("RULE", None)
    if _ORDER in asked:
        constants[_ORDER] = _returned(asked.pop(_ORDER), ["event"])
    if not asked:
        raise UnraisedError("not one function that matches")
    read = Conditions(constants)
    return {name: normalise(read.of(_returned(node, ["event", "now"]))) for name, node in asked.items()}, constants


def _without_runtime(text: str) -> str:
    """The text without the pieces of the runtime that stand in it as they are."""
    for piece in _pieces():
        if piece in text:
            text = text.replace(f"\n\n\n{piece}\n", "\n", 1)
    return text


@functools.cache
def _names() -> frozenset[str]:
    """The names that the runtime gives to its functions, classes and constants."""
    found: set[str] = set()
    for body in _pieces():
        for node in ast.parse(body).body:
            match node:
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Assign([ast.Name(name)]):
                    found.add(name)
                case _:
                    continue
    return frozenset(found)


@functools.cache
def _pieces() -> tuple[str, ...]:
    """The text of the runtime, module by module."""
    return assemble(sorted(path.stem for path in _RUNTIME.glob("*.py") if path.stem != "__init__"))[1]


@functools.cache
def _own() -> frozenset[str]:
    """The statements of the runtime."""
    return frozenset(ast.dump(node) for body in _pieces() for node in ast.parse(body).body)


def _returned(function: ast.FunctionDef, wanted: list[str]) -> ast.expr:
    """What the function gives back, in one expression."""
    names = [argument.arg for argument in function.args.args]
    body = [
        node for node in function.body if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant)
    ]
    match body:
        case [ast.Return(ast.expr() as found)] if names == wanted and not function.decorator_list:
            return found
        case _:
            raise UnraisedError("a function of several statements")


def _known(field: Field, known: dict[str, Field]) -> Field:
    """The field as the rule has it. One that is read as another kind has no reading here."""
    wanted = known.get(field.path)
    if wanted is None:
        return field
    if field.kind is not wanted.kind and {field.kind, wanted.kind} != {Kind.KEYWORD, Kind.TEXT}:
        raise UnraisedError("a value that is read as another kind")
    return wanted


def _as_asked(leaf: Leaf) -> Predicate:
    """The leaf in the words that the module has: several patterns of a script one by one, addresses in one spelling."""
    match leaf:
        case Holds(call):
            return Holds(_single(call))
        case _:
            return leaf


def _single(call: Call) -> Call:
    arguments: tuple[Value, ...] = tuple(_single(a) if isinstance(a, Call) else a for a in call.arguments)
    if call.function is Function.LIKE and len(arguments) > 2:  # noqa: PLR2004
        each = tuple(Call(Function.LIKE, (arguments[0], one), call.case) for one in arguments[1:])
        return Call(Function.OR, each)
    return Call(call.function, arguments, call.case)

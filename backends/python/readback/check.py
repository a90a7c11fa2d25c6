"""A module read back, and its rule as the module's functions ask for it.

What stands beside the condition (the runtime) must be the package's own, statement by statement; else nothing is read.
"""

from __future__ import annotations

import ast
import functools
from pathlib import Path

from backends.python.detection.sources import assemble
from backends.python.readback.condition import Conditions
from converter.model.normalise import normalise
from converter.model.predicate import Holds, Leaf, Predicate
from converter.model.rule import Match
from converter.model.value import Call, Field, Function, Kind, Value
from converter.model.walk import fields, map_fields, map_leaves
from converter.readers.unraised import UnraisedError
from converter.target.contract import Bound, Emission
from converter.target.readback import NotRaised, Raised

_RUNTIME = Path(__file__).parent.parent / "runtime"
_CONDITION = "matches"


def raised(bound: Bound, emission: Emission) -> Raised | NotRaised:
    """The condition of a module of single events, and that of the rule that it was made from."""
    detection = bound.rule.detection
    if not isinstance(detection, Match):
        return NotRaised(f"a detection of the kind {type(detection).__name__}")
    try:
        found = _condition(emission.text)
        wanted = map_leaves(detection.where, _as_asked)
        known = {field.path: field for field in fields(wanted)}
        return Raised(wanted, map_fields(found, lambda f: _known(f, known)), {}, empties=True)
    except UnraisedError as error:
        return NotRaised(str(error))


def _condition(text: str) -> Predicate:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise UnraisedError("no Python") from error
    own = _own()
    constants: dict[str, ast.expr] = {}
    asked: list[ast.FunctionDef] = []
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant()):
                continue
            case _ if ast.dump(node) in own:
                continue
            case ast.FunctionDef(name=name) if name == _CONDITION:
                asked.append(node)
            case ast.Assign([ast.Name(name)], found) if name not in constants and name.isupper():
                constants[name] = found
            case _:
                raise UnraisedError("a runtime of another making")
    if len(asked) != 1:
        raise UnraisedError("not one function that matches")
    constants.pop("RULE", None)
    return normalise(Conditions(constants).of(_returned(asked[0])))


@functools.cache
def _own() -> frozenset[str]:
    """The statements of the runtime."""
    _, bodies = assemble(sorted(path.stem for path in _RUNTIME.glob("*.py") if path.stem != "__init__"))
    return frozenset(ast.dump(node) for body in bodies for node in ast.parse(body).body)


def _returned(function: ast.FunctionDef) -> ast.expr:
    """What the function gives back, in one expression."""
    names = [argument.arg for argument in function.args.args]
    body = [
        node for node in function.body if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant)
    ]
    match body:
        case [ast.Return(ast.expr() as found)] if names == ["event", "now"] and not function.decorator_list:
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

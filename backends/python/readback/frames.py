"""What a module asks of several events: its constants as a frame, and the frame of its rule in the same words."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Final

from backends.python.readback.condition import KINDS
from backends.python.readback.literals import Constants, Sign, value
from converter.deferred import replace
from converter.model.metadata import Metadata
from converter.model.predicate import Predicate
from converter.model.rule import Detection, IndicatorMatch, NewTerms, Sample, Sequence, Threshold
from converter.model.value import Field, Kind
from converter.plan.branch import Branch
from converter.plan.group import plan_group, plan_new_terms
from converter.plan.indicator import Compared, Comparison, plan_indicator
from converter.plan.sample import plan_sample
from converter.plan.sequence import plan_sequence
from converter.plan.window import EVENT_TIME, plan_order, plan_window
from converter.readers import frames
from converter.readers.frames import Chain, Frame, Keyed
from converter.readers.unraised import UnraisedError

Functions = Mapping[str, Predicate]
"""The conditions that functions of the module return, by their names."""

_TEXTS: Final = (Kind.KEYWORD, Kind.TEXT)
_TIMES: Final = "TIME_FIELDS"


# ---- as the rule says it


def wanted(detection: Detection, meta: Metadata) -> Frame | None:
    """The frame of a rule; None for a detection that has none here."""
    match detection:
        case Threshold():
            plan = plan_group(detection, meta)
            distinct = "" if plan.distinct is None else f"{plan.distinct.at_least} {_key(plan.distinct.field)}"
            keys = tuple(map(_key, plan.keys))
            return _count(plan.where, keys, plan.at_least, distinct, _windowed(meta), plan.window.length_ms)
        case NewTerms():
            terms = plan_new_terms(detection, meta)
            return frames.new_terms(terms.where, map(_key, terms.fields), terms.history_ms, _windowed(meta))
        case Sequence():
            sequence = plan_sequence(detection)
            gaps = {gap.after: gap.stages for gap in sequence.shape.gaps}
            order = f"{plan_order(meta).field} {meta.tiebreaker_field}".strip()
            found = _staged(sequence.branches)
            return frames.chain(Chain(found, sequence.shape.last, gaps, sequence.maxspan_ms, order))
        case Sample():
            planned = plan_sample(detection)
            frame = frames.sample(_staged(planned.branches), planned.stages)
            return replace(frame, says=(*frame.says, ("time", _windowed(meta))))
        case IndicatorMatch():
            looked = plan_indicator(detection)
            pairs = [[_pair(one) for one in lookup.comparisons] for lookup in looked.lookups]
            return frames.looked_up(looked.where, looked.indicators, pairs)
        case _:
            return None


def _windowed(meta: Metadata) -> str:
    window = plan_window(meta)
    return " ".join(dict.fromkeys((window.field, *((EVENT_TIME,) if window.fallback else ()))))


def _count(where: Predicate, keys: tuple[str, ...], least: int, distinct: str, times: str, window_ms: int) -> Frame:
    says = (
        ("by", ", ".join(sorted(keys)) or "nothing"),
        ("at least", str(least)),
        ("different", distinct or "none"),
        ("time", times),
        ("window", str(window_ms)),
    )
    return Frame("a count", says, (where,))


def _staged(branches: Iterable[Branch]) -> dict[int, Keyed]:
    return {
        stage: Keyed(one.where, tuple(("?" if k.optional else "") + _key(k.field) for k in one.by))
        for one in branches
        for stage in one.stages
    }


def _key(field: Field) -> str:
    return f"{field.path} as {(Kind.KEYWORD if field.kind in _TEXTS else field.kind).value}"


def _pair(one: Comparison) -> str:
    how = {Compared.WORDS: "words", Compared.ADDRESS: "addresses"}.get(one.compared, "")
    return f"{one.field.path} = {one.indicator.path} as {how or _key(one.field).rpartition(' ')[2]}"


# ---- as the module says it


def found(detection: Detection, functions: Functions, constants: Constants) -> Frame:
    """The frame of a module for a detection of this kind. Raises UnraisedError."""
    reader = _Frames(functions, constants)
    try:
        match detection:
            case Threshold():
                return reader.count()
            case NewTerms():
                return frames.new_terms(
                    functions["matches"], reader.keys("TERMS"), reader.number("HISTORY"), reader.times()
                )
            case Sequence():
                return reader.sequence()
            case Sample():
                stages = reader.stages()
                frame = frames.sample(stages, len(stages))
                return replace(frame, says=(*frame.says, ("time", reader.times())))
            case IndicatorMatch():
                return frames.looked_up(functions["matches"], functions["is_indicator"], reader.pairs())
            case _:
                raise UnraisedError(f"a detection of the kind {type(detection).__name__}")
    except KeyError as missing:
        raise UnraisedError(f"a module without {missing}") from missing


class _Frames:
    def __init__(self, functions: Functions, constants: Constants) -> None:
        self._functions = functions
        self._constants = constants

    def _value(self, name: str) -> object:
        return value(self._constants[name], self._constants)

    def number(self, name: str) -> int:
        """A constant that is a whole number."""
        held = self._value(name)
        if not isinstance(held, int):
            raise UnraisedError(f"a {name} that is no number")
        return held

    def times(self) -> str:
        """The fields that say when an event was."""
        held = self._value(_TIMES)
        return " ".join(map(str, held)) if isinstance(held, tuple) else ""

    def keys(self, name: str) -> tuple[str, ...]:
        """A constant of keys."""
        return _keys(self._value(name))

    def count(self) -> Frame:
        """A threshold."""
        match self._value("DISTINCT"):
            case None:
                distinct = ""
            case (str(path), Sign(convert), int(least)) if convert in KINDS:
                distinct = f"{least} {path} as {KINDS[convert].value}"
            case _:
                raise UnraisedError("a count of another kind")
        least, window = self.number("AT_LEAST"), self.number("WINDOW")
        where = self._functions["matches"]
        return _count(where, self.keys("GROUP_BY"), least, distinct, self.times(), window)

    def sequence(self) -> Frame:
        """A sequence, with what orders events of one time."""
        match self._constants["GAPS"]:
            case ast.Dict(keys, values):
                gaps = {_whole(k): _wholes(value(v, {})) for k, v in zip(keys, values, strict=True)}
            case _:
                raise UnraisedError("gaps that are none")
        span = None if self._value("MAXSPAN") is None else self.number("MAXSPAN")
        order = f"{self.times()} {_tiebreaker(self._constants['tiebreaker'])}".strip()
        return frames.chain(Chain(self.stages(), self.number("LAST"), gaps, span, order))

    def stages(self) -> dict[int, Keyed]:
        """The branches by stage."""
        listed = self._constants["BRANCHES"]
        if not isinstance(listed, ast.List):
            raise UnraisedError("branches that are none")
        stages: dict[int, Keyed] = {}
        for node in listed.elts:
            match node:
                case ast.Dict(
                    [ast.Constant("where"), ast.Constant("by"), ast.Constant("stages")], [ast.Name(name), by, numbers]
                ):
                    one = Keyed(self._functions[name], _keys(value(by, self._constants)))
                    stages |= dict.fromkeys(_wholes(value(numbers, {})), one)
                case _:
                    raise UnraisedError("branches that are none")
        return stages

    def pairs(self) -> list[list[str]]:
        """The comparisons of each look-up."""
        listed = self._constants["LOOKUPS"]
        if not isinstance(listed, ast.List):
            raise UnraisedError("look-ups that are none")
        return [[_compared(one) for one in _elements(arm)] for arm in listed.elts]


def _tiebreaker(node: ast.expr) -> str:
    match node:
        case ast.Constant(None):
            return ""
        case ast.Call(
            ast.Name("next"),
            [
                ast.Call(ast.Name("iter"), [ast.Call(ast.Name("read"), [_, ast.Constant(str(path))], [])], []),
                ast.Constant(None),
            ],
        ):
            return path
        case _:
            raise UnraisedError("another order of events")


def _elements(node: ast.expr) -> list[ast.expr]:
    if not isinstance(node, ast.Tuple):
        raise UnraisedError("look-ups that are none")
    return node.elts


def _compared(node: ast.expr) -> str:
    match _elements(node):
        case [
            ast.Constant(str(path)),
            ast.Call(ast.Name("value_keys"), [ast.Name(held)], []),
            ast.Call(ast.Name("value_keys"), [ast.Name(sought)], []),
            ast.Constant(str(indicator)),
        ] if held == sought and held in KINDS:
            how = KINDS[held].value
        case [ast.Constant(str(path)), ast.Name(held), ast.Name(sought), ast.Constant(str(indicator))] if (
            held,
            sought,
        ) in _WAYS:
            how = _WAYS[held, sought]
        case _:
            raise UnraisedError("a comparison that is none")
    return f"{path} = {indicator} as {how}"


_WAYS: Final = {("word_keys", "word_keys"): "words", ("address_keys", "network_keys"): "addresses"}


def _keys(held: object) -> tuple[str, ...]:
    if not isinstance(held, tuple):
        raise UnraisedError("keys that are none")
    return tuple(map(_as_key, held))


def _as_key(held: object) -> str:
    match held:
        case (str(path), Sign(convert), bool(optional)) if convert in KINDS:
            return f"{'?' if optional else ''}{path} as {KINDS[convert].value}"
        case _:
            raise UnraisedError("a key that is none")


def _whole(node: ast.expr | None) -> int:
    match node:
        case ast.Constant(int(number)):
            return number
        case _:
            raise UnraisedError("a stage that is no number")


def _wholes(held: object) -> tuple[int, ...]:
    if not isinstance(held, tuple) or not all(isinstance(one, int) for one in held):
        raise UnraisedError("stages that are no numbers")
    return held

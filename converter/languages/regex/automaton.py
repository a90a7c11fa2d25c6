"""Small finite automata: Lucene's intersection and complement as expressions that every engine can read.

An expression with `&` or `~` is built as a deterministic machine and turned back into an expression by taking its
states away one by one. Machines are small (`MAX_STATES`); larger ones raise `TooLargeError`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from converter.deferred import dataclass
from converter.languages.regex.charset import ALL, ASCII_FOLD, Ranges, complement, merged, partition
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Regex, Repeat

MAX_STATES = 400
NEVER = Alternate(())
EMPTY = Concat(())


class TooLargeError(Exception):
    """The machine, or the expression made from it, is too large."""


# ---- expressions, kept simple ---------------------------------------------------------------------------------------


def concat(parts: Iterable[Regex]) -> Regex:
    """One after another: flat, and never if a part is never."""
    out: list[Regex] = []
    for part in parts:
        if part == NEVER:
            return NEVER
        out += part.parts if isinstance(part, Concat) else (part,)
    return out[0] if len(out) == 1 else Concat(tuple(out))


def alternate(options: Iterable[Regex]) -> Regex:
    """Any of them: flat, each once, single characters joined to a class where that says the same."""
    out: dict[Regex, None] = {}
    for option in options:
        out.update(dict.fromkeys(option.options if isinstance(option, Alternate) else (option,)))
    return next(iter(out)) if len(out) == 1 else Alternate(tuple(out))


def repeat(item: Regex, least: int, most: int | None) -> Regex:
    """`item` that often; `most` below `least` is never, as in Lucene."""
    if most is not None and most < least:
        return NEVER
    if item == NEVER:
        return EMPTY if least == 0 else NEVER
    if item == EMPTY or (least, most) == (0, 0):
        return EMPTY
    if (least, most) == (1, 1):
        return item
    if isinstance(item, Repeat) and item.most is None and item.least <= 1 and least <= 1:
        return Repeat(item.item, item.least * least, None)
    return Repeat(item, least, most)


def number_range(low: int, high: int, width: int) -> Regex:
    """The decimal numbers from `low` to `high`: `width` digits each, or (0) with any number of leading zeros."""
    digits = width or len(str(high))
    body = _digits(f"{low:0{digits}d}", f"{high:0{digits}d}")
    if width:
        return body
    # Without a width the machine may also start behind the zeros that pad the shorter numbers.
    shorter = [
        _digits(str(max(low, 10 ** (n - 1) if n > 1 else 0)), str(min(high, 10**n - 1)))
        for n in range(len(str(low)), digits + 1)
    ]
    return concat([Repeat(Char("0"), 0, None), alternate(shorter)])


def _digits(low: str, high: str) -> Regex:
    """The numbers between two texts of one length."""
    if low == high:
        return concat(map(Char, low))
    if low[0] == high[0]:
        return concat([Char(low[0]), _digits(low[1:], high[1:])])
    rest = len(low) - 1
    any_digit = repeat(CharClass((("0", "9"),)), rest, rest)
    first, last = ord(low[0]), ord(high[0])
    options: list[Regex] = []
    if rest and low[1:] != "0" * rest:
        options.append(concat([Char(low[0]), _digits(low[1:], "9" * rest)]))
        first += 1
    upper: Regex | None = None
    if rest and high[1:] != "9" * rest:
        upper = concat([Char(high[0]), _digits("0" * rest, high[1:])])
        last -= 1
    if first <= last:
        options.append(concat([character(((chr(first), chr(last)),)), any_digit]))
    return alternate([*options, upper] if upper is not None else options)


def character(ranges: Ranges) -> Regex:
    """One character of a set, as short as it can be said."""
    if ranges == ALL:
        return AnyChar()
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        # A class, not a Char: what a machine says has its case written out already.
        return CharClass(ranges) if ranges[0][0] in ASCII_FOLD else Char(ranges[0][0])
    if ranges[-1][1] == ALL[0][1]:
        return CharClass(complement(ranges), negated=True)
    return CharClass(ranges)


# ---- machines -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Machine:
    """A deterministic machine: state 0 starts; `moves[s]` are disjoint (characters, next state); no move = never."""

    moves: tuple[tuple[tuple[Ranges, int], ...], ...]
    final: frozenset[int]


@dataclass(slots=True)
class _Nfa:
    """A machine under construction, with empty moves."""

    moves: list[list[tuple[Ranges, int]]]
    empty: list[list[int]]

    def state(self) -> int:
        self.moves.append([])
        self.empty.append([])
        if len(self.moves) > MAX_STATES * 10:
            raise TooLargeError
        return len(self.moves) - 1

    def embed(self, machine: Machine, start: int, end: int) -> None:
        """A copy of `machine` between two states."""
        base = [self.state() for _ in machine.moves]
        self.empty[start].append(base[0])
        for state, moves in enumerate(machine.moves):
            self.moves[base[state]] += [(ranges, base[to]) for ranges, to in moves]
        for state in machine.final:
            self.empty[base[state]].append(end)

    def closure(self, states: Iterable[int]) -> frozenset[int]:
        todo, seen = list(states), set(states)
        while todo:
            for state in self.empty[todo.pop()]:
                if state not in seen:
                    seen.add(state)
                    todo.append(state)
        return frozenset(seen)


def _new() -> tuple[_Nfa, int, int]:
    nfa = _Nfa([], [])
    return nfa, nfa.state(), nfa.state()


def _parted(steps: Sequence[tuple[Ranges, int]]) -> Iterator[tuple[Ranges, set[int]]]:
    """The ranges of characters that some step takes, none of them cut by a step, each with where it leads."""
    parts = partition(ranges for ranges, _ in steps)
    starts = [part[0][0] for part in parts]
    reached: list[set[int]] = [set() for _ in parts]
    for ranges, to in steps:
        for low, high in ranges:
            for at in range(bisect_left(starts, low), bisect_right(starts, high)):
                reached[at].add(to)
    return ((part, there) for part, there in zip(parts, reached, strict=True) if there)


def _determinise(nfa: _Nfa, start: int, end: int) -> Machine:
    first = nfa.closure((start,))
    numbers = {first: 0}
    todo = [first]
    moves: list[tuple[tuple[Ranges, int], ...]] = []
    while len(moves) < len(todo):
        current = todo[len(moves)]
        steps = [(ranges, to) for state in sorted(current) for ranges, to in nfa.moves[state]]
        found: dict[int, list[tuple[str, str]]] = {}
        for part, reached in _parted(steps):
            after = nfa.closure(reached)
            if after not in numbers:
                numbers[after] = len(todo)
                todo.append(after)
            found.setdefault(numbers[after], []).extend(part)
        if len(todo) > MAX_STATES:
            raise TooLargeError
        moves.append(tuple((merged(r), to) for to, r in found.items()))
    return _minimise(Machine(tuple(moves), frozenset(n for states, n in numbers.items() if end in states)))


def _minimise(machine: Machine) -> Machine:
    """Partition refinement, with the missing state made explicit and dead states left out again.

    The largest part of a block that is parted keeps its number, so that only states that lead to the other parts are
    looked at again: in a long chain of states, one a round and not all of them.
    """
    full = _completed(machine)
    before: list[set[int]] = [set() for _ in full.moves]
    for state, moves in enumerate(full.moves):
        for _, to in moves:
            before[to].add(state)
    block = [int(state in full.final) for state in range(len(full.moves))]
    members = {number: {s for s, own in enumerate(block) if own == number} for number in set(block)}
    changed: set[int] = set(range(len(full.moves)))
    while changed:
        doubtful = set().union(*(before[state] for state in changed))
        parted = [
            part
            for number in sorted({block[s] for s in doubtful})
            for part in _apart(full, members[number], doubtful, block)
        ]
        changed = set()
        for part in parted:
            members[block[min(part)]] -= part
            number = len(members)
            members[number] = part
            changed |= part
            for state in part:
                block[state] = number
    return _quotient(full, block)


def _apart(full: Machine, members: set[int], doubtful: set[int], block: Sequence[int]) -> list[set[int]]:
    """The parts of a block that lead elsewhere than its largest part, which is left out."""
    groups: dict[object, set[int]] = {}
    for state in sorted(members & doubtful):
        groups.setdefault(_leads(full, state, block), set()).add(state)
    kept = next((state for state in members if state not in doubtful), None)
    if kept is not None:  # those that are not in doubt lead to the same blocks as they did, all of them
        groups.setdefault(_leads(full, kept, block), set()).update(members - doubtful)
    parts = sorted(groups.values(), key=len)
    return parts[:-1]


def _leads(full: Machine, state: int, block: Sequence[int]) -> object:
    """The blocks that a state leads to, each with the characters that do."""
    to: dict[int, list[tuple[str, str]]] = {}
    for ranges, target in full.moves[state]:
        to.setdefault(block[target], []).extend(ranges)
    return tuple(sorted((number, merged(ranges)) for number, ranges in to.items()))


def _completed(machine: Machine) -> Machine:
    """The machine with a move for each character in each state."""
    sink = len(machine.moves)
    rows = []
    for moves in machine.moves:
        rest = complement(merged(r for ranges, _ in moves for r in ranges))
        rows.append((*moves, (rest, sink)) if rest else moves)
    return Machine((*rows, ((ALL, sink),)), machine.final)


def _quotient(full: Machine, block: Sequence[int]) -> Machine:
    """One state for each block that can still reach an end, the start first."""
    backward: dict[int, set[int]] = {}
    for state, moves in enumerate(full.moves):
        for _, to in moves:
            backward.setdefault(block[to], set()).add(block[state])
    alive = {block[s] for s in full.final}
    todo = list(alive)
    while todo:
        for state in backward.get(todo.pop(), ()):
            if state not in alive:
                alive.add(state)
                todo.append(state)
    representative: dict[int, int] = {}
    for state, number in enumerate(block):
        representative.setdefault(number, state)
    order = {block[0]: 0}
    queue = [block[0]]
    rows: list[tuple[tuple[Ranges, int], ...]] = []
    for number in queue:
        joined: dict[int, list[tuple[str, str]]] = {}
        for ranges, to in full.moves[representative[number]]:
            if block[to] in alive:
                joined.setdefault(block[to], []).extend(ranges)
        for target in joined:
            if target not in order:
                order[target] = len(order)
                queue.append(target)
        rows.append(tuple((merged(r), order[t]) for t, r in joined.items()))
    return Machine(tuple(rows), frozenset(order[block[s]] for s in full.final if block[s] in order))


def of_regex(regex: Regex, case: Case) -> Machine:
    """The machine of an expression, letters in both cases if `case` ignores it."""
    match regex:
        case Char(char):
            both = ASCII_FOLD.get(char, char) if case is Case.INSENSITIVE else char
            return _one(merged((c, c) for c in both))
        case AnyChar():
            return _one(ALL)
        case CharClass(ranges, negated):
            return _one(complement(merged(ranges)) if negated else merged(ranges))
        case Concat(parts):
            return chain([of_regex(p, case) for p in parts])
        case Alternate(options):
            return union([of_regex(o, case) for o in options])
        case Repeat(item, least, most):
            return loop(of_regex(item, case), least, most)
        case _:
            assert_never(regex)


def _one(ranges: Ranges) -> Machine:
    return Machine((((ranges, 1),), ()) if ranges else ((),), frozenset({1} if ranges else ()))


def chain(machines: Sequence[Machine]) -> Machine:
    """One after another."""
    nfa, start, end = _new()
    here = start
    for machine in machines:
        after = nfa.state()
        nfa.embed(machine, here, after)
        here = after
    nfa.empty[here].append(end)
    return _determinise(nfa, start, end)


def union(machines: Sequence[Machine]) -> Machine:
    """Any of them."""
    nfa, start, end = _new()
    for machine in machines:
        nfa.embed(machine, start, end)
    return _determinise(nfa, start, end)


def loop(machine: Machine, least: int, most: int | None) -> Machine:
    """`machine` from `least` to `most` times."""
    nfa, start, end = _new()
    here = start
    if most is not None and most < least:
        return _determinise(nfa, start, end)
    for _ in range(least):
        after = nfa.state()
        nfa.embed(machine, here, after)
        here = after
    nfa.empty[here].append(end)
    if most is None:
        again = nfa.state()
        nfa.empty[here].append(again)
        nfa.embed(machine, again, again)
        nfa.empty[again].append(end)
    for _ in range(0 if most is None else most - least):
        after = nfa.state()
        nfa.embed(machine, here, after)
        nfa.empty[after].append(end)
        here = after
    return _determinise(nfa, start, end)


def intersection(left: Machine, right: Machine) -> Machine:
    """What both match: by De Morgan, so that one construction serves for all."""
    return negation(union([negation(left), negation(right)]))


def negation(machine: Machine) -> Machine:
    """What it does not match."""
    full = _completed(machine)
    return _minimise(Machine(full.moves, frozenset(range(len(full.moves))) - full.final))

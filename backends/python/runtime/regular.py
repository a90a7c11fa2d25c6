"""Regular expressions, by following every way at once: time grows with text times expression, never faster."""

from __future__ import annotations

from backends.python.runtime.matching import folded
from backends.python.runtime.reading import texts


def is_match(event, path, *programs):
    """Some value matches one of the expressions as a whole."""
    return any(accepts(program, text, text) for text in texts(event, path) for program in programs)


def is_match_any_case(event, path, *programs):
    """The same, whatever the case of letters outside classes."""
    return any(accepts(program, text, folded(text)) for text in texts(event, path) for program in programs)


def accepts(program, text, shown):
    """Run a program: ("char", c), ("any",), ("class", negated, ranges), ("split", places) and ("done",).

    Classes look at the text as it is, characters at the text as shown (folded or not).
    """
    states = _closure(program, {0})
    for index, char in enumerate(text):
        after = set()
        for state in states:
            step = program[state]
            if step[0] == "char":
                if step[1] == shown[index]:
                    after.add(state + 1)
            elif step[0] == "any":
                after.add(state + 1)
            elif step[0] == "class":
                inside = any(low <= char <= high for low, high in step[2])
                if inside != step[1]:
                    after.add(state + 1)
        states = _closure(program, after)
        if not states:
            return False
    return any(program[state][0] == "done" for state in states)


def _closure(program, states):
    """The states that can be reached without reading."""
    reached = set()
    todo = list(states)
    while todo:
        state = todo.pop()
        if state in reached:
            continue
        reached.add(state)
        if program[state][0] == "split":
            todo.extend(program[state][1])
    return reached

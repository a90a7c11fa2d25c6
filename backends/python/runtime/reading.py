"""Reading an event: names may be dotted, nested or both; arrays may stand anywhere."""

from __future__ import annotations


def read(event, path):
    """Every scalar at a path; null, [] and [null] are nothing."""
    found = []
    todo = [(event, path)]
    while todo:
        value, rest = todo.pop()
        if isinstance(value, (list, tuple)):
            todo.extend((one, rest) for one in reversed(value))
        elif rest is None:
            if value is not None and not isinstance(value, dict):
                found.append(value)
        elif isinstance(value, dict):
            if rest in value:
                todo.append((value[rest], None))
            dot = rest.find(".")
            while dot > 0:
                if rest[:dot] in value:
                    todo.append((value[rest[:dot]], rest[dot + 1 :]))
                dot = rest.find(".", dot + 1)
    return found


def objects(event, path):
    """The objects of a nested array, each as an event of its own."""
    found = []
    todo = [(event, path)]
    while todo:
        value, rest = todo.pop()
        if isinstance(value, (list, tuple)):
            todo.extend((one, rest) for one in reversed(value))
        elif isinstance(value, dict):
            if rest is None:
                found.append({path: value})
                continue
            if rest in value:
                todo.append((value[rest], None))
            dot = rest.find(".")
            while dot > 0:
                if rest[:dot] in value:
                    todo.append((value[rest[:dot]], rest[dot + 1 :]))
                dot = rest.find(".", dot + 1)
    return found


def as_text(value):
    """A JSON scalar as a keyword field indexes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def texts(event, path):
    """The values of a keyword or text field."""
    return [as_text(value) for value in read(event, path)]

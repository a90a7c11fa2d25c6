"""Rows of columns: a value is None, one value, or a list of two and more. A row keeps its event under ""."""

from __future__ import annotations

from backends.python.runtime.reading import read


def many(values):
    """Values in their normal form; None vanishes."""
    found = [v for v in values if v is not None]
    return found if len(found) > 1 else found[0] if found else None


def each(value):
    """The values, none for None."""
    return [] if value is None else value if isinstance(value, list) else [value]


def distinct(values):
    """Each value once, in order; True and 1 are two."""
    return list({(type(v), v): v for v in values}.values())


def stored(row, path, convert, as_set, in_order):
    """The values of a field of the row's event, sorted, texts each once."""
    if path not in row:
        found = [v for raw in read(row[""], path) if (v := convert(raw)) is not None]
        found = set(found) if as_set else found
        row[path] = many(sorted(found) if in_order else found)
    return row[path]


def single(function, *arguments):
    """A function of one value each; None where an argument is None or several."""
    if any(a is None or isinstance(a, list) for a in arguments):
        return None
    return function(*arguments)


def per_value(function, value):
    """A function of each value; what gives None vanishes."""
    return many(function(v) for v in each(value))


def both(*terms):
    """AND of three values; the terms are functions without arguments."""
    found = True
    for term in terms:
        value = term()
        if value is False:
            return False
        found = found if isinstance(value, bool) else None
    return found


def either(*terms):
    """OR of three values; the terms are functions without arguments."""
    found = False
    for term in terms:
        value = term()
        if value is True:
            return True
        found = found if isinstance(value, bool) else None
    return found


def negation(value):
    """NOT of three values."""
    return not value if isinstance(value, bool) else None


def among(value, *others):
    """IN: whether one equals the value; None beside no equal one is None."""
    if value is None or isinstance(value, list):
        return None
    found = False
    for other in others:
        if other is None or isinstance(other, list):
            found = None
        elif value == other:
            return True
    return found


def case(*parts):
    """The value of the first condition that is True; the parts are functions without arguments."""
    last = len(parts) - 1
    for number in range(0, last, 2):
        if parts[number]() is True:
            return parts[number + 1]()
    return parts[last]() if last % 2 == 0 else None


def first_known(*parts):
    """COALESCE; the parts are functions without arguments."""
    for part in parts:
        value = part()
        if value is not None:
            return value
    return None


def as_double(value):
    """Whole numbers as decimals."""
    if isinstance(value, list):
        return [float(v) for v in value]
    return None if value is None else float(value)


def fitting(bits, value):
    """A whole number of so many bits, or None."""
    if value is None or isinstance(value, (float, list)):
        return value
    return value if -(1 << bits - 1) <= value < 1 << bits - 1 else None

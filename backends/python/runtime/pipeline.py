"""A pipeline of stages over rows."""

from __future__ import annotations

import itertools
import math
import statistics
import time

from backends.python.runtime.row_texts import address_text, date_name, name_of
from backends.python.runtime.rows import distinct, each, many


def alerts(events, now=None):
    """The rows that the rule gives for the events of one run: each {"columns": {...}, "events": [...]}."""
    kept = list(events)
    now = int(time.time() * 1000) if now is None else now
    rows = []
    for number, event in enumerate(kept):
        if matches(event, now):
            rows.append({"": event, "#": {number}, **{name: event.get(name) for name in METADATA}})
    for row in rows:
        row.setdefault("_id", str(min(row["#"])))
    for kind, *parts in stages(now):
        rows = _STAGES[kind](rows, *parts)
    return [{"columns": _shown(row), "events": [kept[n] for n in sorted(row["#"])]} for row in rows]


def _shown(row):
    return {name: many(_as_json(v, kind) for v in each(row.get(name))) for name, kind in COLUMNS}


def _as_json(value, kind):
    if kind == "date":
        return date_name(value)
    if kind == "ip":
        return address_text(value)
    return name_of(value) if kind == "geo_point" else value


def _filter(rows, where):
    return [row for row in rows if where(row) is True]


def _compute(rows, columns):
    found = []
    for row in rows:
        made = dict(row)
        for name, value in columns:
            made[name] = value(made)
        found.append(made)
    return found


def _key(value):
    return type(value), tuple(value) if isinstance(value, list) else value


def _groups(rows, aggregates, keys):
    """The groups of equal keys; None is a key, several values put a row into several groups."""
    groups = {} if keys else {(): ((), rows)}
    for row in rows if keys else ():
        choices = [distinct(each(value(row))) or [None] for _, value in keys]
        for values in itertools.product(*choices):
            groups.setdefault(tuple(map(_key, values)), (values, []))[1].append(row)
    found = []
    for values, members in groups.values():
        made = {"": {}, "#": set().union(*(row["#"] for row in members))}
        for name, function, value, where, extra in aggregates:
            counted = members if where is None else [row for row in members if where(row) is True]
            made[name] = _AGGREGATES[function](counted, value, extra)
        made.update(zip((name for name, _ in keys), values))
        found.append(made)
    return found


def _beside(rows, aggregates, keys):
    """Each row with the columns of its group; one with several values of a key has no group."""
    own = [[value(row) for _, value in keys] for row in rows]
    groups = {tuple(_key(row[name]) for name, _ in keys): row for row in _groups(rows, aggregates, keys)}
    found = []
    for row, values in zip(rows, own):
        group = groups.get(tuple(map(_key, values)), {})
        made = {**row, **{name: group.get(name) for name, *_ in aggregates}}
        made.update(zip((name for name, _ in keys), values))
        found.append(made)
    return found


def _rename(rows, pairs):
    found = []
    for row in rows:
        made = dict(row)
        for value, old, new in pairs:
            made[new] = value(made)
            made.pop(old, None)
        found.append(made)
    return found


def _sort(rows, orders):
    for value, descending, nulls_first in reversed(orders):
        known = [(each(value(row)), row) for row in rows]
        nulls = [row for found, row in known if not found]
        full = [(max(found) if descending else min(found), row) for found, row in known if found]
        ordered = [row for _, row in sorted(full, key=lambda pair: pair[0], reverse=descending)]
        rows = nulls + ordered if nulls_first else ordered + nulls
    return rows


def _limit(rows, count):
    return rows[:count]


def _cut(rows, value, cut):
    return [{**row, **cut(value(row))} for row in rows]


def _expand(rows, name, value):
    return [{**row, name: one} for row in rows for one in each(value(row)) or [None]]


_STAGES = {
    "filter": _filter,
    "compute": _compute,
    "groups": _groups,
    "beside": _beside,
    "rename": _rename,
    "sort": _sort,
    "limit": _limit,
    "cut": _cut,
    "expand": _expand,
}


def _all(rows, value):
    return [v for row in rows for v in each(value(row))]


def _sum(rows, value, kind):
    found = _all(rows, value)
    if not found:
        return None
    if kind == "double":
        return math.fsum(found)
    total = sum(found)
    return total if -(1 << 63) <= total < 1 << 63 else None


def _mean(rows, value, _):
    found = _all(rows, value)
    return math.fsum(found) / len(found) if found else None


def _top(rows, value, extra):
    count, descending = extra
    return many(sorted(_all(rows, value), reverse=descending)[:count])


def _at_end(rows, value, extra):
    """The value of the row with the least or greatest key; rows without a key are none."""
    order, from_end = extra
    best = found = None
    for row in rows:
        keys = each(order(row))
        if keys:
            key = max(keys) if from_end else min(keys)
            if best is None or (key > best if from_end else key < best):
                best, found = key, value(row)
    return found


_AGGREGATES = {
    "rows": lambda rows, value, extra: len(rows),
    "count": lambda rows, value, extra: len(_all(rows, value)),
    "count_distinct": lambda rows, value, extra: len(distinct(_all(rows, value))),
    "values": lambda rows, value, extra: many(sorted(distinct(_all(rows, value)))),
    "min": lambda rows, value, extra: min(_all(rows, value), default=None),
    "max": lambda rows, value, extra: max(_all(rows, value), default=None),
    "sum": _sum,
    "avg": _mean,
    "median": lambda rows, value, extra: float(statistics.median(f)) if (f := _all(rows, value)) else None,
    "std_dev": lambda rows, value, extra: statistics.pstdev(map(float, f)) if (f := _all(rows, value)) else None,
    "present": lambda rows, value, extra: bool(_all(rows, value)),
    "absent": lambda rows, value, extra: not _all(rows, value),
    "top": _top,
    "end": _at_end,
}

# Mailbox permission added
# Elastic rule 0b7c6a52-5f2e-4c0c-9a0e-5d6f7f3f5c11
# Author: siemglot
# Converted (modified) by siemglot. Licence: Apache-2.0.

"""`matches(event)` is True for an event (a dict in Elastic Common Schema) that the rule alerts on.

Standard library only; Python 3.9 or later.
"""


RULE = {
    "id": "0b7c6a52-5f2e-4c0c-9a0e-5d6f7f3f5c11",
    "name": "Mailbox permission added",
    "severity": "medium",
    "risk_score": 47,
}


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


ANY_RUN = object()
ANY_ONE = object()
_FOLDED = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def folded(text):
    """The text with A to Z in lower case and nothing else changed."""
    return text.translate(_FOLDED)


def is_one_of(event, path, wanted):
    """Some value is one of the wanted ones."""
    return any(text in wanted for text in texts(event, path))


def is_one_of_any_case(event, path, wanted):
    """Some value is one of the wanted ones (given in lower case), whatever its case."""
    return any(folded(text) in wanted for text in texts(event, path))


def is_like(event, path, *patterns):
    """Some value matches one of the patterns as a whole."""
    return any(like(text, pattern) for text in texts(event, path) for pattern in patterns)


def is_like_any_case(event, path, *patterns):
    """Some value matches one of the patterns (given in lower case), whatever its case."""
    return any(like(folded(text), pattern) for text in texts(event, path) for pattern in patterns)


def like(text, pattern):
    """Whether a text matches a pattern: literal texts, ANY_RUN and ANY_ONE."""
    signs = []
    for part in pattern:
        signs.extend(part if isinstance(part, str) else (part,))
    at = 0
    here = 0
    back_to = None
    while here < len(text):
        sign = signs[at] if at < len(signs) else None
        if sign is ANY_RUN:
            at += 1
            back_to = (at, here)
        elif sign is ANY_ONE or sign == text[here]:
            at += 1
            here += 1
        elif back_to is not None:
            back_to = (back_to[0], back_to[1] + 1)
            at, here = back_to
        else:
            return False
    return all(sign is ANY_RUN for sign in signs[at:])


def matches(event, now=None):
    """Whether the event is an alert."""
    return (
        is_one_of(event, "event.dataset", ("o365.audit",))
        and is_one_of(event, "event.provider", ("Exchange",))
        and is_one_of(event, "event.action", ("Add-MailboxPermission", "Add-RecipientPermission"))
        and not (
            is_like(event, "user.id", ("svc-", ANY_RUN))
            or is_one_of(event, "user.id", ("NT AUTHORITY\\SYSTEM (w3wp)",))
        )
    )

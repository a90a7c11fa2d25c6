"""What a kind of run keeps of single rules: found by the rule's file, and written where a rule was converted."""

from __future__ import annotations

from collections.abc import Callable

from converter.cache.codec import Codec, Kind, NotKeptError, Written
from converter.cache.head import Head, Kept
from converter.cache.key import key
from converter.cache.store import Store
from converter.deferred import dataclass
from converter.diagnostics import Source, Span
from converter.diagnostics.code import Code

_NOTHING = Source("", "")


@dataclass(frozen=True, slots=True)
class _Entry:
    head: Head
    result: object


@dataclass(frozen=True, slots=True)
class _Word:
    """A code with what it says, which is kept once for all rules."""

    name: str
    summary: str
    meaning: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in a rule's file that is told only where two rules have the same there."""

    span: Span | None


_WORDS = Codec((Kind(_Word),))
_PLACES = Codec((Kind(Span), Kind(_Place)))


class Shelf:
    """The entries of a run, in a store. `run`: the hash of all that decides beside the rules.

    `kinds`: the classes of what became of a rule and of all in it; the value itself is of the last of them.
    """

    def __init__(self, store: Store, run: str, kinds: tuple[Kind, ...]) -> None:
        self._store = store
        self._run = run
        self._result = kinds[-1].cls if kinds else None
        self._codec = Codec((*kinds, Kind(Head), Kind(_Entry)))
        self._codes: dict[str, Code] = {}

    def key(self, name: str, data: bytes) -> str:
        """Under what a rule is kept: by the bytes of its file, and the name that messages call it."""
        return key((self._run, name, data))

    def tagged(self, of: str, id_tag: str, name_tag: str) -> str:
        """Under what the rule of a key is kept where others share its id or its name."""
        return key((of, id_tag, name_tag))

    def holds(self, of: str) -> bool:
        """Whether there is an entry, which may yet be found not to be whole."""
        return self._store.holds(of)

    def find(self, of: str, source: Source) -> Kept | None:
        """The entry under a key, and its file's text; None where there is none."""
        found = self.value(of, self._codec, source)
        if not isinstance(found, _Entry) or found.result.__class__ not in (self._result, None.__class__):
            return None
        return Kept(found.head, found.result, source)

    def value(self, of: str, codec: Codec, source: Source = _NOTHING) -> object | None:
        """Whatever value is kept under a key."""
        data = self._store.find(of)
        try:
            found: object = codec.read(data, source, self._code) if data is not None else None
        except NotKeptError:
            return None
        return found

    def written(self, head: Head, result: object, source: Source) -> Written | None:
        """The entry as bytes, in whatever process; None for what cannot be kept."""
        try:
            return self._codec.written(_Entry(head, result), source)
        except NotKeptError:
            return None

    def put(self, of: str, entry: Written) -> None:
        """Keep an entry, and what its codes say."""
        self._store.add(of, entry.data)
        for code in entry.codes:
            name = self._key_of_code(code)
            if not self._store.holds(name):
                word = _Word(str(code), code.summary, code.meaning, code.remedy)
                self._store.add(name, _WORDS.written(word, _NOTHING).data)

    def put_head(self, of: str, head: Head) -> None:
        """Keep the head of a rule, if nothing is kept of it yet."""
        if not self.holds(of):
            self._store.add(of, self._codec.written(_Entry(head, None), _NOTHING).data)

    def place(self, of: str, found: Callable[[], Span | None]) -> Span | None:
        """Where the id of the rule of a key stands; `found` looks for it, if that was not told before."""
        at = key((of, "place"))
        known = self.value(at, _PLACES)
        if isinstance(known, _Place):
            return known.span
        span = found()
        self._store.add(at, _PLACES.written(_Place(span), _NOTHING).data)
        return span

    def close(self) -> None:
        """Write what is new."""
        self._store.close()

    def _key_of_code(self, name: str) -> str:
        return key((self._run, "code", name))

    def _code(self, name: str) -> Code:
        """Raises KeyError for a code that is not kept."""
        if name not in self._codes:
            data = self._store.find(self._key_of_code(name))
            if data is None:
                raise KeyError(name)
            word: _Word = _WORDS.read(data, _NOTHING, _no_codes)
            self._codes[name] = Code(word.name, word.summary, word.meaning, word.remedy)
        return self._codes[name]


def _no_codes(name: str) -> Code:
    raise KeyError(name)

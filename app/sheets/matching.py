"""Which school or which presentation somebody means. A unique reading or none: near misses are only suggested.

One exception: a plain typing slip in a long enough name, with one candidate only and no second one near. It is read,
and told.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from app.people.rules import folded, laestab

T = TypeVar("T")

_GENERIC = frozenset(
    {
        *("the", "of", "and", "in", "at", "school", "schools", "college", "academy", "academies", "community"),
        *("nursery", "infant", "junior", "primary", "first", "middle", "secondary"),
        *("cofe", "church", "england", "rc", "roman", "vc", "va"),
    }
)
_ABBREVIATIONS = {
    "sch": "school",
    "schl": "school",
    "prim": "primary",
    "pri": "primary",
    "jnr": "junior",
    "juniors": "junior",
    "inf": "infant",
    "infants": "infant",
    "acad": "academy",
    "saint": "st",
    "ce": "cofe",
    "catholic": "rc",
    "sq": "square",
    "rd": "road",
}
_TELLING = frozenset({"infant", "junior", "academy", "nursery", "cofe", "rc", "secondary", "primary"})
_SUGGESTED = 70
MOST_PARTS = 4
"""Into how many parts a title with semicolons or commas of its own may have been cut."""


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """What a text was read as: `found`, or nothing and perhaps a few names to suggest. `told` says of a reading that
    was not word for word."""

    found: T | None
    told: str = ""
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SchoolName:
    """A school as sheets may name it."""

    name: str
    urn: str = ""
    laestab: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    thing: T
    name: str
    words: tuple[str, ...]
    """The name's words for comparing, in order, without punctuation."""

    @property
    def joined(self) -> str:
        return " ".join(self.words)


class Schools(Generic[T]):
    """The hub's schools, found by name, URN or LAESTAB as people write them."""

    def __init__(self, schools: Iterable[tuple[T, SchoolName]]) -> None:
        self._known = [(thing, name) for thing, name in schools]
        self._entries = [_Entry(thing, each.name, _words(each.name)) for thing, each in self._known]
        self._matched: dict[str, Match[T]] = {}

    def match(self, cell: str) -> Match[T]:
        """The school that a cell names."""
        if cell not in self._matched:
            self._matched[cell] = self._match(" ".join(cell.split()))
        return self._matched[cell]

    def _match(self, text: str) -> Match[T]:
        if not text:
            return Match(None)
        numbers = [
            thing for thing, each in self._known if text == each.urn or (each.laestab and laestab(text) == each.laestab)
        ]
        if len(numbers) == 1:
            return Match(numbers[0])
        for found in (
            [entry for entry in self._entries if entry.name == text],
            [entry for entry in self._entries if folded(entry.name) == folded(text)],
            [entry for entry in self._entries if entry.words == _words(text)],
        ):
            if len(found) == 1:
                return Match(found[0].thing)
            if found:
                return Match(None, suggestions=_distinct(entry.name for entry in found))
        return self._by_core(text)

    def _by_core(self, text: str) -> Match[T]:
        words = _words(text)
        core = _core(words)
        same = [entry for entry in self._entries if core and _core(entry.words) == core]
        if len(same) > 1:
            fitting = [entry for entry in same if set(words) <= set(entry.words)]
            same = fitting if len(fitting) == 1 else same
        if len(same) == 1:
            differing = (set(words) & _TELLING) - set(same[0].words)
            told = f"Read the school '{text}' as '{same[0].name}'." if differing else ""
            return Match(same[0].thing, told)
        if same:
            return Match(None, suggestions=_distinct(entry.name for entry in same))
        slip = _typing_slip(" ".join(core), self._entries, lambda entry: " ".join(_core(entry.words)))
        if slip is not None:
            return Match(slip.thing, f"Read the school '{text}' as '{slip.name}'.")
        return Match(
            None, suggestions=_near(" ".join(core) or text, self._entries, lambda entry: " ".join(_core(entry.words)))
        )

    def of_address(self, email: str | None) -> T | None:
        """The only school whose website has the domain of this address."""
        domain = (email or "").rpartition("@")[2].casefold()
        if not domain:
            return None
        hosts = [(thing, _host(each.website)) for thing, each in self._known]
        found = [thing for thing, host in hosts if host and (domain == host or domain.endswith("." + host))]
        return found[0] if len(found) == 1 else None

    def name_of(self, thing: T) -> str:
        return next(each.name for known, each in self._known if known == thing)


class Titles(Generic[T]):
    """An evening's presentations, found by title as people write them."""

    def __init__(self, titles: Iterable[tuple[T, str]]) -> None:
        self._entries = [_Entry(thing, title, _title_words(title)) for thing, title in titles]
        self._matched: dict[str, Match[T]] = {}

    def match(self, text: str) -> Match[T]:
        """The presentation that a text names."""
        if text not in self._matched:
            self._matched[text] = self._match(text)
        return self._matched[text]

    def _match(self, text: str) -> Match[T]:
        words = _title_words(text)
        same = [entry for entry in self._entries if entry.name == text] or [
            entry for entry in self._entries if words and entry.words == words
        ]
        if len(same) == 1:
            return Match(same[0].thing)
        if same:
            return Match(None, suggestions=_distinct(entry.name for entry in same))
        slip = _typing_slip(" ".join(words), self._entries, lambda entry: entry.joined)
        if slip is not None:
            return Match(slip.thing, f"Read '{text}' as '{slip.name}'.")
        return Match(None, suggestions=_near(" ".join(words), self._entries, lambda entry: entry.joined))

    def wishes(self, cell: str) -> list[tuple[str, Match[T]]]:
        """Each wish in a cell, best first, with what it was read as.

        Semicolons and line breaks separate wishes, but a title may contain a semicolon itself; and a list in which
        nothing else fits may be separated by commas.
        """
        parts = [part for part in (" ".join(part.split()) for part in re.split(r"[;\r\n]+", cell)) if part]
        found: list[tuple[str, Match[T]]] = []
        for text, match in self._greedily(parts, "; "):
            pieces = [] if match.found is not None else self._split_by_commas(text)
            found += pieces or [(text, match)]
        return found

    def _split_by_commas(self, text: str) -> list[tuple[str, Match[T]]]:
        pieces = self._greedily([part.strip() for part in text.split(",") if part.strip()], ", ")
        return pieces if len(pieces) > 1 and all(match.found is not None for _, match in pieces) else []

    def _greedily(self, parts: Sequence[str], glue: str) -> list[tuple[str, Match[T]]]:
        """Titles put together from as many parts as fit, word for word; what fits nothing stands alone."""
        found = []
        start = 0
        while start < len(parts):
            ends = range(min(len(parts), start + MOST_PARTS), start + 1, -1)
            end = next((each for each in ends if self._word_for_word(glue.join(parts[start:each]))), start + 1)
            text = glue.join(parts[start:end])
            found.append((text, self.match(text)))
            start = end
        return found

    def _word_for_word(self, text: str) -> bool:
        words = _title_words(text)
        return sum(entry.words == words for entry in self._entries) == 1


def _typing_slip(text: str, entries: Sequence[_Entry[T]], read: Callable[[_Entry[T]], str]) -> _Entry[T] | None:
    """The one entry that differs by a slip of the finger: one, in a long text two, with no other entry near it."""
    allowed = 0 if len(text) < 6 else 1 if len(text) < 14 else 2
    ranked = sorted(((OSA.distance(text, read(entry)), index) for index, entry in enumerate(entries)))
    if not ranked or not 0 < ranked[0][0] <= allowed:
        return None
    if len(ranked) > 1 and ranked[1][0] < ranked[0][0] + 3:
        return None
    return entries[ranked[0][1]]


def _near(text: str, entries: Sequence[_Entry[T]], read: Callable[[_Entry[T]], str]) -> tuple[str, ...]:
    scored = sorted(((fuzz.WRatio(text, read(entry)), entry.name) for entry in entries), reverse=True)
    return _distinct(name for score, name in scored if score >= _SUGGESTED)[:2]


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:3]


def _words(name: str) -> tuple[str, ...]:
    text = re.sub(r"['\u2019.]", "", folded(name)).replace("&", " and ")
    text = re.sub(r"\bc(?: of |/| )e\b", "cofe", re.sub(r"[-,()]", " ", text))
    text = re.sub(r"\br c\b", "rc", text)
    return tuple(_ABBREVIATIONS.get(word, word) for word in re.sub(r"[^\w\s]", " ", text).split())


def _core(words: Sequence[str]) -> tuple[str, ...]:
    """A school's name without the words that many schools share; all of them when nothing else is left."""
    return tuple(word for word in words if word not in _GENERIC) or tuple(words)


def _title_words(title: str) -> tuple[str, ...]:
    bare = re.sub(r"['\u2019]", "", folded(title)).replace("&", " and ")
    return tuple(re.sub(r"[^\w\s]", " ", bare).split())


def _host(website: str) -> str:
    found = re.match(r"(?:[a-z]+://)?(?:www\d?\.)?([^/:?#\s]+)", website.strip().casefold())
    return found[1] if found else ""

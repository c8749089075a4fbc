"""A name written in one cell, as given name and family name."""

import re
from dataclasses import dataclass

_PARTICLES = frozenset(
    {
        *("van", "von", "der", "den", "de", "ter", "ten", "zu", "af"),
        *("del", "della", "di", "da", "do", "dos", "das", "du", "la", "le", "y"),
        *("el", "al", "bin", "binti", "ibn", "ben"),
    }
)
_IRISH_AND_OTHERS = frozenset({"ó", "o", "ní", "ni", "nic", "uí", "ui", "mac", "st", "st.", "ap", "ab", "van", "von"})
_HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "rev", "sr"})


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name; the family name is empty for those who have one name only."""

    given: str
    family: str
    told: str = ""

    @property
    def full(self) -> str:
        return f"{self.given} {self.family}".strip()


def read_name(cell: str) -> Name | None:
    """The name in a cell, None when it has no letter. Particles ("van der", "d'", "Ó") belong to the family name."""
    written = " ".join(cell.replace("\u2019", "'").split()).strip(" ,;")
    if not any(character.isalpha() for character in written):
        return None
    text, told = written, ""
    if text.count(",") == 1:
        family, given = (part.strip() for part in text.split(","))
        if given and family:
            text = f"{given} {family}"
            told = f"Read the name '{written}' as '{text}': the family name stood first."
            return _cased(Name(given, family, told), written)
    words = text.split()
    if len(words) > 2 and words[0].rstrip(".").lower() in _HONORIFICS:
        words = words[1:]
    start = _family_start([_particle_case(word, whole=text) for word in words])
    return _cased(Name(" ".join(words[:start]), " ".join(words[start:]), told), written)


def _family_start(words: list[str]) -> int:
    for index in range(1, len(words) - 1):
        if words[index] in _PARTICLES or words[index].lower() in _IRISH_AND_OTHERS:
            return index
    return max(1, len(words) - 1)


def _particle_case(word: str, *, whole: str) -> str:
    return word.lower() if whole.isupper() else word


def _cased(name: Name, written: str) -> Name:
    """A name that was typed all in capitals, or all in small letters, in the usual case."""
    if not (written.isupper() or written.islower()) or sum(map(str.isalpha, written)) < 3:
        return name
    given, family = _recased(name.given, particles=False), _recased(name.family, particles=True)
    told = name.told or f"Read the name '{written}' as '{given} {family}".rstrip() + "'."
    return Name(given, family, told)


def _recased(text: str, *, particles: bool) -> str:
    words = []
    for word in text.lower().split():
        if particles and word in _PARTICLES:
            words.append(word)
            continue
        capital = re.sub(r"(^|[-'])(\w)", lambda found: found[1] + found[2].upper(), word)
        words.append(re.sub(r"(^|-)Mc(\w)", lambda found: found[1] + "Mc" + found[2].upper(), capital))
    return " ".join(words)

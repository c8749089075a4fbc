"""Pure decisions about registrations: the code for the door, and what kind of diet or access somebody's own words
speak of."""

import hashlib
import re
from uuid import UUID

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is taken for something else when it is read out or typed in."""
CODE_LENGTH = 8
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})
OTHER = "other"
_DIETS = {
    "vegan": r"vegan|plant.based",
    "vegetarian": r"vegetarian|veggie|no meat|lacto|\bveg\b",
    "pescatarian": r"pesc[ae]tarian",
    "halal": r"halal",
    "kosher": r"kosher",
    "gluten-free": r"gluten|coeliac|celiac|wheat",
    "dairy-free": r"dairy|lactose|milk",
    "nut allergy": r"\bnuts?\b|peanut|almond|cashew|hazelnut|walnut",
    "egg allergy": r"\beggs?\b",
    "fish or shellfish allergy": r"(no|allerg\w* to|free of) (fish|shellfish|seafood)|shellfish|crustacean",
    "sesame allergy": r"sesame",
    "soya allergy": r"\bsoya?\b",
    "no pork": r"no pork|pork.free",
    "diabetic": r"diabet",
}
_ACCESS = {
    "step-free": r"step.free|wheelchair|ramp|lift|stairs|mobility|crutch|walking",
    "hearing": r"hearing|deaf|loop|lip.?read|sign language|\bbsl\b|interpreter",
    "sight": r"sight|blind|vision|visual|large print|braille|guide dog|screen reader",
    "quiet space": r"quiet|sensory|noise|autis",
    "seating": r"seat|chair\b|sit\b|standing|back (pain|problem)",
    "parking": r"parking|blue badge",
    "prayer room": r"pray",
    "feeding room": r"breast|feeding|express",
}


def check_in_code(registration_id: UUID) -> str:
    """The short code by which a registration is checked in at the door.

    It is made from the id's random bits, so it can be guessed as little as these, and is no more secret than the id.
    """
    number = int.from_bytes(hashlib.blake2b(registration_id.bytes, digest_size=5, person=b"check-in").digest())
    return "".join(CODE_LETTERS[number >> shift & 31] for shift in range(5 * (CODE_LENGTH - 1), -1, -5))


def as_code(typed: str) -> str:
    """A code as it was typed or scanned, in the one spelling that is kept."""
    return typed.upper().translate(_LOOKALIKES)


def dietary_kinds(text: str) -> frozenset[str]:
    """Which diets a text speaks of, in the words of the kitchen; `other` when it is none that we know."""
    return _kinds(text, _DIETS)


def access_kinds(text: str) -> frozenset[str]:
    """Which kinds of access a text speaks of; `other` when it is none that we know."""
    return _kinds(text, _ACCESS)


def _kinds(text: str, known: dict[str, str]) -> frozenset[str]:
    found = frozenset(kind for kind, pattern in known.items() if re.search(pattern, text, re.IGNORECASE))
    return found or frozenset({OTHER})

"""Pure decisions about people: how names and addresses are folded so that they can be compared and found."""

import re
import unicodedata
from enum import StrEnum

# Letters that Unicode does not take apart into a base and a mark.
_WHOLE_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


class KeyStage(StrEnum):
    EYFS = "EYFS"
    KS1 = "KS1"
    KS2 = "KS2"
    KS3 = "KS3"
    KS4 = "KS4"
    KS5 = "KS5"


class Role(StrEnum):
    """What a signed-in teacher may be besides a teacher."""

    ORGANISER = "organiser"
    SCHOOL_LEAD = "school_lead"


def folded(text: str) -> str:
    """Text for comparing and searching: no accents, no case, single spaces ("Siân  LLŶR" is "sian llyr")."""
    # Taken apart before as well: some letters have another case only then ("ℌ").
    plain = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", plain).translate(_WHOLE_LETTERS)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub(r"\s+", " ", bare).strip()


def email_key(email: str) -> str:
    """An address as it is compared: case does not matter, and the same letters are the same."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def sort_key(*, given_name: str, family_name: str) -> str:
    return folded(f"{family_name or given_name}, {given_name}")[:202]


def search_key(*, given_name: str, family_name: str, email: str | None) -> str:
    return folded(f"{given_name} {family_name} {email or ''}")[:460]


def laestab(text: str) -> str | None:
    """ "202/2901", "202-2901" and "2022901" as "202/2901"; None when it is none of these."""
    found = re.fullmatch(r"(\d{3})[/ -]?(\d{4})", text.strip())
    return f"{found[1]}/{found[2]}" if found else None

"""Columns that are nobody's business here: known by their names, so that they are never read.

What is dropped: sign-in secrets, National Insurance, payroll and teacher numbers, dates of birth, and what a person is
rather than where they work.
"""

import re

from app.people.rules import folded

_ANYWHERE = (
    "password|passwd|passcode|pass word|pwd|secret|credential|national ?insurance|ni ?(?:number|no|num|code)|nino"
    "|date ?of ?birth|birth ?date|birthday|dob|gender|ethnic|nationality|religion|disab|medical|sexual|marital"
    "|payroll|salary|pay ?(?:scale|spine|grade|point)|bank|sort ?code|account ?(?:number|no)|passport"
    "|teacher ?(?:reference ?)?(?:number|no|num)|teacher ?ref|trn|qts|dbs|next ?of ?kin|maiden"
)
_SENSITIVE = re.compile(rf"(?<![a-z])(?:{_ANYWHERE})")
_WHOLE = frozenset({"ni", "sex", "age", "pin"})


def is_sensitive(heading: str) -> bool:
    """Whether a column of this name is dropped unread."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    plain = " ".join(re.sub(r"[^a-z0-9]+", " ", folded(words)).split())
    joined = re.sub(r"[^a-z0-9]+", "", folded(heading))
    return plain in _WHOLE or bool(_SENSITIVE.search(plain)) or bool(_SENSITIVE.match(joined))

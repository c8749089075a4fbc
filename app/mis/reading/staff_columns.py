"""Which columns a plain staff list has, under the names that the systems of UK schools give them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from app.mis.reading.sensitive import is_sensitive
from app.people.rules import folded

_WORTH_NAMING = 60
NAMES: Mapping[str, tuple[str, ...]] = {
    "staff_id": (
        "staff id",
        "id",
        "staff code",
        "staff number",
        "staff ref",
        "staff identifier",
        "person id",
        "employee id",
        "external id",
        "mis id",
        "unique id",
    ),
    "given_name": (
        "given name",
        "first name",
        "forename",
        "preferred first name",
        "preferred forename",
        "preferred given name",
        "chosen forename",
        "known as",
    ),
    "family_name": (
        "family name",
        "last name",
        "surname",
        "preferred last name",
        "preferred surname",
        "preferred family name",
        "chosen surname",
    ),
    "email": (
        "email",
        "work email",
        "email address",
        "work email address",
        "school email",
        "main email",
        "primary email",
        "mail",
    ),
    "school_urn": (
        "school urn",
        "urn",
        "school",
        "school dfe number",
        "dfe number",
        "dfes number",
        "laestab",
        "school laestab",
        "estab number",
        "school id",
    ),
    "job_title": ("job title", "post", "post title", "role", "position", "staff role", "main role"),
    "active": ("active", "status", "current", "is current", "staff status", "employment status"),
    "end_date": (
        "end date",
        "date of leaving",
        "leaving date",
        "date left",
        "employment end date",
        "contract end date",
    ),
}
"""Our fields, each with the names it is known by: the first two words are its usual ones, the best come first."""

REQUIRED = ("staff_id",)
NAME_FIELDS = ("given_name", "family_name")
PRIVATE_ADDRESS = re.compile(r"(?:secondary|home|personal|private|other)\s*e?mail")
CENSUS_ONLY = frozenset(
    {"hltastatus", "qtstatus", "qtsroute", "contractagreementtype", "safeguardedsalary", "payrange", "ninumber"}
)
PUPILS_ONLY = frozenset({"upn", "formerupn", "uniquepupilnumber", "yeargroup", "nccyear", "ncyear", "pupilid"})


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which heading of a file is which of our fields.

    `taken` maps a field (as `staff_id`) to the heading. The rest says what else was found, for whoever confirms a
    suggestion: `dropped` headings look like nobody's business and are never read, `ignored` ones are not needed, and
    `nearest` names the field that an ignored heading comes closest to.
    """

    taken: Mapping[str, str]
    dropped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    nearest: Mapping[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """What a list cannot do without and has no column for. The school may be said beside the file instead."""
        named = any(name in self.taken for name in NAME_FIELDS)
        return (*(name for name in REQUIRED if name not in self.taken), *(() if named else NAME_FIELDS))


def suggest_columns(headings: Sequence[str]) -> ColumnMap:
    """What each heading of a file is most likely to be: a field that is known by its name, or none."""
    dropped = tuple(each for each in headings if each.strip() and is_sensitive(each))
    left = [each for each in headings if each.strip() and each not in dropped]
    taken: dict[str, str] = {}
    for field_name, names in NAMES.items():
        by_name = {_plain(each): each for each in reversed(left) if each not in taken.values()}
        for name in names:
            if (heading := by_name.get(_plain(name))) is not None:
                taken[field_name] = heading
                break
    ignored = tuple(each for each in left if each not in taken.values())
    nearest = {each: near for each in ignored if (near := nearest_field(each, set(NAMES) - taken.keys()))}
    return ColumnMap(taken, dropped, ignored, nearest)


def nearest_field(heading: str, fields: Iterable[str]) -> str | None:
    """The field that a heading comes closest to, if any comes close."""
    if PRIVATE_ADDRESS.search(folded(heading).replace("-", "")):
        return None
    names = {name: field_name for field_name in fields for name in NAMES[field_name]}
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", folded(heading)).split())
    found = process.extractOne(words, list(names), scorer=fuzz.ratio)
    return names[found[0]] if found and found[1] >= _WORTH_NAMING else None


def found_heading(wanted: str, headings: Sequence[str]) -> int | None:
    """Where the heading of a saved map stands in a file, without regard to case, spaces and `_`."""
    plain = [_plain(each) for each in headings]
    return plain.index(_plain(wanted)) if _plain(wanted) in plain else None


def is_census(headings: Iterable[str]) -> bool:
    """Whether these are columns that only a School Workforce Census return has."""
    return len(CENSUS_ONLY & {_plain(each) for each in headings}) >= 2


def is_of_pupils(headings: Iterable[str]) -> bool:
    """Whether these are columns that only a list of pupils has."""
    return bool(PUPILS_ONLY & {_plain(each) for each in headings})


def is_like_oneroster(headings: Iterable[str]) -> bool:
    """Whether these are columns of OneRoster, or of Microsoft SDS 2.1, which comes near it."""
    return any(_plain(each) in ("sourcedid", "usersourcedid", "orgsourcedid", "orgsourcedids") for each in headings)


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", folded(heading))

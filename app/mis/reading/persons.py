"""What every file of people has in common: names as people write them, addresses, accounts that are nobody."""

import fnmatch
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from app.sheets.cells import one_line

LONGEST_NAME = 100
LONGEST_TITLE = 200
NULL = "NULL"
"""What some databases export where there is nothing."""

EXCLUDED = "excluded"
"""How accounts are counted that a school's rules exclude."""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Accounts in a staff list that are no people, as a school's own rules say. By default there are none.

    `family_names` are patterns such as `*ACCOUNT*`, compared without regard to case.
    """

    blank_given_name: bool = False
    null_email: bool = False
    family_names: tuple[str, ...] = ()
    source_ids: frozenset[str] = frozenset()

    def exclude(self, *, source_id: str, given_name: str, family_name: str, email: str) -> bool:
        """Whether a row, its cells as they stand in the file, is such an account."""
        return (
            source_id in self.source_ids
            or (self.blank_given_name and is_blank(given_name))
            or (self.null_email and email.strip() == NULL)
            or any(fnmatch.fnmatchcase(family_name.strip().upper(), each.upper()) for each in self.family_names)
        )


SERVICE_ACCOUNTS = Exclusions(blank_given_name=True, null_email=True, family_names=("*ACCOUNT*",))
"""The rules that schools on iSAMS and WCBS PASS use."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name to show. The family name is empty for those who have one name only."""

    given: str
    family: str


def is_blank(cell: str) -> bool:
    """Whether a cell says nothing, the literal NULL included."""
    return cell.strip() in ("", NULL)


def read_name(given: str, family: str) -> Name | None:
    """The name in two cells, composed (NFC) and in one line each; None when there is none at all.

    A single name stands in `given`, wherever it was written. NULL is a name beside one that is in capitals too, as
    where a system writes every name so.
    """
    given, family = text_of(given), text_of(family)
    shouting = (given + family).isupper() and given != family and bool(given) and bool(family)
    if not shouting:
        given, family = ("" if part == NULL else part for part in (given, family))
    if not given and not family:
        return None
    return Name(given, family) if given else Name(family, "")


def text_of(cell: str) -> str:
    """A cell's text in one line, composed (NFC)."""
    return unicodedata.normalize("NFC", one_line(cell))


def first_said(cells: Iterable[str]) -> str:
    """The first of some cells that says anything, else the last."""
    last = ""
    for last in cells:
        if not is_blank(last):
            break
    return last

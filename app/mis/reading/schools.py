"""How a file names a school: by URN or by LAESTAB, in the spellings that spreadsheets leave of them."""

import re
from dataclasses import dataclass

from app.mis.staff import Org
from app.people.rules import laestab


@dataclass(frozen=True, slots=True)
class OrgKey:
    """The school that a file is said to be of. At least one of `urn` (6 digits) and `laestab` (`202/1234`) is given."""

    urn: str | None = None
    laestab: str | None = None
    name: str = ""

    def org(self) -> Org:
        """The school as a source's own."""
        source_id = self.urn or self.laestab
        assert source_id is not None, "a school has a URN or a LAESTAB"
        return Org(source_id, self.name or source_id, urn=self.urn, laestab=self.laestab)


def read_school(cell: str) -> OrgKey | None:
    """The school in a cell: `990001`, `990001.0` as some programs save it, `202/1234`, `202-1234`, `2021234`."""
    text = re.sub(r"\.0+$", "", cell.strip())
    if re.fullmatch(r"[0-9]{6}", text):
        return OrgKey(urn=text)
    known = laestab(text)
    return OrgKey(laestab=known) if known else None

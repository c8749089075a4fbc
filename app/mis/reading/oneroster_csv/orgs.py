"""`orgs.csv`: the schools, and what else the source calls an organisation."""

import re
from dataclasses import dataclass, field

from app.mis.reading.findings import refusal
from app.mis.reading.oneroster_csv.columns import ORG_TYPES
from app.mis.reading.oneroster_csv.context import Context
from app.mis.reading.oneroster_csv.standing import read_id, read_standing
from app.mis.reading.oneroster_csv.tables import Line, Table
from app.mis.reading.oneroster_csv.words import EXTENSION, SOURCED_ID
from app.mis.reading.persons import is_blank, text_of
from app.mis.staff import Org, Place
from app.people.rules import laestab

MOST_ORGS = 50_000
LONGEST_ORG_NAME = 200


@dataclass(slots=True)
class Orgs:
    """What is known of organisations. `bulk` says that an id which is not here does not exist."""

    bulk: bool = False
    live: dict[str, Org] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    rejected: set[str] = field(default_factory=set)

    def why_not(self, org_id: str) -> tuple[str, str] | None:
        """Why a reference to an organisation does not hold, as a code and a sentence; None when it does."""
        if org_id in self.live or org_id in self.ended:
            return None
        if org_id in self.rejected:
            return "rejected-target", "points at a row of orgs.csv that was rejected."
        if self.bulk:
            return "missing-target", "points at an organisation that is not in orgs.csv."
        return None


def read_orgs(table: Table | None, context: Context) -> Orgs:
    """All organisations of the package; without the file there are none, and references to them may be old."""
    orgs = Orgs(bulk=table is not None and table.is_bulk)
    if table is None:
        return orgs
    parents: list[tuple[Place, str, str]] = []
    for number, cells in table.rows():
        line = table.line(number, cells)
        org = _read(line, context, orgs, bulk=table.is_bulk)
        if org is not None and (parent := line["parentSourcedId"]):
            parents.append((line.place, org.source_id, parent))
        if len(orgs.live) + len(orgs.ended) > MOST_ORGS:
            raise refusal(line.place, "too-many-rows", f"There are more than {MOST_ORGS:,} organisations.")
    for place, org_id, parent in parents:
        _check_parent(place, org_id, parent, orgs, context)
    return orgs


def key_of(identifier: str) -> tuple[str | None, str | None]:
    """URN and LAESTAB, whichever of them a free text is."""
    return (identifier if re.fullmatch(r"[0-9]{6}", identifier) else None), laestab(identifier)


def _read(line: Line, context: Context, orgs: Orgs, *, bulk: bool) -> Org | None:
    org_id = read_id(line, "sourcedId", context)
    if org_id is None:
        return None
    if org_id in orgs.live or org_id in orgs.ended or org_id in orgs.rejected:
        reason = "The sourcedId is there twice in orgs.csv; the first row was used."
        context.found.reject(line.place, "duplicate-id", reason, field="sourcedId", source_id=org_id)
        return None
    standing = read_standing(line, context, bulk=bulk, of=org_id)
    org = _org(line, org_id, context) if standing else None
    if org is None or standing is None:
        orgs.rejected.add(org_id)
        return None
    if standing.deleted:
        orgs.ended.add(org_id)
    else:
        orgs.live[org_id] = org
    return org


def _org(line: Line, org_id: str, context: Context) -> Org | None:
    name, type_ = text_of(line["name"]), line["type"]
    fault = None
    if is_blank(name) or len(name) > LONGEST_ORG_NAME:
        fault = ("name", "missing-value" if is_blank(name) else "too-long", "name is blank or too long.")
    elif type_ not in ORG_TYPES and not (context.version == "1.2" and EXTENSION.fullmatch(type_)):
        code = "bad-value" if type_ else "missing-value"
        fault = ("type", code, f"type is not one of OneRoster {context.version}.")
    if fault is not None:
        column, code, reason = fault
        context.found.reject(line.place, code, reason, field=column, source_id=org_id)
        return None
    urn, establishment = key_of(line["identifier"])
    return Org(org_id, name, urn=urn, laestab=establishment, is_school=type_ == "school")


def _check_parent(place: Place, org_id: str, parent: str, orgs: Orgs, context: Context) -> None:
    """A parent must resolve in a bulk set. Nothing here is made of it, so the default reading only tells."""
    if not SOURCED_ID.fullmatch(parent):
        why = ("bad-id", "has characters that an id may not have.")
    else:
        why = orgs.why_not(parent) or ("", "")
    code, what = why
    column = "parentSourcedId"
    if code and not context.lenient(place, code, f"{column} {what}", field=column, source_id=org_id):
        orgs.live.pop(org_id, None)
        orgs.rejected.add(org_id)

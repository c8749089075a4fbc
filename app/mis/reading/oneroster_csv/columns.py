"""The files of OneRoster CSV 1.1 and 1.2 and their columns in the order that the binding prescribes."""

from collections.abc import Mapping
from dataclasses import dataclass

_STANDING = ("status", "dateLastModified")
_OLD_FILES = (
    "academicSessions categories classes classResources courses courseResources demographics enrollments lineItems "
    "orgs resources results users"
)
_NEW_FILES = (
    "roles userProfiles userResources scoreScales lineItemScoreScales lineItemLearningObjectiveIds resultScoreScales "
    "resultLearningObjectiveIds"
)
FILES: Mapping[str, frozenset[str]] = {
    "1.1": frozenset(_OLD_FILES.split()),
    "1.2": frozenset(f"{_OLD_FILES} {_NEW_FILES}".split()),
}
"""The names that stand after `file.` in a manifest, by version."""

CREDENTIAL_FILE = "userProfiles"


@dataclass(frozen=True, slots=True)
class Columns:
    """A file's columns in order, those that must be there, and those that an earlier level of the document had."""

    names: tuple[str, ...]
    required: frozenset[str]
    withdrawn: frozenset[str] = frozenset()


def _columns(text: str, withdrawn: str = "") -> Columns:
    """From one line, a required column marked with a star; status and dateLastModified come second and third."""
    first, *others = text.split()
    names = (first, *_STANDING, *others)
    required = frozenset(name.rstrip("*") for name in names if name.endswith("*"))
    return Columns(tuple(name.rstrip("*") for name in names), required, frozenset(withdrawn.split()))


_ORGS = _columns("sourcedId* name* type* identifier parentSourcedId")
_SESSIONS = _columns("sourcedId* title* type* startDate* endDate* parentSourcedId schoolYear*")

COLUMNS: Mapping[tuple[str, str], Columns] = {
    ("1.1", "orgs"): _ORGS,
    ("1.2", "orgs"): _ORGS,
    ("1.1", "academicSessions"): _SESSIONS,
    ("1.2", "academicSessions"): _SESSIONS,
    ("1.1", "users"): _columns(
        "sourcedId* enabledUser* orgSourcedIds* role* username* userIds givenName* familyName* middleName identifier "
        "email sms phone agentSourcedIds grades password"
    ),
    ("1.2", "users"): _columns(
        "sourcedId* enabledUser* username* userIds givenName* familyName* middleName identifier email sms phone "
        "agentSourcedIds grades password userMasterIdentifier preferredGivenName preferredMiddleName "
        "preferredFamilyName primaryOrgSourcedId pronouns",
        withdrawn="resourceSourcedIds",
    ),
    ("1.2", "roles"): _columns(
        "sourcedId* userSourcedId* roleType* role* beginDate endDate orgSourcedId* userProfileSourcedId"
    ),
}
"""By version and file, for the files that are read."""

ORG_TYPES = frozenset({"department", "district", "local", "national", "school", "state"})
SESSION_TYPES = frozenset({"gradingPeriod", "semester", "schoolYear", "term"})
STAFF_ROLES: Mapping[str, frozenset[str]] = {
    "1.1": frozenset({"administrator", "aide", "proctor", "teacher"}),
    "1.2": frozenset(
        {
            "aide",
            "counselor",
            "districtAdministrator",
            "principal",
            "proctor",
            "siteAdministrator",
            "systemAdministrator",
            "teacher",
        }
    ),
}
LEFT_OUT_AS: Mapping[str, str] = {
    "student": "pupils",
    "parent": "parents",
    "guardian": "parents",
    "relative": "contacts",
}
"""How those are counted who are nobody's business here, by role; the same in both versions."""

OTHERS = "others"

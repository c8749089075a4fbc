"""Who of OneRoster's users is staff: by role, as each version lists them. A role here is never a role in the hub."""

from collections.abc import Iterable

STAFF = {
    "administrator": "Administrator",
    "aide": "Teaching assistant",
    "counselor": "Counsellor",
    "districtAdministrator": "District administrator",
    "principal": "Headteacher",
    "proctor": "Invigilator",
    "siteAdministrator": "School administrator",
    "systemAdministrator": "System administrator",
    "teacher": "Teacher",
}
"""Staff roles of both versions, as a job title would have it."""
_PUPILS, _PARENTS = "pupils", "parents and contacts"
_OTHERS = {"student": _PUPILS, "parent": _PARENTS, "guardian": _PARENTS, "relative": _PARENTS}


def job_title(role: str, staff_roles: Iterable[str]) -> str | None:
    """What somebody with this role is called; None when the role is nobody's of the staff."""
    if role in staff_roles:
        return role.removeprefix("ext:").strip()[:200] or None
    return STAFF.get(role)


def kind_of(roles: Iterable[str]) -> str:
    """What somebody without any staff role is counted as."""
    kinds = {_OTHERS.get(role, "people with other roles") for role in roles}
    return next((kind for kind in (_PUPILS, _PARENTS) if kind in kinds), "people with other roles")

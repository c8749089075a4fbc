"""From roles to employments: one for each school, the home school marked where the source says which it is."""

from collections.abc import Iterable
from dataclasses import replace

from app.mis.staff import Employment


def merged(roles: Iterable[tuple[Employment, str]], home: str = "") -> tuple[Employment, ...]:
    """One employment for each organisation, active when any role there is.

    Its title is that of the primary role that runs, else of the first. `home` is the organisation said to be the home
    one; without it the one that alone has a running primary role is.
    """
    by_org: dict[str, list[tuple[Employment, str]]] = {}
    for employment, role_type in roles:
        by_org.setdefault(employment.org_id, []).append((employment, role_type))
    chosen = [min(each, key=_rank) for each in by_org.values()]
    primary = [employment.org_id for employment, role_type in chosen if employment.active and role_type == "primary"]
    home = home or (primary[0] if len(primary) == 1 else "")
    return tuple(replace(employment, primary=employment.org_id == home) for employment, _role_type in chosen)


def _rank(role: tuple[Employment, str]) -> tuple[bool, bool]:
    employment, role_type = role
    return not employment.active, role_type != "primary"

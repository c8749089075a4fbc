"""The corpus: complete files and lists of changes, schools, sessions and roles."""

from tests.mis.reading.cases import BOTH, HIDDEN, NEW, OLD, Case, bend, mode, put, reads, refuses

STANDING = (
    Case(
        "status in bulk",
        put("users", "t1", "status", "active"),
        reads("t1", "t2", warned="status-in-bulk"),
        reads("t2", rejected="status-in-bulk"),
    ),
    Case(
        "date in bulk",
        put("users", "t1", "dateLastModified", "2026-09-01T10:00:00.000Z"),
        reads("t1", "t2", warned="dateLastModified-in-bulk"),
        reads("t2", rejected="dateLastModified-in-bulk"),
    ),
    Case(
        "British date in bulk",
        put("users", "t1", "dateLastModified", "1/09/2026"),
        reads("t1", "t2", warned="dateLastModified-in-bulk date-form"),
        reads("t2", rejected="dateLastModified-in-bulk"),
    ),
    Case(
        "no date in bulk",
        put("users", "t1", "dateLastModified", "soon"),
        reads("t2", rejected="bad-date", warned="dateLastModified-in-bulk"),
        reads("t2", rejected="dateLastModified-in-bulk"),
    ),
    Case("changes", lambda p: p.delta("users"), BOTH),
    Case(
        "changes without columns for standing",
        bend(mode("users", "delta"), lambda p: p.users.drop("status")),
        refuses("missing-column"),
    ),
    Case(
        "status blank in changes",
        bend(lambda p: p.delta("users"), put("users", "t1", "status", "")),
        reads("t2", rejected="missing-value"),
    ),
    Case(
        "date blank in changes",
        bend(lambda p: p.delta("users"), put("users", "t1", "dateLastModified", "")),
        reads("t2", rejected="missing-value"),
    ),
    Case(
        "unknown status",
        bend(lambda p: p.delta("users"), put("users", "t1", "status", "gone")),
        reads("t2", rejected="bad-value"),
    ),
    Case("to be deleted", bend(lambda p: p.delta("users"), put("users", "t1", "status", "tobedeleted")), BOTH),
    Case(
        "inactive",
        bend(lambda p: p.delta("users"), put("users", "t1", "status", "inactive")),
        reads("t1", "t2", warned="inactive"),
        reads("t2", rejected="inactive"),
    ),
    Case(
        "moment with an offset",
        bend(lambda p: p.delta("users"), put("users", "t1", "dateLastModified", "2026-09-01T11:00:00+01:00")),
        reads("t1", "t2", warned="date-form"),
        reads("t2", rejected="date-form"),
    ),
    Case(
        "moment without an offset",
        bend(lambda p: p.delta("users"), put("users", "t1", "dateLastModified", "2026-09-01T11:00:00")),
        reads("t2", rejected="bad-date"),
    ),
    Case(
        "British date in changes",
        bend(lambda p: p.delta("users"), put("users", "t1", "dateLastModified", "1/09/2026")),
        reads("t2", rejected="bad-date"),
    ),
)


ORGS = (
    Case(
        "parent not there",
        put("orgs", "larkspur", "parentSourcedId", "nowhere"),
        reads("t1", "t2", warned="missing-target"),
        reads("t2", rejected="missing-target rejected-target"),
    ),
    Case(
        "school twice", lambda p: p.orgs.rows.append(p.orgs.row("larkspur")), reads("t1", "t2", rejected="duplicate-id")
    ),
    Case(
        "school without a name",
        put("orgs", "larkspur", "name", ""),
        reads("t2", rejected="missing-value rejected-target"),
    ),
    Case("unknown type", put("orgs", "larkspur", "type", "School"), reads("t2", rejected="bad-value rejected-target")),
    Case("type of the supplier's own", put("orgs", "trust", "type", "ext:trust"), BOTH, versions=NEW),
    Case(
        "type of the supplier's own in 1.1",
        put("orgs", "trust", "type", "ext:trust"),
        reads("t1", "t2", rejected="bad-value", warned="rejected-target"),
        reads(rejected="bad-value rejected-target"),
        versions=OLD,
    ),
    Case(
        "changes of schools only point back",
        bend(lambda p: p.delta("orgs", "users"), lambda p: p.orgs.rows.clear()),
        BOTH,
        versions=OLD,
    ),
    Case(
        "sessions with British dates",
        lambda p: p.with_sessions("1/09/2026"),
        reads("t1", "t2", warned="date-form"),
        reads("t1", "t2", rejected="date-form"),
    ),
    Case("sessions with no dates", lambda p: p.with_sessions("soon"), reads("t1", "t2", rejected="bad-date")),
    Case(
        "session of no type",
        bend(lambda p: p.with_sessions(), put("sessions", "s1", "type", "week")),
        reads("t1", "t2", rejected="bad-value"),
    ),
    Case(
        "session of no year",
        bend(lambda p: p.with_sessions(), put("sessions", "s1", "schoolYear", "26/27")),
        reads("t1", "t2", rejected="bad-value"),
    ),
)


ROLES = tuple(
    Case(name, step, default, strict, NEW)
    for name, step, default, strict in (
        (
            "user not there",
            lambda p: p.users.rows.remove(p.users.row("t2")),
            reads("t1", rejected="missing-target"),
            None,
        ),
        (
            "pupil not there",
            lambda p: p.users.rows.remove(p.users.row("p1")),
            reads("t1", "t2", warned="missing-target"),
            reads("t1", "t2", rejected="missing-target"),
        ),
        (
            "school not there",
            put("roles", "role-t2", "orgSourcedId", "nowhere"),
            reads("t1", rejected="missing-target"),
            None,
        ),
        (
            "role twice",
            lambda p: p.roles.rows.append(p.roles.row("role-t2")),
            reads("t1", "t2", rejected="duplicate-id"),
            None,
        ),
        ("no role type", put("roles", "role-t2", "roleType", ""), reads("t1", rejected="missing-value"), None),
        ("unknown role type", put("roles", "role-t2", "roleType", "main"), reads("t1", rejected="bad-value"), None),
        ("unknown role", put("roles", "role-t2", "role", "Head"), reads("t1", rejected="bad-value"), None),
        ("role of 1.1", put("roles", "role-t2", "role", "administrator"), reads("t1", rejected="bad-value"), None),
        (
            "role of the supplier's own",
            put("roles", "role-t2", "role", "ext:cook"),
            reads("t1", warned="unknown-extension"),
            None,
        ),
        (
            "extension badly written",
            put("roles", "role-t2", "role", "ext:chief cook"),
            reads("t1", rejected="bad-value"),
            None,
        ),
        ("British begin", put("roles", "role-t2", "beginDate", "1/09/2020"), reads("t1", rejected="bad-date"), None),
        ("no such day", put("roles", "role-t2", "endDate", "2026-02-30"), reads("t1", rejected="bad-date"), None),
        (
            "still to begin",
            put("roles", "role-t2", "beginDate", "2026-09-15"),
            reads("t1", "t2", warned="not-begun"),
            None,
        ),
        (
            "whose role it is unknown",
            put("roles", "role-t2", "userSourcedId", "t 2"),
            reads("t1", rejected="bad-id", warned=HIDDEN),
            None,
        ),
        (
            "staff and parent",
            lambda p: p.roles.add(
                sourcedId="x", userSourcedId="t2", roleType="secondary", role="parent", orgSourcedId="larkspur"
            ),
            BOTH,
            None,
        ),
    )
)

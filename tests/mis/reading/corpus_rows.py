"""The corpus: the rows of users, how they are written and what their cells say."""

from tests.mis.reading.cases import BOTH, HIDDEN, NEW, OLD, Case, bend, put, raw, reads, refuses, take_line

ROWS = (
    Case(
        "address as an id",
        bend(
            put("users", "t2", "sourcedId", "ada@x.example"), put("roles", "role-t2", "userSourcedId", "ada@x.example")
        ),
        reads("t1", "ada@x.example", warned="personal-id"),
    ),
    Case("quote in a cell", put("users", "t1", "middleName", 'the "Great"'), BOTH),
    Case("everything quoted", take_line("t2", lambda line: ",".join(f'"{cell}"' for cell in line.split(","))), BOTH),
    Case(
        "line break in a cell",
        put("users", "t2", "phone", "020 7946\n0000"),
        reads("t1", rejected="line-break", warned=HIDDEN),
        versions=OLD,
    ),
    Case("quote never closed", raw("users", '"x'), refuses("unclosed-quote")),
    Case("quote closed in another row", raw("users", 't3,"x', 't4",y'), refuses("unclosed-quote")),
    Case(
        "quote closed in another row, cells even",
        take_line("t2", lambda line: f'{line}"\r\n"'),
        reads("t1", rejected="line-break", warned=HIDDEN),
        versions=OLD,
    ),
    Case(
        "text after a quote",
        take_line("t2", lambda line: f'"x"y,{line}'),
        reads("t1", rejected="bad-quoting", warned=HIDDEN),
        versions=OLD,
    ),
    Case(
        "text after a quote, with roles",
        take_line("t2", lambda line: f'"x"y,{line}'),
        reads("t1", rejected="bad-quoting missing-target", warned=HIDDEN),
        versions=NEW,
    ),
    Case(
        "stray quote",
        take_line("t2", lambda line: line.replace("Adaeze", 'Ada"eze')),
        reads("t1", "t2", warned="stray-quote"),
        reads("t1", rejected="stray-quote"),
        versions=OLD,
    ),
    Case(
        "carriage return inside",
        take_line("t2", lambda line: line.replace("Adaeze", "Ada\reze")),
        reads("t1", rejected="bare-cr", warned=HIDDEN),
        versions=OLD,
    ),
    Case("too few cells", take_line("t2", lambda line: line[: line.rindex(",")]), reads("t1", rejected="ragged-row")),
    Case("too many cells", take_line("t2", lambda line: f"{line},x"), reads("t1", rejected="ragged-row")),
    Case(
        "whose row it is unknown",
        raw("users", "?? ??,,"),
        reads("t1", "t2", rejected="ragged-row", warned=HIDDEN),
    ),
    Case(
        "blank cells too many",
        take_line("t2", lambda line: f"{line},,"),
        reads("t1", "t2", warned="surplus-cells"),
        reads("t1", rejected="surplus-cells"),
        versions=OLD,
    ),
    Case(
        "blank line", raw("users", ""), reads("t1", "t2", warned="blank-line"), reads("t1", "t2", rejected="blank-line")
    ),
    Case(
        "id with a space",
        put("users", "t2", "sourcedId", "t 2"),
        reads("t1", rejected="bad-id", warned=HIDDEN),
        versions=OLD,
    ),
    Case(
        "no id", put("users", "t2", "sourcedId", ""), reads("t1", rejected="missing-value", warned=HIDDEN), versions=OLD
    ),
    Case(
        "id too long",
        put("users", "t2", "sourcedId", "t" * 256),
        reads("t1", rejected="bad-id", warned=HIDDEN),
        versions=OLD,
    ),
    Case(
        "longest id",
        bend(
            put("roles", "role-t2", "userSourcedId", "T./@_-" + "2" * 249),
            put("users", "t2", "sourcedId", "T./@_-" + "2" * 249),
        ),
        reads("t1", "T./@_-" + "2" * 249),
    ),
    Case(
        "id twice",
        lambda p: p.users.rows.append(p.users.row("t2")),
        reads("t1", "t2", rejected="duplicate-id"),
    ),
    Case(
        "staff and parent by one id",
        lambda p: p.users.rows.insert(0, [*p.users.row("t2")[:5], "parent", *p.users.row("t2")[6:]]),
        reads("t1", "t2", warned="duplicate-id"),
        reads("t1", rejected="duplicate-id"),
        versions=OLD,
    ),
    Case(
        "boolean in capitals",
        put("users", "t1", "enabledUser", "TRUE"),
        reads("t1", "t2", warned="boolean-case"),
        reads("t2", rejected="boolean-case"),
    ),
    Case("boolean as a number", put("users", "t1", "enabledUser", "1"), reads("t2", rejected="bad-value")),
    Case("boolean blank", put("users", "t1", "enabledUser", ""), reads("t2", rejected="missing-value")),
    Case(
        "no username",
        put("users", "t1", "username", ""),
        reads("t1", "t2", warned="missing-value"),
        reads("t2", rejected="missing-value"),
    ),
    Case(
        "no name",
        bend(put("users", "t1", "givenName", ""), put("users", "t1", "familyName", "")),
        reads("t2", rejected="missing-value"),
    ),
    Case(
        "one name",
        put("users", "t1", "familyName", ""),
        reads("t1", "t2", warned="one-name"),
        reads("t2", rejected="one-name"),
    ),
    Case("given and family name the same", put("users", "t1", "familyName", "Siân"), BOTH),
    Case(
        "literal NULL as name",
        put("users", "t1", "familyName", "NULL"),
        reads("t1", "t2", warned="literal-null"),
        reads("t2", rejected="literal-null"),
    ),
    Case("name too long", put("users", "t1", "familyName", "x" * 101), reads("t2", rejected="too-long")),
    Case(
        "literal NULL as address",
        put("users", "t1", "email", "NULL"),
        reads("t1", "t2", warned="literal-null"),
        reads("t2", rejected="literal-null"),
    ),
    Case(
        "no address at all",
        put("users", "t1", "email", "sian at larkspur"),
        reads("t1", "t2", warned="bad-email"),
        reads("t2", rejected="bad-email"),
    ),
    Case("more ids", put("users", "t1", "userIds", "{SIS:42},{Fed:sian}"), BOTH),
    Case(
        "more ids, badly written",
        put("users", "t1", "userIds", "42"),
        reads("t1", "t2", warned="bad-value"),
        reads("t2", rejected="bad-value"),
    ),
    Case("unknown role", put("users", "t2", "role", "Teacher"), reads("t1", rejected="bad-value"), versions=OLD),
    Case("blank role", put("users", "t2", "role", ""), reads("t1", rejected="missing-value"), versions=OLD),
    Case(
        "role of the other version",
        put("users", "t2", "role", "principal"),
        reads("t1", rejected="bad-value"),
        versions=OLD,
    ),
    Case("no school", put("users", "t2", "orgSourcedIds", ""), reads("t1", rejected="missing-value"), versions=OLD),
    Case("two schools", put("users", "t2", "orgSourcedIds", "st-johns,larkspur"), BOTH, versions=OLD),
    Case(
        "one school of two unknown",
        put("users", "t2", "orgSourcedIds", "st-johns,nowhere"),
        reads("t1", rejected="missing-target"),
        versions=OLD,
    ),
    Case(
        "home school unknown",
        put("users", "t2", "primaryOrgSourcedId", "nowhere"),
        reads("t1", rejected="missing-target"),
        versions=NEW,
    ),
)

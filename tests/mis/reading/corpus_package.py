"""The corpus: the ZIP, its manifest and the headers of its files."""

from tests.mis.reading.cases import BOTH, NEW, OLD, Case, attr, bend, column, header, mode, put, raw, reads, refuses
from tests.mis.reading.packages import PERSONAL, SECRET

PACKAGE = (
    Case("right to the letter", bend(), BOTH),
    Case("with academic sessions", lambda parcel: parcel.with_sessions(), BOTH),
    Case("source named", lambda parcel: parcel.properties.update({"source.systemName": "Heron MIS"}), BOTH),
    Case("no manifest", lambda parcel: parcel.without.add("manifest"), refuses("no-manifest")),
    Case("manifest's header differs", attr("manifest_header", "name,value"), refuses("bad-header")),
    Case(
        "manifest's header in other case",
        attr("manifest_header", "PropertyName,Value"),
        reads("t1", "t2", warned="letter-case"),
        refuses("letter-case"),
    ),
    Case(
        "manifest has three cells", lambda p: p.properties.update({"source.systemCode": "a,b"}), refuses("ragged-row")
    ),
    Case("manifest version", lambda p: p.properties.update({"manifest.version": "2.0"}), refuses("bad-version")),
    Case("another version", lambda p: p.properties.update({"oneroster.version": "1.0"}), refuses("bad-version")),
    Case("no version", lambda p: p.properties.pop("oneroster.version"), refuses("missing-property")),
    Case(
        "level of the document as version",
        lambda p: p.properties.update({"oneroster.version": f"{p.version}.1"}),
        reads("t1", "t2", warned="bad-version"),
        refuses("bad-version"),
    ),
    Case(
        "unknown property",
        lambda p: p.properties.update({"source.colour": "blue"}),
        reads("t1", "t2", warned="unknown-property"),
        refuses("unknown-property"),
    ),
    Case(
        "property twice",
        lambda p: setattr(p, "manifest", [*p.pairs(), ("file.orgs", "bulk")]),
        reads("t1", "t2", warned="duplicate-property"),
        refuses("duplicate-property"),
    ),
    Case(
        "property twice, differing",
        lambda p: setattr(p, "manifest", [*p.pairs(), ("file.orgs", "delta")]),
        refuses("duplicate-property"),
    ),
    Case(
        "file row missing",
        lambda p: p.modes.pop("results"),
        reads("t1", "t2", warned="missing-property"),
        refuses("missing-property"),
    ),
    Case("blank mode", mode("results", ""), reads("t1", "t2", warned="blank-mode"), refuses("blank-mode")),
    Case("mode in other case", mode("orgs", "Bulk"), reads("t1", "t2", warned="letter-case"), refuses("letter-case")),
    Case("unknown mode", mode("orgs", "full"), refuses("bad-mode")),
    Case(
        "file of the other version",
        lambda p: p.extra.append(("roles.csv", b"x")),
        refuses("unknown-file"),
        versions=OLD,
    ),
    Case("absent file is there", mode("orgs", "absent"), refuses("unexpected-file")),
    Case(
        "absent file that nobody reads is there",
        lambda p: p.extra.append(("results.csv", b"x")),
        reads("t1", "t2", warned="unexpected-file"),
        refuses("unexpected-file"),
    ),
    Case("bulk file is not there", lambda p: p.without.add("orgs"), refuses("missing-file")),
    Case("no users", lambda p: p.leave_out("users"), refuses("missing-file")),
    Case("no orgs", lambda p: p.leave_out("orgs"), refuses("missing-file")),
    Case("no roles", lambda p: p.leave_out("roles"), refuses("missing-file"), versions=NEW),
    Case(
        "name of a file in other case",
        lambda p: p.names.update(users="Users.CSV"),
        reads("t1", "t2", warned="letter-case"),
        refuses("letter-case"),
    ),
    Case("unknown file", lambda p: p.extra.append(("notes.txt", b"x")), refuses("unknown-file")),
    Case("unknown csv", lambda p: p.extra.append(("staff.csv", b"x")), refuses("unknown-file")),
    Case("in a folder", lambda p: p.names.update(users="export/users.csv"), refuses("nested-file")),
    Case("leads out", lambda p: p.extra.append(("../users.csv", b"x")), refuses("unsafe-path")),
    Case("absolute", lambda p: p.extra.append(("/etc/users.csv", b"x")), refuses("unsafe-path")),
    Case("a drive", lambda p: p.extra.append(("C:users.csv", b"x")), refuses("unsafe-path")),
    Case("backslashes", lambda p: p.extra.append(("..\\users.csv", b"x")), refuses("unsafe-path")),
    Case("same name in other case", lambda p: p.extra.append(("USERS.csv", b"x")), refuses("duplicate-file")),
    Case(
        "credentials sent along",
        bend(mode("userProfiles", "bulk"), lambda p: p.extra.append(("userProfiles.csv", SECRET.encode()))),
        reads("t1", "t2", warned="credentials"),
        versions=NEW,
    ),
    Case(
        "files that nobody needs",
        bend(mode("demographics", "bulk"), lambda p: p.extra.append(("demographics.csv", b"\xff" + PERSONAL.encode()))),
        BOTH,
    ),
)


COLUMNS = (
    Case(
        "names of REST in CSV",
        column("users", "preferredFirstName", "Ada"),
        reads("t1", "t2", warned="unknown-column"),
        refuses("unknown-column"),
        versions=NEW,
    ),
    Case("too many columns", lambda p: p.users.columns.extend(["x"] * 1_000), refuses("too-many-columns")),
    Case("unix line ends", attr("line_end", "\n", "users"), BOTH),
    Case("byte order mark", attr("encoding", "utf-8-sig", "users"), BOTH),
    Case("not UTF-8", attr("encoding", "cp1252", "users"), refuses("bad-encoding")),
    Case("lone carriage returns", attr("line_end", "\r", "users"), refuses("bare-cr")),
    Case("NUL", raw("users", "\0"), refuses("not-text")),
    Case("required column missing", lambda p: p.users.drop("givenName"), refuses("missing-column")),
    Case("optional columns missing", bend(lambda p: p.users.drop("sms"), lambda p: p.users.drop("email")), BOTH),
    Case("no columns for standing", bend(lambda p: p.users.drop("status")), BOTH),
    Case("column twice", column("users", "email"), refuses("duplicate-column")),
    Case(
        "another order",
        lambda p: p.users.move("email", 1),
        reads("t1", "t2", warned="column-order"),
        refuses("column-order"),
    ),
    Case(
        "column in other case",
        header("users", "givenName", "givenname"),
        reads("t1", "t2", warned="letter-case"),
        refuses("letter-case"),
    ),
    Case(
        "unknown column",
        column("users", "emial"),
        reads("t1", "t2", warned="unknown-column"),
        refuses("unknown-column"),
    ),
    Case(
        "blank header at the end",
        column("users", ""),
        reads("t1", "t2", warned="blank-column"),
        refuses("blank-column"),
    ),
    Case("extension", column("users", "metadata.house", "Oak"), BOTH),
    Case(
        "extension before the standard ones",
        bend(column("users", "metadata.house", "Oak"), lambda p: p.users.move("metadata.house", 2)),
        reads("t1", "t2", warned="column-order"),
        refuses("column-order"),
    ),
    Case(
        "withdrawn column",
        bend(column("users", "resourceSourcedIds"), lambda p: p.users.move("resourceSourcedIds", 15)),
        reads("t1", "t2", warned="withdrawn-column"),
        versions=NEW,
    ),
    Case(
        "no header but data",
        lambda p: p.users.columns.__setitem__(slice(None), p.users.row("t1")[:]),
        refuses("missing-column"),
        refuses("missing-column unknown-column blank-column"),
    ),
    Case("passwords", put("users", "t1", "password", SECRET), reads("t1", "t2", warned="credentials")),
    Case("empty file", lambda p: setattr(p, "users", type(p.users)([], [], line_end="")), refuses("empty-file")),
)

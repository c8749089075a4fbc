"""OneRoster packages made for the tests, right to the letter until a test bends them. All people are invented."""

import io
import zipfile
from dataclasses import dataclass, field
from datetime import date

TODAY = date(2026, 9, 14)
OLD_FILES = (
    "academicSessions categories classes classResources courses courseResources demographics enrollments lineItems "
    "orgs resources results users"
)
NEW_FILES = (
    "roles userProfiles userResources scoreScales lineItemScoreScales lineItemLearningObjectiveIds "
    "resultScoreScales resultLearningObjectiveIds"
)
FILES = {"1.1": OLD_FILES, "1.2": f"{OLD_FILES} {NEW_FILES}"}
ORGS = "sourcedId status dateLastModified name type identifier parentSourcedId"
USERS = {
    "1.1": (
        "sourcedId status dateLastModified enabledUser orgSourcedIds role username userIds givenName familyName "
        "middleName identifier email sms phone agentSourcedIds grades password"
    ),
    "1.2": (
        "sourcedId status dateLastModified enabledUser username userIds givenName familyName middleName identifier "
        "email sms phone agentSourcedIds grades password userMasterIdentifier preferredGivenName "
        "preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns"
    ),
}
ROLES = (
    "sourcedId status dateLastModified userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId"
)
SESSIONS = "sourcedId status dateLastModified title type startDate endDate parentSourcedId schoolYear"
SECRET = "Hunter2-secret"
PERSONAL = "QQ123456C"


@dataclass
class Sheet:
    """A table to be: its header and rows as cells, and lines written as they stand after them."""

    columns: list[str]
    rows: list[list[str]]
    raw: list[str] = field(default_factory=list)
    line_end: str = "\r\n"
    encoding: str = "utf-8"

    def put(self, row_id: str, column: str, value: str) -> None:
        """Changes a cell of the row with this id."""
        self.row(row_id)[self.columns.index(column)] = value

    def row(self, row_id: str) -> list[str]:
        return next(row for row in self.rows if row[0] == row_id)

    def fill(self, column: str, value: str) -> None:
        """The same value in every row."""
        for row in self.rows:
            row[self.columns.index(column)] = value

    def drop(self, column: str) -> None:
        at = self.columns.index(column)
        for row in (self.columns, *self.rows):
            del row[at]

    def add(self, **values: str) -> None:
        self.rows.append([values.get(column, "") for column in self.columns])

    def move(self, column: str, to: int) -> None:
        at = self.columns.index(column)
        for row in (self.columns, *self.rows):
            row.insert(to, row.pop(at))

    def content(self) -> bytes:
        lines = [",".join(quoted(cell) for cell in row) for row in (self.columns, *self.rows)]
        return "".join(line + self.line_end for line in (*lines, *self.raw)).encode(self.encoding)


def quoted(cell: str) -> str:
    """A cell as RFC 4180 has it."""
    return '"' + cell.replace('"', '""') + '"' if any(letter in cell for letter in ',"\r\n') else cell


class Parcel:
    """A package to be: the manifest, the tables and what else goes in."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.orgs = _orgs()
        self.users = _users(version)
        self.roles = _roles()
        self.sessions: Sheet | None = None
        self.modes = dict.fromkeys(FILES[version].split(), "absent") | {"orgs": "bulk", "users": "bulk"}
        if version == "1.2":
            self.modes["roles"] = "bulk"
        self.properties = {"manifest.version": "1.0", "oneroster.version": version}
        self.manifest: list[tuple[str, str]] | None = None
        self.manifest_header = "propertyName,value"
        self.names: dict[str, str] = {}
        self.extra: list[tuple[str | zipfile.ZipInfo, bytes]] = []
        self.without: set[str] = set()

    def delta(self, *files: str) -> None:
        """Makes lists of changes of these files, as the binding has them."""
        for name in files:
            self.modes[name] = "delta"
            sheet: Sheet = getattr(self, name)
            sheet.fill("status", "active")
            sheet.fill("dateLastModified", "2026-09-01T10:00:00.000Z")

    def leave_out(self, *files: str) -> None:
        for name in files:
            self.modes[name] = "absent"
            self.without.add(name)

    def with_sessions(self, start: str = "2026-09-01") -> None:
        self.modes["academicSessions"] = "bulk"
        self.sessions = Sheet(
            SESSIONS.split(), [["s1", "", "", "Autumn term", "term", start, "2026-12-18", "", "2027"]]
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The rows of the manifest."""
        files = [(f"file.{name}", mode) for name, mode in self.modes.items()]
        return self.manifest if self.manifest is not None else [*self.properties.items(), *files]

    def zip(self) -> bytes:
        entries: list[tuple[str | zipfile.ZipInfo, bytes]] = []
        if "manifest" not in self.without:
            lines = [self.manifest_header, *(f"{name},{value}" for name, value in self.pairs())]
            entries.append((self.names.get("manifest", "manifest.csv"), "\r\n".join(lines).encode()))
        sheets = {"orgs": self.orgs, "users": self.users, "academicSessions": self.sessions}
        if self.version == "1.2":
            sheets["roles"] = self.roles
        for name, sheet in sheets.items():
            if sheet is not None and name not in self.without:
                entries.append((self.names.get(name, f"{name}.csv"), sheet.content()))
        return zipped(*entries, *self.extra)


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with these entries, whatever they are called."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def _orgs() -> Sheet:
    return Sheet(
        ORGS.split(),
        [
            ["trust", "", "", "Heron Learning Trust", "district", "", ""],
            ["larkspur", "", "", "Larkspur Primary School", "school", "990001", "trust"],
            ["st-johns", "", "", "St John’s CofE School", "school", "202-2901", "trust"],
        ],
    )


_PEOPLE = (
    ("t1", "Siân", "Ó Briain", "sian@larkspur.example", "teacher", "larkspur", "ST-1"),
    ("t2", "Adaeze", "O'Neill", "", "administrator", "st-johns", "ST-2"),
    ("p1", "Pupil", "One", "", "student", "larkspur", ""),
    ("g1", "Parent", "One", "parent@home.example", "parent", "larkspur", ""),
    ("r1", "Contact", "One", "", "relative", "larkspur", ""),
)
_NEW_ROLES = {"administrator": "siteAdministrator"}


def _users(version: str) -> Sheet:
    sheet = Sheet(USERS[version].split(), [])
    for source_id, given, family, email, role, org, identifier in _PEOPLE:
        own = {"orgSourcedIds": org, "role": role} if version == "1.1" else {"primaryOrgSourcedId": org}
        sheet.add(
            sourcedId=source_id,
            enabledUser="true",
            username=source_id,
            givenName=given,
            familyName=family,
            email=email,
            identifier=identifier,
            **own,
        )
    return sheet


def _roles() -> Sheet:
    sheet = Sheet(ROLES.split(), [])
    for source_id, _given, _family, _email, role, org, _identifier in _PEOPLE:
        sheet.add(
            sourcedId=f"role-{source_id}",
            userSourcedId=source_id,
            roleType="primary",
            role=_NEW_ROLES.get(role, role),
            beginDate="2020-09-01",
            orgSourcedId=org,
        )
    return sheet

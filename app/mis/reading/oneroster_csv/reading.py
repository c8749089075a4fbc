"""A package from its ZIP to a staff set: looked at in full before the first row is believed."""

from datetime import date
from typing import BinaryIO

from app.mis.reading.digests import digest_of
from app.mis.reading.findings import Found
from app.mis.reading.oneroster_csv.archive import open_package
from app.mis.reading.oneroster_csv.context import Context, ReadingOptions
from app.mis.reading.oneroster_csv.manifest import Manifest, Mode, read_manifest
from app.mis.reading.oneroster_csv.orgs import Orgs, read_orgs
from app.mis.reading.oneroster_csv.roles import read_roles
from app.mis.reading.oneroster_csv.sessions import judge_sessions
from app.mis.reading.oneroster_csv.tables import Table, open_tables
from app.mis.reading.oneroster_csv.users import Staff, read_users_beside_roles, read_users_with_role
from app.mis.staff import Place, StaffSet


def read_oneroster_csv(
    file: BinaryIO,
    *,
    strict: bool = False,
    today: date,
    options: ReadingOptions = ReadingOptions(),  # noqa: B008  # frozen
) -> StaffSet:
    """The staff in a OneRoster 1.1 or 1.2 package (1EdTech OneRoster CSV binding), a seekable ZIP file.

    The default reading accepts with a warning what breaks the binding's letter and can mean one thing only; the strict
    one does not. A role runs from its first day to the day before its last one; `today` decides. Only rows of staff
    become anything; of pupils and families there is a number in `left_out`.

    Raises `UnusableSourceError` when the package cannot be read to its end, with all the faults found by then.
    """
    context = Context(strict=strict, today=today, options=options, found=Found())
    package = open_package(file, context.found, options.package)
    manifest = read_manifest(package, context)
    context.version = manifest.version
    tables = open_tables(package, manifest, context)
    _require_files(manifest, context)
    judge_sessions(tables.get("academicSessions"), context)
    orgs = read_orgs(tables.get("orgs"), context)
    staff = _staff(manifest, tables, orgs, context)
    complete = _is_complete(manifest, context)
    return StaffSet(
        records=staff.records,
        orgs=tuple(orgs.live.values()),
        complete=complete,
        rejected=tuple(context.found.rejected),
        warnings=context.found.warnings,
        left_out=staff.left_out,
        digest=digest_of(staff.records, orgs.live.values(), complete=complete),
    )


def _staff(manifest: Manifest, tables: dict[str, Table], orgs: Orgs, context: Context) -> Staff:
    users = tables.get("users")
    if manifest.version == "1.1":
        return read_users_with_role(users, orgs, context) if users else Staff((), {})
    return read_users_beside_roles(users, read_roles(tables.get("roles"), orgs, context), orgs, context)


def _require_files(manifest: Manifest, context: Context) -> None:
    """In a complete set whatever a row points at must be in the package, so the file must be."""
    users, roles = manifest.mode("users"), manifest.mode("roles")
    needed = {
        "users": manifest.version == "1.1" or roles in (Mode.BULK, Mode.ABSENT),
        "roles": manifest.version == "1.2" and users is Mode.BULK,
        "orgs": Mode.BULK in (users, roles),
    }
    for name, must in needed.items():
        if must and manifest.mode(name) is Mode.ABSENT:
            reason = f"{name}.csv is missing, and without it this is not a list of staff."
            context.found.fault(Place(f"{name}.csv"), "missing-file", reason)
    context.found.refuse_if_faulty()


def _is_complete(manifest: Manifest, context: Context) -> bool:
    """Whether absence proves anything: never in a list of changes, nor when a row's owner cannot be told."""
    users, roles = manifest.mode("users"), manifest.mode("roles")
    if manifest.version == "1.1":
        bulk = users is Mode.BULK
    else:
        told = roles is Mode.BULK or context.options.known_staff is not None
        bulk = Mode.BULK in (users, roles) and told
    if bulk and context.found.may_hide_people:
        reason = "A rejected row could be anybody's, so nobody counts as having left for not being in this package."
        context.found.warn(Place("users.csv"), "not-complete", reason)
        return False
    return bulk

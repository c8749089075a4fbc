"""What a case of the corpus is, and the ways in which a package is bent for one."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.mis.reading.packages import Parcel


@dataclass(frozen=True)
class Verdict:
    """Whose records come out (None: the package is refused), and the codes of rejections or faults, and of warnings.

    How often a code is told is not compared.
    """

    staff: tuple[str, ...] | None
    codes: frozenset[str] = frozenset()
    warned: frozenset[str] = frozenset()


def reads(*staff: str, rejected: str = "", warned: str = "") -> Verdict:
    return Verdict(staff, frozenset(rejected.split()), frozenset(warned.split()))


def refuses(codes: str) -> Verdict:
    return Verdict(None, frozenset(codes.split()))


BOTH = reads("t1", "t2")
Bend = Callable[[Parcel], object]


@dataclass(frozen=True)
class Case:
    """A package, bent; what the default reading says, and the strict one where it differs."""

    name: str
    bend: Bend
    default: Verdict
    strict: Verdict | None = None
    versions: tuple[str, ...] = ("1.1", "1.2")

    def verdict(self, *, strict: bool) -> Verdict:
        return self.strict if strict and self.strict is not None else self.default


def bend(*steps: Bend) -> Bend:
    def all_of_them(parcel: Parcel) -> None:
        for step in steps:
            step(parcel)

    return all_of_them


def put(sheet: str, row: str, column: str, value: str) -> Bend:
    return lambda parcel: getattr(parcel, sheet).put(row, column, value)


def raw(sheet: str, *lines: str) -> Bend:
    return lambda parcel: getattr(parcel, sheet).raw.extend(lines)


def attr(name: str, value: object, sheet: str | None = None) -> Bend:
    return lambda parcel: setattr(getattr(parcel, sheet) if sheet else parcel, name, value)


def header(sheet: str, column: str, name: str) -> Bend:
    def rename(parcel: Parcel) -> None:
        columns = getattr(parcel, sheet).columns
        columns[columns.index(column)] = name

    return rename


def column(sheet: str, name: str, value: str = "") -> Bend:
    """A column more, at the end."""

    def add(parcel: Parcel) -> None:
        table = getattr(parcel, sheet)
        table.columns.append(name)
        for row in table.rows:
            row.append(value)

    return add


def mode(file: str, value: str) -> Bend:
    return lambda parcel: parcel.modes.update({file: value})


def line_of(parcel: Parcel, row: str) -> str:
    return ",".join(parcel.users.row(row))


def take_line(row: str, change: Callable[[str], str]) -> Bend:
    """Takes a row of users out and writes its line at the end as `change` makes it."""

    def take(parcel: Parcel) -> None:
        line = line_of(parcel, row)
        parcel.users.rows.remove(parcel.users.row(row))
        parcel.users.raw.append(change(line))

    return take


NEW = ("1.2",)
OLD = ("1.1",)
HIDDEN = "not-complete"
"""Warned of where a rejected row could be anybody's."""

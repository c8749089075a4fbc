"""How one package is read: by which rules, on which day, and where findings go."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date

from app.mis.reading.findings import Found
from app.mis.reading.oneroster_csv.archive import PackageLimits
from app.mis.reading.persons import Exclusions
from app.mis.reading.rows import Limits
from app.mis.staff import Place


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What may be set about reading a package.

    `staff_roles` are roles of the supplier's own, as `ext:cover-supervisor`, that count as staff. `known_staff` are the
    source ids that this source is known to have for staff: with 1.2, where roles come in a file of their own, a list
    of changed users does not say who of them is staff. Without it (None) those are left out, and counted.
    """

    exclusions: Exclusions = field(default_factory=Exclusions)
    staff_roles: frozenset[str] = frozenset()
    known_staff: Container[str] | None = None
    package: PackageLimits = field(default_factory=PackageLimits)
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class Context:
    """One reading. `version` is `1.1` or `1.2`, as the manifest says."""

    strict: bool
    today: date
    options: ReadingOptions
    found: Found
    version: str = ""

    def lenient(
        self, place: Place, code: str, reason: str, *, field: str | None = None, source_id: str | None = None
    ) -> bool:
        """Whether a row may stay that breaks the binding's letter and can mean one thing only.

        In the default reading it may, with a warning; in the strict one it is refused.
        """
        if self.strict:
            self.found.reject(place, code, reason, field=field, source_id=source_id)
        else:
            self.found.warn(place, code, reason, field=field, source_id=source_id)
        return not self.strict

    def irregular(self, place: Place, code: str, reason: str, *, field: str | None = None) -> None:
        """The same for what concerns a whole file: a warning, or in the strict reading a fault."""
        tell = self.found.fault if self.strict else self.found.warn
        tell(place, code, reason, field=field)

"""What a reader found on its way: rows refused, what was read leniently, and faults that refuse the whole source."""

from collections import Counter

from app.mis.staff import Finding, Place, UnusableSourceError

MOST_REJECTED = 10_000
MOST_FAULTS = 200
MOST_ALIKE = 20
MOST_WARNINGS = 1_000


class Found:
    """Findings gathered while one source is read. All of them are bounded, whatever the source holds.

    Warnings that are alike are told `MOST_ALIKE` times for each file, and then counted. Refused rows are never left
    out, because they keep people from counting as absent: a source with more than `MOST_REJECTED` is refused instead.
    """

    def __init__(self) -> None:
        self.rejected: list[Finding] = []
        self.may_hide_people = False
        self._warnings: list[Finding] = []
        self._alike: Counter[tuple[str, str, str | None]] = Counter()
        self._faults: list[Finding] = []

    def reject(
        self,
        place: Place,
        code: str,
        reason: str,
        *,
        field: str | None = None,
        source_id: str | None = None,
        hides: bool = False,
    ) -> None:
        """Refuses a row. `hides` says that nobody knows whose row it was, so that absence proves nothing any more.

        Raises `UnusableSourceError` when that is true of too many rows.
        """
        self.rejected.append(Finding(place, code, reason, field, source_id))
        self.may_hide_people |= hides
        if len(self.rejected) > MOST_REJECTED:
            raise UnusableSourceError(
                f"More than {MOST_REJECTED:,} rows cannot be used, so nothing was read. The first ones are listed.",
                tuple(self.rejected[:MOST_FAULTS]),
            )

    def warn(
        self, place: Place, code: str, reason: str, *, field: str | None = None, source_id: str | None = None
    ) -> None:
        """Tells how something was read that could have been written better."""
        alike = (place.file, code, field)
        self._alike[alike] += 1
        if self._alike[alike] <= MOST_ALIKE and len(self._warnings) < MOST_WARNINGS:
            self._warnings.append(Finding(place, code, reason, field, source_id))

    def fault(self, place: Place, code: str, reason: str, *, field: str | None = None) -> None:
        """Notes what refuses the whole source; `refuse_if_faulty` then does."""
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(Finding(place, code, reason, field))

    def refuse_if_faulty(self) -> None:
        """Raises `UnusableSourceError` with all faults noted so far, if there are any."""
        if self._faults:
            others = len(self._faults) - 1
            more = f" There {'is 1 more fault' if others == 1 else f'are {others} more faults'}." if others else ""
            raise UnusableSourceError(f"{_told(self._faults[0])}{more}", tuple(self._faults))

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The warnings in the order of reading, and how many more there were of each kind."""
        more = [
            Finding(Place(file), code, f"There are {count - MOST_ALIKE:,} more like this.", field)
            for (file, code, field), count in self._alike.items()
            if count > MOST_ALIKE
        ]
        return (*self._warnings, *more[:MOST_WARNINGS])


def refusal(place: Place, code: str, reason: str, *, field: str | None = None) -> UnusableSourceError:
    """The error that refuses a source for one fault."""
    finding = Finding(place, code, reason, field)
    return UnusableSourceError(_told(finding), (finding,))


def _told(finding: Finding) -> str:
    """A fault's sentence with where it is, unless it says so itself or is about the source as a whole."""
    file, line = finding.place.file, finding.place.line
    if line:
        return f"{file}, line {line}: {finding.reason}"
    return f"{file}: {finding.reason}" if file.endswith(".csv") and file not in finding.reason else finding.reason

"""What clients see of a staff list's columns."""

from pydantic import Field

from app.kernel.fields import Shown


class SuggestedColumnsOut(Shown):
    """Which heading of a staff list was taken for which field; to be looked at, and sent with the file as `columns`."""

    taken: dict[str, str] = Field(
        description="Our fields, and the headings taken for them.",
        examples=[{"staff_id": "Staff Code", "given_name": "Forename", "family_name": "Surname"}],
    )
    missing: list[str] = Field(description="What a list cannot do without and has no column for.")
    nearest: dict[str, str] = Field(
        description="Headings that were not taken, and the field that each comes nearest to."
    )
    ignored: list[str] = Field(description="Headings that are not needed.")
    dropped: list[str] = Field(description="Headings that are nobody's business here, and are never read.")

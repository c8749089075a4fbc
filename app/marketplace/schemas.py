"""What clients send and see of presentations, tables, the programme and the marketplace."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictFloat, StrictInt

from app.events.rules import MOST_ROUNDS
from app.events.schemas import EventOut
from app.kernel.fields import Body, Instant, Line, Prose, Shown
from app.kernel.merge import left_alone
from app.marketplace.rules import PresentationStatus
from app.people.rules import KeyStage
from app.people.schemas import Tags

PresenterIds = Annotated[list[UUID], Field(min_length=1, max_length=6)]
KeyStages = Annotated[list[KeyStage], Field(max_length=6)]
TableNumber = Annotated[StrictInt, Field(ge=1, le=1_000)]
Coordinate = Annotated[StrictInt, Field(ge=0, le=1_000)] | Annotated[StrictFloat, Field(ge=0, le=1_000)]


class PresentationIn(Body):
    """An offer to present."""

    title: Annotated[str, Line(200)] = Field(examples=["Oracy circles"])
    summary: Annotated[str, Prose(2_000)] = ""
    presenter_ids: PresenterIds
    subjects: Tags = Field(default_factory=list)
    key_stages: KeyStages = Field(default_factory=list)
    needs: Tags = Field(default_factory=list, description="What the table must have.", examples=[["power socket"]])


class PresentationChange(Body):
    """What changes about a presentation."""

    title: Annotated[str, Line(200)] = left_alone()
    summary: Annotated[str, Prose(2_000)] = left_alone()
    presenter_ids: PresenterIds = left_alone()
    subjects: Tags = left_alone()
    key_stages: KeyStages = left_alone()
    needs: Tags = left_alone()


class AcceptIn(Body):
    """Where the presentation goes; without a number, to the lowest free table."""

    table_number: TableNumber | None = None


class PresenterOut(Shown):
    """Who gives a presentation."""

    teacher_id: UUID
    given_name: str
    family_name: str
    school_id: UUID
    school_name: str


class PresentationOut(Shown):
    """What a presenter offers."""

    id: UUID
    event_id: UUID
    status: PresentationStatus
    title: str
    summary: str
    presenter_ids: list[UUID]
    presenters: list[PresenterOut]
    subjects: list[str]
    key_stages: list[str]
    needs: list[str]
    table_number: int | None
    created_at: Instant
    updated_at: Instant


class TableChange(Body):
    """What changes about a table (RFC 7396: null removes)."""

    seats: Annotated[StrictInt, Field(ge=0, le=100)] = left_alone()
    zone: Annotated[str, Line(60)] | None = None
    x: Coordinate | None = Field(None, description="Where it stands in the room, in metres from the left.")
    y: Coordinate | None = Field(None, description="And from the front.")
    closed_rounds: Annotated[list[Annotated[StrictInt, Field(ge=1, le=MOST_ROUNDS)]], Field(max_length=MOST_ROUNDS)] = (
        left_alone()
    )


class PlacementIn(Body):
    """Which presentation goes to the table."""

    presentation_id: UUID


class TablePresentationOut(Shown):
    """The presentation at a table."""

    id: UUID
    title: str


class TableRoundOut(Shown):
    """A table in one round: a slot."""

    number: int
    seats: int
    seats_taken: int
    closed: bool


class TableOut(Shown):
    """A numbered place in the room."""

    event_id: UUID
    number: int
    seats: int
    zone: str | None
    x: float | None
    y: float | None
    closed_rounds: list[int]
    presentation: TablePresentationOut | None
    rounds: list[TableRoundOut]


class ProgrammeEntry(Shown):
    """A presentation as the public sees it."""

    id: UUID
    title: str
    summary: str
    presenters: list[PresenterOut]
    subjects: list[str]
    key_stages: list[str]
    table_number: int
    zone: str | None
    closed_rounds: list[int]


class ProgrammeOut(Shown):
    """All that a public page needs: the event and its presentations, by table."""

    event: EventOut
    presentations: list[ProgrammeEntry]


class MarketSlot(Shown):
    """One table in one round: how many seats there are and how many are taken."""

    table_number: int
    presentation_id: UUID | None
    title: str | None
    seats: int
    seats_taken: int
    closed: bool


class MarketRound(Shown):
    """One round of the marketplace."""

    number: int
    starts_at: Instant
    ends_at: Instant
    tables: list[MarketSlot]


class MarketplaceOut(Shown):
    """Rounds × tables with seats and seats taken: figures only, nobody's name."""

    event_id: UUID
    places_left: int
    rounds: list[MarketRound]


class ChangedSlot(MarketSlot):
    """A table in a round whose figures are others now."""

    round: int


class MarketplaceChanges(Shown):
    """What has changed since the message before. All figures are as they are now, not differences."""

    event_id: UUID
    places_left: int
    slots: list[ChangedSlot]

"""What clients see of CPD records."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.kernel.fields import Instant, Shown
from app.mis.cpd.rules import CpdRole, CpdStatus

Hours = Annotated[
    Decimal,
    PlainSerializer(float, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number", "minimum": 0}),
]


class CpdRecordOut(Shown):
    """What somebody attended: a session of an event, or the rest of the event around its sessions."""

    record_id: UUID = Field(description="Stays the same through corrections.")
    revision: int = Field(description="Rises with each correction.", examples=[1796324400000])
    staff_source: str | None = Field(
        description="The MIS that knows them, as kind:name; null when none does.", examples=["wonde:Larkspur Primary"]
    )
    staff_source_id: str | None = Field(description="The person's id in that MIS.", examples=["A1329183376"])
    staff_number: str | None = Field(description="The person's second id there, where the MIS told one.")
    preferred_name: str = Field(examples=["Siân Penhaligon"])
    work_email: str | None
    school_urn: str | None = Field(description="The school at the time of the event.", examples=["990001"])
    school_laestab: str | None = Field(examples=["202/2901"])
    event_id: UUID
    event_title: str = Field(examples=["Winter Teach Meet 2026"])
    session_title: str | None = Field(description="Null for the event itself.", examples=["Oracy circles"])
    presenter: str | None = Field(description="Who gave the session.", examples=["Idris Llewellyn"])
    role: CpdRole
    start: Instant
    end: Instant
    hours: Hours = Field(
        description="A person's records of an event add up to what they attended; 0 unless attended.", examples=[0.25]
    )
    location: str | None = Field(examples=["Larkspur Primary School, NW3 3BY"])
    status: CpdStatus
    evidence_url: str = Field(description="Where this service tells of the registration behind it.")
    updated_at: Instant


class ArborRecordOut(Shown):
    """The same by Arbor's names: TrainingCourse, TrainingEvent and PersonTrainingCourse side by side."""

    model_config = ConfigDict(serialize_by_alias=True)

    record_id: UUID
    revision: int
    trained_person: str | None = Field(
        serialization_alias="trainedPerson", description="The person's id in the MIS, else the work e-mail."
    )
    training_course_title: str = Field(serialization_alias="trainingCourseTitle")
    training_course_description: str | None = Field(serialization_alias="trainingCourseDescription")
    organizer: str = Field(description="The hub.")
    training_event_title: str = Field(serialization_alias="trainingEventTitle")
    start_datetime: Instant = Field(serialization_alias="startDatetime")
    end_datetime: Instant = Field(serialization_alias="endDatetime")
    location_text: str | None = Field(serialization_alias="locationText")
    expiry_date: None = Field(serialization_alias="expiryDate", description="A Teach Meet does not expire.")
    hours: Hours
    status: CpdStatus
    updated_at: Instant


class CpdRecordPage(Shown):
    """A page of records, all in the form that was asked for."""

    items: list[CpdRecordOut | ArborRecordOut]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last.")

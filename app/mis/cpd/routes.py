"""CPD records over HTTP, as JSON and as a sheet."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.kernel.csv_answers import Column, CsvWanted, also_csv, columns_of, varying
from app.kernel.fields import Instant
from app.kernel.openapi import answers
from app.kernel.operations import Reading, reads
from app.kernel.pagination import PageWanted
from app.kernel.problems import Fault, InvalidRequest, NotFound
from app.kernel.routing import router
from app.mis.cpd import queries
from app.mis.cpd.rules import CpdForm, parse_columns
from app.mis.cpd.schemas import ArborRecordOut, CpdRecordOut, CpdRecordPage
from app.people.routes import HubRef

routes = router("CPD records")
LONGEST_MAP = 3_000


@routes.get("/v1/hubs/{hub_id}/cpd-records", **also_csv(answers(CpdRecordPage, NotFound, InvalidRequest)))
async def list_cpd_records(
    read: Annotated[Reading, reads("cpd:read", own=True)],
    hub_id: HubRef,
    page: PageWanted,
    csv: CsvWanted,
    updated_since: Annotated[
        Instant | None, Query(description="Only records that may have changed since; take some minutes more.")
    ] = None,
    school_urn: Annotated[
        str | None, Query(pattern=r"^\d{6}$", description="Only those of this school, as it was at the time.")
    ] = None,
    event_id: Annotated[UUID | None, Query(description="Only those of this event.")] = None,
    form: Annotated[CpdForm, Query(description="Our names, or those of Arbor's training records.")] = CpdForm.CANONICAL,
    columns: Annotated[
        str | None,
        Query(
            max_length=LONGEST_MAP,
            description="With `Accept: text/csv`: the columns, in order, as `field` or `Header:field`, with commas.",
            examples=["Employee:staff_source_id,Course:event_title,hours"],
        ),
    ] = None,
) -> Response:
    """Who attended what, with hours, of events that are completed and at which people were checked in.

    Each person has a record of the event, and one of each session they sat in; their hours add up. A correction keeps
    `record_id` and raises `revision`. The school is the one at the time of the event. Teachers see their own records,
    a school's leads and keys those of their school.
    """
    model = CpdRecordOut if form is CpdForm.CANONICAL else ArborRecordOut
    query = queries.cpd_records if form is CpdForm.CANONICAL else queries.arbor_records
    filters = {"updated_since": updated_since, "school_urn": school_urn, "event_id": event_id}
    asked = {"hub_id": hub_id, "public_url": read.state.settings.public_url.rstrip("/"), **filters}
    chosen = _columns(columns, model, wanted=csv.wanted)
    if csv.wanted:
        answer = await csv.sheet(read, query, to=model, page=page, name="cpd-records", columns=chosen, **asked)
    else:
        answer = await read.page(query, to=model, page=page, **asked)
    return varying(answer, read)


def _columns(text: str | None, model: type[CpdRecordOut | ArborRecordOut], *, wanted: bool) -> list[Column]:
    """The columns of the sheet. Raises `InvalidRequest`."""
    every = {column.header: column for column in columns_of(model)}
    if text is None:
        return list(every.values())
    if not wanted:
        raise _unusable("is for sheets only: send Accept: text/csv")
    try:
        return [Column(each.header, every[each.field].value) for each in parse_columns(text, every)]
    except ValueError as error:
        raise _unusable(str(error)) from None


def _unusable(detail: str) -> InvalidRequest:
    fault = Fault(detail, parameter="columns")
    return InvalidRequest("The query has parameters that cannot be used.", errors=[fault])

"""A first look at a system, in words for the person who has just entered its address and credentials."""

from datetime import datetime

from app.kernel.outgoing import Outgoing
from app.mis.connections.schemas import ConnectionTestOut, Outcome
from app.mis.fetching.details import ConnectionDetails
from app.mis.fetching.failing import FetchError
from app.mis.fetching.fetching import look

MOST_SCHOOLS = 100
"""How many schools are named."""


async def tested(outgoing: Outgoing, details: ConnectionDetails, *, now: datetime) -> ConnectionTestOut:
    """What the system shows, or why it shows nothing."""
    try:
        found = await look(outgoing, details, now=now)
    except FetchError as error:
        return ConnectionTestOut(
            outcome=Outcome.FAILED, summary=[f"It does not work yet. {error}"], schools=[], staff_on_first_page=None
        )
    schools, staff = len(found.schools), found.staff_on_first_page
    seen = f"{schools} {'school' if schools == 1 else 'schools'} on the first page"
    summary = [f"It works: {seen}, and {staff} {'member' if staff == 1 else 'members'} of staff."]
    if found.others_on_first_page:
        summary.append(f"{found.others_on_first_page} others (pupils, parents, contacts) would be left out.")
    if not staff:
        summary.append("No staff are among the first records; a preview reads them all.")
    return ConnectionTestOut(
        outcome=Outcome.OK,
        summary=summary,
        schools=list(found.schools[:MOST_SCHOOLS]),
        staff_on_first_page=staff,
    )

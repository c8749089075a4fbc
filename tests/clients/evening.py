"""A teacher's evening with the generated Python client, against a sandbox: register, meet a refusal, take a seat."""

import json
import os
import sys

from teachmeet_client import AuthenticatedClient
from teachmeet_client.api.events import list_events
from teachmeet_client.api.hubs_schools_teachers import list_schools
from teachmeet_client.api.itineraries import take_seat
from teachmeet_client.api.registrations import register
from teachmeet_client.models import (
    AlreadyRegisteredProblem,
    EventPage,
    ItineraryOut,
    NewTeacher,
    RegistrationIn,
    RegistrationOut,
    SchoolPage,
    SeatIn,
)

client = AuthenticatedClient(base_url=os.environ["BASE_URL"], token=os.environ["KEY"])
events = list_events.sync(hub_id="demo", client=client)
schools = list_schools.sync(hub_id="demo", client=client)
assert isinstance(events, EventPage)
assert isinstance(schools, SchoolPage)
evening = next(each for each in events.items if each.name == "Early Years Evening")
teacher = NewTeacher(
    given_name="Tamsin", family_name="Okonjo", email="tamsin.okonjo@python.example", school_id=schools.items[0].id
)
body = RegistrationIn(teacher=teacher)
registration = register.sync(event_id=evening.id, client=client, body=body)
assert isinstance(registration, RegistrationOut)
refusal = register.sync(event_id=evening.id, client=client, body=body)
assert isinstance(refusal, AlreadyRegisteredProblem)
seat = take_seat.sync(registration_id=registration.id, round_=1, client=client, body=SeatIn(table_number=2))
assert isinstance(seat, ItineraryOut)
told = {
    "status": registration.status.value,
    "same": refusal.registration_id == registration.id,
    "type": refusal.type_,
    "tables": [booking.table_number for booking in seat.bookings],
}
sys.stdout.write(json.dumps(told))

"""What is asked of the known hub for the document's examples: one request or more for each operation.

Every example begins with a fresh sandbox whose clock stands still, so that it is literally true there. Reading
operations that are not named here are asked for what `World` has of their parameters.
"""

from dataclasses import dataclass, field
from typing import Any

ORGANISER, OPERATOR, SCHOOL_LEAD = "organiser", "operator", "school lead"
INTEGRATION, TEACHER, PRESENTER = "integration", "teacher", "presenter"


@dataclass(frozen=True, slots=True)
class Try:
    """One request. Texts like `{open}` in `at`, `body` and the rest stand for what the world has under that name."""

    summary: str = "An example"
    role: str | None = ORGANISER
    at: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    form: dict[str, str] | None = None
    files: dict[str, str] | None = None
    urlencoded: dict[str, str] | None = None
    before: tuple["Before", ...] = ()
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """A request that makes an example possible. `keep` names what of its answer goes into the world."""

    operation: str
    try_: Try
    keep: dict[str, str] = field(default_factory=dict)


SCHOOLS = "URN,Name,Phase,Postcode\n991999,Thistledown Primary School,Primary,N8 9QQ\n"
STAFF = "Given name,Family name,E-mail\nTamsin,Okonjo,tamsin.okonjo@bramblehill.example\n"
TAMSIN = {
    "given_name": "Tamsin",
    "family_name": "Okonjo",
    "email": "tamsin.okonjo@bramblehill.example",
    "school_id": "{school_id}",
}
EVENING = {
    "name": "Summer Teach Meet 2027",
    "venue": {"name": "Bramble Hill Primary School", "address": "Bramble Hill, London", "postcode": "N6 1GN"},
    "starts_at": "2027-07-01T16:30:00+01:00",
    "ends_at": "2027-07-01T18:00:00+01:00",
    "attendee_capacity": 40,
    "table_count": 8,
    "seats_per_table": 5,
    "rounds": [
        {"number": 1, "starts_at": "2027-07-01T16:45:00+01:00", "ends_at": "2027-07-01T17:05:00+01:00"},
        {"number": 2, "starts_at": "2027-07-01T17:10:00+01:00", "ends_at": "2027-07-01T17:30:00+01:00"},
    ],
}
OFFER = {
    "title": "Maths through picture books",
    "summary": "Six books, six lessons, and what children said.",
    "presenter_ids": ["{teacher_id}"],
    "subjects": ["Mathematics"],
    "key_stages": ["KS1"],
    "needs": ["power socket"],
}
HOOK = {"url": "https://hooks.bramblehill.example/teachmeet", "types": ["registration.*"], "description": "Staff room"}
MIS = {
    "name": "Bramble Hill's MIS",
    "kind": "oneroster",
    "base_url": "https://mis.bramblehill.example",
    "credentials": {
        "method": "oauth2",
        "client_id": "teachmeet",
        "client_secret": "a secret of the MIS",
        "token_url": "https://mis.bramblehill.example/oauth/token",
    },
}

AT_OPEN, AT_DRAFT = {"event_id": "{open}"}, {"event_id": "{draft}"}
AT_TODAY = {"event_id": "{today}"}
AT_MINE = {"registration_id": "{registration_in_open}"}
_registered = Before(
    "register",
    Try(at=AT_OPEN, body={"teacher": TAMSIN}),
    keep={"registration_in_open": "id", "tamsin_id": "teacher_id"},
)
_proposed = Before("propose_presentation", Try(at=AT_OPEN, body=OFFER), keep={"presentation_id": "id"})
_proposed_in_draft = Before("propose_presentation", Try(at=AT_DRAFT, body=OFFER), keep={"presentation_id": "id"})
_seated = Before("take_seat", Try(at={**AT_MINE, "round": "1"}, body={"table_number": 2}))
_planned = Before("start_allocation", Try(at=AT_OPEN), keep={"allocation_id": "id"})
_planned_again = Before("start_allocation", Try(at=AT_OPEN, body={"seed": 1}), keep={"other_allocation": "id"})
_under_way = Before(
    "start_allocation", Try(at=AT_OPEN, headers={"Prefer": "respond-async"}, status=202), keep={"allocation_id": "id"}
)
_key = Before("create_api_key", Try(body={"name": "Staff directory", "scopes": ["people:read"]}), keep={"key_id": "id"})
_hooked = Before("create_webhook", Try(body=HOOK), keep={"webhook_id": "id"})
_pinged = Before("ping_webhook", Try(), keep={"delivery_id": "id"})
_disabled = Before("disable_webhook", Try())
_connected = Before("create_connection", Try(body=MIS), keep={"connection_id": "id"})
_source = Before("list_staff_sources", Try(), keep={"source_id": "items.0.id"})
_paused = Before("pause_connection", Try())
_schools_planned = Before(
    "start_import",
    Try(form={"format": "schools-sheet", "mode": "preview"}, files={"file": SCHOOLS}),
    keep={"sync_id": "id"},
)
_new_school = Before(
    "create_school", Try(body={"name": "Thistledown Primary School", "urn": "991999"}), keep={"school_id": "id"}
)
_asked_for_link = Before("ask_for_sign_in_link", Try(role=None, body={"email": "{teacher_email}"}))
_feed = Before("create_calendar_feed", Try(role=TEACHER, body={"kind": "person"}), keep={"feed_id": "id"})
_checked_in = Before("check_in", Try(at={"event_id": "{today}"}, body={"registration_id": "{registration_today}"}))
_completed = {"event_id": "{completed}"}

TRIES: dict[str, tuple[Try, ...]] = {
    "create_hub": (Try("A new hub", OPERATOR, body={"name": "Harbour Learning Hub", "slug": "harbour"}),),
    "list_hubs": (Try("The hubs that you reach", OPERATOR),),
    "change_hub": (Try("Another name", body={"name": "Demo Learning Hub (North)"}),),
    "create_school": (Try("A new school", body={"name": "Thistledown Primary School", "urn": "991999"}),),
    "change_school": (Try("A school moves", body={"postcode": "N6 2AA"}),),
    "delete_school": (Try("A school that nobody is at", before=(_new_school,)),),
    "create_teacher": (Try("A new teacher", body={**TAMSIN, "job_title": "Year 4 teacher", "subjects": ["English"]}),),
    "change_teacher": (Try("Another job", body={"job_title": "Maths lead", "subjects": ["Mathematics"]}),),
    "list_teachers": (Try("Found by part of a name, accents aside", query={"q": "sian", "limit": 2}),),
    "erase_teacher": (Try("Somebody wants to be forgotten"),),
    "get_personal_data": (Try("All that is held about one person", TEACHER),),
    "create_api_key": (Try("A key to read people with", body={"name": "Staff directory", "scopes": ["people:read"]}),),
    "get_api_key": (Try("One key", before=(_key,)),),
    "revoke_api_key": (Try("A key that is not needed any more", before=(_key,)),),
    "rotate_api_key": (
        Try("A new secret, the old one good for an hour", body={"overlap_seconds": 3600}, before=(_key,)),
    ),
    "get_me": (Try("Who an organiser's key is"), Try("Who is signed in", TEACHER)),
    "get_access_token": (
        Try(
            "A token for a OneRoster client",
            None,
            urlencoded={
                "grant_type": "client_credentials",
                "client_id": "{integration_key_id}",
                "client_secret": "tm_sandbox_integration",
            },
        ),
    ),
    "ask_for_sign_in_link": (Try("A link by mail", None, body={"email": "{teacher_email}"}),),
    "sign_in": (Try("With the link's token", None, body={"token": "{token}"}, before=(_asked_for_link,)),),
    "list_sessions": (Try("Where you are signed in", TEACHER),),
    "get_current_session": (Try("The session with which you call", TEACHER),),
    "sign_out": (Try("Sign out", TEACHER),),
    "get_session": (Try("One session", TEACHER),),
    "end_session": (Try("It ends at once", TEACHER),),
    "list_identities": (Try("None is linked", TEACHER),),
    "create_event": (Try("An evening with eight tables and two rounds", body=EVENING),),
    "list_events": (Try("What anyone sees", None, query={"status": "published", "limit": 2}),),
    "get_event": (Try("What anyone sees", None),),
    "get_programme": (Try("The programme", None, at=AT_OPEN),),
    "get_marketplace": (Try("Seats, round by round", None, at=AT_OPEN),),
    "copy_event": (
        Try("Next year's", body={"starts_at": "2027-12-02T16:30:00+00:00", "name": "Winter Teach Meet 2027"}),
    ),
    "change_event": (
        Try("Three places more", at=AT_OPEN, body={"attendee_capacity": 23}),
        Try("Fewer than are taken", at=AT_OPEN, body={"attendee_capacity": 1}, status=409),
    ),
    "delete_event": (Try("A draft", before=(Before("create_event", Try(body=EVENING), keep={"event_id": "id"}),)),),
    "publish_event": (Try("A draft is published", at=AT_DRAFT),),
    "close_event": (Try("Registration closes", at=AT_OPEN),),
    "reopen_event": (Try("Registration opens again", at=AT_OPEN, before=(Before("close_event", Try(at=AT_OPEN)),)),),
    "complete_event": (Try("The evening is over", at=AT_TODAY, before=(Before("close_event", Try(at=AT_TODAY)),)),),
    "cancel_event": (Try("It is called off", at=AT_OPEN),),
    "archive_event": (Try("Put away", at={"event_id": "{completed}"}),),
    "propose_presentation": (Try("An offer", at=AT_OPEN, body=OFFER),),
    "change_presentation": (Try("Another title", body={"title": "Maths through six picture books"}),),
    "accept_presentation": (Try("The lowest free table", before=(_proposed_in_draft,)),),
    "decline_presentation": (Try("Not this time", before=(_proposed,)),),
    "withdraw_presentation": (Try("The presenter cannot come", before=(_proposed,)),),
    "list_tables": (Try("All tables", None, at=AT_OPEN, query={"limit": 2}),),
    "get_table": (Try("One table", None, at={**AT_OPEN, "number": "2"}),),
    "change_table": (Try("Closed in the first round", at={**AT_OPEN, "number": "6"}, body={"closed_rounds": [1]}),),
    "place_presentation": (
        Try(
            "Another table for it",
            at={**AT_OPEN, "number": "6"},
            body={"presentation_id": "{presentation_in_open}"},
            before=(Before("free_table", Try(at={**AT_OPEN, "number": "6"})),),
        ),
    ),
    "free_table": (Try("The table is free again", at={**AT_OPEN, "number": "6"}),),
    "register": (
        Try(
            "Confirmed: there are places",
            at=AT_OPEN,
            body={"teacher": TAMSIN, "dietary_requirements": "vegetarian"},
        ),
        Try("Waitlisted: every place is taken", at={"event_id": "{full}"}, body={"teacher": TAMSIN}),
        Try("In person, signed in", TEACHER, at=AT_OPEN, body={}),
        Try("Twice the same person", at=AT_OPEN, body={"teacher_id": "{tamsin_id}"}, before=(_registered,), status=409),
    ),
    "register_batch": (
        Try(
            "One is new, one is there already",
            at=AT_OPEN,
            body={"items": [{"teacher": TAMSIN}, {"teacher_id": "{teacher_in_open}"}]},
        ),
    ),
    "list_registrations": (Try("Those who wait", query={"status": "waitlisted", "limit": 2}),),
    "change_registration": (
        Try("What somebody needs", at=AT_MINE, body={"access_requirements": "step-free way in"}, before=(_registered,)),
    ),
    "cancel_registration": (Try("A place is given back", at=AT_MINE, before=(_registered,)),),
    "get_preferences": (Try("Ranked wishes"),),
    "set_preferences": (
        Try(
            "Two wishes, best first",
            at=AT_MINE,
            body={"presentation_ids": ["{presentation_in_open}", "{second_presentation_in_open}"]},
            before=(_registered,),
        ),
    ),
    "get_itinerary": (Try("One seat so far", at=AT_MINE, before=(_registered, _seated)),),
    "set_itinerary": (
        Try(
            "The whole evening at once",
            at=AT_MINE,
            body={"bookings": [{"round": 1, "table_number": 2}, {"round": 2, "table_number": 3}]},
            before=(_registered,),
        ),
    ),
    "take_seat": (
        Try("A seat", at={**AT_MINE, "round": "1"}, body={"table_number": 2}, before=(_registered,)),
        Try(
            "The same table in another round",
            at={**AT_MINE, "round": "2"},
            body={"table_number": 2},
            before=(_registered, _seated),
            status=409,
        ),
    ),
    "leave_seat": (Try("The seat is free again", at={**AT_MINE, "round": "1"}, before=(_registered, _seated)),),
    "start_allocation": (
        Try("A preview", at=AT_OPEN, body={"seed": 0}),
        Try("A large one, later", at=AT_OPEN, headers={"Prefer": "respond-async"}, status=202),
    ),
    "list_allocations": (Try("All previews", at=AT_OPEN, before=(_planned,)),),
    "get_allocation": (Try("One preview", before=(_planned,)),),
    "apply_allocation": (Try("It is booked", before=(_planned,)),),
    "cancel_allocation": (Try("It is not needed any more", before=(_under_way,)),),
    "list_planned_itineraries": (Try("Who would sit where", query={"limit": 2}, before=(_planned,)),),
    "list_changes": (Try("What would change", before=(_planned,)),),
    "compare_allocations": (
        Try("Beside another one", query={"with": "{other_allocation}"}, before=(_planned, _planned_again)),
    ),
    "explain_allocation": (
        Try(
            "Why somebody gets what they get", at={"registration_id": "{registration_of_somebody}"}, before=(_planned,)
        ),
    ),
    "draw_satisfaction": (Try("A picture", before=(_planned,)),),
    "draw_heat_map": (Try("A picture", before=(_planned,)),),
    "check_in": (
        Try("Somebody arrives", at={"event_id": "{today}"}, body={"registration_id": "{registration_today}"}),
    ),
    "check_in_batch": (
        Try(
            "What a device collected",
            at={"event_id": "{today}"},
            body={
                "items": [
                    {"registration_id": "{registration_today}", "checked_in_at": "2026-11-23T08:41:00+00:00"},
                    {"code": "0000-0000", "checked_in_at": "2026-11-23T08:42:00+00:00"},
                ]
            },
        ),
    ),
    "get_check_in": (Try("Who is there", at={"registration_id": "{registration_today}"}, before=(_checked_in,)),),
    "undo_check_in": (Try("A slip", at={"registration_id": "{registration_today}"}, before=(_checked_in,)),),
    "walk_in": (Try("Somebody at the door", at={"event_id": "{today}"}, body={"teacher": TAMSIN}),),
    "get_attendance": (Try("Who came", at=_completed),),
    "reflect": (
        Try(
            "Of the evening as a whole",
            TEACHER,
            at=_completed,
            body={"what_went_well": "Three sentence stems that I can use tomorrow.", "rating": 5},
        ),
    ),
    "list_reflections": (Try("What people wrote", at=_completed, query={"limit": 2}),),
    "start_import": (
        Try(
            "A sheet of schools, planned",
            form={"format": "schools-sheet", "mode": "preview"},
            files={"file": SCHOOLS},
        ),
    ),
    "suggest_columns": (Try("Which column is which", files={"file": STAFF}),),
    "get_sync": (Try("One import", before=(_schools_planned,)),),
    "apply_sync": (Try("The plan is carried out", before=(_schools_planned,)),),
    "list_staff_sources": (Try("Where staff come from", before=(_connected,)),),
    "create_calendar_feed": (Try("Your own evenings", TEACHER, body={"kind": "person"}),),
    "list_calendar_feeds": (Try("Your feeds", TEACHER, before=(_feed,)),),
    "get_calendar_feed": (Try("One feed", TEACHER, before=(_feed,)),),
    "revoke_calendar_feed": (Try("Its address is good no longer", TEACHER, before=(_feed,)),),
    "list_source_schools": (Try("None has been seen yet", before=(_connected, _source)),),
    "decide_link_proposals": (Try("Nothing to decide", body={"same_person": [], "somebody_else": []}),),
    "create_connection": (Try("A school's MIS", body=MIS),),
    "list_connections": (Try("All connections", before=(_connected,)),),
    "get_connection": (Try("One connection", before=(_connected,)),),
    "change_connection": (Try("Another name", body={"name": "Bramble Hill's new MIS"}, before=(_connected,)),),
    "delete_connection": (Try("It is not needed any more", before=(_connected,)),),
    "pause_connection": (Try("Nothing runs for now", before=(_connected,)),),
    "resume_connection": (Try("It goes on", before=(_connected, _paused)),),
    "list_connection_syncs": (Try("None so far", before=(_connected,)),),
    "list_cpd_records": (Try("Who attended what", query={"limit": 2}),),
    "list_audit": (Try("The last things done", query={"limit": 2}),),
    "list_hub_changes": (Try("From the beginning", query={"limit": 2}),),
    "create_webhook": (Try("A subscription", body=HOOK),),
    "list_webhooks": (Try("All subscriptions", before=(_hooked,)),),
    "get_webhook": (Try("One subscription", before=(_hooked,)),),
    "change_webhook": (Try("All changes", body={"types": ["registration.*", "booking.*"]}, before=(_hooked,)),),
    "delete_webhook": (Try("It is not needed any more", before=(_hooked,)),),
    "rotate_webhook_secret": (Try("A new secret", body={"overlap_seconds": 3600}, before=(_hooked,)),),
    "ping_webhook": (Try("A test message", before=(_hooked,)),),
    "disable_webhook": (Try("Nothing is sent for now", before=(_hooked,)),),
    "enable_webhook": (Try("It goes on", body={"catch_up": True}, before=(_hooked, _disabled)),),
    "replay_webhook": (Try("All since a moment", body={"since": "2026-11-20T00:00:00Z"}, before=(_hooked,)),),
    "list_deliveries": (Try("One message on its way", before=(_hooked, _pinged)),),
    "get_delivery": (Try("One delivery", before=(_hooked, _pinged)),),
    "redeliver": (Try("Once more", before=(_hooked, _pinged)),),
    "set_clock": (Try("It stands still on the evening", None, body={"now": "2026-12-03T16:45:00Z", "frozen": True}),),
    "list_caught_mail": (Try("The newest", None, query={"limit": 1}, before=(_asked_for_link,)),),
    "delete_caught_mail": (Try("All is thrown away", None),),
    "is_live": (Try("It is alive", None),),
    "is_ready": (Try("It is ready", None),),
    "reset_sandbox": (Try("The known hub again", None),),
}
NOT_SHOWN = {
    "read_metrics": "figures that are never the same twice",
    "link_identity": "needs an issuer of identities, which the sandbox does not have",
    "get_identity": "likewise",
    "unlink_identity": "likewise",
    "get_calendar": "its address is a secret that is drawn at random",
    "set_source_schools": "needs schools that another system has shown",
    "test_connection": "calls another system",
    "start_sync": "likewise",
    "follow_marketplace": "goes on for ever; its guide shows it",
}
"""Operations without a recorded example of success, and why."""

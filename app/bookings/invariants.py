"""What may never happen, asked of the live data: each promise with a figure of what was looked at, and every breach.

The questions are put to the rows themselves, not to the code that wrote them, in one read-only transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

MOST_BREACHES = 100


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise, a question for how much there is of what it speaks of, and one that finds where it is broken.

    The second question's rows are breaches; their columns are ids and figures, never a person's data.
    """

    promise: str
    counted: str
    """What the figure counts."""
    figure: str
    breaches: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one promise."""

    invariant: Invariant
    figure: int
    breaches: Sequence[str]


INVARIANTS = (
    Invariant(
        "No event has more confirmed attendees than its capacity",
        "attendees' places held",
        "SELECT count(*) FROM places WHERE role = 'attendee' AND registration_id IS NOT NULL",
        """SELECT e.id AS event_id, e.attendee_capacity, count(p.registration_id) AS confirmed
            FROM events e JOIN places p ON p.event_id = e.id AND p.role = 'attendee' AND p.registration_id IS NOT NULL
            GROUP BY e.id, e.attendee_capacity HAVING count(p.registration_id) > e.attendee_capacity""",
    ),
    Invariant(
        "Every event has as many attendees' places as its capacity",
        "attendees' places",
        "SELECT count(*) FROM places WHERE role = 'attendee'",
        """SELECT e.id AS event_id, e.attendee_capacity, count(p.number) AS places
           FROM events e LEFT JOIN places p ON p.event_id = e.id AND p.role = 'attendee'
           GROUP BY e.id, e.attendee_capacity HAVING count(p.number) <> e.attendee_capacity""",
    ),
    Invariant(
        "No event has more accepted presentations than tables",
        "accepted presentations",
        "SELECT count(*) FROM presentations WHERE status = 'accepted'",
        """SELECT e.id AS event_id, e.table_count, count(p.id) AS accepted
           FROM events e JOIN presentations p ON p.event_id = e.id AND p.status = 'accepted'
           GROUP BY e.id, e.table_count HAVING count(p.id) > e.table_count""",
    ),
    Invariant(
        "No table has two presentations, and every accepted presentation is at one table of its event",
        "tables with a presentation",
        "SELECT count(*) FROM presentations WHERE table_id IS NOT NULL",
        """SELECT p.id AS presentation_id, p.table_id FROM presentations p LEFT JOIN tables t ON t.id = p.table_id
           WHERE (p.status = 'accepted') <> (p.table_id IS NOT NULL) OR t.event_id <> p.event_id
           OR p.table_id IN (SELECT table_id FROM presentations GROUP BY table_id HAVING count(*) > 1)""",
    ),
    Invariant(
        "No slot has more bookings than its table has seats",
        "bookings",
        "SELECT count(*) FROM seats WHERE registration_id IS NOT NULL",
        """SELECT s.slot_id, t.seats, count(*) AS bookings FROM seats s JOIN tables t ON t.id = s.table_id
            WHERE s.registration_id IS NOT NULL GROUP BY s.slot_id, t.seats HAVING count(*) > t.seats""",
    ),
    Invariant(
        "Every slot has as many seats as its table",
        "slots",
        "SELECT count(*) FROM slots",
        """SELECT l.id AS slot_id, t.seats, count(s.number) AS rows_of_seats FROM slots l
           JOIN tables t ON t.id = l.table_id LEFT JOIN seats s ON s.slot_id = l.id
           GROUP BY l.id, t.seats HAVING count(s.number) <> t.seats""",
    ),
    Invariant(
        "Every table has a slot in every round",
        "tables",
        "SELECT count(*) FROM tables",
        """SELECT t.id AS table_id, r.id AS round_id FROM tables t JOIN rounds r ON r.event_id = t.event_id
           LEFT JOIN slots l ON l.table_id = t.id AND l.round_id = r.id WHERE l.id IS NULL""",
    ),
    Invariant(
        "Nobody is at two tables in one round",
        "attendees with bookings",
        "SELECT count(DISTINCT registration_id) FROM seats WHERE registration_id IS NOT NULL",
        """SELECT registration_id, round_id, count(*) AS tables FROM seats WHERE registration_id IS NOT NULL
            GROUP BY registration_id, round_id HAVING count(*) > 1""",
    ),
    Invariant(
        "Nobody is at one table in two rounds",
        "attendees with bookings",
        "SELECT count(DISTINCT registration_id) FROM seats WHERE registration_id IS NOT NULL",
        """SELECT registration_id, table_id, count(*) AS rounds FROM seats WHERE registration_id IS NOT NULL
            GROUP BY registration_id, table_id HAVING count(*) > 1""",
    ),
    Invariant(
        "No teacher has two live registrations for one event",
        "live registrations",
        "SELECT count(*) FROM registrations WHERE live_event_id IS NOT NULL",
        """SELECT event_id, teacher_id, count(*) AS live FROM registrations WHERE live_event_id IS NOT NULL
            GROUP BY event_id, teacher_id HAVING count(*) > 1""",
    ),
    Invariant(
        "Every booking is of a registration that holds a place at the same event",
        "bookings",
        "SELECT count(*) FROM seats WHERE registration_id IS NOT NULL",
        """SELECT s.slot_id, s.number, s.registration_id FROM seats s
            LEFT JOIN places p ON p.registration_id = s.registration_id AND p.event_id = s.event_id
            LEFT JOIN registrations r ON r.id = s.registration_id AND r.live_event_id = s.event_id
            WHERE s.registration_id IS NOT NULL AND (p.number IS NULL OR r.id IS NULL)""",
    ),
    Invariant(
        "Every live registration either holds one place in its own role or waits",
        "live registrations",
        "SELECT count(*) FROM registrations WHERE live_event_id IS NOT NULL",
        """SELECT r.id AS registration_id, count(p.number) AS places, r.queue_number FROM registrations r
            LEFT JOIN places p ON p.registration_id = r.id AND p.event_id = r.event_id AND p.role = r.role
            WHERE r.live_event_id IS NOT NULL GROUP BY r.id, r.queue_number
            HAVING count(p.number) + CASE WHEN r.queue_number IS NULL THEN 0 ELSE 1 END <> 1""",
    ),
    Invariant(
        "No cancelled registration holds a place or waits",
        "cancelled registrations",
        "SELECT count(*) FROM registrations WHERE live_event_id IS NULL",
        """SELECT r.id AS registration_id FROM registrations r LEFT JOIN places p ON p.registration_id = r.id
           WHERE r.live_event_id IS NULL AND (p.number IS NOT NULL OR r.queue_number IS NOT NULL)""",
    ),
    Invariant(
        "Everyone who has been checked in holds a place at that event",
        "check-ins",
        "SELECT count(*) FROM registrations WHERE checked_in_at IS NOT NULL",
        """SELECT r.id AS registration_id FROM registrations r
            LEFT JOIN places p ON p.registration_id = r.id AND p.event_id = r.event_id AND p.role = r.role
            WHERE r.checked_in_at IS NOT NULL AND (p.number IS NULL OR r.live_event_id IS NULL)""",
    ),
    Invariant(
        "Nobody waits while a place is free",
        "waitlisted registrations",
        "SELECT count(*) FROM registrations WHERE queue_number IS NOT NULL",
        """SELECT event_id, count(*) AS waiting FROM registrations WHERE queue_number IS NOT NULL
           AND event_id IN (SELECT event_id FROM places WHERE role = 'attendee' AND registration_id IS NULL)
           GROUP BY event_id""",
    ),
    Invariant(
        "Nobody sits at a table that is closed in that round, or holds no presentation",
        "bookings",
        "SELECT count(*) FROM seats WHERE registration_id IS NOT NULL",
        """SELECT s.slot_id, s.number FROM seats s JOIN slots l ON l.id = s.slot_id
            LEFT JOIN presentations p ON p.table_id = s.table_id
            WHERE s.registration_id IS NOT NULL AND (l.closed OR p.id IS NULL)""",
    ),
    Invariant(
        "No presenter has a seat elsewhere in a round in which the own table is open",
        "presenters",
        "SELECT count(*) FROM registrations WHERE live_event_id IS NOT NULL AND role = 'presenter'",
        """SELECT s.registration_id, s.round_id FROM seats s JOIN registrations r ON r.id = s.registration_id
           JOIN presenters w ON w.teacher_id = r.teacher_id AND w.event_id = r.event_id
           JOIN presentations p ON p.id = w.presentation_id
           JOIN slots l ON l.table_id = p.table_id AND l.round_id = s.round_id WHERE NOT l.closed""",
    ),
    Invariant(
        "Everyone who presents at a table has a presenter's registration",
        "presenters",
        """SELECT count(*) FROM presenters w JOIN presentations p ON p.id = w.presentation_id
           WHERE p.status = 'accepted'""",
        """SELECT w.presentation_id, w.teacher_id FROM presenters w JOIN presentations p ON p.id = w.presentation_id
           LEFT JOIN registrations r ON r.live_event_id = w.event_id AND r.teacher_id = w.teacher_id
           AND r.role = 'presenter' WHERE p.status = 'accepted' AND r.id IS NULL""",
    ),
    Invariant(
        "The figures that are shown are those of the rows",
        "events",
        "SELECT count(*) FROM events",
        """SELECT f.event_id, f.confirmed_count, f.waitlisted_count FROM event_figures f WHERE f.confirmed_count <> (
               SELECT count(*) FROM places p
               WHERE p.event_id = f.event_id AND p.role = 'attendee' AND p.registration_id IS NOT NULL)
           OR f.waitlisted_count <> (
               SELECT count(*) FROM registrations r WHERE r.event_id = f.event_id AND r.queue_number IS NOT NULL)
           OR f.next_queue_number <= (
               SELECT coalesce(max(r.queue_number), 0) FROM registrations r WHERE r.event_id = f.event_id)""",
    ),
    Invariant(
        "Everybody, and everything of an event, belongs to one hub",
        "teachers",
        "SELECT count(*) FROM teachers",
        """SELECT r.id AS registration_id FROM registrations r JOIN events e ON e.id = r.event_id
           JOIN teachers t ON t.id = r.teacher_id WHERE t.hub_id <> e.hub_id
           UNION SELECT w.presentation_id FROM presenters w JOIN events e ON e.id = w.event_id
           JOIN teachers t ON t.id = w.teacher_id WHERE t.hub_id <> e.hub_id""",
    ),
)


def findings(session: Session) -> list[Finding]:
    """What becomes of each promise, on what is committed now."""
    return [
        Finding(
            each,
            session.execute(text(each.figure)).scalar_one(),
            [
                ", ".join(f"{name} {value}" for name, value in row.items())
                for row in session.execute(text(each.breaches)).mappings().fetchmany(MOST_BREACHES)
            ],
        )
        for each in INVARIANTS
    ]

"""The database itself refuses that somebody waits while a place is free.

A place is handed over from who leaves to who waits in one step; it may become free only when nobody waits. On PostgreSQL
the triggers take the event's turn first, as every writer does, so that they hold under any concurrency.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SOMEBODY_WAITS = "EXISTS (SELECT 1 FROM registrations WHERE event_id = NEW.event_id AND queue_number IS NOT NULL)"
A_PLACE_IS_FREE = """EXISTS (
    SELECT 1 FROM places WHERE event_id = NEW.event_id AND role = 'attendee' AND registration_id IS NULL
)"""
A_FREE_PLACE = "NEW.registration_id IS NULL AND NEW.role = 'attendee'"
A_WAITING_ONE = "NEW.queue_number IS NOT NULL"

GUARDS = (
    ("places_freed", "UPDATE OF registration_id ON places", A_FREE_PLACE, SOMEBODY_WAITS),
    ("places_added", "INSERT ON places", A_FREE_PLACE, SOMEBODY_WAITS),
    ("registrations_queued", "INSERT ON registrations", A_WAITING_ONE, A_PLACE_IS_FREE),
    ("registrations_requeued", "UPDATE OF queue_number ON registrations", A_WAITING_ONE, A_PLACE_IS_FREE),
)
"""Name, event, when it matters, what is then refused."""


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, event, when, refused in GUARDS:
        for statement in _sqlite(name, event, when, refused) if on_sqlite else _postgresql(name, event, when, refused):
            op.execute(statement)


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, event, _, _ in GUARDS:
        table = event.rpartition(" ")[2]
        op.execute(f"DROP TRIGGER {name}" if on_sqlite else f"DROP TRIGGER {name} ON {table}")
        if not on_sqlite:
            op.execute(f"DROP FUNCTION {name}()")


def _sqlite(name: str, event: str, when: str, refused: str) -> list[str]:
    return [
        f"""CREATE TRIGGER {name} BEFORE {event} WHEN {when} AND {refused}
        BEGIN SELECT RAISE(ABORT, 'somebody waits while a place is free'); END"""
    ]


def _postgresql(name: str, event: str, when: str, refused: str) -> list[str]:
    return [
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended(NEW.event_id::text, 0));
            IF {refused} THEN
                RAISE EXCEPTION 'somebody waits while a place is free' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$""",
        f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()",
    ]

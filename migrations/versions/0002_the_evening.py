"""Events with places, tables with seats, presentations, registrations and wishes.

Places and seats are rows that exist from the start, so that more people than there is room for cannot be written down.
The foreign keys carry the event's id along: a place is never held by another event's registration. Emptying
`registrations.live_event_id` gives up the place, and that gives up the seats.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "seats",
    "registration_needs",
    "presenters",
    "preferences",
    "places",
    "slots",
    "registrations",
    "presentations",
    "tables",
    "rounds",
    "event_figures",
    "events",
)
"""In the order in which they can be dropped."""


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("venue_name", sa.String(length=200), nullable=True),
        sa.Column("venue_address", sa.String(length=500), nullable=True),
        sa.Column("venue_postcode", sa.String(length=8), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("attendee_capacity", sa.Integer(), nullable=False),
        sa.Column("table_count", sa.Integer(), nullable=False),
        sa.Column("seats_per_table", sa.Integer(), nullable=False),
        sa.Column("registration_opens_at", UtcDateTime(), nullable=True),
        sa.Column("registration_closes_at", UtcDateTime(), nullable=True),
        sa.Column("waitlist_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("attendee_capacity BETWEEN 0 AND 100000", name=op.f("ck_events_attendee_capacity")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_events_ends_after_start")),
        sa.CheckConstraint("table_count BETWEEN 0 AND 1000", name=op.f("ck_events_table_count")),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_events_hub_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("id", "hub_id", name=op.f("uq_events_id_hub_id")),
    )
    op.create_index(op.f("ix_events_hub_id_starts_at_id"), "events", ["hub_id", "starts_at", "id"], unique=False)
    op.create_table(
        "event_figures",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_count", sa.Integer(), nullable=False),
        sa.Column("waitlisted_count", sa.Integer(), nullable=False),
        sa.Column("next_queue_number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "confirmed_count >= 0 AND waitlisted_count >= 0", name=op.f("ck_event_figures_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_figures_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_figures")),
    )
    op.create_table(
        "rounds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_rounds_ends_after_start")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_rounds_event_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_rounds_event_id_number")),
        sa.UniqueConstraint("id", "event_id", name=op.f("uq_rounds_id_event_id")),
    )
    op.create_table(
        "tables",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=True),
        sa.Column("x", sa.Float(), nullable=True),
        sa.Column("y", sa.Float(), nullable=True),
        sa.CheckConstraint("number BETWEEN 1 AND 1000", name=op.f("ck_tables_number")),
        sa.CheckConstraint("seats BETWEEN 0 AND 100", name=op.f("ck_tables_seats")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_tables_event_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tables")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_tables_event_id_number")),
        sa.UniqueConstraint("id", "event_id", name=op.f("uq_tables_id_event_id")),
    )
    op.create_table(
        "presentations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=2000), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("key_stages", sa.JSON(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(status = 'accepted') = (table_id IS NOT NULL)", name=op.f("ck_presentations_accepted_means_at_a_table")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_presentations_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["table_id", "event_id"], ["tables.id", "tables.event_id"], name=op.f("fk_presentations_table_id_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presentations")),
        sa.UniqueConstraint("id", "event_id", name=op.f("uq_presentations_id_event_id")),
        sa.UniqueConstraint("table_id", name=op.f("uq_presentations_table_id")),
    )
    op.create_index(op.f("ix_presentations_event_id_id"), "presentations", ["event_id", "id"], unique=False)
    op.create_table(
        "registrations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("live_event_id", sa.Uuid(), nullable=True),
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("queue_number", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "queue_number IS NULL OR (live_event_id IS NOT NULL AND role = 'attendee')",
            name=op.f("ck_registrations_only_the_live_wait"),
        ),
        sa.CheckConstraint("role IN ('attendee', 'presenter')", name=op.f("ck_registrations_role")),
        sa.CheckConstraint(
            "(live_event_id IS NULL) = (cancelled_at IS NOT NULL)", name=op.f("ck_registrations_live_or_cancelled")
        ),
        sa.CheckConstraint(
            "live_event_id IS NULL OR live_event_id = event_id", name=op.f("ck_registrations_live_at_its_own_event")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_registrations_event_id")),
        sa.ForeignKeyConstraint(["teacher_id"], ["teachers.id"], name=op.f("fk_registrations_teacher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("id", "event_id", name=op.f("uq_registrations_id_event_id")),
        sa.UniqueConstraint("id", "live_event_id", "role", name=op.f("uq_registrations_id_live_event_id_role")),
        sa.UniqueConstraint("live_event_id", "teacher_id", name=op.f("uq_registrations_live_event_id_teacher_id")),
    )
    op.create_index(op.f("ix_registrations_event_id_id"), "registrations", ["event_id", "id"], unique=False)
    op.create_index(op.f("ix_registrations_teacher_id"), "registrations", ["teacher_id"], unique=False)
    op.create_index(
        "uq_registrations_queue",
        "registrations",
        ["event_id", "queue_number"],
        unique=True,
        sqlite_where=sa.text("queue_number IS NOT NULL"),
        postgresql_where=sa.text("queue_number IS NOT NULL"),
    )
    op.create_table(
        "slots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id", "event_id"],
            ["rounds.id", "rounds.event_id"],
            name=op.f("fk_slots_round_id_event_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["table_id", "event_id"],
            ["tables.id", "tables.event_id"],
            name=op.f("fk_slots_table_id_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slots")),
        sa.UniqueConstraint(
            "id", "round_id", "table_id", "event_id", name=op.f("uq_slots_id_round_id_table_id_event_id")
        ),
        sa.UniqueConstraint("round_id", "table_id", name=op.f("uq_slots_round_id_table_id")),
    )
    op.create_index(op.f("ix_slots_event_id_round_id"), "slots", ["event_id", "round_id"], unique=False)
    op.create_index(op.f("ix_slots_table_id_event_id"), "slots", ["table_id", "event_id"], unique=False)
    op.create_table(
        "places",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("held_event_id", sa.Uuid(), nullable=True),
        sa.Column("held_role", sa.String(length=10), nullable=True),
        sa.CheckConstraint("role IN ('attendee', 'presenter')", name=op.f("ck_places_role")),
        sa.CheckConstraint(
            "(registration_id IS NULL AND held_event_id IS NULL AND held_role IS NULL) OR (registration_id IS NOT NULL AND held_event_id = event_id AND held_role = role AND held_event_id IS NOT NULL AND held_role IS NOT NULL)",
            name=op.f("ck_places_held_at_its_own_event_in_its_own_role"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_places_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["registration_id", "held_event_id", "held_role"],
            ["registrations.id", "registrations.live_event_id", "registrations.role"],
            name=op.f("fk_places_registration_id_held_event_id_held_role"),
            onupdate="SET NULL",
        ),
        sa.PrimaryKeyConstraint("event_id", "role", "number", name=op.f("pk_places")),
        sa.UniqueConstraint("held_event_id", "registration_id", name=op.f("uq_places_held_event_id_registration_id")),
    )
    op.create_index(
        "uq_places_registration",
        "places",
        ["registration_id"],
        unique=True,
        sqlite_where=sa.text("registration_id IS NOT NULL"),
        postgresql_where=sa.text("registration_id IS NOT NULL"),
    )
    op.create_index(
        "ix_places_free",
        "places",
        ["event_id", "role", "number"],
        unique=False,
        sqlite_where=sa.text("registration_id IS NULL"),
        postgresql_where=sa.text("registration_id IS NULL"),
    )
    op.create_table(
        "preferences",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("presentation_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_preferences_rank")),
        sa.ForeignKeyConstraint(
            ["presentation_id", "event_id"],
            ["presentations.id", "presentations.event_id"],
            name=op.f("fk_preferences_presentation_id_event_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id", "event_id"],
            ["registrations.id", "registrations.event_id"],
            name=op.f("fk_preferences_registration_id_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "rank", name=op.f("pk_preferences")),
        sa.UniqueConstraint(
            "registration_id", "presentation_id", name=op.f("uq_preferences_registration_id_presentation_id")
        ),
    )
    op.create_index(op.f("ix_preferences_presentation_id"), "preferences", ["presentation_id"], unique=False)
    op.create_table(
        "presenters",
        sa.Column("presentation_id", sa.Uuid(), nullable=False),
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["presentation_id", "event_id"],
            ["presentations.id", "presentations.event_id"],
            name=op.f("fk_presenters_presentation_id_event_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["teacher_id"], ["teachers.id"], name=op.f("fk_presenters_teacher_id")),
        sa.PrimaryKeyConstraint("presentation_id", "teacher_id", name=op.f("pk_presenters")),
    )
    op.create_index(op.f("ix_presenters_event_id_teacher_id"), "presenters", ["event_id", "teacher_id"], unique=False)
    op.create_index(op.f("ix_presenters_teacher_id"), "presenters", ["teacher_id"], unique=False)
    op.create_table(
        "registration_needs",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("dietary_requirements", sa.Text(), nullable=True),
        sa.Column("access_requirements", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_registration_needs_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_registration_needs")),
    )
    op.create_table(
        "seats",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("held_event_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(registration_id IS NULL AND held_event_id IS NULL) OR (registration_id IS NOT NULL AND held_event_id IS NOT NULL AND held_event_id = event_id)",
            name=op.f("ck_seats_held_at_its_own_event"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id", "held_event_id"],
            ["places.registration_id", "places.held_event_id"],
            name=op.f("fk_seats_registration_id_held_event_id"),
            onupdate="SET NULL",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id", "round_id", "table_id", "event_id"],
            ["slots.id", "slots.round_id", "slots.table_id", "slots.event_id"],
            name=op.f("fk_seats_slot_id_round_id_table_id_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slot_id", "number", name=op.f("pk_seats")),
        sa.UniqueConstraint("round_id", "registration_id", name=op.f("uq_seats_round_id_registration_id")),
        sa.UniqueConstraint("table_id", "registration_id", name=op.f("uq_seats_table_id_registration_id")),
    )
    op.create_index(
        "ix_seats_holder",
        "seats",
        ["registration_id"],
        unique=False,
        sqlite_where=sa.text("registration_id IS NOT NULL"),
        postgresql_where=sa.text("registration_id IS NOT NULL"),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)

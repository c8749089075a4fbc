"""Changes for others: the feed's positions, webhooks and their deliveries."""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A UUIDv7 (RFC 9562) of the present millisecond, as each database writes one.
SQLITE_ID = (
    "printf('%012x', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))"
    " || '7' || substr(lower(hex(randomblob(2))), 2)"
    " || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(8))), 2)"
)
POSTGRESQL_ID = (
    "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())"
    " placing substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),"
    " 52, 1), 53, 1), 'hex')::uuid"
)

ON_SQLITE = (
    "INSERT INTO changes (fact_id, position, hub_id, id) SELECT id, id, hub_id, <a new id> FROM outbox",
    (
        "CREATE TRIGGER outbox_published AFTER INSERT ON outbox FOR EACH ROW BEGIN"
        " INSERT INTO changes (fact_id, position, hub_id, id) VALUES (NEW.id, NEW.id, NEW.hub_id, <a new id>); END"
    ),
)
ON_POSTGRESQL = (
    "CREATE SEQUENCE change_positions",
    (
        "INSERT INTO changes (fact_id, position, hub_id, id)"
        " SELECT id, nextval('change_positions'), hub_id, <a new id> FROM (SELECT id, hub_id FROM outbox ORDER BY id) AS o"
    ),
    (
        "CREATE FUNCTION publish_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_advisory_xact_lock(2026, 10);"
        " INSERT INTO changes (fact_id, position, hub_id, id)"
        " VALUES (NEW.id, nextval('change_positions'), NEW.hub_id, <a new id>);"
        " RETURN NULL; END $$"
    ),
    (
        "CREATE CONSTRAINT TRIGGER outbox_published AFTER INSERT ON outbox"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION publish_change()"
    ),
)


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("fact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["fact_id"], ["outbox.id"], name=op.f("fk_changes_fact_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_changes")),
        sa.UniqueConstraint("hub_id", "position", name=op.f("uq_changes_hub_id_position")),
        sa.UniqueConstraint("id", name=op.f("uq_changes_id")),
    )
    _give_positions()
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("disabled_reason", sa.String(length=40), nullable=True),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("setbacks", sa.Integer(), nullable=False),
        sa.Column("rests_until", UtcDateTime(), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("status IN ('enabled', 'disabled')", name=op.f("ck_webhooks_status")),
        sa.CheckConstraint(
            "(status = 'disabled') = (disabled_at IS NOT NULL AND disabled_reason IS NOT NULL)",
            name=op.f("ck_webhooks_disabled_says_why"),
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_webhooks_hub_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index(op.f("ix_webhooks_hub_id_id"), "webhooks", ["hub_id", "id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.JSON(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'delivered', 'failed', 'cancelled')", name=op.f("ck_deliveries_status")
        ),
        sa.CheckConstraint(
            "(status = 'pending') = (next_attempt_at IS NOT NULL) AND (status = 'pending') = (finished_at IS NULL)",
            name=op.f("ck_deliveries_pending_has_its_time"),
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_deliveries_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("webhook_id", "message_id", name=op.f("uq_deliveries_webhook_id_message_id")),
    )
    op.create_index(
        op.f("ix_deliveries_webhook_id_next_attempt_at"), "deliveries", ["webhook_id", "next_attempt_at"], unique=False
    )
    op.create_index(op.f("ix_deliveries_webhook_id_id"), "deliveries", ["webhook_id", "id"], unique=False)


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.drop_table("deliveries")
    op.drop_table("webhooks")
    op.execute("DROP TRIGGER outbox_published" + ("" if on_sqlite else " ON outbox"))
    if not on_sqlite:
        op.execute("DROP FUNCTION publish_change()")
        op.execute("DROP SEQUENCE change_positions")
    op.drop_table("changes")


def _give_positions() -> None:
    """Every fact gets its place in the order in which facts become visible; see docs/decisions/0015.

    SQLite writes one transaction after another, so there the order of the ids is that order. On PostgreSQL positions
    are given as the last thing that a transaction does, one transaction at a time, until it is committed.
    """
    statements, new_id = (
        (ON_SQLITE, SQLITE_ID) if op.get_bind().dialect.name == "sqlite" else (ON_POSTGRESQL, POSTGRESQL_ID)
    )
    for statement in statements:
        op.execute(statement.replace("<a new id>", new_id))

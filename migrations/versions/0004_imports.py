"""Imports of sheets: what was planned or done, what it had to tell, and the file while its plan waits to be applied."""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "syncs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("format", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('planned', 'applied', 'failed')", name=op.f("ck_syncs_status")),
        sa.CheckConstraint("content IS NULL OR status = 'planned'", name=op.f("ck_syncs_kept_while_planned")),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_syncs_hub_id")),
        sa.ForeignKeyConstraint(
            ["event_id", "hub_id"],
            ["events.id", "events.hub_id"],
            name=op.f("fk_syncs_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_syncs")),
    )
    op.create_index(op.f("ix_syncs_hub_id_id"), "syncs", ["hub_id", "id"], unique=False)
    op.create_index(op.f("ix_syncs_event_id"), "syncs", ["event_id"], unique=False)


def downgrade() -> None:
    op.drop_table("syncs")

"""Allocations: what was asked, how far each is, and what came out, as one value each."""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allocations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=100), nullable=True),
        sa.Column("failure", sa.String(length=500), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.LargeBinary(), nullable=True),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('running', 'ready', 'applied', 'failed', 'cancelled')", name=op.f("ck_allocations_status")
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_allocations_progress")),
        sa.CheckConstraint(
            "(status IN ('ready', 'applied')) = (problem IS NOT NULL AND plan IS NOT NULL AND outcome IS NOT NULL"
            " AND fingerprint IS NOT NULL)",
            name=op.f("ck_allocations_complete_when_ready"),
        ),
        sa.CheckConstraint("(status = 'applied') = (applied_at IS NOT NULL)", name=op.f("ck_allocations_applied_once")),
        sa.ForeignKeyConstraint(
            ["event_id", "hub_id"],
            ["events.id", "events.hub_id"],
            name=op.f("fk_allocations_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
    )
    op.create_index(op.f("ix_allocations_event_id_id"), "allocations", ["event_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("allocations")

"""Calendar feeds by unguessable addresses, and what was shown of each entry, so that a change is told as one."""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("teacher_id", sa.Uuid(), nullable=True),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'person') = (teacher_id IS NOT NULL) AND (kind = 'school') = (school_id IS NOT NULL) AND kind IN ('person', 'school', 'hub')",
            name=op.f("ck_calendar_feeds_whose"),
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_calendar_feeds_hub_id")),
        sa.ForeignKeyConstraint(
            ["teacher_id", "hub_id"],
            ["teachers.id", "teachers.hub_id"],
            name=op.f("fk_calendar_feeds_teacher_id_hub_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "hub_id"],
            ["schools.id", "schools.hub_id"],
            name=op.f("fk_calendar_feeds_school_id_hub_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("digest", name=op.f("uq_calendar_feeds_digest")),
    )
    for columns in (["hub_id", "id"], ["teacher_id"], ["school_id"]):
        op.create_index(op.f(f"ix_calendar_feeds_{'_'.join(columns)}"), "calendar_feeds", columns, unique=False)
    op.create_table(
        "calendar_entries",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "key", name=op.f("pk_calendar_entries")),
    )
    op.create_index(op.f("ix_calendar_entries_ends_at"), "calendar_entries", ["ends_at"], unique=False)


def downgrade() -> None:
    op.drop_table("calendar_entries")
    op.drop_table("calendar_feeds")

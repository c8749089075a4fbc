"""Signing in: links by e-mail, sessions, linked identities; work for later; the mail that a sandbox catches."""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_due_at_id"), "jobs", ["due_at", "id"], unique=False)
    _of_a_teacher(
        "sign_in_links",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("address_mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("digest", name=op.f("uq_sign_in_links_digest")),
    )
    op.create_index(op.f("ix_sign_in_links_teacher_id"), "sign_in_links", ["teacher_id"], unique=False)
    op.create_index(op.f("ix_sign_in_links_asked_at"), "sign_in_links", ["asked_at"], unique=False)
    _of_a_teacher(
        "sessions",
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
    )
    op.create_index(op.f("ix_sessions_teacher_id_id"), "sessions", ["teacher_id", "id"], unique=False)
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    _of_a_teacher(
        "teacher_identities",
        sa.Column("issuer", sa.String(length=400), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("hub_id", "issuer", "subject", name=op.f("uq_teacher_identities_hub_id_issuer_subject")),
    )
    op.create_index(
        op.f("ix_teacher_identities_teacher_id_id"), "teacher_identities", ["teacher_id", "id"], unique=False
    )
    op.create_table(
        "used_id_tokens",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_id_tokens")),
    )
    op.create_index(op.f("ix_used_id_tokens_expires_at"), "used_id_tokens", ["expires_at"], unique=False)
    op.create_table(
        "caught_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("caught_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caught_mails")),
    )


def _of_a_teacher(table: str, *columns: "sa.Column[object] | sa.Constraint") -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["teacher_id", "hub_id"],
            ["teachers.id", "teachers.hub_id"],
            name=op.f(f"fk_{table}_teacher_id_hub_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    for table in (
        "caught_mails",
        "used_id_tokens",
        "teacher_identities",
        "sessions",
        "sign_in_links",
        "jobs",
    ):
        op.drop_table(table)

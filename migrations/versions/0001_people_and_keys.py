"""Hubs, their schools and teachers, the keys that reach them, kept answers and facts for the outside world."""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "teachers",
    "api_keys",
    "schools",
    "outbox",
    "idempotency_keys",
    "hubs",
)
"""In the order in which they can be dropped."""


def upgrade() -> None:
    op.create_table(
        "hubs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hubs")),
        sa.UniqueConstraint("slug", name=op.f("uq_hubs_slug")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("principal", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_kept_until"), "idempotency_keys", ["kept_until"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_hub_id_id"), "outbox", ["hub_id", "id"], unique=False)
    op.create_table(
        "schools",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("urn", sa.String(length=6), nullable=False),
        sa.Column("laestab", sa.String(length=8), nullable=True),
        sa.Column("phase", sa.String(length=60), nullable=True),
        sa.Column("postcode", sa.String(length=8), nullable=True),
        sa.Column("website", sa.String(length=400), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(urn) = 6", name=op.f("ck_schools_urn")),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_schools_hub_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schools")),
        sa.UniqueConstraint("hub_id", "urn", name=op.f("uq_schools_hub_id_urn")),
        sa.UniqueConstraint("id", "hub_id", name=op.f("uq_schools_id_hub_id")),
    )
    op.create_index(op.f("ix_schools_hub_id_name_id"), "schools", ["hub_id", "name", "id"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=True),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("school_id IS NULL OR hub_id IS NOT NULL", name=op.f("ck_api_keys_school_within_hub")),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_api_keys_hub_id")),
        sa.ForeignKeyConstraint(
            ["school_id", "hub_id"], ["schools.id", "schools.hub_id"], name=op.f("fk_api_keys_school_id_hub_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_index(op.f("ix_api_keys_hub_id_id"), "api_keys", ["hub_id", "id"], unique=False)
    op.create_table(
        "teachers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("shared_email", sa.String(length=254), nullable=True),
        sa.Column("job_title", sa.String(length=200), nullable=True),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("key_stages", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sort_key", sa.String(length=202), nullable=False),
        sa.Column("search_key", sa.String(length=460), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(email IS NULL) = (email_key IS NULL)", name=op.f("ck_teachers_email_has_its_key")),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_teachers_hub_id")),
        sa.ForeignKeyConstraint(
            ["school_id", "hub_id"], ["schools.id", "schools.hub_id"], name=op.f("fk_teachers_school_id_hub_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teachers")),
        sa.UniqueConstraint("hub_id", "email_key", name=op.f("uq_teachers_hub_id_email_key")),
        sa.UniqueConstraint("id", "hub_id", name=op.f("uq_teachers_id_hub_id")),
    )
    op.create_index(op.f("ix_teachers_hub_id_sort_key_id"), "teachers", ["hub_id", "sort_key", "id"], unique=False)
    op.create_index(
        op.f("ix_teachers_school_id_sort_key_id"), "teachers", ["school_id", "sort_key", "id"], unique=False
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)

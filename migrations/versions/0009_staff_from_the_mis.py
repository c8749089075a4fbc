"""Staff from other systems: sources, links, employments, syncs, connections."""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_syncing()
    _create_connections()


def downgrade() -> None:
    _drop_connections()
    _drop_syncing()


def _create_syncing() -> None:
    op.create_table(
        "staff_sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_staff_sources_hub_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sources")),
        sa.UniqueConstraint("hub_id", "kind", "name", name=op.f("uq_staff_sources_hub_id_kind_name")),
        sa.UniqueConstraint("id", "hub_id", name=op.f("uq_staff_sources_id_hub_id")),
    )
    op.create_table(
        "staff_source_schools",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.String(length=255), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("urn", sa.String(length=6), nullable=True),
        sa.Column("laestab", sa.String(length=8), nullable=True),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("left_aside", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "NOT (left_aside AND school_id IS NOT NULL)", name=op.f("ck_staff_source_schools_aside_or_known")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "hub_id"],
            ["schools.id", "schools.hub_id"],
            name=op.f("fk_staff_source_schools_school_id_hub_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["staff_sources.id"], name=op.f("fk_staff_source_schools_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "org_id", name=op.f("pk_staff_source_schools")),
    )
    op.create_index(op.f("ix_staff_source_schools_school_id"), "staff_source_schools", ["school_id"], unique=False)
    op.create_table(
        "staff_syncs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.String(length=30), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("started_by", sa.String(length=100), nullable=True),
        sa.Column("step", sa.String(length=200), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("held_because", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=True),
        sa.Column("plan_digest", sa.String(length=64), nullable=True),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.Column("incoming", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("touched_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "plan IS NULL OR status IN ('planned', 'held')", name=op.f("ck_staff_syncs_plan_while_it_waits")
        ),
        sa.CheckConstraint(
            "incoming IS NULL OR status = 'running'", name=op.f("ck_staff_syncs_incoming_while_it_runs")
        ),
        sa.CheckConstraint(
            "status IN ('running', 'planned', 'held', 'applied', 'failed')", name=op.f("ck_staff_syncs_status")
        ),
        sa.ForeignKeyConstraint(
            ["source_id", "hub_id"],
            ["staff_sources.id", "staff_sources.hub_id"],
            name=op.f("fk_staff_syncs_source_id_hub_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_syncs")),
    )
    op.create_index(op.f("ix_staff_syncs_hub_id_id"), "staff_syncs", ["hub_id", "id"], unique=False)
    op.create_index(op.f("ix_staff_syncs_source_id_id"), "staff_syncs", ["source_id", "id"], unique=False)
    op.create_index(
        "uq_staff_syncs_running",
        "staff_syncs",
        ["source_id"],
        unique=True,
        postgresql_where=sa.text("status = 'running'"),
        sqlite_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "staff_leavings",
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=False),
        sa.Column("release_at", UtcDateTime(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["staff_sources.id"], name=op.f("fk_staff_leavings_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id", "hub_id"],
            ["teachers.id", "teachers.hub_id"],
            name=op.f("fk_staff_leavings_teacher_id_hub_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("teacher_id", name=op.f("pk_staff_leavings")),
    )
    op.create_index(op.f("ix_staff_leavings_hub_id"), "staff_leavings", ["hub_id"], unique=False)
    op.create_index(op.f("ix_staff_leavings_release_at"), "staff_leavings", ["release_at"], unique=False)
    op.create_table(
        "staff_link_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.String(length=255), nullable=False),
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["staff_sources.id"], name=op.f("fk_staff_link_proposals_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id", "hub_id"],
            ["teachers.id", "teachers.hub_id"],
            name=op.f("fk_staff_link_proposals_teacher_id_hub_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_link_proposals")),
        sa.UniqueConstraint("source_id", "record_id", name=op.f("uq_staff_link_proposals_source_id_record_id")),
    )
    op.create_index(op.f("ix_staff_link_proposals_hub_id_id"), "staff_link_proposals", ["hub_id", "id"], unique=False)
    op.create_index(op.f("ix_staff_link_proposals_teacher_id"), "staff_link_proposals", ["teacher_id"], unique=False)
    op.create_table(
        "staff_links",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.String(length=255), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("job_title", sa.String(length=200), nullable=True),
        sa.Column("second_ids", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["staff_sources.id"], name=op.f("fk_staff_links_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id", "hub_id"],
            ["teachers.id", "teachers.hub_id"],
            name=op.f("fk_staff_links_teacher_id_hub_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_id", "record_id", name=op.f("pk_staff_links")),
    )
    op.create_index(op.f("ix_staff_links_teacher_id"), "staff_links", ["teacher_id"], unique=False)
    op.create_table(
        "staff_employments",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.String(length=255), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("job_title", sa.String(length=200), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.CheckConstraint("active = (until IS NULL)", name=op.f("ck_staff_employments_ended_or_not")),
        sa.ForeignKeyConstraint(
            ["school_id", "hub_id"],
            ["schools.id", "schools.hub_id"],
            name=op.f("fk_staff_employments_school_id_hub_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id", "record_id"],
            ["staff_links.source_id", "staff_links.record_id"],
            name=op.f("fk_staff_employments_source_id_record_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_id", "record_id", "school_id", name=op.f("pk_staff_employments")),
    )
    op.create_index(op.f("ix_staff_employments_school_id"), "staff_employments", ["school_id"], unique=False)


def _drop_syncing() -> None:
    op.drop_table("staff_employments")
    op.drop_table("staff_links")
    op.drop_table("staff_link_proposals")
    op.drop_table("staff_leavings")
    op.drop_table("staff_syncs")
    op.drop_table("staff_source_schools")
    op.drop_table("staff_sources")


def _create_connections() -> None:
    op.create_table(
        "mis_connections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("base_url", sa.String(length=400), nullable=False),
        sa.Column("version", sa.String(length=10), nullable=True),
        sa.Column("sign_in", sa.JSON(), nullable=False),
        sa.Column("credentials", sa.LargeBinary(), nullable=False),
        sa.Column("school_ids", sa.JSON(), nullable=False),
        sa.Column("staff_roles", sa.JSON(), nullable=False),
        sa.Column("leave_out", sa.JSON(), nullable=False),
        sa.Column("schedule", sa.JSON(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("next_sync_at", UtcDateTime(), nullable=True),
        sa.Column("read_up_to", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('oneroster', 'wonde')", name=op.f("ck_mis_connections_kind")),
        sa.CheckConstraint("next_sync_at IS NULL OR NOT paused", name=op.f("ck_mis_connections_rests_while_paused")),
        sa.ForeignKeyConstraint(
            ["source_id", "hub_id"],
            ["staff_sources.id", "staff_sources.hub_id"],
            name=op.f("fk_mis_connections_source_id_hub_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mis_connections")),
        sa.UniqueConstraint("hub_id", "name", name=op.f("uq_mis_connections_hub_id_name")),
        sa.UniqueConstraint("source_id", name=op.f("uq_mis_connections_source_id")),
    )
    op.create_index(op.f("ix_mis_connections_hub_id_id"), "mis_connections", ["hub_id", "id"], unique=False)


def _drop_connections() -> None:
    op.drop_table("mis_connections")

"""The sandbox's movable clock; names that can be searched without their accents."""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sandbox_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ahead_microseconds", sa.BigInteger(), nullable=False),
        sa.Column("stopped_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_sandbox_clock_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_clock")),
    )
    op.execute("DELETE FROM caught_mails")  # it is a sandbox's, and a day's
    with op.batch_alter_table("caught_mails") as mails:
        mails.add_column(sa.Column("addressee", sa.LargeBinary(length=32), nullable=False))
        mails.create_index(op.f("ix_caught_mails_addressee_id"), ["addressee", "id"])


def downgrade() -> None:
    with op.batch_alter_table("caught_mails") as mails:
        mails.drop_index(op.f("ix_caught_mails_addressee_id"))
        mails.drop_column("addressee")
    op.drop_table("sandbox_clock")

"""Who came, and when; what they made of it; and where somebody worked at the time.

A check-in stands in the registration itself, so that one constraint holds that only who has a place can have come, and
that whoever came does not cancel. Every registration gets a short code for the door, made from its id. A trigger keeps
where a teacher worked before, however they are moved: a record of attendance is that school's.
"""

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime
from app.registrations.rules import check_in_code

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ONLY_WHO_HAS_A_PLACE = "checked_in_at IS NULL OR (live_event_id IS NOT NULL AND queue_number IS NULL)"
REGISTRATIONS = sa.table("registrations", sa.column("id", sa.Uuid()), sa.column("check_in_code", sa.String()))
A_LOT = 1_000


def upgrade() -> None:
    _add_check_ins()
    op.add_column("registrations", sa.Column("check_in_code", sa.String(length=8), nullable=True))
    _give_codes()
    op.create_index("uq_registrations_check_in_code", "registrations", ["event_id", "check_in_code"], unique=True)
    _create_reflections()
    op.create_table(
        "former_schools",
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teachers.id"], name=op.f("fk_former_schools_teacher_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_former_schools_school_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("teacher_id", "until", name=op.f("pk_former_schools")),
    )
    op.create_index(op.f("ix_former_schools_school_id"), "former_schools", ["school_id"], unique=False)
    _remember_schools()


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add_check_ins() -> None:
    name = op.f("ck_registrations_checked_in_with_a_place")
    if _on_sqlite():
        # In one statement: SQLite adds no constraint to a table that is there, but it adds a column that has one.
        op.execute(
            f"ALTER TABLE registrations ADD COLUMN checked_in_at DATETIME CONSTRAINT {name} CHECK ({ONLY_WHO_HAS_A_PLACE})"
        )
    else:
        op.add_column("registrations", sa.Column("checked_in_at", UtcDateTime(), nullable=True))
        op.create_check_constraint(name, "registrations", ONLY_WHO_HAS_A_PLACE)


def _give_codes() -> None:
    bind = op.get_bind()
    ids = list(bind.scalars(sa.select(REGISTRATIONS.c.id)))
    given = sa.bindparam("given", type_=sa.Uuid())
    statement = sa.update(REGISTRATIONS).where(REGISTRATIONS.c.id == given).values(check_in_code=sa.bindparam("code"))
    for start in range(0, len(ids), A_LOT):
        bind.execute(statement, [{"given": each, "code": check_in_code(each)} for each in ids[start : start + A_LOT]])


def _create_reflections() -> None:
    op.create_table(
        "reflections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("presentation_id", sa.Uuid(), nullable=True),
        sa.Column("what_went_well", sa.String(length=2000), nullable=False),
        sa.Column("even_better_if", sa.String(length=2000), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_reflections_rating")),
        sa.ForeignKeyConstraint(
            ["registration_id", "event_id"],
            ["registrations.id", "registrations.event_id"],
            name=op.f("fk_reflections_registration_id_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["presentation_id", "event_id"],
            ["presentations.id", "presentations.event_id"],
            name=op.f("fk_reflections_presentation_id_event_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reflections")),
        sa.UniqueConstraint(
            "registration_id", "presentation_id", name=op.f("uq_reflections_registration_id_presentation_id")
        ),
    )
    op.create_index(op.f("ix_reflections_event_id_id"), "reflections", ["event_id", "id"], unique=False)
    op.create_index(op.f("ix_reflections_presentation_id"), "reflections", ["presentation_id"], unique=False)
    op.create_index(
        "uq_reflections_of_the_event",
        "reflections",
        ["registration_id"],
        unique=True,
        sqlite_where=sa.text("presentation_id IS NULL"),
        postgresql_where=sa.text("presentation_id IS NULL"),
    )


def _remember_schools() -> None:
    kept = """INSERT INTO former_schools (teacher_id, until, school_id) VALUES (OLD.id, NEW.updated_at, OLD.school_id)
            ON CONFLICT DO NOTHING"""
    if _on_sqlite():
        op.execute(
            f"""CREATE TRIGGER teachers_moved AFTER UPDATE OF school_id ON teachers WHEN OLD.school_id <> NEW.school_id
            BEGIN {kept}; END"""
        )
        return
    op.execute(
        f"""CREATE FUNCTION teachers_moved() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN {kept}; RETURN NULL; END $$"""
    )
    op.execute(
        """CREATE TRIGGER teachers_moved AFTER UPDATE OF school_id ON teachers FOR EACH ROW
        WHEN (OLD.school_id <> NEW.school_id) EXECUTE FUNCTION teachers_moved()"""
    )


def downgrade() -> None:
    if _on_sqlite():
        op.execute("DROP TRIGGER teachers_moved")
    else:
        op.execute("DROP TRIGGER teachers_moved ON teachers")
        op.execute("DROP FUNCTION teachers_moved()")
    op.drop_table("former_schools")
    op.drop_table("reflections")
    op.drop_index("uq_registrations_check_in_code", table_name="registrations")
    op.drop_column("registrations", "check_in_code")
    op.drop_column("registrations", "checked_in_at")

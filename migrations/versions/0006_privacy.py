"""What is sensitive is sealed, what happened tells through whom and is never rewritten, people can be erased and keys
replaced."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime
from app.kernel.sealing import Seal, seal_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# As they are while both the plain columns and the sealed one are there.
NEEDS = sa.table(
    "registration_needs",
    sa.column("registration_id", sa.Uuid()),
    sa.column("dietary_requirements", sa.Text()),
    sa.column("access_requirements", sa.Text()),
    sa.column("sealed", sa.LargeBinary()),
)
ANSWERS = sa.table(
    "idempotency_keys",
    sa.column("principal", sa.String()),
    sa.column("key", sa.String()),
    sa.column("fingerprint", sa.LargeBinary()),
    sa.column("status", sa.Integer()),
    sa.column("headers", sa.JSON()),
    sa.column("media_type", sa.String()),
    sa.column("body", sa.LargeBinary()),
    sa.column("sealed", sa.LargeBinary()),
)
FILES = sa.table("syncs", sa.column("id", sa.Uuid()), sa.column("content", sa.LargeBinary()))
KEYS = {"registration_needs": ("registration_id",), "idempotency_keys": ("principal", "key"), "syncs": ("id",)}
Row = Any


def upgrade() -> None:
    op.add_column("outbox", sa.Column("actor", sa.String(length=100), nullable=True))
    op.add_column("teachers", sa.Column("erased_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("api_keys") as keys:
        keys.add_column(sa.Column("replaces_id", sa.Uuid(), nullable=True))
        keys.create_foreign_key(op.f("fk_api_keys_replaces_id"), "api_keys", ["replaces_id"], ["id"])
    for table in (NEEDS, ANSWERS):
        op.add_column(table.name, sa.Column("sealed", sa.LargeBinary(), nullable=True))
    seal = seal_of(op.get_bind())
    _rewrite(NEEDS, lambda row: {"sealed": _sealed_needs(seal, row)})
    _rewrite(ANSWERS, lambda row: {"sealed": _sealed_answer(seal, row)})
    _rewrite(FILES, lambda row: {"content": row.content and seal.seal(row.content, about=f"file of {row.id}")})
    for table in (NEEDS, ANSWERS):
        with op.batch_alter_table(table.name) as altered:
            altered.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=False)
            for column in _plain_columns(table):
                altered.drop_column(column)
    _keep_what_happened()


def downgrade() -> None:
    _let_go_of_what_happened()
    _add_plain_columns()
    seal = seal_of(op.get_bind())
    _rewrite(NEEDS, lambda row: json.loads(seal.open(row.sealed, about=f"needs of {row.registration_id}")))
    _rewrite(ANSWERS, lambda row: _opened_answer(seal, row))
    _rewrite(FILES, lambda row: {"content": row.content and seal.open(row.content, about=f"file of {row.id}")})
    for table in (NEEDS, ANSWERS):
        with op.batch_alter_table(table.name) as altered:
            altered.drop_column("sealed")
            for column in ("fingerprint", "status", "headers", "body") if table is ANSWERS else ():
                altered.alter_column(column, existing_type=table.c[column].type, nullable=False)
    with op.batch_alter_table("api_keys") as keys:
        keys.drop_constraint(op.f("fk_api_keys_replaces_id"), type_="foreignkey")
        keys.drop_column("replaces_id")
    for name, column in (("teachers", "erased_at"), ("outbox", "actor")):
        with op.batch_alter_table(name) as altered:
            altered.drop_column(column)


def _add_plain_columns() -> None:
    for column in ("dietary_requirements", "access_requirements"):
        op.add_column("registration_needs", sa.Column(column, sa.Text(), nullable=True))
    for plain in (
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("media_type", sa.String(length=60), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
    ):
        op.add_column("idempotency_keys", plain)


def _plain_columns(table: sa.TableClause) -> list[str]:
    return [each.name for each in table.columns if each.name not in (*KEYS[table.name], "sealed")]


def _rewrite(table: sa.TableClause, made: Any) -> None:
    """Gives each row of a table the values that are made from it."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(table)).all():
        here = [table.c[name] == getattr(row, name) for name in KEYS[table.name]]
        connection.execute(sa.update(table).where(*here).values(made(row)))


def _sealed_needs(seal: Seal, row: Row) -> bytes:
    told = {name: getattr(row, name) for name in ("dietary_requirements", "access_requirements")}
    return seal.seal(json.dumps(told, ensure_ascii=False).encode(), about=f"needs of {row.registration_id}")


def _sealed_answer(seal: Seal, row: Row) -> bytes:
    head = json.dumps([row.fingerprint.hex(), row.status, row.headers, row.media_type]).encode()
    return seal.seal(head + b"\n" + row.body, about=f"answer to {row.principal} {row.key}")


def _opened_answer(seal: Seal, row: Row) -> dict[str, Any]:
    head, _, body = seal.open(row.sealed, about=f"answer to {row.principal} {row.key}").partition(b"\n")
    fingerprint, status, headers, media_type = json.loads(head)
    return {
        "fingerprint": bytes.fromhex(fingerprint),
        "status": status,
        "headers": headers,
        "media_type": media_type,
        "body": body,
    }


def _keep_what_happened() -> None:
    """Rows of the outbox are never changed, and not deleted before they are a year old."""
    if op.get_bind().dialect.name == "sqlite":
        refused = "BEGIN SELECT RAISE(ABORT, 'what happened stays'); END"
        young = "OLD.happened_at > datetime('now', '-365 days')"
    else:
        op.execute(
            "CREATE FUNCTION what_happened_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'what happened stays' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        refused = "EXECUTE FUNCTION what_happened_stays()"
        young = "(OLD.happened_at > now() - interval '365 days')"
    op.execute(f"CREATE TRIGGER outbox_unchanged BEFORE UPDATE ON outbox FOR EACH ROW {refused}")
    op.execute(f"CREATE TRIGGER outbox_undeleted BEFORE DELETE ON outbox FOR EACH ROW WHEN {young} {refused}")


def _let_go_of_what_happened() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for trigger in ("outbox_unchanged", "outbox_undeleted"):
        op.execute(f"DROP TRIGGER {trigger}" + ("" if on_sqlite else " ON outbox"))
    if not on_sqlite:
        op.execute("DROP FUNCTION what_happened_stays()")

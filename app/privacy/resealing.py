"""Sealing anew with the newest key, so that an old one can be thrown away."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import jobs
from app.kernel.commands import command
from app.kernel.idempotency import KeptAnswer
from app.kernel.idempotency import about as about_answer
from app.kernel.jobs import Job
from app.kernel.sealing import seal_of
from app.mis.connections import models as connections
from app.mis.connections.models import MisConnection
from app.mis.syncing import commands as syncing
from app.mis.syncing import running
from app.mis.syncing.models import StaffSync
from app.registrations import needs
from app.registrations.models import Needs
from app.sandbox import mail
from app.sandbox.mail import CaughtMail
from app.sheets.commands import file_of
from app.sheets.models import Sync
from app.webhooks import commands as webhooks
from app.webhooks.models import Webhook

SEALED: tuple[tuple[type[Any], str, Callable[[Any], str]], ...] = (
    (Needs, "sealed", lambda row: needs.about(row.registration_id)),
    (Sync, "content", file_of),
    (StaffSync, "plan", running.plan_about),
    (StaffSync, "incoming", syncing.incoming_about),
    (Job, "sealed", lambda row: jobs.about(row.id)),
    (CaughtMail, "sealed", lambda row: mail.about(row.id)),
    (MisConnection, "credentials", lambda row: connections.about(row.id)),
    (Webhook, "sealed", lambda row: webhooks.about(row.id)),
    (KeptAnswer, "sealed", lambda row: about_answer((row.principal, row.key))),
)
"""Every column that holds something sealed, and what each value in it is about."""


@command()
def reseal(session: Session) -> int:
    """Seals anew whatever an older key has sealed; answers with how many values that were.

    Raises `CannotOpenError` when the key of one of them is not among the settings; then nothing is changed.
    """
    seal, resealed = seal_of(session), 0
    for model, column, about in SEALED:
        for row in session.scalars(select(model).where(getattr(model, column).is_not(None))):
            sealed: bytes = getattr(row, column)
            if not seal.is_newest(sealed):
                setattr(row, column, seal.seal(seal.open(sealed, about=about(row)), about=about(row)))
                resealed += 1
    return resealed

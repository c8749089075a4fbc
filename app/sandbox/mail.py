"""Caught mail: in the sandbox nothing goes out, and testers read here what would have been sent."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.caller import Caller
from app.kernel.clock import Clock
from app.kernel.commands import command
from app.kernel.database import Base
from app.kernel.fields import Instant, Shown
from app.kernel.jobs import Job
from app.kernel.letters import Letter
from app.kernel.mail import Carry
from app.kernel.pagination import Page, PageRequest, paginate
from app.kernel.sealing import seal_of
from app.kernel.writer import Writer
from app.people.rules import email_key


class CaughtMail(Base):
    """A letter that would have been sent. Letters have names, addresses and tokens in them, so they are sealed;
    `addressee` is a digest of the address, by which they are found."""

    __tablename__ = "caught_mails"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    addressee: Mapped[bytes] = mapped_column(LargeBinary(32))
    caught_at: Mapped[datetime]

    __table_args__ = (Index(None, "addressee", "id"),)


class CaughtMailOut(Shown):
    """A letter as its reader would have got it."""

    id: UUID
    to: str
    subject: str
    text: str
    html: str
    caught_at: Instant


@command()
def catch(session: Session, *, letter_id: UUID, letter: Letter, now: datetime) -> None:
    """Keeps a letter, once; and none that was in the post before a reset."""
    if session.get(Job, letter_id) is not None and session.get(CaughtMail, letter_id) is None:
        sealed = seal_of(session).seal(letter.packed(), about=about(letter_id))
        session.add(CaughtMail(id=letter_id, sealed=sealed, addressee=_addressee(letter.to), caught_at=now))


def catching(writer: Writer, clock: Clock) -> Carry:
    """Carries letters no further than to the sandbox."""

    async def carry(letter_id: UUID, letter: Letter) -> None:
        await writer.run(catch, letter_id=letter_id, letter=letter, now=clock())

    return carry


def caught(session: Session, *, caller: Caller, page: PageRequest, address: str | None = None) -> Page:
    """What would have been sent, to whomever or to one address, newest first."""
    letters = select(CaughtMail)
    if address is not None:
        letters = letters.where(CaughtMail.addressee == _addressee(address))
    there = paginate(session, letters, order=[CaughtMail.id], page=page, newest_first=True)
    return Page([_shown(session, row) for row in there.items], there.next_cursor)


@command()
def throw_away(session: Session, *, caller: Caller, now: datetime) -> None:
    """Deletes all letters."""
    session.execute(delete(CaughtMail))


def forget_mail_to(session: Session, *, address: str) -> None:
    """Deletes the letters to an address: part of erasing a person."""
    session.execute(delete(CaughtMail).where(CaughtMail.addressee == _addressee(address)))


def _addressee(address: str) -> bytes:
    return hashlib.sha256(email_key(address).encode("utf-8", "surrogatepass")).digest()


def _letter(session: Session, row: CaughtMail) -> Letter:
    return Letter.unpacked(seal_of(session).open(row.sealed, about=about(row.id)))


def _shown(session: Session, row: CaughtMail) -> CaughtMailOut:
    letter = _letter(session, row)
    return CaughtMailOut(
        id=row.id, to=letter.to, subject=letter.subject, text=letter.text, html=letter.html, caught_at=row.caught_at
    )


def about(letter_id: UUID) -> str:
    """What a caught letter, sealed, is about."""
    return f"caught mail {letter_id}"

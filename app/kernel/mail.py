"""Mail: letters wait as jobs, written with their cause, and go out over SMTP, or wherever a deployment carries them."""

import asyncio
import ipaddress
import smtplib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

import structlog
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from app.kernel import jobs
from app.kernel.clock import Clock, wall_clock
from app.kernel.jobs import Claimed
from app.kernel.letters import Letter
from app.kernel.settings import Settings, SettingsError
from app.kernel.worker import GiveUpError, Work

KIND = "mail"
TIMEOUT_SECONDS = 20.0
TRIES = 10
_log = structlog.get_logger(__name__)

Carry = Callable[[UUID, Letter], Awaitable[None]]
"""Takes a letter to where it goes. The id is the letter's own, the same at each attempt."""


def post(
    session: Session, letter: Letter, *, now: datetime, useless_after: datetime | None = None, **ids: UUID
) -> None:
    """Puts a letter in the post: it goes out after the commit. `ids` say whom it is about, for `jobs.drop`."""
    until = useless_after.isoformat() if useless_after else None
    jobs.enqueue(session, KIND, {"useless_after": until, **ids}, now=now, private=letter.packed())


def mail_work(carry: Carry | None, clock: Clock) -> Work:
    """The work of the post: what to do with each letter. Without a way to carry them, letters are dropped."""

    async def handle(job: Claimed) -> None:
        assert job.private is not None
        useless_after = job.payload.get("useless_after")
        if carry is None:
            _log.warning("a letter was dropped: there is no TEACHMEET_SMTP_URL", job=str(job.id))
        elif useless_after is not None and clock() >= datetime.fromisoformat(str(useless_after)):
            _log.warning("a letter was dropped: it could not be sent while it was of use", job=str(job.id))
        else:
            await carry(job.id, Letter.unpacked(job.private))

    return Work(KIND, handle, tries=TRIES)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail goes out: how it is reached, and as whom."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool
    """From the first byte on."""
    starttls: bool

    @classmethod
    def at(cls, url: str) -> "SmtpServer":
        """The server that `smtp://user:password@host:port?starttls=required|off` or `smtps://…` names.

        Without the option, mail leaves this machine encrypted or not at all. Raises `SettingsError`.
        """
        wrong = SettingsError("TEACHMEET_SMTP_URL must be smtp://user:password@host:port or smtps://…")
        try:
            parts = urlsplit(url)
            port, options = parts.port, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        except ValueError:
            raise wrong from None
        choice = options.pop("starttls", None)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or options:
            raise wrong
        if choice not in (None, "required", "off"):
            raise SettingsError("TEACHMEET_SMTP_URL takes starttls=required or starttls=off")
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=port or (465 if tls else 587),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=tls,
            starttls=not tls and (choice == "required" or (choice is None and not _is_loopback(parts.hostname))),
        )


class Smtp:
    """Carries letters to an SMTP server (RFC 5321), one connection for each; certificates are verified."""

    def __init__(self, server: SmtpServer, *, sender: str, tls: ssl.SSLContext | None = None) -> None:
        """`tls` says whose certificates are believed: those that the system believes, unless given."""
        self._server = server
        self._tls = tls
        name, address = parseaddr(sender)
        try:
            self._sender = Address(display_name=name, addr_spec=address)
        except (ValueError, IndexError, MessageError):
            raise SettingsError("TEACHMEET_MAIL_FROM must be an address, as Teach Meet <post@hub.example>") from None

    async def __call__(self, letter_id: UUID, letter: Letter) -> None:
        """Sends a letter. Raises `GiveUpError` when the server will never take it."""
        await asyncio.to_thread(self._send, _message(letter_id, letter, sender=self._sender))

    def _send(self, message: EmailMessage) -> None:
        server, context = self._server, self._tls or ssl.create_default_context()
        if server.tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        with connection:
            if server.starttls:
                connection.starttls(context=context)  # raises when the server has none: nothing goes out in the clear
            if server.user is not None:
                connection.login(server.user, server.password or "")
            try:
                connection.send_message(message)
            except smtplib.SMTPRecipientsRefused as refused:
                _give_up_if_permanent([code for code, _ in refused.recipients.values()])
                raise
            except smtplib.SMTPNotSupportedError:
                raise GiveUpError("the mail server does not take addresses with letters beyond ASCII") from None
            except smtplib.SMTPResponseException as refused:
                _give_up_if_permanent([refused.smtp_code])
                raise


def carrier(settings: Settings) -> Carry | None:
    """The way out that the settings name, if they name one. Raises `SettingsError`."""
    if settings.smtp_url is None:
        return None
    return Smtp(SmtpServer.at(settings.smtp_url.get_secret_value()), sender=settings.mail_from)


def _message(letter_id: UUID, letter: Letter, *, sender: Address) -> EmailMessage:
    """The letter as a message (RFC 5322). Its headers are built from parts, so that no text can add one."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = _reachable(letter.to)
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(wall_clock())
    message["Message-ID"] = f"<{letter_id}@{sender.domain}>"  # the same at each attempt
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes, please
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _reachable(address: str) -> Address:
    """An address for a header. The domain goes as ASCII, so that every server takes it. Raises `GiveUpError`."""
    try:
        valid = validate_email(address, check_deliverability=False)
        return Address(username=valid.local_part, domain=valid.ascii_domain)
    except (EmailNotValidError, ValueError):
        raise GiveUpError("the address cannot be written in a header") from None


def _give_up_if_permanent(codes: list[int]) -> None:
    if codes and all(500 <= code < 600 for code in codes):
        raise GiveUpError(f"the mail server refused it for good, with {codes[0]}") from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

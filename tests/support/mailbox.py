"""A real SMTP server on loopback, and what it was handed. It can be told to refuse, or to hold its answer back."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.server import free_port

BOUND_SECONDS = 20.0
TAKEN = "250 Taken"


@dataclass(slots=True)
class Mailbox:
    """Where mail arrives: `answers` are given to the next messages in place of taking them."""

    port: int = field(default_factory=free_port)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    tries: int = 0
    slow: bool = False
    """Whether answers are held back."""
    encrypted: list[bool] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's name
        """What the server does with a message."""
        self.tries += 1
        while self.slow:  # noqa: ASYNC110  # it is set from another thread, where no event of this loop can be
            await asyncio.sleep(0.01)
        if self.answers and (answer := self.answers.pop(0)) != TAKEN:
            return answer
        assert isinstance(envelope.content, bytes)
        self.encrypted.append(session.ssl is not None)
        self.recipients += envelope.rcpt_tos
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return TAKEN

    def log_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        """Notes who logs in; everybody may."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=True)

    def go_on(self) -> None:
        """Gives the answers that were held back, and holds none back any more."""
        self.slow = False
        time.sleep(0.1)

    def wait_for_tries(self, how_many: int) -> None:
        """Waits until so many messages have been on their way."""
        deadline = time.monotonic() + BOUND_SECONDS
        while self.tries < how_many:
            assert time.monotonic() < deadline, f"{self.tries} of {how_many} tries after {BOUND_SECONDS} s"
            time.sleep(0.01)

    def wait_for(self, how_many: int) -> list[EmailMessage]:
        """Waits until so many have arrived."""
        deadline = time.monotonic() + BOUND_SECONDS
        while len(self.mails) < how_many:
            assert time.monotonic() < deadline, f"{len(self.mails)} of {how_many} mails after {BOUND_SECONDS} s"
            time.sleep(0.01)
        return list(self.mails)


def text_of(mail: EmailMessage, form: str = "plain") -> str:
    """What a mail says, in one of its forms."""
    part = mail.get_body((form,))
    assert part is not None
    content: str = part.get_content()
    return content


@contextlib.contextmanager
def mailbox(*, tls: ssl.SSLContext | None = None, password: bool = False, slow: bool = False) -> Iterator[Mailbox]:
    """A server that runs meanwhile; with `tls` it offers STARTTLS, with `password` it takes logins."""
    box = Mailbox(slow=slow)
    logging_in: dict[str, Any] = {"authenticator": box.log_in, "auth_require_tls": tls is not None} if password else {}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, tls_context=tls, **logging_in)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()

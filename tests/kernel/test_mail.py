"""Letters over SMTP, to a real server on loopback: what arrives, how it travels, and what is refused."""

import re
import smtplib
import ssl
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.kernel.ids import new_id
from app.kernel.letters import Button, Code, Letter, Prose, letter
from app.kernel.mail import Smtp, SmtpServer
from app.kernel.settings import SettingsError
from app.kernel.worker import GiveUpError
from tests.support.authority import Authority
from tests.support.mailbox import Mailbox, mailbox, text_of

pytestmark = pytest.mark.anyio

SENDER = "Teach Meet <post@hub.example>"


def a_letter(*, to: str = "ada@larkspur.example", subject: str = "Sign in to Teach Meet: Llŷn & Ynys Môn") -> Letter:
    hello, button = Prose("Hello <Siân> & all,"), Button("Sign in", "https://hub.example/#token=a&b")
    return letter(to=to, subject=subject, parts=(hello, button, Code("A code:", "x_Y-9")))


async def send(box: Mailbox, to_send: Letter, *, options: str = "", tls: ssl.SSLContext | None = None) -> None:
    url = f"smtp://localhost:{box.port}{options}"
    await Smtp(SmtpServer.at(url), sender=SENDER, tls=tls)(new_id(), to_send)


class Words(HTMLParser):
    """What an HTML mail says and where it leads, its head and its tags aside; and whatever it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.loads: list[str] = []
        self._within: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within.append(tag)
        if tag in ("img", "link", "script", "iframe") or any(name in ("src", "background") for name, _ in attrs):
            self.loads.append(tag)
        self.said += [f"{value}" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._within:
            self._within.remove(tag)

    def handle_data(self, data: str) -> None:
        if "body" in self._within:
            self.said += data.split()


async def test_a_letter_arrives_in_two_forms_that_say_the_same() -> None:
    with mailbox() as box:
        sent = a_letter()
        await send(box, sent)
        (mail,) = box.wait_for(1)
    assert mail["From"] == SENDER
    assert mail["To"] == "ada@larkspur.example"
    assert mail["Subject"] == "Sign in to Teach Meet: Llŷn & Ynys Môn"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f-]{36}@hub\.example>", mail["Message-ID"])
    assert mail["Date"].datetime.tzinfo is not None
    assert mail.get_content_type() == "multipart/alternative"
    text, html = text_of(mail), text_of(mail, "html")
    assert "Hello <Siân> & all," in text
    words = Words(html)
    assert words.loads == []
    assert sorted(words.said) == sorted(text.replace("Sign in:", "Sign in").split())
    assert "<script" not in html
    assert "url(" not in html


async def test_mail_leaves_encrypted_or_not_at_all(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with mailbox() as box:
        with pytest.raises(smtplib.SMTPNotSupportedError):
            await send(box, a_letter(), options="?starttls=required")
        assert box.tries == 0
    with mailbox(tls=authority.server("localhost"), password=True) as box:
        with pytest.raises(ssl.SSLCertVerificationError):
            await send(box, a_letter(), options="?starttls=required")
        assert (box.tries, box.logins) == (0, [])
        url = f"smtp://post%40hub.example:p%3Ass@localhost:{box.port}?starttls=required"
        await Smtp(SmtpServer.at(url), sender=SENDER, tls=authority.trust)(new_id(), a_letter())
        assert (box.encrypted, box.logins) == ([True], [("post@hub.example", "p:ss")])
    with mailbox(tls=authority.server("another.example")) as box:
        with pytest.raises(ssl.SSLCertVerificationError):
            await send(box, a_letter(), options="?starttls=required", tls=authority.trust)
        assert box.tries == 0


@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls"),
    [
        ("smtp://mail.hub.example", 587, False, True),
        ("smtp://mail.hub.example:25?starttls=off", 25, False, False),
        ("smtps://mail.hub.example", 465, True, False),
        ("smtp://localhost:1025", 1025, False, False),
        ("smtp://[::1]:1025", 1025, False, False),
        ("smtp://127.0.0.1:1025?starttls=required", 1025, False, True),
    ],
)
def test_where_mail_goes(url: str, port: int, tls: bool, starttls: bool) -> None:
    server = SmtpServer.at(url)
    assert (server.port, server.tls, server.starttls) == (port, tls, starttls)


@pytest.mark.parametrize(
    "url",
    [
        "http://user:hunter2@mail.example",
        "smtp://",
        "smtp://user:hunter2@mail.example:port",
        "smtp://user:hunter2@mail.example/path",
        "smtp://user:hunter2@mail.example?starttls=maybe",
        "smtp://user:hunter2@mail.example?verify=no",
        "smtp://user:hunter2@mail.example?starttls",
    ],
)
def test_a_wrong_address_of_the_server_stops_the_start_without_telling_it(url: str) -> None:
    with pytest.raises(SettingsError) as told:
        SmtpServer.at(url)
    assert "TEACHMEET_SMTP_URL" in str(told.value)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("sender", ["", "Teach Meet", "<>", "Teach Meet <post@>"])
def test_a_wrong_sender_stops_the_start(sender: str) -> None:
    with pytest.raises(SettingsError, match="TEACHMEET_MAIL_FROM"):
        Smtp(SmtpServer.at("smtp://localhost"), sender=sender)


async def test_no_text_adds_a_header() -> None:
    with mailbox() as box:
        await send(box, a_letter(subject="Hello\r\nBcc: mallory@elsewhere.example\r\n\r\nBody"))
        (mail,) = box.wait_for(1)
        assert mail["Bcc"] is None
        assert mail["Subject"] == "Hello Bcc: mallory@elsewhere.example Body"
        for address in ("ada@larkspur.example\r\nBcc: mallory@elsewhere.example", "ada\n@larkspur.example", "nobody"):
            with pytest.raises(GiveUpError):
                await send(box, a_letter(to=address))
        assert box.recipients == ["ada@larkspur.example"]


async def test_a_domain_with_letters_beyond_ascii_goes_as_every_server_takes_it() -> None:
    with mailbox() as box:
        for domain in ("llŷn.example", "straße.example"):
            await send(box, a_letter(to=f"ada@{domain}"))
        assert box.recipients == ["ada@xn--lln-k2a.example", "ada@xn--strae-oqa.example"]


async def test_a_refusal_for_good_is_no_reason_to_try_again() -> None:
    with mailbox() as box:
        box.answers += ["550 no such person", "451 later, please"]
        with pytest.raises(GiveUpError) as told:
            await send(box, a_letter())
        assert "550" in str(told.value)
        assert "larkspur" not in str(told.value)
        with pytest.raises(smtplib.SMTPDataError):
            await send(box, a_letter())
        await send(box, a_letter())
        assert (box.tries, len(box.mails)) == (3, 1)

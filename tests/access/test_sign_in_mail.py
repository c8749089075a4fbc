"""Links to sign in, by real processes over real SMTP: each arrives once, whoever dies on the way, and tells no log."""

import time

import httpx
import pytest
from sqlalchemy import text

from app.kernel.database import writing_engine
from tests.support.databases import NewDatabase, settings_for
from tests.support.evening import found_hub
from tests.support.mailbox import Mailbox, mailbox, text_of
from tests.support.server import SECRET, Server, servers
from tests.support.sign_in import token_in

BOUND_SECONDS = 20.0
NO_LIMITS = {"TEACHMEET_RATE_LIMIT_SIGN_IN": "0", "TEACHMEET_LOG_LEVEL": "debug"}


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """A database of each test's own: processes of other tests must not do its jobs."""
    return new_database()


def environment_for(box: Mailbox) -> dict[str, str]:
    sender = "Teach Meet <post@hub.example>"
    return {**NO_LIMITS, "TEACHMEET_SMTP_URL": box.url, "TEACHMEET_MAIL_FROM": sender}


class Hub:
    """A hub with teachers who want to sign in."""

    def __init__(self, database_url: str, server: Server) -> None:
        with httpx.Client(base_url=server.url, timeout=30) as http:
            hub = found_hub(database_url, http)
            self.id: str = hub.id
            self.addresses = [f"t.eacher.{number}@larkspur.example" for number in range(20)]
            for number, address in enumerate(self.addresses):
                body = {"given_name": f"T{number}", "email": address, "school_id": hub.school_id}
                hub.ask("POST", f"/v1/hubs/{hub.id}/teachers", body, expect=201)

    def ask(self, server: Server, address: str) -> None:
        path = f"{server.url}/v1/hubs/{self.id}/sign-in-links"
        assert httpx.post(path, json={"email": address}, timeout=30).status_code == 202


def until_empty(database_url: str) -> None:
    """Waits until no job is left."""
    engine = writing_engine(settings_for(database_url, secret_key=SECRET))
    deadline = time.monotonic() + BOUND_SECONDS
    try:
        while True:
            with engine.begin() as connection:
                if connection.execute(text("SELECT count(*) FROM jobs")).scalar() == 0:
                    return
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        engine.dispose()


def end_leases(database_url: str) -> int:
    """Lets the leases end of those who died, so that nobody has to wait for it; answers with how many there were."""
    engine = writing_engine(settings_for(database_url, secret_key=SECRET))
    try:
        with engine.begin() as connection:
            ended = connection.execute(
                text("UPDATE jobs SET leased_until = '2020-01-01 00:00:00' WHERE leased_until IS NOT NULL")
            )
            return ended.rowcount
    finally:
        engine.dispose()


def test_two_processes_send_each_mail_once(database_url: str) -> None:
    with mailbox() as box, servers(database_url, count=2, env=environment_for(box)) as both:
        hub = Hub(database_url, both[0])
        for number, address in enumerate(hub.addresses):
            hub.ask(both[number % 2], address)
        box.wait_for(20)
        until_empty(database_url)
        assert sorted(box.recipients) == sorted(hub.addresses)
        assert len({mail["Message-ID"] for mail in box.mails}) == 20
        for mail in box.mails:
            assert mail["From"] == "Teach Meet <post@hub.example>"
            token = token_in(text_of(mail))
            assert f"#token={token}" in text_of(mail, "html")
            opened = httpx.post(f"{both[0].url}/v1/sessions", json={"token": token}, timeout=30)
            assert opened.status_code == 201, opened.text
            assert opened.json()["teacher"]["email"] == mail["To"]


def test_a_process_that_is_killed_while_it_sends_loses_no_mail(database_url: str) -> None:
    with mailbox(slow=True) as box, servers(database_url, env=environment_for(box)) as [server]:
        hub = Hub(database_url, server)
        hub.ask(server, hub.addresses[0])
        box.wait_for_tries(1)
        server.kill()
        assert end_leases(database_url) == 1
        box.go_on()
        box.mails.clear()
        server.start()
        (mail,) = box.wait_for(1)
        until_empty(database_url)
        assert mail["To"] == hub.addresses[0]
        opened = httpx.post(f"{server.url}/v1/sessions", json={"token": token_in(text_of(mail))}, timeout=30)
        assert opened.status_code == 201


def test_a_mail_that_is_refused_for_now_is_sent_later_and_one_refused_for_good_is_not(database_url: str) -> None:
    with mailbox() as box, servers(database_url, env=environment_for(box)) as [server]:
        hub = Hub(database_url, server)
        box.answers += ["451 later, please", "421 too busy"]
        hub.ask(server, hub.addresses[0])
        box.wait_for(1)
        assert box.tries == 3
        box.answers.append("550 no such person here")
        hub.ask(server, hub.addresses[1])
        until_empty(database_url)
        assert (box.tries, len(box.mails)) == (4, 1)
        assert "550" in server.log


def test_no_log_tells_a_token_or_an_address(database_url: str) -> None:
    with mailbox() as box, servers(database_url, env=environment_for(box)) as [server]:
        hub = Hub(database_url, server)
        box.answers += ["451 later, please", "550 no such person here"]
        hub.ask(server, hub.addresses[0])
        hub.ask(server, hub.addresses[1])
        hub.ask(server, "nobody@larkspur.example")
        (mail,) = box.wait_for(1)
        token = token_in(text_of(mail))
        opened = httpx.post(f"{server.url}/v1/sessions", json={"token": token}, timeout=30).json()
        headers = {"Authorization": f"Bearer {opened['access_token']}"}
        assert httpx.get(f"{server.url}/v1/me", headers=headers, timeout=30).status_code == 200
        assert httpx.get(f"{server.url}/sign-in", timeout=30).status_code == 200
        until_empty(database_url)
        assert "sign-in-links" in server.log
        for secret in (token, opened["access_token"], "larkspur.example", "post@hub.example"):
            assert secret not in server.log


def test_without_a_way_out_a_letter_is_dropped_and_the_log_says_so(database_url: str) -> None:
    with servers(database_url, env=NO_LIMITS) as [server]:
        hub = Hub(database_url, server)
        hub.ask(server, hub.addresses[0])
        until_empty(database_url)
        assert "a letter was dropped" in server.log
        assert "larkspur" not in server.log
        assert httpx.get(f"{server.url}/v1/sandbox/mail", timeout=30).status_code == 404


@pytest.mark.parametrize("wrong", ["mail.example", "smtp://mail.example?starttls=maybe"])
def test_a_wrong_address_of_the_mail_server_stops_the_start(database_url: str, wrong: str) -> None:
    server = Server(database_url, env={"TEACHMEET_SMTP_URL": wrong})
    try:
        with pytest.raises(AssertionError, match="the server ended"):
            server.start()
        assert "TEACHMEET_SMTP_URL" in server.log
    finally:
        server.discard()

"""What is the sandbox's is nowhere else, and the sandbox is nowhere but on its own database."""

import httpx
import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.kernel.settings import Settings, SettingsError
from app.main import create_app
from tests.sandbox.world import EVERYBODY, ORGANISER
from tests.support.callers import make_operator
from tests.support.databases import NewDatabase, settings_for
from tests.support.made import done
from tests.support.refusals import refused
from tests.support.services import serving
from tests.support.sign_in import ask, caught

pytestmark = pytest.mark.anyio

ADDRESSES = [
    ("POST", "reset"),
    ("GET", "known-hub"),
    ("GET", "credentials"),
    ("GET", "clock"),
    ("PUT", "clock"),
    ("GET", "mail"),
    ("DELETE", "mail"),
]


async def test_outside_the_sandbox_its_addresses_and_credentials_are_nothing(
    sandbox: httpx.AsyncClient, settings: Settings
) -> None:
    """Also on a database that is a sandbox's, where the credentials are in the tables."""
    assert (await sandbox.get("/v1/me", headers=ORGANISER)).status_code == 200
    async with serving(settings.model_copy(update={"sandbox": False})) as real:
        for method, name in ADDRESSES:
            assert (await sandbox.request(method, f"/v1/sandbox/{name}", json={})).status_code < 300
            refused(await real.request(method, f"/v1/sandbox/{name}", json={}), "not-found")
        for headers in EVERYBODY:
            refused(await real.get("/v1/me", headers=headers), "unauthenticated")


async def test_a_database_with_real_hubs_becomes_no_sandbox(new_database: NewDatabase) -> None:
    url = new_database()
    real = settings_for(url)
    async with serving(real) as client:
        done(await client.post("/v1/hubs", json={"name": "A", "slug": "aa"}, headers=make_operator(real)), 201)
    service = create_app(settings_for(url, sandbox=True))
    with pytest.raises(SettingsError, match="not made in a sandbox"):
        async with service.router.lifespan_context(service):
            pass
    told = serve("--port", "1", url=url)
    assert told.exit_code == 2
    assert "hubs that were not made in a sandbox" in told.output


def test_a_sandbox_is_one_process() -> None:
    told = serve("--workers", "2", url="postgresql://nowhere.example/x")
    assert told.exit_code == 2
    assert "one process" in told.output


def serve(*options: str, url: str) -> Result:
    """Tries to serve a sandbox; in this process, because a start of the program is slow."""
    env = {"TEACHMEET_DATABASE_URL": url, "TEACHMEET_SANDBOX": "true"}
    return CliRunner().invoke(cli, ["serve", *options], env=env)


async def test_mail_is_found_by_its_address_and_thrown_away(sandbox: httpx.AsyncClient, settings: Settings) -> None:
    people = done(await sandbox.get("/v1/hubs/demo/teachers?limit=50", headers=ORGANISER))["items"]
    first, second = [each["email"] for each in people if each["email"]][:2]
    for address in (first, second, first):
        assert (await ask(sandbox, "demo", address)).status_code == 202
        await caught(sandbox, settings, address)
    listed = await sandbox.get("/v1/sandbox/mail")
    assert listed.headers["cache-control"] == "no-store"
    assert [each["to"] for each in done(listed)["items"]] == [first, second, first]
    to_first = done(await sandbox.get("/v1/sandbox/mail", params={"to": first.upper(), "limit": 1}))
    assert [each["to"] for each in to_first["items"]] == [first]
    rest = await sandbox.get(
        "/v1/sandbox/mail", params={"to": first.upper(), "limit": 1, "cursor": to_first["next_cursor"]}
    )
    assert [each["to"] for each in done(rest)["items"]] == [first]
    assert (await sandbox.delete("/v1/sandbox/mail")).status_code == 204
    assert done(await sandbox.get("/v1/sandbox/mail"))["items"] == []

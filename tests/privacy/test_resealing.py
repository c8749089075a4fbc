"""Keys can be changed: the newest seals, all open, and after sealing anew the old ones are not needed."""

import pytest

from app.kernel.sealing import CannotOpenError, Seal
from tests.support import made
from tests.support.callers import make_operator, make_organiser
from tests.support.command_line import Ended, command
from tests.support.databases import settings_for
from tests.support.made import done
from tests.support.services import serving

pytestmark = pytest.mark.anyio


def teachmeet(database_url: str, keys: str, *arguments: str) -> Ended:
    return command(database_url, *arguments, TEACHMEET_ENCRYPTION_KEYS=keys)


async def test_an_old_key_can_be_thrown_away(database_url: str) -> None:
    told = {"dietary_requirements": "vegan"}
    async with serving(settings_for(database_url, secret_key="s", encryption_keys="old")) as client:
        hub = await make_organiser(client, make_operator(settings_for(database_url, secret_key="s")))
        client.headers.update(hub.headers)
        evening = await made.event(client, hub.hub_id)
        registration = await made.registration(client, evening, **told)
    at = f"/v1/registrations/{registration['id']}"

    async def read_with(keys: str) -> str | None:
        async with serving(settings_for(database_url, secret_key="s", encryption_keys=keys)) as client:
            diet: str | None = done(await client.get(at, headers=hub.headers))["dietary_requirements"]
            return diet

    assert await read_with("new, old") == "vegan"
    assert await read_with("new") is None, "control: without its key nobody reads it, and the registration is there"
    refused = teachmeet(database_url, "new", "reseal")
    assert refused.returncode == 1
    assert "Nothing has been changed" in refused.stderr
    resealed = teachmeet(database_url, "new,old", "reseal")
    assert (resealed.returncode, resealed.stdout.strip()) == (0, "1 sealed anew.")
    assert await read_with("new") == "vegan"
    assert teachmeet(database_url, "new", "reseal").stdout.strip() == "0 sealed anew."
    told_only = teachmeet(database_url, "new", "retention", "--dry-run")
    assert told_only.returncode == 0
    assert "Nothing has been deleted." in told_only.stdout
    assert teachmeet(database_url, "new", "retention").stdout.endswith("Deleted.\n")


def test_a_sealed_value_is_good_in_its_place_only() -> None:
    seal = Seal(["a key"])
    sealed = seal.seal(b"vegan", about="needs of one")
    assert seal.open(sealed, about="needs of one") == b"vegan"
    assert seal.seal(b"vegan", about="needs of one") != sealed
    for other, about in (
        (sealed, "needs of another"),
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), "needs of one"),
        (b"\x02" + sealed[1:], "needs of one"),
        (b"", "needs of one"),
    ):
        with pytest.raises(CannotOpenError):
            seal.open(other, about=about)
    with pytest.raises(CannotOpenError):
        Seal(["another key"]).open(sealed, about="needs of one")

"""An issuer's keys: fetched when needed and no oftener, and only those that are for signing."""

import asyncio
import base64
import hmac
from datetime import timedelta
from typing import Any

import pytest

from app.kernel.outgoing import Outgoing
from app.kernel.problems import Unavailable
from tests.support.issuer import SigningKey, assembled, issuing, rsa_key
from tests.support.oidc import ELLIPTIC, KEY, OTHER, Stage, stage

__all__ = ["stage"]  # a fixture

pytestmark = pytest.mark.anyio


async def test_made_up_keys_do_not_make_us_ask_again_and_again(stage: Stage) -> None:
    assert await stage.provider.verify(KEY.sign(stage.claims()))
    assert stage.issuer.fetches == 1
    made_up = [SigningKey(f"made-up-{number}", OTHER.private).sign(stage.claims()) for number in range(20)]
    for token in made_up:
        await stage.refuses(token)
    assert stage.issuer.fetches == 1
    stage.now += timedelta(seconds=31)
    await asyncio.gather(*[stage.refuses(token) for token in made_up])
    assert stage.issuer.fetches == 2
    await stage.refuses(KEY.sign(stage.claims(), kid="k" * 257))


async def test_a_new_key_is_picked_up_and_an_old_one_forgotten(stage: Stage) -> None:
    assert await stage.provider.verify(KEY.sign(stage.claims()))
    stage.issuer.keys = [OTHER.published()]
    stage.now += timedelta(seconds=31)
    assert await stage.provider.verify(OTHER.sign(stage.claims()))
    await stage.refuses(KEY.sign(stage.claims()))


async def test_keys_are_kept_for_an_hour(stage: Stage) -> None:
    assert await stage.provider.verify(KEY.sign(stage.claims()))
    stage.issuer.keys = [OTHER.published()]
    stage.now += timedelta(minutes=59)
    assert await stage.provider.verify(KEY.sign(stage.claims()))
    assert stage.issuer.fetches == 1
    stage.now += timedelta(minutes=2)
    await stage.refuses(KEY.sign(stage.claims()))
    assert stage.issuer.fetches == 2


async def test_fifty_at_once_share_one_fetch(stage: Stage) -> None:
    stage.issuer.pause = 0.05
    token = KEY.sign(stage.claims())
    identities = await asyncio.gather(*[stage.provider.verify(token) for _ in range(50)])
    assert {identity.subject for identity in identities} == {"248289761001"}
    assert (stage.issuer.fetches, stage.issuer.listener.connections) == (1, 2)


async def test_a_token_without_a_key_id_needs_exactly_one_key_that_fits(stage: Stage) -> None:
    stage.issuer.keys.append(ELLIPTIC.published())
    header = {"alg": "RS256"}
    token = KEY.sealed(header, stage.claims())
    assert await stage.provider.verify(token)
    stage.issuer.keys.append(OTHER.published())
    stage.provider = stage.another()
    await stage.refuses(token)


@pytest.mark.parametrize(
    "members",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"alg": "PS256"},
        {"alg": "RSA-OAEP"},
        {"alg": "HS256"},
        {"kty": "EC"},
        {"kty": "oct"},
        {"kty": None},
        {"n": ""},
        {"n": "AQAB"},
        {"n": 7},
        {"n": "_" * 5_000},
        {"e": None},
        {"kid": 1},
    ],
    ids=str,
)
async def test_keys_for_other_things_are_left_alone(stage: Stage, members: dict[str, Any]) -> None:
    stage.issuer.keys = [KEY.published(**members), "not a key", None, {}, ELLIPTIC.published()]
    await stage.refuses(KEY.sign(stage.claims()))
    assert await stage.provider.verify(ELLIPTIC.sign(stage.claims()))


async def test_a_shared_secret_among_the_keys_is_no_key(stage: Stage) -> None:
    secret = b"s" * 64
    encoded = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
    for algorithm in ("HS256", "RS256", None):
        oct_key = {"kty": "oct", "kid": "shared", "k": encoded, "use": "sig", "alg": algorithm}
        stage.issuer.keys = [{name: value for name, value in oct_key.items() if value}, KEY.published()]
        stage.provider = stage.another()
        for named in ("HS256", "RS256"):
            header = {"alg": named, "kid": "shared"}
            unsigned = assembled(header, stage.claims()).rpartition(".")[0].encode()
            await stage.refuses(assembled(header, stage.claims(), hmac.digest(secret, unsigned, "sha256")))
        assert await stage.provider.verify(KEY.sign(stage.claims()))


async def test_a_short_key_is_no_key(stage: Stage) -> None:
    short, long = rsa_key("short", bits=1024), rsa_key("long", bits=2048)
    stage.issuer.keys += [short.published(), long.published()]
    await stage.refuses(short.sealed({"alg": "RS256", "kid": "short"}, stage.claims()))
    assert await stage.provider.verify(long.sealed({"alg": "RS256", "kid": "long"}, stage.claims()))


async def test_an_issuer_that_is_down_is_no_fault_of_the_token() -> None:
    async with issuing(KEY) as issuer:
        stage = Stage(issuer)
    token = KEY.sign(stage.claims())
    for _ in range(3):
        with pytest.raises(Unavailable) as failed:
            await stage.provider.verify(token)
        assert failed.value.headers == {"Retry-After": "5"}
    await stage.refuses(token[:100])


async def test_an_issuer_that_fails_is_asked_again_but_not_at_once(stage: Stage) -> None:
    stage.issuer.status = "500 Internal Server Error"
    token = KEY.sign(stage.claims())
    for _ in range(5):
        with pytest.raises(Unavailable):
            await stage.provider.verify(token)
    assert stage.issuer.listener.connections == 1
    stage.issuer.status = "200 OK"
    stage.now += timedelta(seconds=6)
    assert await stage.provider.verify(token)


async def test_known_keys_do_while_the_issuer_is_down(stage: Stage) -> None:
    assert await stage.provider.verify(KEY.sign(stage.claims()))
    stage.issuer.status = "503 Service Unavailable"
    stage.now += timedelta(seconds=31)
    with pytest.raises(Unavailable):
        await stage.provider.verify(OTHER.sign(stage.claims()))
    assert await stage.provider.verify(KEY.sign(stage.claims()))


@pytest.mark.parametrize(
    "configuration",
    [
        {},
        {"issuer": "https://evil.example", "jwks_uri": "{}/keys"},
        {"issuer": "{}"},
        {"issuer": "{}", "jwks_uri": 7},
        {"issuer": "{}", "jwks_uri": "file:///etc/passwd"},
        {"issuer": "{}", "jwks_uri": "http://169.254.169.254/keys"},
        {"issuer": "{}", "jwks_uri": "http://localhost:1/keys"},
    ],
    ids=str,
)
async def test_a_configuration_that_is_not_the_issuers_is_not_used(stage: Stage, configuration: dict[str, Any]) -> None:
    stage.issuer.configuration = {
        name: value.format(stage.issuer.url) if isinstance(value, str) else value
        for name, value in configuration.items()
    }
    with pytest.raises(Unavailable):
        await stage.provider.verify(KEY.sign(stage.claims()))
    assert stage.issuer.fetches == 0


async def test_an_issuer_inside_that_is_not_listed_is_never_asked(stage: Stage) -> None:
    stage.provider = stage.another(outgoing=Outgoing())
    with pytest.raises(Unavailable):
        await stage.provider.verify(KEY.sign(stage.claims()))
    assert await stage.issuer.listener.seen() == 0

"""ID tokens: only what the configured issuer signed, for this service and for now, says who somebody is."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.issuer import CLIENT_ID, SigningKey, assembled, issuing, rsa_key
from tests.support.oidc import BEGIN, ELLIPTIC, KEY, OTHER, Stage, stage

__all__ = ["stage"]  # a fixture

pytestmark = pytest.mark.anyio


async def test_a_good_token_says_who_somebody_is(stage: Stage) -> None:
    token = KEY.sign(stage.claims())
    identity = await stage.provider.verify(token)
    assert (identity.issuer, identity.subject) == (stage.issuer.url, "248289761001")
    assert (identity.email, identity.email_verified, identity.name) == ("ada@riverside.example", True, "Ada Byrne")
    assert identity.expires_at == BEGIN + timedelta(minutes=5)
    assert identity.digest == hashlib.sha256(token.rpartition(".")[0].encode()).digest()
    assert "ada" not in repr(identity).lower()


@pytest.mark.parametrize("key", [ELLIPTIC, rsa_key("four", algorithm="PS256")], ids=["ES256", "PS256"])
async def test_other_algorithms_of_the_list_are_taken(stage: Stage, key: SigningKey) -> None:
    stage.issuer.keys.append(key.published())
    assert (await stage.provider.verify(key.sign(stage.claims()))).subject == "248289761001"


async def test_a_key_published_without_its_algorithm_is_taken(stage: Stage) -> None:
    stage.issuer.keys[0].pop("alg")
    assert await stage.provider.verify(KEY.sign(stage.claims()))


@pytest.mark.parametrize("verified", [None, False, "true", 1])
async def test_an_address_is_verified_only_when_the_issuer_says_so(stage: Stage, verified: Any) -> None:
    identity = await stage.provider.verify(KEY.sign(stage.claims(email_verified=verified)))
    assert identity.email_verified is False


@pytest.mark.parametrize("name", [None, 7, "", "a" * 201, "a\nb", "\ud800"])
async def test_a_name_that_cannot_be_used_is_as_if_missing(stage: Stage, name: Any) -> None:
    assert (await stage.provider.verify(KEY.sign(stage.claims(name=name)))).name is None


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS256", "RS512", "EdDSA", None, 7, ["RS256"]])
async def test_other_algorithms_are_refused_and_the_issuer_is_not_asked(stage: Stage, algorithm: Any) -> None:
    signature = KEY.sign(stage.claims()).rpartition(".")[2]
    for bytes_after in (b"", base64.urlsafe_b64decode(signature + "==")):
        await stage.refuses(assembled({"alg": algorithm, "kid": "one", "typ": "JWT"}, stage.claims(), bytes_after))
    assert await stage.issuer.listener.seen() == 0


async def test_no_header_at_all_names_no_algorithm(stage: Stage) -> None:
    await stage.refuses(assembled({}, stage.claims()))
    await stage.refuses(assembled({"kid": "one"}, stage.claims(), b"x"))
    assert await stage.provider.verify(KEY.sign(stage.claims()))


async def test_a_public_key_is_no_shared_secret(stage: Stage) -> None:
    for secret in (KEY.public_pem, KEY.public_pem.strip(), json.dumps(KEY.published()).encode()):
        for algorithm in ("HS256", "RS256"):
            unsigned = assembled({"alg": algorithm, "kid": "one"}, stage.claims()).rpartition(".")[0]
            mac = hmac.digest(secret, unsigned.encode(), "sha256")
            await stage.refuses(assembled({"alg": algorithm, "kid": "one"}, stage.claims(), mac))
    assert await stage.provider.verify(KEY.sign(stage.claims()))


@pytest.mark.parametrize(
    ("expires", "good"), [(-3600, False), (-61, False), (-60, False), (-59, True), (1, True)], ids=str
)
async def test_expiry_is_by_this_services_clock(stage: Stage, expires: int, good: bool) -> None:
    at = int(BEGIN.timestamp())
    token = KEY.sign(stage.claims(iat=at - 7200, exp=at + expires))
    if good:
        assert await stage.provider.verify(token)
    else:
        await stage.refuses(token)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_what_begins_later_is_refused(stage: Stage, claim: str) -> None:
    at = int(BEGIN.timestamp())
    others = {"nbf": at, "iat": at}
    await stage.refuses(KEY.sign(stage.claims(**{**others, claim: at + 61})))
    assert await stage.provider.verify(KEY.sign(stage.claims(**{**others, claim: at + 60})))


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", ["soon", "1935856800", True, [1], -1, 10**40, 10**400, float("nan"), float("inf")])
async def test_a_time_that_is_none_is_refused(stage: Stage, claim: str, value: Any) -> None:
    await stage.refuses(KEY.sign(stage.claims(**{claim: value})))
    assert await stage.provider.verify(KEY.sign(stage.claims()))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "exp", "iat"])
async def test_what_must_be_there_is_missed(stage: Stage, claim: str) -> None:
    await stage.refuses(KEY.sign(stage.claims(**{claim: None})))
    assert await stage.provider.verify(KEY.sign(stage.claims()))


@pytest.mark.parametrize(
    "others",
    [
        {"aud": "somebody-else"},
        {"aud": ["somebody-else"]},
        {"aud": []},
        {"aud": ""},
        {"aud": CLIENT_ID + "/"},
        {"aud": {"id": CLIENT_ID}},
        {"aud": [CLIENT_ID, "somebody-else"]},
        {"aud": [CLIENT_ID, "somebody-else"], "azp": "somebody-else"},
        {"azp": "somebody-else"},
        {"azp": 7},
    ],
    ids=str,
)
async def test_a_token_for_others_is_refused(stage: Stage, others: dict[str, Any]) -> None:
    await stage.refuses(KEY.sign(stage.claims(**others)))
    assert await stage.provider.verify(KEY.sign(stage.claims()))


async def test_a_token_for_several_that_this_service_asked_for_is_taken(stage: Stage) -> None:
    claims = stage.claims(aud=["somebody-else", CLIENT_ID], azp=CLIENT_ID)
    assert await stage.provider.verify(KEY.sign(claims))


@pytest.mark.parametrize("change", ["https://evil.example", "{}/", "{}.evil.example", "", 7], ids=str)
async def test_another_issuer_is_refused(stage: Stage, change: Any) -> None:
    issuer = change.format(stage.issuer.url) if isinstance(change, str) else change
    claims = stage.claims() | {"iss": issuer}
    header = {"alg": "RS256", "kid": "one"}
    await stage.refuses(KEY.sealed(header, claims))
    assert await stage.provider.verify(KEY.sign(stage.claims()))


@pytest.mark.parametrize("subject", ["", "a" * 256, "zoë", "a\nb", "\0"])
async def test_a_subject_that_is_none_is_refused(stage: Stage, subject: str) -> None:
    await stage.refuses(KEY.sign(stage.claims(sub=subject)))


async def test_a_key_of_another_issuer_is_refused(stage: Stage) -> None:
    async with issuing(OTHER) as elsewhere:
        await stage.refuses(OTHER.sign(elsewhere.claims(stage.now)))
        await stage.refuses(OTHER.sign(stage.claims()))
        await stage.refuses(SigningKey("one", OTHER.private).sign(stage.claims()))
        assert await elsewhere.listener.seen() == 0


async def test_keys_that_come_with_the_token_are_not_looked_at(stage: Stage) -> None:
    async with issuing(OTHER) as elsewhere:
        impostor = SigningKey("one", OTHER.private)
        for header in (
            {"jwk": impostor.published()},
            {"jku": f"{elsewhere.url}/keys"},
            {"x5u": f"{elsewhere.url}/keys"},
            {"x5c": [base64.b64encode(OTHER.public_pem).decode()]},
        ):
            await stage.refuses(impostor.sign(stage.claims(), **header))
            await stage.refuses(OTHER.sign(stage.claims(), **header))
            assert await stage.provider.verify(KEY.sign(stage.claims(), **header))
        assert await elsewhere.listener.seen() == 0


async def test_damage_anywhere_is_refused(stage: Stage) -> None:
    token = KEY.sign(stage.claims())
    parts = token.split(".")
    damaged = [token[:length] for length in (0, 1, len(parts[0]), len(token) // 2, len(token) - 1)]
    damaged += [".".join(parts[:2]), ".".join(parts[:2]) + ".", token + ".", token + "A", "a" + token, "." + token]
    damaged += [token + " ", " " + token, token + "\n", "Bearer " + token, "..", "é.é.é", "\ud800", '{"payload": ""}']
    damaged += [".".join([parts[0], parts[1], _changed(parts[2], at)]) for at in (0, 100, len(parts[2]) - 1)]
    damaged += [".".join([parts[0], _changed(parts[1], at), parts[2]]) for at in (0, 20, len(parts[1]) - 1)]
    for each in damaged:
        await stage.refuses(each)
    assert await stage.provider.verify(token)


def _changed(text: str, at: int) -> str:
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


async def test_a_signature_written_otherwise_is_the_same_token(stage: Stage) -> None:
    token = KEY.sign(stage.claims())
    first, again = [await stage.provider.verify(each) for each in (token, token + "==")]
    assert first.digest == again.digest
    assert (await stage.provider.verify(KEY.sign(stage.claims(jti="2")))).digest != first.digest


async def test_tokens_are_of_a_bearable_length(stage: Stage) -> None:
    assert await stage.provider.verify(KEY.sign(stage.claims(groups="a" * 10_000)))
    await stage.refuses(KEY.sign(stage.claims(groups="a" * 17_000)))
    await stage.refuses("a" * 10_000_000)


@pytest.mark.parametrize(
    "header",
    [{"typ": "at+jwt"}, {"typ": "logout+jwt"}, {"typ": 7}, {"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": True}],
    ids=str,
)
async def test_tokens_of_other_kinds_are_refused(stage: Stage, header: dict[str, Any]) -> None:
    header = {"alg": "RS256", "kid": "one", **header}
    await stage.refuses(KEY.sealed(header, stage.claims()))

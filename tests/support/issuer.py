"""An OpenID Connect issuer on loopback, and ways to forge what it would never sign."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.support.listener import Call, Listener, answer, listening

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
CLIENT_ID = "teach-meet-at-the-hub"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key with its name and algorithm."""

    kid: str
    private: PrivateKey
    algorithm: str = "RS256"

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def published(self, **members: Any) -> dict[str, Any]:
        """As it stands in the issuer's key set."""
        made: dict[str, Any] = jwt.get_algorithm_by_name(self.algorithm).to_jwk(self.private.public_key(), as_dict=True)
        made.pop("key_ops", None)
        return {**made, "kid": self.kid, "use": "sig", "alg": self.algorithm, **members}

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        return jwt.encode(dict(claims), self.private, self.algorithm, headers={"kid": self.kid, **header})

    def sealed(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """A token with just this header, well signed with an RSA key: what a library would not make."""
        assert isinstance(self.private, rsa.RSAPrivateKey)
        unsigned = assembled(header, claims).rpartition(".")[0]
        return assembled(header, claims, self.private.sign(unsigned.encode(), padding.PKCS1v15(), hashes.SHA256()))


def rsa_key(kid: str, *, bits: int = 2048, algorithm: str = "RS256") -> SigningKey:
    return SigningKey(kid, rsa.generate_private_key(65_537, bits), algorithm)


def elliptic_key(kid: str) -> SigningKey:
    return SigningKey(kid, ec.generate_private_key(ec.SECP256R1()), "ES256")


def assembled(header: Mapping[str, Any], claims: Mapping[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@dataclass(slots=True)
class Issuer:
    """What it publishes may be changed while it runs, and it counts who asks for what."""

    url: str
    listener: Listener
    keys: list[Any] = field(default_factory=list)
    configuration: dict[str, Any] = field(default_factory=dict)
    status: str = "200 OK"
    pause: float = 0.0

    @property
    def fetches(self) -> int:
        """How often its keys were fetched."""
        return [call.path for call in self.listener.calls].count("/keys")

    def claims(self, now: datetime, **others: Any) -> dict[str, Any]:
        """Good claims for our client; others take their place, and None takes one out."""
        usual = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "248289761001",
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "email": "ada@riverside.example",
            "email_verified": True,
            "name": "Ada Byrne",
        }
        return {name: value for name, value in {**usual, **others}.items() if value is not None}


@asynccontextmanager
async def issuing(*keys: SigningKey) -> AsyncIterator[Issuer]:
    """An issuer that publishes these keys, for as long as the block lasts."""

    async def reply(call: Call, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(issuer.pause)
        documents = {"/.well-known/openid-configuration": issuer.configuration, "/keys": {"keys": issuer.keys}}
        await answer(json.dumps(documents[call.path]).encode(), issuer.status)(call, writer)

    async with listening(reply) as listener:
        url = f"http://127.0.0.1:{listener.port}"
        issuer = Issuer(url, listener, [key.published() for key in keys])
        issuer.configuration = {"issuer": url, "jwks_uri": f"{url}/keys"}
        yield issuer

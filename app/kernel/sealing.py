"""Sealing: what must not lie in the database in the clear is encrypted with a key from the settings.

AES-256-GCM (NIST SP 800-38D) with a random nonce. Each sealed value is bound to what it is about, so that it cannot be
put in another's place, and names the key that sealed it, so that keys can be changed: the first one seals, all open.
"""

import hashlib
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection
from sqlalchemy.orm import Session

VERSION = b"\x01"
NAME_BYTES, NONCE_BYTES = 4, 12
_HEAD = len(VERSION) + NAME_BYTES
OPTION = "seal"
"""The execution option under which an engine carries its seal to whoever has a session of it."""


class CannotOpenError(Exception):
    """A sealed value was not sealed by any of our keys, or not for this place."""


class Seal:
    """Seals and opens with the keys of one deployment, each a secret text of any length; the newest comes first."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("a seal needs a key")
        stretched = [hashlib.sha256(b"teachmeet seal\0" + key.encode()).digest() for key in keys]
        self._ciphers = {hashlib.sha256(key).digest()[:NAME_BYTES]: AESGCM(key) for key in stretched}
        self._newest = next(iter(self._ciphers))

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """`plain` for keeping; only `open` with the same `about` gives it back."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        closed = self._ciphers[self._newest].encrypt(nonce, plain, about.encode())
        return VERSION + self._newest + nonce + closed

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """What was sealed. Raises `CannotOpenError`."""
        cipher = self._ciphers.get(sealed[len(VERSION) : _HEAD])
        if cipher is None or not sealed.startswith(VERSION):
            raise CannotOpenError("sealed by a key that is not among TEACHMEET_ENCRYPTION_KEYS")
        nonce, closed = sealed[_HEAD : _HEAD + NONCE_BYTES], sealed[_HEAD + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, closed, about.encode())
        except InvalidTag:
            raise CannotOpenError("sealed for another place, or damaged") from None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the newest key sealed this."""
        return sealed.startswith(VERSION + self._newest)


def seal_of(bind: Session | Connection) -> Seal:
    """The seal of the deployment whose database this is."""
    connection = bind.connection() if isinstance(bind, Session) else bind
    seal: Seal = connection.get_execution_options()[OPTION]
    return seal

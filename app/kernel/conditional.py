"""Conditional requests (RFC 9110, section 13): an ETag is a digest of the bytes it stands for."""

import hashlib


def etag_of(body: bytes) -> str:
    """A strong ETag, quotes included."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def matches(header: str, etag: str, *, weak: bool) -> bool:
    """Whether an `If-Match` (strong comparison) or `If-None-Match` (weak) header names this ETag, or is `*`."""
    if header.strip() == "*":
        return True
    listed = (entry.strip() for entry in header.split(","))
    return etag in ((entry.removeprefix("W/") for entry in listed) if weak else listed)

"""Who calls through a proxy: what trusted proxies say of it counts, and what anybody else says does not.

`X-Forwarded-For` and `Forwarded` (RFC 7239) are read from the right, where the nearest proxy wrote, as long as who
wrote is trusted. A proxy that writes one of the two often hands on the other as the client sent it; so where both are
there and name different clients, neither is believed, and the proxy itself counts as the client.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import Scope

Address = IPv4Address | IPv6Address
Hop = tuple[Address | None, str | None]
"""One proxy's word: whom it was called by, and by which scheme; None for what it does not tell or tells unreadably."""
MOST_HOPS = 32


class Proxies:
    """The proxies of this deployment."""

    def __init__(self, trusted: Sequence[str]) -> None:
        self._networks = [ip_network(each) for each in trusted]
        self._trusts = lru_cache(maxsize=1_024)(self._in_a_network)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def see_through(self, scope: Scope) -> None:
        """Puts the client behind the proxies, and the scheme that it used, in the place of theirs."""
        peer = _address(scope["client"][0]) if scope.get("client") else None
        if peer is None or not self._trusts(peer):
            return
        fields = _forwarding_fields(scope)
        stories = [self._client(peer, hops) for hops in (_x_forwarded(fields), _forwarded(fields)) if hops]
        if len({client for client, _ in stories}) > 1:
            return
        schemes = [scheme for _, scheme in stories] or [_last(fields, b"x-forwarded-proto")]
        for client, _ in stories:
            scope["client"] = (str(client), 0)
        for scheme in reversed(schemes):
            if scheme in ("http", "https"):
                scope["scheme"] = scheme

    def _client(self, peer: Address, hops: Sequence[Hop]) -> tuple[Address, str | None]:
        """The first address from the right that is no trusted proxy's, else the farthest that is known."""
        known, scheme = peer, None
        for address, its_scheme in reversed(hops):
            if address is None:
                break
            known, scheme = address, its_scheme
            if not self._trusts(address):
                break
        return known, scheme

    def _in_a_network(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _forwarding_fields(scope: Scope) -> Mapping[bytes, str]:
    """The fields that proxies write; one that comes on several lines is one list."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in (b"x-forwarded-for", b"x-forwarded-proto", b"forwarded"):
            text = value.decode("latin-1")
            found[name] = f"{found[name]},{text}" if name in found else text
    return found


def _last(fields: Mapping[bytes, str], name: bytes) -> str:
    return fields.get(name, "").rpartition(",")[2].strip().lower()


def _x_forwarded(fields: Mapping[bytes, str]) -> list[Hop]:
    given = fields.get(b"x-forwarded-for")
    if given is None:
        return []
    addresses = given.split(",")[-MOST_HOPS:]
    schemes = [each.strip().lower() for each in fields.get(b"x-forwarded-proto", "").split(",")][-MOST_HOPS:]
    if len(schemes) != len(addresses):  # not one a hop: the nearest proxy's word
        schemes = schemes[-1:] * len(addresses)
    return [(_address(address), scheme) for address, scheme in zip(addresses, schemes, strict=True)]


def _forwarded(fields: Mapping[bytes, str]) -> list[Hop]:
    given = fields.get(b"forwarded")
    if given is None:
        return []
    hops: list[Hop] = []
    for element in given.split(",")[-MOST_HOPS:]:
        pairs = (pair.partition("=") for pair in element.split(";"))
        told = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
        hops.append((_address(told.get("for", "")), told.get("proto", "").lower() or None))
    return hops


def _address(text: str) -> Address | None:
    """An address as proxies write it, perhaps with a port: `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

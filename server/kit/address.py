"""Whose address a request comes from; what a client says of itself is never believed."""

import hmac
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp import web

from server.keys import Key

EDGE_HEADER = "X-Reelwire-Edge"
"""Holds a key that only the edge has: what stands in X-Forwarded-For beside it, the edge has seen."""
FORWARDED = "X-Forwarded-For"
NETWORK_BITS = 64
"""Of IPv6, what one customer has at least (RFC 6177): with one address a time everybody could be new for ever."""

MAX_KNOWN = 10_000


class Addresses:
    """Tells the edge from others by the keys that it may have."""

    def __init__(self, keys: tuple[Key, ...]) -> None:
        self._keys = [key.edge.encode() for key in keys]

    def of(self, request: web.Request) -> str:
        """The address as limits count it: IPv4 as it is, of IPv6 the network.

        Requests that did not come through the edge have the address of whoever sent them, whatever they say.
        """
        said = request.headers.getall(EDGE_HEADER, [])
        if len(said) == 1 and any(hmac.compare_digest(key, said[0].encode(errors="replace")) for key in self._keys):
            return counted(request.headers.get(FORWARDED, ""))
        return counted(request.remote or "")


@lru_cache(MAX_KNOWN)  # reading one costs six microseconds
def counted(address: str) -> str:
    """Which address counts for this one; the text itself where it is none, as for unix sockets."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        network = int(found) >> (128 - NETWORK_BITS) << (128 - NETWORK_BITS)
        return f"{IPv6Address(network)}/{NETWORK_BITS}"
    return str(found)

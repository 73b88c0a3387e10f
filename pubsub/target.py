"""Where the servers are: what a URL says of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from redis.asyncio.connection import parse_url

CLUSTER = "redis+cluster"
PORT = 6379


class Address(NamedTuple):
    """A TCP address of one server."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @classmethod
    def read(cls, text: str, asked: "Address | None" = None) -> "Address":
        """`host:port` as people and servers write it; a server that leaves its host out means itself, the one that was asked.

        Raises:
            ValueError: it is none.
        """
        host, _, port = text.rpartition(":")
        if text.endswith("]") or (not host and asked is None):
            host, port = text, str(PORT)
        host = host.removeprefix("[").removesuffix("]") or (asked.host if asked else "")
        if not host or not port.isdecimal():
            raise ValueError(f"{text!r} is no host with a port")
        return cls(host, int(port))


@dataclass(frozen=True, slots=True)
class Target:
    """One server and how to introduce oneself; `path` is that of a unix socket."""

    address: Address
    path: str = ""
    database: int = 0
    username: str = ""
    password: str = ""

    def at(self, address: Address) -> "Target":
        """Another server with the same introduction."""
        return replace(self, address=address)


def is_cluster(url: str) -> bool:
    return url.startswith(f"{CLUSTER}://")


def read(url: str) -> Target:
    """The server of a redis:// or unix:// URL.

    Raises:
        ValueError: it is none.
    """
    if url.startswith("rediss://"):
        raise ValueError("there is no TLS to Valkey: keep it on a network of its own, or behind a tunnel")
    found = parse_url(url)
    return Target(
        Address(found.get("host", "localhost"), found.get("port", PORT)),
        found.get("path", ""),
        found.get("db", 0),
        found.get("username") or "",
        found.get("password") or "",
    )


def read_cluster(url: str) -> tuple[Target, Sequence[Address]]:
    """How to introduce oneself to a cluster's nodes, and some of them.

    Raises:
        ValueError: the URL cannot be used; the message says why.
    """
    parts = urlsplit(url)
    introduction, _, hosts = parts.netloc.rpartition("@")
    username, _, password = introduction.partition(":")
    if parts.path not in ("", "/", "/0") or parts.query:
        raise ValueError("a cluster has one database and no options: redis+cluster://host:port,host:port")
    seeds = [Address.read(host) for host in hosts.split(",")]
    return Target(seeds[0], username=unquote(username), password=unquote(password)), seeds

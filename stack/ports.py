"""Free TCP ports on loopback, remembered in a file so that a restart finds the same ones.

Below 20000: SeaweedFS and nodes of a Valkey cluster listen on each port + 10000 as well, which is then nobody's first one, and
above 32767 the kernel hands ports to outgoing connections (a readiness probe there can even connect to itself).
"""

import contextlib
import errno
import json
import random
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

LOWEST, HIGHEST = 10_000, 19_999
GRPC = 10_000  # SeaweedFS' distance between a port and its gRPC port
_TRIES = 2_000


class NoPortError(Exception):
    """Every port that was tried is taken, or none can be claimed."""


def is_free(port: int) -> bool:
    """Whether nobody listens there; the answer may be old by the time it is used."""
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections in TIME_WAIT do not count
        probe.bind(("127.0.0.1", port))
        return True
    return False


def choose(names: Iterable[str], taken: Iterable[int] = ()) -> dict[str, int]:
    """A free port for each name, free at its gRPC distance too.

    Raises:
        NoPortError: none was found.
    """
    return _fill({}, tuple(names), set(taken))


def remembered(file: Path, names: Iterable[str]) -> dict[str, int]:
    """The ports that this file holds, with another one in place of any that is taken now; the file is brought up to date."""
    known: dict[str, int] = {}
    with contextlib.suppress(FileNotFoundError, ValueError):
        known = {str(name): int(port) for name, port in json.loads(file.read_text()).items()}
    wanted = tuple(names)
    ports = _fill({name: known[name] for name in wanted if name in known and _usable(known[name])}, wanted, set())
    if ports != known:
        file.write_text(json.dumps(ports, indent=1))
    return ports


def _fill(found: dict[str, int], names: tuple[str, ...], taken: set[int]) -> dict[str, int]:
    for name in names:
        for port in _drawn() if name not in found else ():
            if port not in taken and port not in _claims and _usable(port):
                found[name] = port
                break
    if missing := set(names) - found.keys():
        raise NoPortError(f"no free port between {LOWEST} and {HIGHEST} for {', '.join(sorted(missing))}")
    return {name: found[name] for name in names}


def _drawn() -> Iterator[int]:
    draw = random.SystemRandom()
    yield from (draw.randint(LOWEST, HIGHEST) for _ in range(_TRIES))


def _usable(port: int) -> bool:
    return LOWEST <= port <= HIGHEST and is_free(port) and is_free(port + GRPC) and _claimed(port)


_claims: dict[int, int] = {}
"""The handles of what this process has chosen, and perhaps not used yet."""


def _claimed(port: int) -> bool:
    """Whether this port is ours until this process ends: two that choose at once would else find the same one free.

    A name in the abstract namespace (unix(7)) is one process's alone, in the same network namespace as the port, and the kernel
    lets go of it.
    """
    if port in _claims:
        return True
    with socket.socket(socket.AF_UNIX) as claim:
        try:
            claim.bind(f"\0reelwire port {port}")
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise NoPortError(f"port {port} cannot be claimed: {error}") from error
        _claims[port] = claim.detach()  # for good
    return True

"""Runs an application until SIGTERM: on a unix socket that a successor can take over, or on an address."""

import asyncio
import gc
import logging
import os
import signal
import socket
from pathlib import Path

import uvloop
from aiohttp import web

from server.kit import logs
from server.settings import Settings

UNIX = "unix:"
BACKLOG = 4096
KEEPALIVE_SECONDS = 75.0
"""Longer than the edge keeps its idle connections, so that it never writes into one that we are closing."""
SHUTDOWN_SECONDS = 10.0

log = logging.getLogger(__name__)


def serve(app: web.Application, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then end what runs, within SHUTDOWN_SECONDS."""
    logs.configure(settings.log_level)
    uvloop.run(_serve(app, settings.listen))


async def _serve(app: web.Application, listen: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=KEEPALIVE_SECONDS, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    # What is alive now lives as long as the process: collections need not look at it again.
    gc.freeze()
    await web.SockSite(runner, bound(listen), backlog=BACKLOG).start()
    log.info("listening at %s", listen)
    await stop.wait()
    log.info("stopping")
    await runner.cleanup()


def bound(listen: str) -> socket.socket:
    """A socket bound to `host:port` or `unix:/path`.

    A path is taken over from whoever listens there by renaming: they keep what they have accepted and get nothing new.
    """
    if not listen.startswith(UNIX):
        host, _, port = listen.rpartition(":")
        return socket.create_server((host.strip("[]"), int(port)), backlog=BACKLOG, family=_family(host))
    path = Path(listen.removeprefix(UNIX))
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    bound_socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bound_socket.bind(str(fresh))
    # Listening before the rename: whoever finds the path finds somebody there.
    bound_socket.listen(BACKLOG)
    fresh.chmod(0o666)
    fresh.rename(path)
    return bound_socket


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET

"""Runs an application until SIGTERM: on a unix socket that a successor can take over, or on an address."""

import asyncio
import ctypes
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TypeAlias

import uvloop
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from server.kit import logs
from server.kit.lane import LANE, LOST, Lane, owed
from server.kit.posting import Posting
from server.kit.problems import Foregone, answer
from server.settings import Settings

UNIX = "unix:"
BACKLOG = 4096
KEEPALIVE_SECONDS = 75.0
"""Longer than the edge keeps its idle connections, so that it never writes into one that we are closing."""
HEADER_BYTES = 16_384
"""Of one header field: the longest valid Upload-Metadata has 14 KB (2,200 characters of four bytes each, in base64)."""
SHUTDOWN_SECONDS = 10.0
WARM_SECONDS = 60.0
"""After so long everything has been used once, and caches and connections to the stores are there."""
HELD_BYTES = 65_536
"""Of what comes on a connection while something that was posted is being done; of more nothing is read until that is over."""
TURNS = 4
"""Of the loop, from the end of an answer of aiohttp's, or a connection's beginning, until it waits for a request."""
PR_SET_DUMPABLE = 4  # prctl(2)

Front: TypeAlias = "Callable[[Callable[[], Connection]], asyncio.BaseProtocol]"
"""Makes what has a new connection first; it is given what makes aiohttp's part, to which it may hand the connection on."""
FRONT: "web.AppKey[Front]" = web.AppKey("front")

log = logging.getLogger(__name__)
_libc = ctypes.CDLL(None, use_errno=True)


def serve(app: web.Application, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then end what runs, within SHUTDOWN_SECONDS.

    Raises:
        OSError: the kernel does not close this process to others of its user.
    """
    _close_to_neighbours()
    logs.configure(settings.log_level)
    uvloop.run(_serve(app, settings.listen))


def _close_to_neighbours() -> None:
    """Let no other process of our user read our memory or environment, where the secrets are. A crash leaves no core either.

    Media children run as the same user, and where the kernel has no Landlock one that a file has taken over can open /proc. This
    ends with execve(2), so the zygote and its children are as before; they hold no secrets. Root still may attach a debugger.
    """
    if _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE)")


async def _serve(app: web.Application, listen: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # Packed bodies are refused where they are read; unpacked here, a bad one would break off its own refusal.
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
        max_field_size=HEADER_BYTES,
    )
    await runner.setup()
    freeze()
    listening = await listen_on(runner, await asyncio.to_thread(bound, listen), app.get(FRONT), app.get(LANE))
    log.info("listening at %s", listen)
    warm = asyncio.get_running_loop().call_later(WARM_SECONDS, freeze)
    await stop.wait()
    warm.cancel()
    log.info("stopping")
    listening.close()
    await runner.cleanup()


def freeze() -> None:
    """What is alive now lives as long as the process, by and large: collections need not look at it again.

    A collection over everything stops the process, with tens of thousands of connections for seconds.
    """
    gc.collect()
    gc.freeze()


async def listen_on(
    runner: web.BaseRunner, bound_socket: socket.socket, front: "Front | None" = None, lane: Lane | None = None
) -> asyncio.Server:
    """Accept connections; what aiohttp cannot parse is answered with a problem document too."""
    server, loop = runner.server, asyncio.get_running_loop()
    assert server is not None

    def connection() -> Connection:
        # The same arguments as aiohttp's own factory gives (3.14); a test holds this against the installed one.
        made = Connection(server, loop=loop, **server._kwargs)
        made.lane = lane
        return made

    factory = connection if front is None else partial(front, connection)
    return await loop.create_server(factory, sock=bound_socket, backlog=BACKLOG)


class Connection(RequestHandler, Foregone):
    """One connection; differs from aiohttp's in how errors are told that come before any handler, and in its fast lane."""

    lane: Lane | None = None
    _owed = 0
    """Bytes that are still to come of the request that aiohttp has; LOST where that is not known any more."""

    _posting: "Posting | None" = None
    """What was posted by the fast lane and has no answer yet; until then aiohttp believes that nothing has come."""
    _held = b""
    """What came meanwhile, or a moment before aiohttp waits for it."""

    def data_received(self, data: bytes) -> None:
        """Answer by the fast lane what comes between two requests and is answered there; see asyncio."""
        if not data:
            super().data_received(data)  # aiohttp's own call, to go on with what it has
        elif self._posting is not None or self._held:
            self._hold(data)
        elif self._between():
            self._held = data
            self._loop.call_soon(self._wait, TURNS)
        else:
            self._take(data)

    def _between(self) -> bool:
        """Whether aiohttp is about to wait for the next request. A quick client sends that one before."""
        if self.lane is None or self._owed or self._waiter is not None or self._request_in_progress:
            return False
        return not (self._messages or self._close or self._force_close)

    def _wait(self, turns: int) -> None:
        """For as many turns of the loop as aiohttp may need."""
        if turns and self._held and self._between():
            self._loop.call_soon(self._wait, turns - 1)
        else:
            self._go_on()

    def _go_on(self) -> None:
        """Take what was held."""
        held, self._held = self._held, b""
        if len(held) > HELD_BYTES and self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()
        if held:
            self._take(held)

    def _take(self, data: bytes) -> None:
        if self.lane is not None and self._owed != LOST:
            if self._owed > 0:
                self._owed = max(self._owed - len(data), LOST)
            elif self._idle() and (answer := self.lane.answer(data)) is not None:
                self._answered(answer)
                return
            elif self._idle() and (posting := self.lane.begin(data)) is not None:
                self._post(posting)
                return
            else:
                self._owed = owed(data)
        super().data_received(data)

    def _post(self, posting: Posting) -> None:
        """What aiohttp does at the beginning of a request; `shutdown` waits for its end."""
        self._posting = posting
        self._request_in_progress = True
        posting.add_done_callback(self._posted)

    def _hold(self, data: bytes) -> None:
        if self._close or self._force_close or self.transport is None:
            return  # as aiohttp: nothing more is taken
        before = len(self._held)
        self._held += data
        if before <= HELD_BYTES < len(self._held):
            self.transport.pause_reading()

    def _posted(self, posting: Posting) -> None:
        """What was posted is done: answer, and go on with what came meanwhile."""
        self._posting = None
        self._request_in_progress = False
        if self._handler_waiter is not None and not self._handler_waiter.done():
            self._handler_waiter.set_result(None)
        transport = self.transport
        if transport is None or transport.is_closing():
            self._held = b""
            return
        if posting.cancelled() or posting.exception() is not None:
            self.force_close()  # as where a handler is cancelled
            return
        self._answered(posting.result())
        if self._close:
            self.close()
            transport.close()
            return
        self._go_on()

    def close(self) -> None:
        """Take no more requests; the one that has come is answered before the connection ends."""
        if self._posting is None and self._held:
            self._go_on()
        if self._posting is None:
            super().close()
        else:
            self._close = True

    def _process_keepalive(self) -> None:
        if self._posting is None:
            super()._process_keepalive()
        else:
            self._keepalive_handle = None  # it begins anew with the answer

    def _idle(self) -> bool:
        """Whether aiohttp waits for a request, and whoever reads has taken all answers."""
        waiter, transport = self._waiter, self.transport
        if waiter is None or waiter.done() or self._messages or self._close or self._force_close or self.foregone is not None:
            return False
        return transport is not None and not transport.is_closing() and not transport.get_write_buffer_size()

    def _answered(self, answer: bytes) -> None:
        """What aiohttp does at the end of a request whose connection stays."""
        assert self.transport is not None
        assert self._manager is not None
        self.transport.write(answer)
        self._request_count += 1
        self._manager.requests_count += 1
        self._next_keepalive_close_time = until = self._loop.time() + self._keepalive_timeout
        if self._keepalive_handle is None:
            self._keepalive_handle = self._loop.call_at(until, self._process_keepalive)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        """Refuse what is no HTTP; only a fault of ours is worth a trace."""
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            log.debug("refused what cannot be parsed: %r", exc)
            response = answer(400, "malformed", "The request cannot be parsed.")
        else:
            log.error("a request ended outside of its handler", exc_info=exc)
            response = answer(500, "internal", "This is a fault of ours; it has been recorded.")
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun, and breaks off") from exc
        response.force_close()
        return response


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

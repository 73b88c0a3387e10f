"""The lean way to carry a session: its socket is taken from aiohttp at the upgrade, and nothing else of the request is kept.

No task, no parser and no queue belong to a silent session. They are made when bytes come, and dropped when all is answered.
"""

import asyncio
import os
import socket
from collections import deque

from aiohttp import web

from server.sockets.inbound import Binary, Event, Inbound, Over, Pinged, Text
from server.sockets.limits import HEARTBEAT_SECONDS, PARSED_BYTES, SEND_BUFFER_BYTES, SILENT_HEARTBEATS, WAITING_MESSAGES
from server.sockets.lines import Line, Lines
from server.sockets.wires import Talk


class Detached(web.StreamResponse):
    """What aiohttp is told: all has been answered. It closes its end of the connection, of which we have another one."""

    def __init__(self) -> None:
        super().__init__(status=101)
        self.force_close()

    async def prepare(self, request: web.BaseRequest) -> None:
        """Everything was written."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing follows."""


def obstacle(request: web.Request) -> str | None:
    """Why this connection cannot be taken from aiohttp; None where it can."""
    transport = request.transport
    if transport is None or transport.is_closing():
        return "it is gone"
    if transport.get_extra_info("sslcontext") is not None:
        return "it is encrypted by this process"
    if transport.get_extra_info("socket") is None:
        return "it has no socket"
    if transport.get_write_buffer_size():
        return "an answer to an earlier request is still under way"
    if request.body_exists:
        return "the request has a body"
    protocol = request.protocol
    if not isinstance(getattr(protocol, "_message_tail", None), bytes) or getattr(protocol, "_upgraded", None) is not True:
        return "this version of aiohttp keeps what follows an upgrade elsewhere"
    return None


def carry(request: web.Request, talk: Talk, answer: bytes, lines: Lines) -> web.StreamResponse:
    """Answer the upgrade and let `talk` go on by itself; `obstacle` has found none."""
    transport, protocol = request.transport, request.protocol
    assert transport is not None
    # What aiohttp has read beyond the request, the client's first messages, is in its "tail".
    tail, protocol._message_tail = protocol._message_tail, b""
    begin(transport, talk, answer, tail, lines)
    return Detached()


def begin(transport: asyncio.Transport, talk: Talk, answer: bytes, tail: bytes, lines: Lines) -> None:
    """Take the connection from a transport, answer, and read on behind what was read as `tail`.

    Raises:
        OSError: there is no descriptor to be had; the transport is as before.
    """
    descriptor = os.dup(transport.get_extra_info("socket").fileno())
    try:
        tune(descriptor)
        line = LeanLine(lines, descriptor, talk, answer)
    except OSError:
        os.close(descriptor)
        raise
    transport.close()  # from here on it reads nothing
    talk.begin(line)
    line.flush()
    if tail:
        line.received(tail, asyncio.get_running_loop().time())


def tune(descriptor: int) -> None:
    """Tell the kernel what it need not do for a peer."""
    connection = socket.socket(-1, socket.SOCK_STREAM, 0, descriptor)
    try:
        # Else the kernel hides megabytes of a peer that reads nothing from the session's budget.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        if connection.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_USER_TIMEOUT"):
            # What is acknowledged by nobody for so long has no peer; the kernel would try for a quarter of an hour (RFC 5482).
            milliseconds = int(SILENT_HEARTBEATS * HEARTBEAT_SECONDS * 1000)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
    finally:
        connection.detach()


class _Reading:
    """What there is of a session that is not silent."""

    __slots__ = ("inbound", "rest", "task", "waiting")

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound
        self.rest = b""  # not parsed yet
        self.waiting: deque[Event] = deque()
        self.task: asyncio.Task[None] | None = None


class LeanLine(Line):
    """One session's connection."""

    __slots__ = ("_deaf", "_reading", "_talk")

    def __init__(self, lines: Lines, descriptor: int, talk: Talk, unsent: bytes) -> None:
        super().__init__(lines, descriptor, unsent)
        self._talk = talk
        self._reading: _Reading | None = None
        self._deaf = False  # nothing counts after a close

    def received(self, data: bytes, now: float) -> None:
        """See `Line`."""
        self._talk.heard(now)
        if self._deaf:
            return
        reading = self._reading
        if reading is None:
            reading = self._reading = _Reading(Inbound(self._talk.most_bytes))
        reading.rest += data
        self._go_on(reading)

    def lost(self, error: OSError | None) -> None:  # noqa: ARG002 - however it ended
        """See `Line`."""
        reading, self._reading = self._reading, None
        self._deaf = True
        if reading is None or reading.task is None:
            self._talk.ended()
        else:
            reading.task.add_done_callback(lambda _: self._talk.ended())

    def _go_on(self, reading: _Reading) -> None:
        """Parse as much as may wait, and see to it that it is answered."""
        while reading.rest and len(reading.waiting) < WAITING_MESSAGES and not self._deaf:
            part, reading.rest = reading.rest[:PARSED_BYTES], reading.rest[PARSED_BYTES:]
            for event in reading.inbound.feed(part):
                self._take(event, reading)
        if self._deaf:
            reading.rest = b""
        if reading.waiting and reading.task is None:
            reading.task = asyncio.create_task(self._answer(reading), name="answers")
            reading.task.add_done_callback(self._answered)
        if reading.rest:
            self.pause_reading()
        else:
            self.resume_reading()
            if reading.task is None and (self._deaf or not reading.inbound.midway):
                self._reading = None

    def _take(self, event: Event, reading: _Reading) -> None:
        if isinstance(event, Pinged):
            if self._talk.open:
                self._talk.pinged(event.payload)
            return
        self._deaf = isinstance(event, Over)
        if isinstance(event, Over) and not reading.waiting and reading.task is None:
            self._finish(event)
        else:
            reading.waiting.append(event)

    async def _answer(self, reading: _Reading) -> None:
        while reading.waiting:
            match reading.waiting.popleft():
                case Text(text) if self._talk.open:
                    await self._talk.text(text)
                case Binary(data) if self._talk.open:
                    await self._talk.binary(data)
                case Over() as over:
                    self._finish(over)
            if reading.rest:
                self._go_on(reading)

    def _answered(self, task: "asyncio.Task[None]") -> None:
        reading = self._reading
        failed = task.exception() if not task.cancelled() else None
        if failed is not None:
            self._deaf = True
            self._talk.failed(failed)
        if reading is not None:
            reading.task = None
            if failed is not None:
                reading.waiting.clear()
            self._go_on(reading)  # a close may have come since the task's last look

    def _finish(self, over: Over) -> None:
        """The last frame: ours, or the answer to ours. The peer sees the end of the stream, and ends it too (7.1.1)."""
        if self._talk.open:
            self._talk.close(over.why)
            # Closing at once would reset the connection if the peer still sends, and it might never read our frame.
            self.write_eof()
        else:
            self.close()

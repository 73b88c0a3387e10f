"""Connections without a transport of the event loop's: one epoll for all of them, and some 200 bytes for each.

A transport of uvloop costs 1.4 KB, aiohttp's part of a connection another 12. Most live sessions are silent most of the time,
so that what they cost while nothing happens is what a process can hold of them.
"""

import asyncio
import errno
import logging
import os
import select
import socket
from abc import ABC, abstractmethod
from enum import IntEnum

from server.sockets.limits import READ_BYTES, READY_AT_ONCE

AVAILABLE = hasattr(select, "epoll")
"""Linux has it."""

log = logging.getLogger(__name__)


class _State(IntEnum):
    OPEN = 0
    EOF = 1  # nothing more is written after what is unsent
    CLOSING = 2  # nothing more is read either, and the end comes after what is unsent
    ENDING = 3  # the end comes in this turn of the loop
    ENDED = 4


_OPEN = _State.OPEN  # looking a member up costs more than comparing with it


class Lines:
    """All connections of a process that are carried so; belongs to the running loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._lines: dict[int, Line] = {}
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._loop.add_reader(self._epoll.fileno(), self._ready)

    def __len__(self) -> int:
        return len(self._lines)

    def close(self) -> None:
        """Cut whatever is left."""
        for line in list(self._lines.values()):
            line.abort()
            line.end(None)
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def add(self, line: "Line", descriptor: int) -> None:
        """Watch a descriptor for whoever reads it."""
        self._epoll.register(descriptor, select.EPOLLIN)  # first, for the kernel may watch no more
        self._lines[descriptor] = line

    def watch(self, descriptor: int, *, reads: bool, writes: bool) -> None:
        """Change what it is watched for; errors always are."""
        self._epoll.modify(descriptor, (select.EPOLLIN if reads else 0) | (select.EPOLLOUT if writes else 0))

    def remove(self, descriptor: int) -> None:
        """Forget it, and close it."""
        del self._lines[descriptor]
        self._epoll.unregister(descriptor)
        os.close(descriptor)

    def read(self, descriptor: int) -> bytes:
        """What has come; nothing at the end of the stream.

        Raises:
            OSError: BlockingIOError where nothing is there, others where the connection has broken.
        """
        return bytes(self._buffer[: os.readv(descriptor, [self._buffer])])

    def soon(self, line: "Line", error: OSError | None) -> None:
        """End it, but not in the midst of whatever is being done with it."""
        self._loop.call_soon(line.end, error)

    def _ready(self) -> None:
        now = self._loop.time()
        for descriptor, events in self._epoll.poll(0, READY_AT_ONCE):
            line = self._lines.get(descriptor)
            if line is None:
                continue  # closed by one that was ready before it
            try:
                line.ready(events, now)
            except Exception:
                log.exception("a connection stumbled")
                line.abort()


class Line(ABC):
    """One connection: a transport to those who write, and what reads it as a subclass. A descriptor belongs to it from now on.

    Writing tries the socket at once. What it does not take waits, and so does what was handed over as `unsent`, until `flush`.
    """

    __slots__ = ("_descriptor", "_lines", "_paused", "_state", "_unsent")

    def __init__(self, lines: Lines, descriptor: int, unsent: bytes = b"") -> None:
        self._lines = lines
        self._descriptor = descriptor
        self._state = _State.OPEN
        self._paused = False
        self._unsent: bytearray | None = bytearray(unsent) if unsent else None
        lines.add(self, descriptor)

    # For subclasses

    @abstractmethod
    def received(self, data: bytes, now: float) -> None:
        """Bytes have come."""

    @abstractmethod
    def lost(self, error: OSError | None) -> None:
        """The connection is no more; nothing comes after this."""

    def pause_reading(self) -> None:
        """Leave what comes to the kernel, and so, in time, with the peer."""
        if not self._paused:
            self._paused = True
            self._watch()

    def resume_reading(self) -> None:
        if self._paused:
            self._paused = False
            self._watch()

    # A transport

    def write(self, data: bytes) -> None:
        """Send, or keep what the kernel does not take."""
        if self._state is not _OPEN:
            return
        if self._unsent:
            self._unsent += data
        elif not self.offer(data):
            self._unsent = bytearray(data)
            self._watch()

    def offer(self, data: bytes) -> bool:
        """See `Direct`; thousands of sessions pay for each word here."""
        if self._unsent is not None or self._state is not _OPEN:
            return False
        try:
            sent = os.write(self._descriptor, data)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            self._break(error)
            return True
        if sent < len(data):
            self._unsent = bytearray(memoryview(data)[sent:])
            self._watch()
        return True

    def flush(self) -> None:
        """Send what is unsent, as far as the kernel takes it now."""
        if not self._unsent or self._state >= _State.ENDING:
            return
        try:
            sent = os.write(self._descriptor, self._unsent)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError as error:
            self._break(error)
            return
        del self._unsent[:sent]
        if self._unsent:
            self._watch()
        else:
            self._unsent = None
            self._drained()

    def get_write_buffer_size(self) -> int:
        return len(self._unsent) if self._unsent else 0

    def is_closing(self) -> bool:
        return self._state >= _State.CLOSING

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        """End our direction once all is sent; the other one goes on."""
        if self._state is _State.OPEN:
            self._state = _State.EOF
            if not self._unsent:
                self._drained()

    def close(self) -> None:
        """End it once all is sent."""
        if self._state < _State.CLOSING:
            self._state = _State.CLOSING
            if self._unsent:
                self._watch()
            else:
                self._drained()

    def abort(self) -> None:
        """End it now, whatever is unsent."""
        self._break(None)

    # For `Lines`

    def ready(self, events: int, now: float) -> None:
        """Something can be done with the descriptor."""
        if self._state >= _State.ENDING:
            return
        if events & select.EPOLLOUT:
            self.flush()
            if not self._unsent:
                self._watch()
        if self._state >= _State.CLOSING or self._paused:
            if events & (select.EPOLLERR | select.EPOLLHUP):
                self._break(ConnectionResetError(errno.ECONNRESET, "the peer has gone"))
        elif events & (select.EPOLLIN | select.EPOLLERR | select.EPOLLHUP):
            self._read(now)

    def end(self, error: OSError | None) -> None:
        """Close the descriptor, and say so."""
        if self._state is not _State.ENDED:
            self._state = _State.ENDED
            self._lines.remove(self._descriptor)
            self.lost(error)

    def _read(self, now: float) -> None:
        try:
            data = self._lines.read(self._descriptor)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._break(error)
            return
        if data:
            self.received(data, now)
        else:
            self.close()  # the peer writes nothing more: what we have for it still goes out

    def _drained(self) -> None:
        if self._state is _State.CLOSING:
            self._break(None)
        elif self._state is _State.EOF:
            half = socket.socket(fileno=self._descriptor)
            try:
                half.shutdown(socket.SHUT_WR)
            except OSError as error:
                self._break(error)
            finally:
                half.detach()

    def _break(self, error: OSError | None) -> None:
        if self._state < _State.ENDING:
            self._state = _State.ENDING
            self._unsent = None
            self._watch()
            self._lines.soon(self, error)

    def _watch(self) -> None:
        if self._state is not _State.ENDED:
            reads = not self._paused and self._state < _State.CLOSING
            self._lines.watch(self._descriptor, reads=reads, writes=bool(self._unsent))

"""A line is a transport like the loop's own: what is written arrives in order, and each end is told once."""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.sockets.lines import Line, Lines
from tests.waiting import LIMIT_SECONDS, until


class Heard(Line):
    """Remembers what it is told."""

    def __init__(self, lines: Lines, descriptor: int, unsent: bytes = b"") -> None:
        super().__init__(lines, descriptor, unsent)
        self.data = bytearray()
        self.ends: list[OSError | None] = []

    def received(self, data: bytes, now: float) -> None:
        assert now <= asyncio.get_running_loop().time()
        self.data += data

    def lost(self, error: OSError | None) -> None:
        self.ends.append(error)


@pytest.fixture
async def lines() -> AsyncIterator[Lines]:
    found = Lines()
    yield found
    found.close()
    assert not len(found)


class Pair:
    """A line and its peer."""

    def __init__(self, lines: Lines, unsent: bytes = b"") -> None:
        ours, self.peer = socket.socketpair()
        ours.setblocking(False)
        self.peer.setblocking(False)
        self.line = Heard(lines, ours.detach(), unsent)

    async def read(self, size: int) -> bytes:
        found = bytearray()
        async with asyncio.timeout(LIMIT_SECONDS):
            while len(found) < size and (part := await asyncio.get_running_loop().sock_recv(self.peer, size - len(found))):
                found += part
        return bytes(found)

    async def ended(self) -> OSError | None:
        await until(lambda: self.line.ends, "the end")
        (error,) = self.line.ends
        return error


async def test_first_words_wait_for_each_other(lines: Lines) -> None:
    pair = Pair(lines, unsent=b"one ")
    pair.line.write(b"two ")
    with pytest.raises(BlockingIOError):
        pair.peer.recv(1)
    assert pair.line.get_write_buffer_size() == 8
    pair.line.flush()
    pair.line.write(b"three")
    assert await pair.read(13) == b"one two three"
    pair.peer.close()


async def test_more_than_the_kernel_takes_arrives_in_order_before_the_close(lines: Lines) -> None:
    pair = Pair(lines)
    parts = [bytes([nth]) * 100_000 for nth in range(30)]
    for part in parts:
        pair.line.write(part)
    assert pair.line.get_write_buffer_size() > 1_000_000
    pair.line.close()
    pair.line.write(b"too late")
    assert pair.line.is_closing()
    assert await pair.read(3_000_001) == b"".join(parts)
    assert await pair.ended() is None
    pair.peer.close()


async def test_what_is_offered_goes_at_once_or_not_at_all_and_overtakes_nothing(lines: Lines) -> None:
    pair = Pair(lines)
    assert pair.line.offer(b"one ")
    assert await pair.read(4) == b"one "
    assert pair.line.offer(bytes(3_000_000))  # the kernel takes a part, and the rest is kept
    assert pair.line.get_write_buffer_size() > 0
    assert not pair.line.offer(b"not now")
    pair.line.write(b"two")
    pair.line.close()
    assert await pair.read(3_000_004) == bytes(3_000_000) + b"two"
    assert not pair.line.offer(b"too late")
    assert await pair.ended() is None
    assert not pair.line.offer(b"too late")
    pair.peer.close()


async def test_what_a_full_kernel_refuses_is_not_kept(lines: Lines) -> None:
    pair = Pair(lines)
    while pair.line.get_write_buffer_size() == 0:
        pair.line.offer(bytes(100_000))
    kept = pair.line._unsent
    pair.line._unsent = None  # as if what the kernel has taken had ended with a message
    assert not pair.line.offer(b"refused")
    assert pair.line.get_write_buffer_size() == 0
    pair.line._unsent = kept
    pair.line.abort()
    await pair.ended()
    pair.peer.close()


async def test_offering_to_who_has_gone_ends_it(lines: Lines) -> None:
    pair = Pair(lines)
    pair.peer.close()
    assert pair.line.offer(b"anybody?")
    assert not pair.line.offer(b"anybody?")
    assert isinstance(await pair.ended(), BrokenPipeError)


async def test_the_end_of_our_direction_comes_after_what_was_written_and_leaves_the_other_one(lines: Lines) -> None:
    pair = Pair(lines)
    pair.line.write(bytes(1_000_000))
    pair.line.write_eof()
    assert await pair.read(1_000_001) == bytes(1_000_000)
    pair.peer.send(b"still there")
    await until(lambda: pair.line.data == b"still there", "what came afterwards")
    assert not pair.line.ends
    pair.peer.close()
    assert await pair.ended() is None


async def test_a_peer_that_ends_its_direction_still_gets_what_waits_for_it(lines: Lines) -> None:
    pair = Pair(lines)
    pair.line.write(bytes(1_000_000))
    pair.peer.shutdown(socket.SHUT_WR)
    await until(pair.line.is_closing, "the end of the stream")
    assert await pair.read(1_000_001) == bytes(1_000_000)
    assert await pair.ended() is None
    pair.peer.close()


async def test_who_does_not_read_holds_up_its_peer_and_reads_on_later(lines: Lines) -> None:
    pair, sent = Pair(lines), 0
    pair.line.pause_reading()
    try:
        while True:
            sent += pair.peer.send(bytes(100_000))
    except BlockingIOError:
        pass
    assert not pair.line.data
    pair.line.resume_reading()
    await until(lambda: len(pair.line.data) == sent, "all of it")
    pair.peer.close()


async def test_a_peer_that_goes_while_nobody_reads_is_noticed(lines: Lines) -> None:
    pair = Pair(lines)
    pair.line.pause_reading()
    pair.peer.close()
    error = await pair.ended()
    assert error is not None
    assert error.errno == errno.ECONNRESET


async def test_writing_to_who_has_gone_ends_it_but_not_in_the_midst_of_the_write(lines: Lines) -> None:
    pair = Pair(lines)
    pair.peer.close()
    pair.line.write(b"anybody?")
    assert pair.line.is_closing()
    assert not pair.line.ends
    assert isinstance(await pair.ended(), BrokenPipeError)


async def test_an_abort_drops_what_waits(lines: Lines) -> None:
    pair = Pair(lines)
    pair.line.write(bytes(5_000_000))
    pair.line.abort()
    pair.line.abort()
    assert pair.line.get_write_buffer_size() == 0
    assert await pair.ended() is None
    assert len(await pair.read(5_000_000)) < 5_000_000
    pair.peer.close()


async def test_what_the_kernel_does_not_watch_is_no_line(lines: Lines, tmp_path: Path) -> None:
    descriptor = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)  # epoll refuses regular files
    with pytest.raises(PermissionError):
        Heard(lines, descriptor)
    assert not len(lines)
    os.close(descriptor)  # it stays the caller's


async def test_one_that_fails_ends_alone(lines: Lines, caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Heard):
        def received(self, data: bytes, now: float) -> None:  # noqa: ARG002
            raise RuntimeError("a fault")

    bad, good = Pair(lines), Pair(lines)
    bad.line.__class__ = Failing
    bad.peer.send(b"x")
    good.peer.send(b"x")
    await bad.ended()
    await until(lambda: good.line.data, "the other one")
    assert "a fault" in caplog.text
    for pair in (bad, good):
        pair.peer.close()

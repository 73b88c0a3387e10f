"""Frames are what a client's parser expects, at every length where the header changes (RFC 6455, 5.2)."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from server.sockets import frames
from server.sockets.codes import Close


def parsed(data: bytes) -> Frame:
    stream = StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    parser = Frame.parse(stream.read_exact, mask=False)
    try:
        next(parser)
    except StopIteration as done:
        frame: Frame = done.value
        return frame
    raise AssertionError("not one whole frame")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
def test_a_text_of_any_length_arrives_whole(size: int) -> None:
    frame = parsed(frames.text(b"x" * size))
    assert (frame.opcode, frame.fin, len(frame.data)) == (Opcode.TEXT, True, size)


def test_control_frames_are_never_too_long() -> None:
    assert parsed(frames.ping(b"x" * 200)).opcode == Opcode.PING
    assert len(parsed(frames.pong(b"x" * 200)).data) == 125
    assert parsed(frames.pong()).opcode == Opcode.PONG
    assert len(parsed(frames.close(Close(4000, "é" * 200))).data) == 125


def test_a_close_holds_code_and_reason() -> None:
    frame = parsed(frames.close(Close(1012, "retry_after_ms=5")))
    assert (frame.opcode, frame.data) == (Opcode.CLOSE, b"\x03\xf4retry_after_ms=5")
    assert parsed(frames.close(Close(0))).data == b""

"""A client's bytes, put together into messages by `websockets` (RFC 6455, 5 to 7), and its texts read (8.1); without any I/O."""

import codecs
import logging
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol

from server.sockets.codes import INVALID_TEXT, NO_CODE, Close

_quiet = logging.getLogger(__name__)
_quiet.setLevel(logging.WARNING)  # at `debug` the library writes down what it parses, tokens too
_text_decoder = codecs.getincrementaldecoder("utf-8")


class Text(NamedTuple):
    """A whole text message."""

    text: str


class Binary(NamedTuple):
    """A whole binary message."""

    data: bytes


class Pinged(NamedTuple):
    """A ping, to be answered with its payload."""

    payload: bytes


class Over(NamedTuple):
    """Nothing is read after this: the client has said goodbye with this code, or it broke the protocol and this is why."""

    why: Close


Event: TypeAlias = Text | Binary | Pinged | Over


class Inbound:
    """Made when bytes come and dropped when they are whole messages: so it costs nothing while a client is silent.

    Attributes:
        midway: a frame or a message has begun and not ended.
    """

    __slots__ = ("_checking", "_frames", "_parts", "midway")

    def __init__(self, most_bytes: int) -> None:
        self._frames = Protocol(SERVER, state=OPEN, max_size=most_bytes, logger=_quiet)
        self._parts: bytearray | None = None  # of a fragmented message
        self._checking: codecs.IncrementalDecoder | None = None  # where that is a text
        self.midway = False

    def feed(self, data: bytes) -> list[Event]:
        """What these bytes complete. After an `Over` there is nothing more to feed."""
        events: list[Event] = []
        # A frame ends with the byte that completes it: fed alone, that one tells whether another frame has begun.
        for piece in (data[:-1], data[-1:]) if len(data) > 1 else (data,):
            self._frames.receive_data(piece)
            self._frames.data_to_send()  # its pongs and closes; ours count against the session's budget
            completed = self._frames.events_received()
            over = self._read(completed, events)
            self.midway = not completed or self._parts is not None
            if over is not None:
                events.append(over)
                break
        return events

    def _read(self, completed: Iterable[object], events: list[Event]) -> Over | None:
        try:
            for frame in completed:
                assert isinstance(frame, Frame)
                if (event := self._event(frame)) is not None:
                    events.append(event)
        except UnicodeDecodeError:
            return Over(INVALID_TEXT)
        # A close in the midst of a fragmented message is no error (5.4), whatever the library calls it.
        if (said := self._frames.close_rcvd) is not None:
            return Over(Close(0 if said.code == NO_CODE else said.code))
        if (why := self._frames.close_sent) is not None:
            return Over(Close(why.code, why.reason))
        return None

    def _event(self, frame: Frame) -> Event | None:
        match frame.opcode:
            case Opcode.PING:
                return Pinged(bytes(frame.data))
            case Opcode.PONG | Opcode.CLOSE:
                return None
            case Opcode.CONT:
                return self._continued(frame)
        text = frame.opcode is Opcode.TEXT
        if frame.fin:
            data = bytes(frame.data)
            return Text(data.decode()) if text else Binary(data)
        self._checking = _text_decoder() if text else None
        self._parts = bytearray()
        return self._continued(frame)

    def _continued(self, frame: Frame) -> Event | None:
        assert self._parts is not None
        if self._checking is not None:
            self._checking.decode(bytes(frame.data), final=frame.fin)  # what is no UTF-8 ends here, not with the message
        self._parts += frame.data
        if not frame.fin:
            return None
        data, self._parts = bytes(self._parts), None
        return Binary(data) if self._checking is None else Text(data.decode())

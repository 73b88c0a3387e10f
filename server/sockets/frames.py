"""Frames as a server sends them: whole, final and unmasked (RFC 6455, 5.1 and 5.2)."""

from struct import pack

from server.sockets.codes import Close

_FINAL = 0x80
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x1, 0x2, 0x8, 0x9, 0xA
MAX_CONTROL_BYTES = 125
"""Payload of a control frame (RFC 6455, 5.5)."""


def text(payload: bytes) -> bytes:
    """A text frame around UTF-8."""
    return _frame(_TEXT, payload)


def binary(payload: bytes) -> bytes:
    """A binary frame."""
    return _frame(_BINARY, payload)


def ping(payload: bytes = b"") -> bytes:
    return _frame(_PING, payload[:MAX_CONTROL_BYTES])


def pong(payload: bytes = b"") -> bytes:
    return _frame(_PONG, payload[:MAX_CONTROL_BYTES])


def close(why: Close) -> bytes:
    """A close frame; code 0 makes an empty one."""
    return _frame(_CLOSE, pack("!H", why.code) + why.reason.encode()[: MAX_CONTROL_BYTES - 2] if why.code else b"")


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size <= MAX_CONTROL_BYTES:
        return pack("!BB", _FINAL | opcode, size) + payload
    if size < 1 << 16:
        return pack("!BBH", _FINAL | opcode, 126, size) + payload
    return pack("!BBQ", _FINAL | opcode, 127, size) + payload

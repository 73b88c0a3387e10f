"""What crosses the pipe between the worker and a child: JSON in both directions, because a child may have been taken over."""

import socket
from collections.abc import Callable
from typing import Final

import msgspec

from media.errors import Code
from media.limits import Limits

FRAME_HEAD: Final = 4  # bytes of length before each message
MAX_FRAME: Final = 4 << 20  # the manifest of a three-minute ladder is some 100 KB


class Task(msgspec.Struct, kw_only=True):
    """The argument of a function that runs in a child. The child may read `input` and write into `folder`, nothing else."""

    input: str
    folder: str = ""


class Job(msgspec.Struct):
    """Parent to child: call `module:function` with this argument under these limits; `apart` as in `media/sandbox.py`."""

    function: str
    argument: msgspec.Raw
    reads: list[str]
    writes: list[str]
    limits: Limits
    apart: bool = False


class Progress(msgspec.Struct, tag="progress"):
    """Child to parent: how far a stage is, 0..1."""

    stage: str
    fraction: float


class Done(msgspec.Struct, tag="done"):
    """Child to parent: the result, to be decoded as the type that the function declares."""

    result: msgspec.Raw


class Failed(msgspec.Struct, tag="failed"):
    """Child to parent: a refusal, or a bug with its trace; `mark` as in `media/errors.py`."""

    code: Code
    detail: str
    retry: bool
    trace: str = ""
    mark: str = ""


Message = Progress | Done | Failed
Report = Callable[[str, float], None]


def frame(message: msgspec.Struct) -> bytes:
    """A message with its length in front."""
    body = msgspec.json.encode(message)
    return len(body).to_bytes(FRAME_HEAD) + body


def receive(channel: socket.socket) -> bytes:
    """The next message's body, in the child (blocking). Empty when the parent is gone."""
    head = channel.recv(FRAME_HEAD, socket.MSG_WAITALL)
    return channel.recv(int.from_bytes(head), socket.MSG_WAITALL) if len(head) == FRAME_HEAD else b""

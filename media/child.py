"""The life of one child: receive a job, lock the door, do it, tell the result, end."""

import importlib
import socket
import time
import traceback
from collections.abc import Callable
from typing import Any, Final, get_type_hints

import av.error
import msgspec

from media import frugal, sandbox
from media.errors import Internal, MediaError, mark_of
from media.task import Done, Failed, Job, Progress, Report, frame, receive

REPORT_SECONDS: Final = 0.1  # progress is for people; more often is waste
MAX_DETAIL: Final = 300
MAX_TRACE: Final = 8000


def resolve(name: str) -> Callable[[Any, Report], msgspec.Struct]:
    """The function behind `module:function`; the name comes from the parent, never from a file."""
    module, _, function = name.partition(":")
    found: Callable[[Any, Report], msgspec.Struct] = getattr(importlib.import_module(module), function)
    return found


def reporter(channel: socket.socket) -> Report:
    """A function that tells the parent of progress, seldom enough."""
    last: list[Any] = [0.0, ""]

    def report(stage: str, fraction: float) -> None:
        now = time.monotonic()
        if stage != last[1] or fraction >= 1 or now - last[0] >= REPORT_SECONDS:
            last[:] = [now, stage]
            channel.sendall(frame(Progress(stage, round(min(max(fraction, 0.0), 1.0), 4))))

    return report


def _perform(job: Job, channel: socket.socket) -> Done | Failed:
    try:
        function = resolve(job.function)
        argument = msgspec.json.decode(job.argument, type=next(iter(get_type_hints(function).values())))
        frugal.restrict()
        sandbox.enter(job.limits, job.reads, job.writes, apart=job.apart)
        return Done(msgspec.Raw(msgspec.json.encode(function(argument, reporter(channel)))))
    except MediaError as error:
        mark = mark_of(error) if isinstance(error, Internal) else ""
        return Failed(error.code, error.detail[:MAX_DETAIL], error.retry, mark=mark)
    except (MemoryError, av.error.MemoryError):
        return Failed(Internal.code, "out of memory", retry=True)
    except Exception as error:  # the loop of a process: the parent logs the trace
        detail = f"{type(error).__name__}: {error}"[:MAX_DETAIL]
        return Failed(Internal.code, detail, retry=True, trace=traceback.format_exc()[-MAX_TRACE:], mark=mark_of(error))


def run(channel: socket.socket) -> None:
    """Do the one job that comes through the channel."""
    body = receive(channel)
    if body:
        channel.sendall(frame(_perform(msgspec.json.decode(body, type=Job), channel)))

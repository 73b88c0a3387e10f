"""A bounded pool of sandboxed children: one process per task, so many at once, killed as a group when time is up."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TypeVar, get_type_hints

import msgspec

from media import landlock, seccomp
from media.errors import BY_CODE, Internal, MediaError, TimedOut, Unreadable
from media.launcher import Child, Ended, Launcher
from media.limits import Lane, Limits
from media.task import FRAME_HEAD, MAX_FRAME, Done, Failed, Job, Message, Progress, Report, Task, frame

T = TypeVar("T", bound=Task)
R = TypeVar("R", bound=msgspec.Struct)
OnProgress = Callable[[str, float], None]
OnEnd = Callable[[Ended], None]

GRACE_SECONDS: Final = 1.0  # for a child that has said its last word
MAX_MESSAGES: Final = 20_000  # a child in its right mind sends ten a second
PROBES: Final = 1
STILLS: Final = 1
CRASHES: Final = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)

_DECODER: "msgspec.json.Decoder[Message]" = msgspec.json.Decoder(Message)

logger = logging.getLogger(__name__)


class Pool:
    """At most `processes` children encode, `probes` probe and `stills` make stills at the same time; further ones wait.

    Used as `async with Pool(processes=2) as pool: facts = await pool.run(probe, Task(input=path), limits=limits.PROBE)`.
    """

    def __init__(self, processes: int | None = None, probes: int = PROBES, stills: int = STILLS) -> None:
        count = processes or len(os.sched_getaffinity(0))
        self._lanes: dict[Lane, asyncio.Semaphore] = {
            "encode": asyncio.Semaphore(count), "probe": asyncio.Semaphore(probes), "still": asyncio.Semaphore(stills)
        }  # fmt: skip
        self._launcher = Launcher()
        self._running: set[asyncio.Task[object]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    @property
    def running(self) -> int:
        """How many children run now."""
        return len(self._running)

    async def start(self) -> None:
        """Hold a zygote ready, and say once whether the kernel can confine what is forked from it."""
        if not seccomp.available():
            logger.warning("this machine has no filter of system calls: children that open uploads can use sockets and signals")
        await self._launcher.start()
        if self._launcher.apart:
            logger.warning("this kernel has no Landlock: children that open uploads get a root folder of their own")
        elif not landlock.version():
            logger.warning("this kernel has no Landlock: children that open uploads are limited, but can read every file")

    async def close(self) -> None:
        """Kill what runs and end the zygote; whoever waits for a result gets `Internal`, with `retry`."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._launcher.stop()

    async def run(
        self,
        function: Callable[[T, Report], R],
        argument: T,
        *,
        limits: Limits,
        on_progress: OnProgress | None = None,
        on_end: OnEnd | None = None,
    ) -> R:
        """Call a module's function in a new child and return its result.

        Args:
            function: importable by its name, `(argument, report) -> Struct`; the types are read from its annotations.
            argument: says which file the child may read and which folder it may write.
            limits: what the child may use, and in which lane it waits.
            on_progress: called in the event loop with (stage, fraction).
            on_end: called with the processor seconds and peak memory once the child is gone, however it ended.

        Raises:
            MediaError: the child's own refusal, or what its death means: `TimedOut`, `Internal`.
        """
        async with self._lanes[limits.lane]:
            # A task of our own: closing the pool must end the child even where the caller cannot be cancelled.
            work = asyncio.create_task(
                _perform(self._launcher, function, argument, limits, on_progress, on_end), name=f"child {_name(function)}"
            )
            self._running.add(work)
            work.add_done_callback(self._running.discard)
            try:
                return await work
            except asyncio.CancelledError:
                if (caller := asyncio.current_task()) and caller.cancelling():
                    raise
                raise Internal("the pool was closed") from None


def _name(function: Callable[..., object]) -> str:
    return f"{function.__module__}:{function.__qualname__}"


async def _perform(
    launcher: Launcher,
    function: Callable[[T, Report], R],
    argument: T,
    limits: Limits,
    on_progress: OnProgress | None,
    on_end: OnEnd | None,
) -> R:
    child = await launcher.child()
    answer: Done | Failed | MediaError | None = None
    try:
        child.writer.write(frame(_job(function, argument, limits, apart=launcher.apart)))
        answer = await _follow(child, limits, on_progress)
    finally:
        # Shielded: a child that is told to end must be seen to end, or its slot would be free too early.
        ended = await asyncio.shield(asyncio.ensure_future(child.end(GRACE_SECONDS if isinstance(answer, Done) else 0.0)))
        logger.info("child %s ended: %s", _name(function), ended)
        if on_end:
            on_end(ended)
    return _result(function, answer or _death(function, ended, limits))


def _job(function: Callable[..., object], argument: Task, limits: Limits, *, apart: bool) -> Job:
    return Job(
        function=_name(function),
        argument=msgspec.Raw(msgspec.json.encode(argument)),
        reads=[argument.input],
        writes=[argument.folder] if argument.folder else [],
        limits=limits,
        apart=apart,
    )


async def _follow(child: Child, limits: Limits, on_progress: OnProgress | None) -> Done | Failed | MediaError | None:
    """Read what the child says until it has said its last, has gone, or has used up its time."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + limits.wall_seconds
    moved, at = clock(), ("", 0.0)
    for _ in range(MAX_MESSAGES):
        try:
            async with asyncio.timeout_at(min(deadline, moved + limits.stall_seconds)):
                message = await _read(child.reader)
        except TimeoutError:
            return TimedOut("no progress" if clock() < deadline else "took too long", retry=True)
        if not isinstance(message, Progress):
            return message
        if (message.stage, message.fraction) != at:
            moved, at = clock(), (message.stage, message.fraction)
            if on_progress:
                on_progress(*at)
    return Internal("the child talks without end")


async def _read(reader: asyncio.StreamReader) -> Message | None:
    """The child's next message, or None when it is gone. What makes no sense is taken as its end."""
    try:
        length = int.from_bytes(await reader.readexactly(FRAME_HEAD))
        if length > MAX_FRAME:
            return Failed("internal", f"a message of {length} bytes", retry=True, mark="a message too long")
        return _DECODER.decode(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except msgspec.MsgspecError as error:
        return Failed("internal", f"a message that makes no sense: {error}", retry=True, mark="a message without sense")


def _death(function: Callable[..., object], ended: Ended, limits: Limits) -> MediaError:
    """What it means that a child ended without a word."""
    if ended.status == -signal.SIGXCPU or (ended.status == -signal.SIGKILL and ended.cpu_seconds >= limits.cpu_seconds):
        return TimedOut(f"used up {limits.cpu_seconds} s of processor time", retry=False)
    if limits.lane != "encode" and -ended.status in CRASHES:
        return Unreadable(f"reading it ends with {signal.Signals(-ended.status).name}")
    if ended.status < 0:
        name = signal.Signals(-ended.status).name
        return Internal(f"the child died of {name}", mark=f"{_name(function)}: {name}" if -ended.status in CRASHES else "")
    return Internal(f"the child ended with status {ended.status} and without a result")


def _result(function: Callable[[T, Report], R], answer: Done | Failed | MediaError) -> R:
    if isinstance(answer, MediaError):
        raise answer
    if isinstance(answer, Failed):
        if answer.trace:
            logger.error("child %s failed: %s\n%s", _name(function), answer.detail, answer.trace)
        raise BY_CODE[answer.code](
            answer.detail, retry=answer.retry, mark=f"{_name(function)}: {answer.mark}" if answer.mark else ""
        )
    try:
        kind: type[R] = get_type_hints(function)["return"]
        return msgspec.json.decode(answer.result, type=kind)
    except msgspec.MsgspecError as error:
        raise Internal(f"a result that makes no sense: {error}", mark=f"{_name(function)}: a result without sense") from error

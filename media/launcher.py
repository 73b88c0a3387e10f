"""The worker's hand on the zygote: starts it, asks it for children, hears of their ends."""

import asyncio
import os
import socket
import sys
from pathlib import Path
from typing import Final, NamedTuple

from media import landlock, namespace
from media.errors import Internal

# The zygote and its children inherit this and nothing else of ours: no secret, one malloc arena per core at most
# (address space is limited, and arenas count), no threads of numpy's.
ENVIRONMENT: Final = {
    "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
MESSAGE_BYTES: Final = 256
STOP_SECONDS: Final = 5.0


class Ended(NamedTuple):
    """How a child ended: exit status (negative: the signal that killed it), processor seconds, peak resident bytes."""

    status: int
    cpu_seconds: float
    peak_bytes: int


class Child:
    """A running child: its end of the channel, and the news of its end."""

    def __init__(self, number: int, launcher: "Launcher", reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.number = number
        self.reader = reader
        self.writer = writer
        self._launcher = launcher

    async def end(self, grace: float = 0.0) -> Ended:
        """Make sure that the child and its whole group are gone, after `grace` seconds for it to go, and say how it ended.

        Raises:
            Internal: the child could not be started, or the zygote is gone, and with it how the child ended.
        """
        self.writer.close()
        return await self._launcher.end(self.number, grace)


class Launcher:
    """One zygote. Started on first use, and again when it died.

    `apart`: its children are to have root folders of their own, since the kernel has no Landlock and this it has.
    """

    def __init__(self) -> None:
        self.apart = False
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._last = 0
        self._ends: dict[int, asyncio.Future[Ended]] = {}

    async def start(self) -> None:
        """Start the zygote unless it runs.

        Raises:
            Internal: the machine has no place for it.
        """
        async with self._starting:
            if self._control is not None:
                return
            await self.stop()
            try:
                self.apart = not landlock.version() and await namespace.available(ENVIRONMENT)
            except OSError as error:
                raise Internal(f"no process can be started: {error}") from error
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.setblocking(False)
            try:
                with theirs:
                    self._process = await asyncio.create_subprocess_exec(
                        sys.executable, "-m", "media.zygote", str(theirs.fileno()),
                        env=ENVIRONMENT, pass_fds=(theirs.fileno(),), stdin=asyncio.subprocess.DEVNULL,
                    )  # fmt: skip
            except OSError as error:
                ours.close()
                raise Internal(f"the zygote cannot be started: {error}") from error
            except asyncio.CancelledError:
                ours.close()  # at which the zygote ends by itself
                raise
            self._control = ours
            asyncio.get_running_loop().add_reader(ours, self._hear)

    async def child(self) -> Child:
        """A new child, waiting for its job at the other end of the channel.

        That the zygote has no place for it is told at its `end`.

        Raises:
            Internal: the zygote is gone or cannot be started.
        """
        await self.start()
        self._last += 1
        number = self._last
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._ends[number] = asyncio.get_running_loop().create_future()
        try:
            with theirs:
                self._send(f"start {number}", theirs.fileno())
            reader, writer = await asyncio.open_unix_connection(sock=ours)
        except (OSError, Internal, asyncio.CancelledError):
            ours.close()  # at which the child ends by itself
            del self._ends[number]
            raise
        return Child(number, self, reader, writer)

    async def end(self, number: int, grace: float) -> Ended:
        """Kill a child unless it ends by itself, and wait for the zygote to have reaped it."""
        ending = self._ends[number]
        try:
            await asyncio.wait([ending], timeout=grace)
            if not ending.done():
                self._send(f"kill {number}")
            async with asyncio.timeout(STOP_SECONDS):
                return await ending
        except TimeoutError:
            await self.stop()  # a zygote that does not reap is broken; its children die with it
            raise Internal("the zygote does not answer") from None
        finally:
            self._ends.pop(number, None)

    async def stop(self) -> None:
        """End the zygote, and with it every child."""
        self._lose()
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()  # children die with their parent (sandbox.orphan_proof)
            await process.wait()

    def _send(self, message: str, *descriptors: int) -> None:
        if self._control is None:
            raise Internal("the zygote is gone")
        try:
            socket.send_fds(self._control, [message.encode()], descriptors)
        except OSError as error:
            self._lose()
            raise Internal(f"the zygote is gone: {error}") from error

    def _hear(self) -> None:
        assert self._control is not None
        try:
            message = self._control.recv(MESSAGE_BYTES)
        except BlockingIOError:
            return
        except ConnectionError:
            message = b""
        if message:
            self._learn(*message.decode().split())
        else:
            self._lose()

    def _learn(self, verb: str, number: str, *rest: str) -> None:
        """What the zygote says of a child (its module's docstring); somebody may have stopped waiting for it."""
        if (ending := self._ends.get(int(number))) is None or ending.done():
            return
        if verb == "ended":
            status, cpu, peak = rest
            ending.set_result(Ended(int(status), float(cpu), int(peak)))
        else:
            _break(ending, Internal(f"the child could not be started: {os.strerror(int(rest[0]))}"))

    def _lose(self) -> None:
        """Close the control socket, at which the zygote ends, and tell everybody who waits for a child."""
        if self._control is None:
            return
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        self._control = None
        for ending in self._ends.values():
            if not ending.done():
                _break(ending, Internal("the zygote is gone"))


def _break(ending: "asyncio.Future[Ended]", error: Internal) -> None:
    ending.set_exception(error)
    ending.exception()  # somebody may have stopped waiting; that is no warning

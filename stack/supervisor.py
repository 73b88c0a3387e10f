"""Keeps parts running: starts them, waits until they are ready, starts them again when they die or answer nothing, stops them."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from stack import process
from stack.process import PartError, Process, Spec

READY_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a part counts as hung, and how patiently it is started again."""

    probe_every_seconds: float = 2.5
    hung_seconds: float = 30.0  # a part that answers no probe for so long is killed and started again
    silent_probes: int = 3  # … if so many were asked: we may have been the one that stood still
    steady_seconds: float = 30.0  # after so long a life the next death counts as the first one again
    first_tries: int = 3  # a part that never was ready is given up after so many starts
    backoff_seconds: float = 0.2  # before the first restart; doubled each time, half of it by chance
    backoff_most_seconds: float = 4.0


log = logging.getLogger("reelwire.up")


class Keeper:
    """Keeps one part running until it is stopped."""

    def __init__(self, spec: Spec, limits: Limits = Limits()) -> None:
        self.spec, self.limits = spec, limits
        self.ready = asyncio.Event()
        self.process: Process | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready for the first time; from then on it is kept running.

        Raises:
            PartError: it did not become ready after `first_tries` starts.
        """
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.spec.name}")
        ready = asyncio.create_task(self.ready.wait(), name=f"await {self.spec.name}")
        try:
            await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
            if self._task.done():
                self._task.result()
        finally:
            ready.cancel()

    async def release(self) -> None:
        """Start it no more; what runs goes on running."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def stop(self) -> None:
        """Stop it: its signal, its time, then kill -9 for all that is left of it."""
        await self.release()
        if self.process is not None:
            began = time.monotonic()
            await self.process.stop(self.spec.stop_signal, self.spec.stop_seconds)
            log.info("%s stopped after %.1f s, status %s", self.spec.name, time.monotonic() - began, self.process.status)
        if self.spec.clean:
            self.spec.clean()

    async def _keep(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            try:
                why = await self._live_once()
            except (PartError, OSError) as error:
                why = str(error) or repr(error)
            except Exception as error:  # whatever it is, the part is needed
                log.exception(self.spec.name)
                why = repr(error)
            failures = 1 if time.monotonic() - began > self.limits.steady_seconds else failures + 1
            if not self.ready.is_set() and failures >= self.limits.first_tries:
                raise PartError(f"{self.spec.name} does not start: {why}\n{tail(self.spec)}")
            pause = self._backoff(failures)
            log.warning("%s: %s; again in %.1f s", self.spec.name, why, pause)
            await asyncio.sleep(pause)

    async def _live_once(self) -> str:
        try:
            return await self._live()
        finally:
            await self._clear()

    async def _live(self) -> str:
        """One life of the part; why it ended."""
        if self.spec.prepare:
            await self.spec.prepare()
        self.process = process.start(self.spec)
        log.info("%s started, process %d", self.spec.name, self.process.pid)
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.spec.start_seconds):
                await until_ready(self.spec, self.process)
        except TimeoutError:
            return f"not ready after {self.spec.start_seconds:.0f} s"
        log.info("%s ready after %.2f s", self.spec.name, time.monotonic() - began)
        self.ready.set()
        return await self._watch(self.process)

    async def _watch(self, running: Process) -> str:
        """Wait until it ends, or has answered nothing for too long."""
        answered, silent = time.monotonic(), 0
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.ended.wait(), self.limits.probe_every_seconds)
            if running.status is not None:
                return f"ended with status {running.status}"
            if await self.spec.alive():
                answered, silent = time.monotonic(), 0
                continue
            silent += 1
            if silent >= self.limits.silent_probes and time.monotonic() - answered >= self.limits.hung_seconds:
                return f"answered nothing for {time.monotonic() - answered:.0f} s"

    def _backoff(self, failures: int) -> float:
        whole = min(self.limits.backoff_most_seconds, self.limits.backoff_seconds * 2 ** min(failures - 1, 10))
        return random.uniform(whole / 2, whole)  # noqa: S311 - jitter

    async def _clear(self) -> None:
        """Take down what is left of a life, unless it is the stop that ended our watching."""
        if asyncio.current_task() is self._task and self._task is not None and self._task.cancelling():
            return
        if self.process is not None:
            await self.process.kill()
        await process.kill_orphans()
        if self.spec.clean:
            self.spec.clean()


async def until_ready(spec: Spec, running: Process) -> None:
    """Ask until it is ready.

    Raises:
        PartError: it ended instead.
    """
    while not await spec.ready():
        if running.status is not None:
            raise PartError(f"ended with status {running.status}")
        await asyncio.sleep(READY_EVERY_SECONDS)


async def start_all(keepers: Sequence[Keeper]) -> None:
    """Start these side by side and wait until all are ready.

    Raises:
        PartError: one of them does not start (the others go on, for the caller to stop).
    """
    failed: list[str] = []
    try:
        async with asyncio.TaskGroup() as group:
            for keeper in keepers:
                group.create_task(keeper.start(), name=f"start {keeper.spec.name}")
    except* PartError as errors:
        failed = [str(error) for error in errors.exceptions]
    if failed:
        raise PartError("\n".join(failed))


async def stop_all(keepers: Sequence[Keeper]) -> None:
    """Stop these side by side."""
    await asyncio.gather(*(keeper.stop() for keeper in keepers))


def tail(spec: Spec) -> str:
    """The end of a part's log."""
    return spec.log.read_bytes()[-1500:].decode(errors="replace").strip() if spec.log.exists() else "(it wrote nothing)"

"""`reelwire up`: the whole system on this machine, every part a child of this process."""

import argparse
import asyncio
import contextlib
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import aiohttp

from stack import environment, lock, logs, ports, process, servers
from stack.credentials import CredentialsError
from stack.plan import Plan, logs_of, plan
from stack.process import PartError
from stack.programs import ProgramError
from stack.runtime import RuntimeFolderError, remove_temporary, runtime_folder
from stack.supervisor import Keeper, start_all, stop_all

MIGRATE_SECONDS, DEMO_SECONDS = 300.0, 1800.0
ANSWER_SECONDS = 30.0
"""From all parts ready to the first good answer through the edge."""
PORT_SECONDS = 6.0
"""A copy that was killed needs a moment to let go of its port."""
STOP_SECONDS = 28.0
HOUSEKEEPING_SECONDS = 5.0
BEGAN = "_REELWIRE_BEGAN"
"""When ./reelwire was typed, on the machine's monotonic clock."""

log = logging.getLogger("reelwire.up")


class System:
    """The parts of one plan, running."""

    def __init__(self, parts: Plan) -> None:
        self.plan = parts
        self.postgres, self.valkey, self.s3 = Keeper(parts.postgres), Keeper(parts.valkey), Keeper(parts.s3)
        self.edge = Keeper(parts.edge)
        self.own = [Keeper(spec) for spec in parts.own]

    @property
    def keepers(self) -> list[Keeper]:
        return [self.edge, *self.own, self.valkey, self.s3, self.postgres]

    async def start(self) -> None:
        """Stores first, then the schema, then everything else, until the edge answers that all is ready.

        Raises:
            PartError: something did not start.
        """
        _say("starting PostgreSQL, Valkey and S3")
        await start_all([self.postgres, self.valkey, self.s3])
        with (self.plan.logs / "migrate.log").open("ab") as output:
            await servers.run_once(("migrate",), self.plan.variables, output, MIGRATE_SECONDS)
        environment.publish(self.plan.data, self.plan.variables)
        _say("starting serve, worker, schedule and nginx")
        await start_all([*self.own, self.edge])
        await _until(lambda: _answers(f"{self.plan.url}/readyz"), ANSWER_SECONDS, "the system is not ready")

    async def stop(self) -> None:
        """New clients first, stores last, PostgreSQL after all of them; whatever takes too long is killed."""
        environment.withdraw(self.plan.data)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await asyncio.gather(*(keeper.release() for keeper in self.keepers))
                if self.edge.process:
                    # Its listener closes, its sockets stay: they carry what serve has to say before it goes.
                    self.edge.process.send(signal.SIGQUIT)
                await stop_all(self.own)
                await self.edge.stop()
                await stop_all([self.valkey, self.s3])
                await self.postgres.stop()
        except TimeoutError:
            log.warning("not stopped in %.0f s; killing what is left", STOP_SECONDS)
        await process.kill_all(process.descendants(os.getpid()))


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or Ctrl-C; the exit status."""
    options = argparse.ArgumentParser(prog="reelwire up", description="Start the whole system on this machine.")
    options.add_argument("--demo", action="store_true", help="fill an empty system with accounts and clips")
    chosen = options.parse_args(argv)
    os.umask(0o077)
    try:
        return _run(demo=chosen.demo)
    except (lock.LockedError, CredentialsError, ports.NoPortError, PartError, ProgramError, RuntimeFolderError) as error:
        _say(str(error))
    except PermissionError as error:
        _say(f"{error.filename}: permission denied; it belongs to another user. Start as that user, or set REELWIRE_DATA_DIR")
    return 1


def _run(*, demo: bool) -> int:
    data = environment.folder(os.environ)
    if not data.exists():
        data.mkdir(parents=True)
        data.chmod(0o711)  # PostgreSQL's user passes on its way to the sockets
    with lock.locked(data):
        logs_of(data).mkdir(mode=0o700, exist_ok=True)
        logs.configure(logs_of(data))
        _raise_file_limit()
        for name in environment.unused(os.environ):
            _say(f"{name} is set and not used: `up` runs stores of its own")
        runtime = runtime_folder(data)
        try:
            process.adopt()
            return asyncio.run(_supervise(data, runtime, demo=demo))
        finally:
            remove_temporary(runtime, data)


async def _supervise(data: Path, runtime: Path, *, demo: bool) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    parts = plan(os.environ, data, runtime)
    port = parts.settings.port
    await _until(lambda: _free(port), PORT_SECONDS, f"port {port} is taken: free it, or set REELWIRE_PORT")
    system = System(parts)
    tasks = [
        asyncio.create_task(_live(system, demo=demo), name="live"),
        asyncio.create_task(stop.wait(), name="await a signal"),
        asyncio.create_task(_housekeeping(logs_of(data)), name="housekeeping"),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        _say("stopping")
        await system.stop()
    return 0


async def _live(system: System, *, demo: bool) -> None:
    """Start, say so, and then do nothing more."""
    began = float(os.environ.get(BEGAN, time.monotonic()))
    await system.start()
    print(f"reelwire is ready at {system.plan.url}", flush=True)
    _say(f"ready line after {time.monotonic() - began:.1f} s")
    if demo:
        try:
            await servers.run_once(("demo",), system.plan.variables, sys.stderr.buffer, DEMO_SECONDS)
        except PartError as error:
            _say(f"{error}; the system runs on")
    await asyncio.Event().wait()


async def _housekeeping(folder: Path) -> None:
    while True:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        try:
            await process.kill_orphans()
        except OSError as error:  # the kernel holds one of them: it must not take the rest with it
            log.warning("orphans are left: %r; next time", error)
        with contextlib.suppress(OSError):  # a full disk: next time
            await asyncio.to_thread(logs.rotate, folder)


async def _until(reached: Callable[[], Awaitable[bool]], seconds: float, otherwise: str) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await reached():  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise PartError(otherwise) from None


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, OSError):
        return False


async def _free(port: int) -> bool:
    return ports.is_free(port)


def _raise_file_limit() -> None:
    """Every socket is a descriptor; the usual limit of 1024 is soft, and children inherit what is set here."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _say(text: str) -> None:
    print(f"reelwire: {text}", file=sys.stderr, flush=True)

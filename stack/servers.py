"""Our own processes (serve, worker, schedule) as parts, and commands of ours that run once."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import server
from stack.environment import others_in
from stack.nginx import answers
from stack.process import PartError, Spec, spawn

ROOT = Path(server.__file__).parent.parent  # where `python -m server` finds itself
STOP_SECONDS = 14.0
"""Sockets are told to reconnect, jobs are handed back."""


def part(slot: str, command: str, environment: Mapping[str, str], runtime: Path, logs: Path) -> Spec:
    """One process in a named slot; its health page is on a unix socket."""
    socket = runtime / f"{slot}.sock"
    return Spec(
        name=slot,
        argv=(sys.executable, "-m", "server", command),
        environment={**environment, "REELWIRE_LISTEN": f"unix:{socket}"},
        folder=ROOT,
        log=logs / f"{slot}.log",
        ready=lambda: answers(socket, "/healthz"),
        alive=lambda: answers(socket, "/healthz"),
        prepare=lambda: asyncio.to_thread(socket.unlink, missing_ok=True),
        start_seconds=60.0,
        stop_seconds=STOP_SECONDS,
    )


async def run_once(command: tuple[str, ...], settings: Mapping[str, str], output: IO[bytes], limit: float) -> None:
    """Run a command of ours to its end.

    Raises:
        PartError: it failed, or took longer than `limit` seconds.
    """
    argv = (sys.executable, "-m", "server", *command)
    whole = others_in(os.environ) | dict(settings)
    process = spawn(command[0], argv, environment=whole, folder=ROOT, output=output)
    try:
        async with asyncio.timeout(limit):
            await process.ended.wait()
    except TimeoutError:
        raise PartError(f"reelwire {command[0]} was not done after {limit:.0f} s") from None
    finally:
        await process.kill()
    if process.status:
        raise PartError(f"reelwire {command[0]} failed with status {process.status}")

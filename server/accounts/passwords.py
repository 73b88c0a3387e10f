"""Passwords: argon2id (RFC 9106) with OWASP's least costly parameters, off the event loop, few at a time."""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from aiohttp import web
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from server.kit.errors import Unavailable

MEMORY_KIB = 19 * 1024
PASSES = 2
MAX_WAITING = 200
"""More than this many computations in line would wait longer than a request may."""
WAIT_SECONDS = 4.5
NICENESS = 10

T = TypeVar("T")


class Passwords:
    """Hashes and verifies; takes as long for a user that does not exist."""

    def __init__(self, parallel: int) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1, type=Type.ID)
        self._threads = ThreadPoolExecutor(max(1, parallel), "argon2", _step_back)
        self._waiting = 0
        self._nobody = self._hasher.hash("the password of nobody")

    async def hash(self, password: str) -> str:
        """The encoded hash to store.

        Raises:
            Unavailable: too many are waiting.
        """
        return await self._run(partial(self._hasher.hash, password))

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Whether the password is right; None stands for a user that does not exist.

        Raises:
            Unavailable: too many are waiting.
        """
        right = await self._run(partial(self._verify, encoded or self._nobody, password))
        return right and encoded is not None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, call: "partial[T]") -> T:
        if self._waiting >= MAX_WAITING:
            raise Unavailable("Too many log-ins at once; try again.")
        self._waiting += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        finally:
            self._waiting -= 1


def _step_back() -> None:
    """Let whoever answers requests go first: a log-in takes 20 ms of a core, and a feed a fraction of one."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)  # of this thread alone, on Linux


PASSWORDS: web.AppKey[Passwords] = web.AppKey("passwords", Passwords)

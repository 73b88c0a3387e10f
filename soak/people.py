"""Accounts that call the API as patient apps do, and write down what they did and whether they know that it was done."""

import asyncio
import secrets
from contextlib import suppress
from typing import Any

import aiohttp

from soak.history import Deed, Did, History

CALL_SECONDS = 20.0
PATIENCE_SECONDS = 120.0
"""So long a call is repeated that is answered by 503 or not at all."""
PAUSE_SECONDS = 0.2
PASSWORD = secrets.token_hex(12)
UNSURE = (503, 409)
"""Nobody knows whether it was done; or it runs still."""


class Person:
    """One account."""

    def __init__(self, http: aiohttp.ClientSession, history: History) -> None:
        self._http = http
        self._history = history
        self.name = ""
        self.id = ""
        self.token = ""

    async def sign_up(self, name: str) -> None:
        """Make the account; another name each time, for after a broken connection the last one may be taken."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.token:
                self.name = f"{name}_{secrets.token_hex(5)}"
                body = {"username": self.name, "email": f"{self.name}@example.org", "password": PASSWORD}
                status, answer = await self.call("POST", "/accounts", json=body)
                if status == 201:
                    self.id, self.token = answer["account"]["id"], answer["access_token"]
                else:
                    await asyncio.sleep(PAUSE_SECONDS)

    async def log_in(self) -> None:
        """A new token; nothing happens where that is refused."""
        status, answer = await self.call("POST", "/sessions", json={"login": self.name, "password": PASSWORD})
        if status == 200 or status == 201:
            self.token = answer["access_token"]

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON; a broken connection counts as 503."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        try:
            async with self._http.request(method, f"/api/v1{path}", headers=headers, timeout=timeout, **options) as answer:
                body = await answer.json() if answer.content_type == "application/json" else None
                return answer.status, body
        except (aiohttp.ClientError, TimeoutError):
            return 503, None

    async def do(self, deed: Deed, what: str, method: str, path: str, **options: Any) -> bool:
        """Do something once, and write down whether the answer says that it was done.

        Raises:
            RuntimeError: the answer is none that a correct client of a correct server gets.
        """
        began = self._history.now
        done = False
        try:
            status, answer = await self.call(method, path, **options)
            if status == 401:
                await self.log_in()
                began = self._history.now
                status, answer = await self.call(method, path, **options)
            done = 200 <= status < 300
        finally:  # the end of a run may come in the midst of a call, which is done all the same
            self._history.note(Did(self.id, deed, what, began, self._history.now if done else None))
        if not done and status not in (*UNSURE, 401, 404):
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        return done

    async def surely(self, deed: Deed, what: str, method: str, path: str, **options: Any) -> None:
        """Do something until it is known to be done; it must be idempotent."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await self.do(deed, what, method, path, **options):  # noqa: ASYNC110 - a call that failed
                    await asyncio.sleep(PAUSE_SECONDS)
                return
        raise RuntimeError(f"{method} {path} was not done in {PATIENCE_SECONDS:.0f} s")

"""The sending side of an upload: a tus client that goes on after whatever breaks, until nothing moves any more."""

import asyncio
import base64
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp

from server.uploads.notebook import Notebook
from server.uploads.tus import MEDIA_TYPE, PATH, VERSION

CHUNK_BYTES = 256 * 1024
CALL_SECONDS = 15.0
SILENCE_SECONDS = 60.0
TRIES = 10
"""In a row without a byte getting through."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
LATER = frozenset({408, 409, 423, 429})
"""Statuses after which, as after those of 500 and more, asking for the offset and going on helps."""
GONE = frozenset({404, 410})
BROKEN = (aiohttp.ClientError, TimeoutError)
"""What a connection ends with, while it is asked or while it answers."""

Moved = Callable[[int], None]


class RefusedError(Exception):
    """The system said no, and asking again does not help; the message is for whoever typed the command."""


class _AgainError(Exception):
    """It did not work this time. `seconds` is how long the system asks to be left alone."""

    def __init__(self, why: str, seconds: float = 0) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass
class Member:
    """Somebody who is logged in at one system."""

    http: aiohttp.ClientSession
    origin: str
    access: str
    refresh_token: str | None = None
    id: str = field(default="")

    @classmethod
    async def log_in(cls, http: aiohttp.ClientSession, origin: str, login: str, password: str) -> "Member":
        """By username or e-mail.

        Raises:
            RefusedError.
        """
        found = cls(http, origin, "")
        found._take(await found.call("POST", "/api/v1/sessions", json={"login": login, "password": password}))
        return found

    async def call(self, method: str, path: str, **options: Any) -> Any:
        """Call the API; what it answers.

        Raises:
            RefusedError: it refuses, or does not answer for a while.
        """
        return await patiently(lambda: self._call(method, path, **options))

    async def _call(self, method: str, path: str, **options: Any) -> Any:
        async with self.request(method, path, **options) as response:
            return await response.json()

    def request(self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any) -> "_Call":
        """One try, as a context that gives the response."""
        return _Call(self, method, urljoin(self.origin, path), dict(headers or {}), options)

    async def refresh(self) -> None:
        """Get another access token. The refresh token is kept until it is used up or over: any other answer is of a moment.

        Raises:
            RefusedError: there is none to be had.
        """
        if self.refresh_token is None:
            raise RefusedError("The access token is not good, or no longer; log in with --login.")
        try:
            await self._refresh()
        except BROKEN as error:
            raise _no_answer(self.origin, error) from None

    async def _refresh(self) -> None:
        body, timeout = {"refresh_token": self.refresh_token}, aiohttp.ClientTimeout(total=CALL_SECONDS)
        async with self.http.post(f"{self.origin}/api/v1/sessions/refresh", json=body, timeout=timeout) as response:
            if response.status == 200:
                self._take(await response.json())
            elif response.status == 401:
                self.refresh_token = None
                raise RefusedError("The session is over; log in again.")
            else:
                raise _refusal(response, response.reason)

    def _take(self, answer: Any) -> None:
        self.access, self.refresh_token = answer["access_token"], answer["refresh_token"]
        self.id = answer["account"]["id"]


@dataclass
class _Call:
    """A request whose refusals are exceptions, told apart by whether trying again helps."""

    member: Member
    method: str
    url: str
    headers: dict[str, str]
    options: dict[str, Any]
    response: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> aiohttp.ClientResponse:
        if self.member.access:
            self.headers["Authorization"] = f"Bearer {self.member.access}"
        self.options.setdefault("timeout", aiohttp.ClientTimeout(total=CALL_SECONDS))
        try:
            self.response = await self.member.http.request(self.method, self.url, headers=self.headers, **self.options)
            if self.response.status >= 400:
                await self._refused(self.response)
        except (*BROKEN, OSError) as error:
            raise _no_answer(self.member.origin, error) from None
        return self.response

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self.response is not None:
            self.response.release()
        if isinstance(error, BROKEN):  # while the answer was read
            raise _no_answer(self.member.origin, error) from None

    async def _refused(self, response: aiohttp.ClientResponse) -> None:
        with_problem = response.content_type == "application/problem+json" and self.method != "HEAD"
        detail = str((await response.json(content_type=None)).get("detail")) if with_problem else response.reason
        response.release()
        if response.status == 401 and self.member.access:
            await self.member.refresh()
            raise _AgainError("the access token was renewed")
        raise _GoneError(str(detail)) if response.status in GONE else _refusal(response, detail)


class _GoneError(RefusedError):
    """There is no such thing, or no longer."""


def _refusal(response: aiohttp.ClientResponse, detail: str | None) -> Exception:
    """What a refusal means for whoever asked."""
    if response.status in LATER or response.status >= 500:
        wait = response.headers.get("Retry-After", "")
        return _AgainError(f"{response.status} {detail}", float(wait) if wait.isdigit() else 0)
    return RefusedError(f"{response.status}: {detail}")


def _no_answer(origin: str, error: BaseException) -> _AgainError:
    return _AgainError(f"no answer from {origin}: {str(error) or type(error).__name__}")


async def patiently(step: Callable[[], Awaitable[Any]], moved: Callable[[], object] = lambda: None) -> Any:
    """Do it until it works, after pauses that double; `moved` tells how far it is, and progress begins the patience anew.

    Raises:
        RefusedError: it will not work, or has not TRIES times in a row.
    """
    tries, pause, place = 0, FIRST_PAUSE_SECONDS, moved()
    while True:
        try:
            return await step()
        except _AgainError as error:
            if moved() != place:
                tries, pause, place = 0, FIRST_PAUSE_SECONDS, moved()
            tries += 1
            if tries == TRIES or error.seconds > 10 * LONGEST_PAUSE_SECONDS:
                raise RefusedError(f"{error}; the same command goes on from here later") from None
            await asyncio.sleep(max(pause * random.uniform(0.5, 1), error.seconds))  # noqa: S311 - jitter
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


@dataclass
class Courier:
    """Brings files of one member to the system."""

    member: Member
    notebook: Notebook

    async def send(self, file: Path, said: Mapping[str, str], moved: Moved) -> tuple[str, bool]:
        """Upload a file, from where an earlier run left it; the video's id, and whether it was there already.

        Raises:
            RefusedError: what was sent so far is kept by the system.
        """
        size = (await asyncio.to_thread(file.stat)).st_size
        place = 0

        def reach(offset: int) -> None:
            nonlocal place
            place = offset
            moved(offset)

        async def attempt() -> tuple[str, bool]:
            url = await self._url(file, size, said)
            try:
                return await self._go_on(url, file, size, reach)
            except _GoneError:
                await asyncio.to_thread(self.notebook.forget, *self._names(file))
                raise _AgainError("the upload had expired; beginning anew") from None

        found: tuple[str, bool] = await patiently(attempt, lambda: place)
        await asyncio.to_thread(self.notebook.forget, *self._names(file))
        return found

    def _names(self, file: Path) -> tuple[str, str, Path]:
        return self.member.origin, self.member.id, file

    async def _url(self, file: Path, size: int, said: Mapping[str, str]) -> str:
        known = await asyncio.to_thread(self.notebook.find, *self._names(file))
        if known:
            return known
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
        headers = {"Tus-Resumable": VERSION, "Upload-Length": str(size), "Upload-Metadata": metadata}
        async with self.member.request("POST", PATH, headers) as response:
            url = urljoin(self.member.origin, response.headers["Location"])
        await asyncio.to_thread(self.notebook.note, *self._names(file), url)
        return url

    async def _go_on(self, url: str, file: Path, size: int, reach: Moved) -> tuple[str, bool]:
        async with self.member.request("HEAD", url, {"Tus-Resumable": VERSION}) as response:
            offset, told = int(response.headers["Upload-Offset"]), _video(response)
        reach(offset)
        if told:
            return told
        headers = {"Tus-Resumable": VERSION, "Content-Type": MEDIA_TYPE, "Upload-Offset": str(offset)}
        headers["Content-Length"] = str(size - offset)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CALL_SECONDS, sock_read=SILENCE_SECONDS)
        body = _bytes(file, offset, reach)
        async with self.member.request("PATCH", url, headers, data=body, timeout=timeout) as response:
            told = _video(response)
        if told is None:
            raise _AgainError("the file grew shorter while it was sent")
        return told


def _video(response: aiohttp.ClientResponse) -> tuple[str, bool] | None:
    video_id = response.headers.get("Video-Id")
    return (video_id, "Video-Duplicate" in response.headers) if video_id else None


async def _bytes(file: Path, offset: int, reach: Moved) -> AsyncIterator[bytes]:
    opened = await asyncio.to_thread(file.open, "rb")
    try:
        await asyncio.to_thread(opened.seek, offset)
        while chunk := await asyncio.to_thread(opened.read, CHUNK_BYTES):
            yield chunk
            offset += len(chunk)
            reach(offset)
    finally:
        await asyncio.to_thread(opened.close)

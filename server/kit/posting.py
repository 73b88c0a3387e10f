"""What is posted by the fast lane (`lane.py`): done as by a handler behind the middlewares, and answered in the same bytes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import cache
from http import HTTPStatus
from typing import NamedTuple, TypeAlias
from uuid import UUID

from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE

from server.kit import metrics
from server.kit.deadline import SECONDS, TOO_LONG
from server.kit.errors import Refusal, Unavailable
from server.kit.kept import Answer
from server.kit.limiter import Limiter
from server.kit.limits import limit_of
from server.kit.problems import document, refusal_of

Do = Callable[[UUID, str, bytes, str | None], Awaitable[Answer]]
"""Does what an account wants who posts these bytes, with this `Idempotency-Key`, where the path names this. It raises what a
handler raises, and says the same."""
Posting: TypeAlias = "asyncio.Task[bytes]"
"""What is being done; its result is the whole answer."""


class Post(NamedTuple):
    """A call: the pattern of the route that answers it otherwise, and what does it."""

    route: str
    do: Do


class Posts:
    """Owns what is being done, also for those who do not wait for it any more."""

    def __init__(self, limiter: Limiter | None) -> None:
        """Without a limiter nothing is limited."""
        self._limiter = limiter
        self._tasks: set[Posting] = set()

    async def close(self) -> None:
        """End what runs."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def begin(self, post: Post, account_id: UUID, name: str, body: bytes, key: str | None) -> Posting:
        """Begin what was posted."""
        task = asyncio.get_running_loop().create_task(self._answer(post, account_id, name, body, key), name="a post")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _answer(self, post: Post, account_id: UUID, name: str, body: bytes, key: str | None) -> bytes:
        began = time.perf_counter()
        try:
            told = await self._done(post, account_id, name, body, key)
        except Exception as error:  # as `problems`, which logs what is a bug
            refusal = refusal_of(error, f"POST {post.route}")
            status, answer = refusal.status, _refused(refusal)
        else:
            status, answer = told.status, _told(told)
        metrics.answered("POST", post.route, status).count(time.perf_counter() - began)
        return answer

    async def _done(self, post: Post, account_id: UUID, name: str, body: bytes, key: str | None) -> Answer:
        """As behind `deadline` and `limited`."""
        limit = limit_of("POST", post.route)
        try:
            async with asyncio.timeout(SECONDS):
                if self._limiter is None or limit is None:
                    return await post.do(account_id, name, body, key)
                async with self._limiter.counting(limit, str(account_id)) as headers:
                    told = await post.do(account_id, name, body, key)
        except TimeoutError:
            raise Unavailable(TOO_LONG) from None
        return Answer(told.status, told.body, {**told.headers, **headers})


@cache  # of statuses, of which there are few
def _line(status: int) -> str:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"


def _told(told: Answer) -> bytes:
    """As aiohttp writes `answer.of(told)`."""
    return _written(told.status, "Cache-Control: no-store\r\nContent-Type: application/json\r\n", told.headers, told.body)


def _refused(refusal: Refusal) -> bytes:
    """As aiohttp writes `problems.refused(refusal)`."""
    body = document(refusal.status, refusal.code, refusal.detail, refusal.errors)
    return _written(refusal.status, "Content-Type: application/problem+json\r\n", refusal.headers, body)


def _written(status: int, fields: str, headers: dict[str, str], body: bytes) -> bytes:
    more = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    date = rfc822_formatted_time()
    head = f"{_line(status)}{fields}{more}Content-Length: {len(body)}\r\nDate: {date}\r\nServer: {SERVER_SOFTWARE}\r\n\r\n"
    return head.encode() + body

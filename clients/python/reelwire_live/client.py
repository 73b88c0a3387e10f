"""A live session that lasts: it comes back by itself, misses nothing, and says so where it cannot be helped."""

import asyncio
import secrets
import ssl as tls
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Literal, Self

from reelwire_live import backoff
from reelwire_live.errors import ClosedError, CommandError, DisconnectedError, NotAnsweredError
from reelwire_live.events import Happening
from reelwire_live.lifeline import LATER, Lifeline
from reelwire_live.session import Session
from reelwire_live.shapes import Comment, View
from reelwire_live.tokens import FixedToken, TokenSource

PATH = "/api/v1/live"
COMMAND_SECONDS = 30.0


class LiveClient:
    """An account's live session with the reelwire at `origin`, such as `https://reelwire.example`.

    An asynchronous context manager: entering it connects, leaving it closes. Read `events()`, and call the commands from
    anywhere in the same event loop. Unless another error is named, a command raises CommandError when the server refuses it,
    NotAnsweredError after `timeout` seconds, and ClosedError when the client is closed.

    Attributes:
        position: everything up to here was taken from `events()`. Keep it over a restart of the program, and give it to the
            next client; the answer of `GET /feed/following` has one as well.
    """

    def __init__(
        self,
        origin: str,
        token: TokenSource | str,
        *,
        position: str | None = None,
        proxy: str | Literal[True] | None = True,
        ssl: tls.SSLContext | None = None,
    ) -> None:
        """`token`: an access token, or what gives one. `proxy` and `ssl`: as for `websockets.connect`."""
        if not origin.startswith(("http://", "https://")):
            raise ValueError(f"{origin} begins with neither http:// nor https://")
        url = origin.rstrip("/").replace("http", "ws", 1) + PATH
        options: dict[str, Any] = {"proxy": proxy} | ({} if ssl is None else {"ssl": ssl})
        self.position = position
        self._lifeline = Lifeline(url, FixedToken(token) if isinstance(token, str) else token, position, options)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._lifeline.run(), name="live client")
        self._task.add_done_callback(lambda _: self._end())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the session for good. What came before can still be taken from `events()`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def events(self) -> AsyncIterator[Happening]:
        """What happens, in order and for one reader. It ends when the client is closed.

        A reader that is slow for long is cut by the server, and catches up: no publication is lost.

        Raises:
            NotSignedInError: there is no good token any more.
            SessionEndedError: the log-in was ended.
        """
        if self._task is None:
            raise ClosedError("the client is not open")
        while (item := await self._lifeline.inbox.take()) is not None:
            yield item.happening
            self.position = item.position
        if (why := self._why_ended()) is not None:
            raise why

    async def ping(self, timeout: float = COMMAND_SECONDS) -> float:
        """Seconds to the server and back.

        Raises:
            DisconnectedError: the connection broke meanwhile.
        """
        began = time.monotonic()
        await self._command("ping", timeout, again=False)
        return time.monotonic() - began

    async def watch(self, video_id: str, timeout: float = COMMAND_SECONDS) -> None:
        """Hear of a video's comments and counts until `unwatch`, over breaks too. The server allows four at once."""
        await self._command("watch", timeout, video_id=video_id)
        self._lifeline.watched[video_id] = None

    async def unwatch(self, video_id: str, timeout: float = COMMAND_SECONDS) -> None:
        """Hear no more of it."""
        self._lifeline.watched.pop(video_id, None)
        if self._lifeline.session is None:
            self._running()
            return  # with the connection went the watch
        with suppress(DisconnectedError):
            await self._command("unwatch", timeout, again=False, video_id=video_id)
        self._lifeline.watched.pop(video_id, None)  # a `watch` that was under way has been answered before

    async def comment(self, video_id: str, text: str, *, key: str | None = None, timeout: float = COMMAND_SECONDS) -> Comment:
        """Comment on a video; what the server has stored, once that is on its disk.

        After a break it is sent again under the same key, and is there once. To ask again after a NotAnsweredError, give a
        `key` of your own, and the same one again.
        """
        key = key or secrets.token_urlsafe(16)
        stored: Comment = await self._command("comment", timeout, video_id=video_id, text=text, key=key)
        return stored

    async def view(self, views: Sequence[View], timeout: float = COMMAND_SECONDS) -> None:
        """Tell how videos were watched, at most 30 at once; it returns when that is on the server's disk.

        It is never sent twice, for a server that is `unavailable` may have stored it: a view that is lost is better than one
        that is told twice.

        Raises:
            DisconnectedError: the connection broke before the answer.
        """
        await self._command("view", timeout, again=False, views=list(views))

    async def _command(self, kind: str, timeout: float, *, again: bool = True, **fields: Any) -> Any:
        """Send it and wait for the answer; where it does no harm (`again`) once more after a break, or a refusal that passes."""
        attempt = 0
        try:
            async with asyncio.timeout(timeout):
                while True:
                    session = await self._open_session()
                    try:
                        return await session.ask(kind, **fields)
                    except DisconnectedError:
                        if not again:
                            raise
                    except CommandError as refusal:
                        if not again or refusal.code not in LATER:
                            raise
                    attempt += 1
                    await asyncio.sleep(backoff.pause(attempt))
        except TimeoutError:
            raise NotAnsweredError(f"{kind} was not answered within {timeout:g} s") from None

    async def _open_session(self) -> Session:
        while True:
            self._running()
            if self._lifeline.session is not None:
                return self._lifeline.session
            await self._lifeline.opened.wait()

    def _running(self) -> None:
        if self._task is None or self._task.done():
            raise self._why_ended() or ClosedError("the client is not open")

    def _why_ended(self) -> BaseException | None:
        task = self._task
        return None if task is None or not task.done() or task.cancelled() else task.exception()

    def _end(self) -> None:
        self._why_ended()
        self._lifeline.inbox.end()
        self._lifeline.opened.set()

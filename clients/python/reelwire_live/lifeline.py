"""Keeps a session open: connects, resumes, renews the token, notices dead lines, and comes back after every end but one."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidProxy, InvalidStatus, InvalidURI, WebSocketException
from websockets.typing import Subprotocol

from reelwire_live import backoff, closing
from reelwire_live.errors import CommandError, DisconnectedError, NotSignedInError, SessionEndedError, UnreachableError
from reelwire_live.events import (
    CaughtUp,
    Connected,
    Disconnected,
    Happening,
    Refused,
    VideoPublished,
    VideoRemoved,
    WatchEnded,
    event_of,
)
from reelwire_live.inbox import Inbox
from reelwire_live.line import Frame, Line, SilentError
from reelwire_live.memory import Memory
from reelwire_live.session import Session
from reelwire_live.tokens import TokenSource

SUBPROTOCOL = Subprotocol("reelwire.v1")
TOKEN_SECONDS = 30.0
OPEN_SECONDS = 10.0
CLOSE_SECONDS = 2.0
STABLE_SECONDS = 5.0
"""A session that lasted so long was a good one: the next break starts with a short pause."""
MOST_WAITING = 1_000
"""Happenings that wait for the caller; with more nothing is read, until the server closes with 4009 and we resume."""
MOST_FRAME_BYTES = 1 << 20
RENEWALS = 5
"""Tries to renew a token during a session; when it is over the next connection tries on."""
LATER = ("unavailable", "in_progress")
"""Refusals of commands that pass."""
RESUME_ID = 0


class Item(NamedTuple):
    """A happening, and the position that whoever has taken it is at."""

    happening: Happening
    position: str | None


class Ended(NamedTuple):
    """How a connection ended: a close code, or the HTTP status of a refused upgrade and its Retry-After."""

    code: int
    reason: str
    retry_after: str = ""

    def after(self, attempt: int) -> closing.After:
        """What comes next."""
        if self.code < 1000:
            return closing.after_refusal(self.code, self.retry_after, attempt)
        return closing.after_close(self.code, self.reason, attempt)


class Lifeline:
    """`run` is a task of the client.

    Attributes:
        inbox: what has happened.
        watched: videos to be watched again after a break.
        session: the open one, where there is one.
        opened: set while there is one.
    """

    def __init__(self, url: str, token: TokenSource, position: str | None, options: Mapping[str, Any]) -> None:
        self.inbox = Inbox[Item](MOST_WAITING)
        self.watched: dict[str, None] = {}
        self.session: Session | None = None
        self.opened = asyncio.Event()
        self._url = url
        self._token = token
        self._options = options
        self._position = position
        self._welcome_position = position
        self._memory = Memory()
        self._used: str | None = None
        self._refused: str | None = None
        self._resuming = False
        self._welcomed_at: float | None = None

    async def run(self) -> None:
        """Keep a session open until cancelled.

        Raises:
            NotSignedInError: there is no good token, or the log-in was ended.
        """
        attempt = 1
        while True:
            self._welcomed_at = None
            ended = await self._attempt()
            if self._was_stable:
                attempt = 1
            after = ended.after(attempt)
            if after.over:
                raise SessionEndedError(ended.reason or "the session was ended")
            if after.renew:
                self._refused = self._used
            await self._tell(Disconnected(ended.code, ended.reason, after.wait))
            await asyncio.sleep(after.wait)
            attempt += 1

    @property
    def _was_stable(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._welcomed_at is not None and now - self._welcomed_at >= STABLE_SECONDS

    async def _attempt(self) -> Ended:
        """One session, or none."""
        try:
            self._used = await self._good_token(self._refused)
            line = await connect(
                self._url,
                additional_headers={"Authorization": f"Bearer {self._used}"},
                subprotocols=[SUBPROTOCOL],
                compression=None,
                open_timeout=OPEN_SECONDS,
                close_timeout=CLOSE_SECONDS,
                ping_interval=None,  # the server's pings tell us all that ours would
                max_size=MOST_FRAME_BYTES,
                create_connection=Line,
                **self._options,
            )
            assert isinstance(line, Line)
            try:
                return await self._listen(line)
            finally:
                await line.close()
        except (InvalidURI, InvalidProxy):
            raise
        except InvalidStatus as refusal:
            response = refusal.response
            return Ended(response.status_code, response.reason_phrase, response.headers.get("Retry-After", ""))
        except (OSError, WebSocketException, UnreachableError) as error:
            return Ended(closing.ABNORMAL, str(error) or type(error).__name__)

    async def _good_token(self, refused: str | None) -> str:
        try:
            async with asyncio.timeout(TOKEN_SECONDS):
                return await self._token(refused)
        except TimeoutError:
            raise UnreachableError("no token came in time") from None

    async def _listen(self, line: Line) -> Ended:
        session = Session(line)
        self._resuming = self._position is not None
        try:
            if self._resuming:
                await line.send(json.dumps({"type": "resume", "id": RESUME_ID, "position": self._position}))
            while True:
                if (frame := await line.frame()) is not None:
                    await self._take(session, line, frame)
        except SilentError as error:
            return Ended(closing.ABNORMAL, str(error))
        except ConnectionClosed:
            if session.failure is not None:
                raise session.failure from None
            return Ended(int(line.close_code or closing.ABNORMAL), line.close_reason or "")
        finally:
            self.session = None
            self.opened.clear()
            await session.end()

    async def _take(self, session: Session, line: Line, frame: Frame) -> None:
        match frame["type"]:
            case "welcome":
                await self._welcome(session, line, frame)
            case "event":
                await self._event(frame)
            case "caught_up":
                await self._caught_up(frame["position"], recovered=frame["recovered"], missed=frame["missed"])
            case "reauthenticate":
                session.spawn(self._reauthenticate(session), "reauthentication")
            case "error" if self._resuming and frame.get("id") == RESUME_ID:
                # As good as a gap that is too long: nothing will be replayed.
                await self._caught_up(self._welcome_position, recovered=False, missed=0)
            case "ack" | "pong" | "error":
                if not session.answer(frame) and frame["type"] == "error":
                    await self._tell(Refused(str(frame.get("code")), str(frame.get("detail"))))

    async def _welcome(self, session: Session, line: Line, frame: Frame) -> None:
        self._welcomed_at = asyncio.get_running_loop().time()
        self._welcome_position = frame["position"]
        if self._position is None:
            self._position = frame["position"]
        line.expect_heartbeat(frame["heartbeat_ms"])
        session.max_message_bytes = frame["max_message_bytes"]
        await self._tell(Connected(frame["session"]))
        self.session = session
        self.opened.set()
        session.spawn(self._watch_again(session), "watching again")

    async def _event(self, frame: Frame) -> None:
        event = event_of(frame["event"], frame["data"])
        # While a replay runs the gap behind us is not closed: the old position stays until it has ended.
        if frame["position"] is not None and not self._resuming:
            self._position = frame["position"]
        if isinstance(event, VideoRemoved):
            self.watched.pop(event.data["id"], None)  # the server does not watch it any more either
        if not (isinstance(event, VideoPublished) and self._memory.is_repeat(event.data["id"])):
            await self._tell(event)

    async def _caught_up(self, position: str | None, *, recovered: bool, missed: int) -> None:
        self._resuming = False
        self._position = position
        await self._tell(CaughtUp(recovered, missed))

    async def _tell(self, happening: Happening) -> None:
        await self.inbox.put(Item(happening, self._position))

    async def _reauthenticate(self, session: Session) -> None:
        """Renew the token; what does not succeed in time ends the session with 4002, and the next one tries on."""
        for attempt in range(1, RENEWALS + 1):
            try:
                token = await self._good_token(self._used)
                await session.ask("auth", token=token)
            except UnreachableError:
                await asyncio.sleep(backoff.pause(attempt))
            except (CommandError, DisconnectedError):
                return
            except NotSignedInError as error:
                session.give_up(error)
                return
            else:
                self._used = token
                return

    async def _watch_again(self, session: Session) -> None:
        for video_id in list(self.watched):
            try:
                await self._watch(session, video_id)
            except DisconnectedError:
                return
            except CommandError as refusal:
                self.watched.pop(video_id, None)
                await self._tell(WatchEnded(video_id, refusal.code, refusal.detail))

    async def _watch(self, session: Session, video_id: str) -> None:
        attempt = 0
        while video_id in self.watched:
            try:
                await session.ask("watch", video_id=video_id)
            except CommandError as refusal:
                if refusal.code not in LATER:
                    raise
            else:
                return
            attempt += 1
            await asyncio.sleep(backoff.pause(attempt))

"""What a client says: each message is one JSON object with a `type`, and each is answered."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from server.comments.saying import Said, Saying, Wish, wished
from server.kit.auth import Authenticator
from server.kit.body import parse_json, validated
from server.kit.deadline import SECONDS
from server.kit.errors import Invalid, InvalidToken, Malformed, Refusal, Unavailable
from server.kit.idempotency import InProgress
from server.kit.kept import Answer
from server.kit.limiter import Limiter
from server.kit.limits import COMMENTS
from server.kit.text import unstorable
from server.kit.work import Work
from server.live.limits import COMMENTS_OUTSTANDING, WRITE_BYTES
from server.live.presence import Audience
from server.live.resume import Resumes
from server.live.session import Session
from server.live.watching import Watching
from server.live.wire import (
    Ack,
    Auth,
    Error,
    MessageId,
    Ping,
    Pong,
    RawCommentAck,
    Resume,
    Unwatch,
    View,
    Watch,
    WriteComment,
)
from server.plays import actions as plays
from server.sockets import codes, frames
from storage.postgres import AWAY

log = logging.getLogger(__name__)

_written = msgspec.json.Decoder(WriteComment).decode

PASSING = (InProgress, Unavailable)
"""What passes by itself, and is no error of the client's."""


class UnknownType(Refusal):
    """There is no such command."""

    status = 400
    code = "unknown_type"


class BadJson(Refusal):
    """The message is no JSON object."""

    status = 400
    code = "bad_json"


class TextOnly(Refusal):
    """The message is binary."""

    status = 400
    code = "text_only"


class ResumeTooLate(Refusal):
    """Only the first message can resume."""

    status = 409
    code = "resume_too_late"


def encoded(message: msgspec.Struct) -> bytes:
    """The frame of one of our messages."""
    return frames.text(msgspec.json.encode(message))


@dataclass(slots=True)
class Conversation:
    """One session's side of the talk; messages are taken one after the other, also while a replay runs, or comments are stored.

    Attributes:
        start_work: begins a transaction of the session's account.
        saying: comments, with all others of this process.
        limited: accounts have quotas.
        limiter: counts what is said here with what comes by HTTP; None where nothing is limited.
        fresh: nothing has been said yet, and live events are held back for a `resume`.
        replay: the task of the replay that was asked for; `end` ends it.
        said: answers to comments that were committed together; they leave in one write, for each is a call of the kernel's.
        outstanding: comments that are not answered yet; `freed` is done when there is one fewer.
    """

    session: Session
    audience: Audience
    authenticator: Authenticator
    resumes: Resumes
    watching: Watching
    start_work: Callable[[], AbstractAsyncContextManager[Work]]
    saying: Saying
    limited: bool
    limiter: Limiter | None = None
    fresh: bool = True
    silent: bool = True
    replay: "asyncio.Task[None] | None" = None
    said: bytearray = field(default_factory=bytearray)
    outstanding: int = 0
    freed: "asyncio.Future[None] | None" = None

    def settle(self) -> None:
        """The client resumes, or it does not: either way it waits no longer."""
        if self.fresh:
            self.fresh = False
            self.session.release()

    async def hear(self, text: str) -> None:
        """Answer a message."""
        first, self.silent = self.silent, False
        message: dict[str, Any] = {}
        try:
            if (written := _comment_in(text)) is not None:
                message = {"id": written.id}
                await self._comment(written)
            else:
                message = _parsed(text)
                await self._do(message, first=first)
        except Refusal as refusal:
            self.refuse(refusal, _id_of(message))
        except AWAY:
            self.session.send(_away(_id_of(message)))
        self.settle()

    def end(self) -> "asyncio.Task[None] | None":
        """The connection is over, and with it the replay; which is returned where it is still to end."""
        if self.replay is None or self.replay.done():
            return None
        self.replay.cancel()
        return self.replay

    def hear_binary(self) -> None:
        """Refuse a binary message."""
        self.silent = False
        self.refuse(TextOnly("Send text frames."))
        self.settle()

    def refuse(self, refusal: Refusal, message_id: int | None = None) -> None:
        """Tell what was wrong; a client that errs all the time is sent away, unless it is told to come again."""
        self.session.send(encoded(Error(message_id, refusal.code, refusal.detail)))
        if not isinstance(refusal, PASSING) and self.session.erred():
            self.session.close(codes.TOO_MANY_ERRORS)

    async def _do(self, message: dict[str, Any], *, first: bool) -> None:
        kind = message.pop("type", None)
        if not isinstance(kind, str):
            raise Invalid("A message needs a type.")
        match kind:
            case "ping":
                self.session.send(encoded(Pong(validated(message, Ping).id)))
            case "auth":
                await self._authenticate(validated(message, Auth))
            case "resume":
                if not first:
                    raise ResumeTooLate("Resume with the first message of a session.")
                self._resume(validated(message, Resume).position)
            case "view":
                await self._view(validated(message, View))
            case "watch":
                await self._watch(validated(message, Watch))
            case "unwatch":
                unwatch = validated(message, Unwatch)
                self.watching.unwatch(self.session, unwatch.video_id)
                self.session.send(encoded(Ack(unwatch.id)))
            case "comment":
                await self._comment(validated(message, WriteComment))
            case _:
                raise UnknownType("There is no such command here.")

    def _resume(self, position: str) -> None:
        self.session.hold()  # now, for `settle` ends the hold that waited for this message
        replay = self.resumes.resume(self.session, self.audience, position)
        self.replay = asyncio.create_task(replay, name="replay")
        self.replay.add_done_callback(self._replayed)

    def _replayed(self, replay: "asyncio.Task[None]") -> None:
        if not replay.cancelled() and (error := replay.exception()) is not None:
            log.error("a replay ended", exc_info=error)
            self.session.close(codes.retry_soon())

    async def _view(self, view: View) -> None:
        async with asyncio.timeout(SECONDS), self.start_work() as w:
            await plays.watch_many(w, self.session.account_id, view.views, limited=self.limited)
        self.session.send(encoded(Ack(view.id)))

    async def _watch(self, watch: Watch) -> None:
        async with asyncio.timeout(SECONDS):
            await self.watching.watch(self.session, self.audience, self.start_work, watch.video_id)
        self.session.send(encoded(Ack(watch.id)))
        self.watching.begin(self.session, watch.video_id)

    async def _comment(self, written: WriteComment) -> None:
        if self.limiter is not None:
            await self.limiter.take(COMMENTS, str(self.session.account_id))
        while self.outstanding >= COMMENTS_OUTSTANDING:
            self.freed = asyncio.get_running_loop().create_future()
            await self.freed
        wish = wished(self.session.account_id, written.video_id, {"text": written.text}, written.key)
        self.outstanding += 1
        # The next message is heard meanwhile, so that many are committed together. Their answers come in order all the same.
        self.saying.put(wish).add_done_callback(partial(self._said, written.id, wish))

    def _said(self, message_id: int | None, wish: Wish, saying: "asyncio.Future[Said | BaseException]") -> None:
        said = None if saying.cancelled() else saying.exception() or saying.result()
        if said == "busy":
            self.saying.patient(wish).add_done_callback(partial(self._said, message_id, wish))
            return
        self.outstanding -= 1
        if self.freed is not None and not self.freed.done():
            self.freed.set_result(None)
        if isinstance(said, Answer):
            if not self.said:  # all of its batch have their answers by now, and are told in this turn of the loop
                asyncio.get_running_loop().call_soon(self._tell_said)
            self.said += encoded(RawCommentAck(message_id, msgspec.Raw(said.body)))
            if len(self.said) > WRITE_BYTES:
                self._tell_said()
            return
        self._tell_said()
        if isinstance(said, Refusal):
            self.refuse(said, message_id)
        elif isinstance(said, AWAY):
            self.session.send(_away(message_id))
        elif said is not None:
            log.error("a comment ended", exc_info=said)
            self.session.close(codes.retry_soon())

    def _tell_said(self) -> None:
        if self.said:
            self.session.send(bytes(self.said))
            self.said.clear()

    async def _authenticate(self, auth: Auth) -> None:
        claims = await self.authenticator.claims(auth.token)
        if claims.account_id != self.session.account_id or claims.expires_at <= time.time():
            raise InvalidToken("This token is not of this account, or it has expired.")
        self.session.renew(claims.session_id, claims.expires_at)
        self.session.send(encoded(Ack(auth.id)))


def _away(message_id: int | None) -> bytes:
    return encoded(Error(message_id, "unavailable", "Briefly unavailable; try again."))


def _comment_in(text: str) -> WriteComment | None:
    """The message, where it is a good comment, at a fifth of what any other costs."""
    if '"comment"' not in text:
        return None
    try:
        found = _written(text)
    except (msgspec.DecodeError, UnicodeError):
        return None  # and what is wrong with it is said by the other way
    return found if unstorable(found.text) is None and unstorable(found.key) is None else None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return parse_json(text.encode())
    except Malformed as refusal:
        raise BadJson(refusal.detail) from None


def _id_of(message: dict[str, Any]) -> int | None:
    """The client's number where it is one."""
    try:
        return msgspec.convert(message.get("id"), MessageId | None)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return None

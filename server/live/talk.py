"""Our side of one live session: a `Talk`, from before its welcome to the moment when nothing speaks of it any more."""

import logging

from server.live import metrics
from server.live.commands import Conversation, encoded
from server.live.gateway import Gateway
from server.live.limits import MAX_MESSAGE_BYTES
from server.live.session import Session
from server.live.wire import Welcome
from server.sockets import codes, frames
from server.sockets.codes import Close
from server.sockets.limits import HEARTBEAT_SECONDS
from server.sockets.wires import Transport

log = logging.getLogger(__name__)


class LiveTalk:
    """Holds a session's place among those who are present, until `ended`. A client that says nothing needs no conversation."""

    __slots__ = ("_conversation", "_ended", "_fresh", "_gateway", "_theirs", "session")

    most_bytes = MAX_MESSAGE_BYTES

    def __init__(self, gateway: Gateway, session: Session) -> None:
        self._gateway = gateway
        self._conversation: Conversation | None = None
        self._fresh = True
        self._theirs = False  # the client ended it
        self._ended = False
        self.session = session

    @property
    def open(self) -> bool:
        """See `Talk`."""
        return self.session.open

    def begin(self, transport: Transport) -> None:
        """See `Talk`."""
        session, hub = self.session, self._gateway.hub
        session.attach(transport)
        hub.presence.began(session)
        self._gateway.quota.began(session)
        session.begin(hub.applied)
        welcome = Welcome(session.id, hub.position, int(HEARTBEAT_SECONDS * 1000), MAX_MESSAGE_BYTES)
        session.send(encoded(welcome))
        self._gateway.clocks.begin(self)
        metrics.OPENED.inc()
        metrics.SESSIONS.inc()

    def settle(self) -> None:
        """The client resumes, or it does not: either way it waits no longer."""
        if self._conversation is not None:
            self._conversation.settle()
        elif self._fresh:
            self._fresh = False
            self.session.release()

    def heard(self, now: float) -> None:
        """See `Talk`."""
        self.session.heard_at = now

    async def text(self, text: str) -> None:
        """See `Talk`."""
        await self._talking().hear(text)

    async def binary(self, data: bytes) -> None:  # noqa: ARG002 - whatever it is
        """See `Talk`."""
        self._talking().hear_binary()

    def pinged(self, payload: bytes) -> None:
        """See `Talk`."""
        self.session.send(frames.pong(payload))

    def close(self, why: Close) -> None:
        """See `Talk`."""
        self._theirs = self._theirs or self.session.ending is None
        self.session.close(why)

    def failed(self, error: BaseException) -> None:
        """See `Talk`."""
        log.error("a message could not be answered", exc_info=error)
        self.session.close(codes.retry_soon())

    def ended(self) -> None:
        """See `Talk`; also where it never began."""
        if self._ended:
            return
        self._ended = True
        replay = self._conversation.end() if self._conversation is not None else None
        if replay is None:
            self._leave()
        else:
            replay.add_done_callback(lambda _: self._leave())

    def _talking(self) -> Conversation:
        if self._conversation is None:
            self._conversation = self._gateway.converse(self.session, self._fresh)
        return self._conversation

    def _leave(self) -> None:
        self._gateway.hub.presence.leave(self.session)
        self._gateway.quota.left(self.session)
        self._gateway.watching.leave(self.session)
        if self.session.attached:
            metrics.SESSIONS.dec()
            ending = self.session.ending
            metrics.CLOSED.labels(0 if ending is None or self._theirs else ending.code).inc()

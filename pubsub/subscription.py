"""The subscription on one server: keeps one link alive for ever, and on it every channel that was joined."""

import asyncio
import logging
import random
from collections.abc import Callable, Collection

from pubsub.broker import BrokerUnavailable, Listener
from pubsub.link import Dialect, Link, connect
from pubsub.target import Target

JOIN_SECONDS = 3.0
PING_SECONDS = 2.0
UNANSWERED_PINGS = 3
"""After so many the link is dead although nobody told us (a frozen server, a black hole)."""
STABLE_SECONDS = 10.0
FIRST_DELAY = 0.1
LAST_DELAY = 2.0

log = logging.getLogger(__name__)


def _nothing() -> None:
    pass


def _nobody(_slot: int, _to: str) -> None:
    """One server has everything."""


class Subscription:
    """What is wanted, and the link that hears it; `run` is a task of whoever owns this.

    Attributes:
        failing: the link was lost, or could not be made, and there is no other yet.
    """

    def __init__(
        self,
        target: Target,
        dialect: Dialect,
        listener: Listener,
        on_change: Callable[[], None] = _nothing,
        on_move: Callable[[int, str], None] = _nobody,
    ) -> None:
        """`on_change` is called after whatever `heard` and `failing` tell of, `on_move` when a slot of ours is elsewhere."""
        self._target = target
        self._dialect = dialect
        self._listener = listener
        self._on_change = on_change
        self._wanted: dict[str, None] = {}
        self._link: Link | None = None
        self._news = asyncio.Event()
        self._up = False
        self.failing = False
        self.received = listener.received
        self.moved = on_move

    async def run(self) -> None:
        """Connect, listen until the link is lost, and again; it ends only by being cancelled."""
        delay = FIRST_DELAY
        try:
            while True:
                began = asyncio.get_running_loop().time()
                why = await self._listen()
                if asyncio.get_running_loop().time() - began > STABLE_SECONDS:
                    delay = FIRST_DELAY
                if delay == FIRST_DELAY:
                    log.warning("the broker's link to %s is down: %s", self._target.path or self._target.address, why)
                await asyncio.sleep(random.uniform(delay / 2, delay))  # noqa: S311 - jitter
                delay = min(delay * 2, LAST_DELAY)
        finally:
            self._drop("stopped")

    @property
    def wanted(self) -> Collection[str]:
        """Every channel that was joined and not left."""
        return self._wanted.keys()

    def heard(self, channel: str) -> bool:
        """Whether the server has acknowledged it."""
        return self._link is not None and channel in self._link.joined

    async def join(self, channels: Collection[str]) -> None:
        """See `Broker.join`."""
        self.want(channels)
        await self._until(lambda: all(map(self.heard, channels)))

    def want(self, channels: Collection[str]) -> None:
        """Join without waiting for it."""
        new = [channel for channel in channels if channel not in self._wanted]
        self._wanted.update(dict.fromkeys(new))
        if new and self._link is not None:
            self._link.join(new)

    def leave(self, channels: Collection[str]) -> None:
        """See `Broker.leave`."""
        old = [channel for channel in channels if self._wanted.pop(channel, "") is None]
        if old and self._link is not None:
            self._link.leave(old)

    def forget(self, channels: Collection[str]) -> None:
        """These have gone to another server, as this one has said itself."""
        for channel in channels:
            self._wanted.pop(channel, None)
        if self._link is not None:
            self._link.joined.difference_update(channels)

    def changed(self) -> None:
        """From the link."""
        self._news.set()
        self._on_change()

    def abort(self, why: str) -> None:
        """Give the link up and begin anew."""
        if self._link is not None:
            self._link.abort(why)

    async def _listen(self) -> str:
        """One link's life; why it ended."""
        try:
            self._link = await connect(self._target, self._dialect, self)
            self._link.join(self._wanted)
            await self._until(lambda: all(map(self.heard, self._wanted)))
        except BrokerUnavailable as error:
            self._drop(str(error))
            return str(error)
        self._up, self.failing = True, False
        self._listener.restored()
        self.changed()
        return await self._watch(self._link)

    async def _watch(self, link: Link) -> str:
        # Rounds are counted, not seconds: a process that stood still itself must read first what has arrived meanwhile.
        unanswered, heard_at = 0, link.heard_at
        while not link.lost.done():
            link.send("PING")
            await asyncio.wait([link.lost], timeout=PING_SECONDS)
            unanswered, heard_at = unanswered + 1 if link.heard_at == heard_at else 0, link.heard_at
            if unanswered >= UNANSWERED_PINGS:
                link.abort(f"{unanswered} pings were not answered")
        self._drop("")
        return link.lost.result()

    def _drop(self, why: str) -> None:
        link, self._link = self._link, None
        self.failing = True
        if link is not None:
            link.abort(why)
        if self._up:
            self._up = False
            self._listener.interrupted()
        self.changed()

    async def _until(self, reached: Callable[[], bool]) -> None:
        """Wait for the link to reach a state.

        Raises:
            BrokerUnavailable: it has not in JOIN_SECONDS, or the link was lost.
        """
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                while not reached():
                    if self._link is None or self._link.lost.done():
                        raise BrokerUnavailable(self._link.lost.result() if self._link else "there is no link")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise BrokerUnavailable("channels were not joined in time") from None

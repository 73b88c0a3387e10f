"""Local interest: a channel is joined when the first one here needs it, and left some time after the last one has gone."""

import asyncio
from contextlib import suppress
from itertools import takewhile

from pubsub.broker import Broker, BrokerUnavailable

LINGER_SECONDS = 5.0
"""So long a channel stays joined that nobody needs: who swipes on is often back at once, and another one comes."""
MOST_LINGERING = 1000
"""With more the oldest are left at once."""


class Interest:
    """How many here need each channel.

    The broker does what it is told of one channel in the order in which it is told: a join behind a leave that is still on
    its way is acknowledged only when it is heard again.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._needed: dict[str, int] = {}
        self._lingering: dict[str, float] = {}  # when each is left, the soonest first
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """How many channels are joined."""
        return len(self._needed) + len(self._lingering)

    def want(self, channel: str) -> None:
        """One more here needs the channel, until `drop`: it is joined now, or when the broker is back; `heard` waits for it."""
        self._lingering.pop(channel, None)
        self._needed[channel] = self._needed.get(channel, 0) + 1
        if self._needed[channel] == 1:
            self._broker.want([channel])

    def drop(self, channel: str) -> None:
        """One of those who needed the channel has gone."""
        left = self._needed[channel] - 1
        if left:
            self._needed[channel] = left
            return
        del self._needed[channel]
        now = asyncio.get_running_loop().time()
        self._lingering[channel] = now + LINGER_SECONDS
        self._leave(now)

    async def heard(self, channel: str, seconds: float) -> bool:
        """Wait until what is sent to a channel that was wanted is heard; False if it is not in time, or not for now."""
        with suppress(TimeoutError, BrokerUnavailable):
            async with asyncio.timeout(seconds):
                await self._broker.join([channel])
                return True
        return False

    def close(self) -> None:
        """Leave nothing any more; the broker is closed next."""
        if self._timer is not None:
            self._timer.cancel()

    def _leave(self, now: float) -> None:
        """Leave what has lingered long enough, and come back for the next one."""
        over = len(self._lingering) - MOST_LINGERING
        soonest = enumerate(self._lingering.items())
        old = [channel for _, (channel, _) in takewhile(lambda each: each[0] < over or each[1][1] <= now, soonest)]
        for channel in old:
            del self._lingering[channel]
        if old:
            self._broker.leave(old)
        if self._lingering and self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(next(iter(self._lingering.values())), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._leave(asyncio.get_running_loop().time())

"""How many accounts watch a video on all processes together: each tells a tally its own number, and hears the sum."""

import asyncio
import logging
import random
from collections.abc import Callable, Collection
from contextlib import suppress
from uuid import UUID

from pubsub.broker import Broker, BrokerUnavailable
from pubsub.tally import Tally
from server.kit.ids import new_id
from server.live import envelopes
from server.live.envelopes import WatchersChanged
from server.live.limits import RETRY_LAST_SECONDS, TALLIES_AT_ONCE, TALLY_REFRESH_SECONDS, TALLY_SECONDS
from server.live.watchers import Watchers

log = logging.getLogger(__name__)

Listener = Callable[[UUID], None]


class Tallies:
    """Keeps `Watched.elsewhere` true; `run` is a task of the process.

    While the broker is away each process counts its own alone.
    """

    def __init__(self, tally: Tally, broker: Broker, watchers: Watchers) -> None:
        self._tally = tally
        self._broker = broker
        self._watchers = watchers
        self._listeners: list[Listener] = []
        self._node = str(new_id())
        self._told: dict[UUID, int] = {}
        self._changed: dict[UUID, None] = {}
        self._news = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._refresh_at = 0.0
        self._failing = False
        watchers.listen(self.changed)

    def listen(self, listener: Listener) -> None:
        """Be told every video whose number over all processes may be another one now."""
        self._listeners.append(listener)

    def changed(self, video_id: UUID) -> None:
        """The number here is another one, or that of another process is."""
        self._changed[video_id] = None
        self._news.set()

    def heard(self, video_id: UUID, fact: WatchersChanged) -> None:
        """Another process has told another number."""
        if fact.node != self._node:
            self.changed(video_id)

    def all_changed(self) -> None:
        """Whatever was told may be gone, and what others told was missed."""
        self._told.clear()
        for watched in self._watchers:
            self.changed(watched.id)

    async def run(self) -> None:
        """Tell what changes, and everything anew at a slow pace; it ends only by being cancelled."""
        while True:
            await self._wait()
            try:
                await self.turn()
            except Exception:
                log.exception("the tally of watchers stumbled")
            pause = RETRY_LAST_SECONDS if self._failing else TALLY_SECONDS
            await asyncio.sleep(random.uniform(0.5, 1) * pause)  # noqa: S311 - jitter

    async def turn(self) -> None:
        """Tell whatever has changed by now, however much: numbers that wait for their turn too long are forgotten by others."""
        changed = list(self._changed)
        for at in range(0, len(changed), TALLIES_AT_ONCE):
            await self.tell(changed[at : at + TALLIES_AT_ONCE])
            if self._failing:
                return

    async def _wait(self) -> None:
        if not self._changed:
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._refresh_at):
                    await self._news.wait()
        now = asyncio.get_running_loop().time()
        if now >= self._refresh_at:
            # What is not said again within TALLY_KEPT_SECONDS is forgotten, as after the death of a process.
            self._refresh_at = now + random.uniform(0.8, 1) * TALLY_REFRESH_SECONDS  # noqa: S311 - jitter
            for watched in self._watchers:
                self.changed(watched.id)

    async def ask(self, video_ids: Collection[UUID]) -> None:
        """Take over the numbers of others now, unless it is known that nobody would answer."""
        if not self._failing:
            await self.tell(video_ids)

    async def tell(self, video_ids: Collection[UUID]) -> None:
        """Tell our numbers of these and take over those of the others, which are none while the broker is away."""
        async with self._one_at_a_time:  # so that an older number never comes after a newer one
            for video_id in video_ids:
                self._changed.pop(video_id, None)
            numbers = {video_id: self._watchers.number(video_id) for video_id in video_ids}
            try:
                await self._tell(numbers)
                self._failing = False
            except BrokerUnavailable as error:
                self._failed(numbers, error)
        for video_id in video_ids:
            self._moved(video_id)

    async def _tell(self, numbers: dict[UUID, int]) -> None:
        if not numbers:
            return
        sums = await self._tally.keep(self._node, {str(video_id): number for video_id, number in numbers.items()})
        others = []
        for (video_id, number), total in zip(numbers.items(), sums, strict=True):
            if self._told.get(video_id, 0) != number:
                others.append(video_id)
            if number:
                self._told[video_id] = number
            else:
                self._told.pop(video_id, None)
            if (watched := self._watchers.get(video_id)) is not None:
                watched.elsewhere = max(0, total - number)
        await self._broker.publish([envelopes.to_watchers(video_id, WatchersChanged(self._node)) for video_id in others])

    def _moved(self, video_id: UUID) -> None:
        for listener in self._listeners:
            listener(video_id)

    def _failed(self, numbers: dict[UUID, int], error: BrokerUnavailable) -> None:
        if not self._failing:
            log.warning("watchers are counted on this process alone, the broker is away: %s", error)
        self._failing = True
        for watched in self._watchers:
            if watched.elsewhere:
                watched.elsewhere = 0
                self._moved(watched.id)
        for video_id in numbers:
            if self._watchers.get(video_id) is not None or video_id in self._told:
                self.changed(video_id)

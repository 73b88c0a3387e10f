"""What goes wrong in a run, chosen by a seed: parts are killed, frozen and restarted, networks end, phones sleep."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from soak.clients import Client
from soak.history import History, Struck
from soak.system import System, strike

BETWEEN_SECONDS = (0.5, 4.0)
FROZEN_SECONDS = (0.5, 5.0)
LONG_FROZEN_SECONDS = (16.0, 20.0)
"""Longer than it may take until the silence of a subscription is noticed, shorter than until the supervisor ends a part."""
ASLEEP_SECONDS = (1.0, 8.0)
FRAME_BYTES = 600
"""A cut in a frame comes after at most so many bytes."""
KILLED = ("serve", "valkey", "postgres", "nginx", "schedule")
FROZEN = ("serve", "valkey", "postgres")


@dataclass
class Faults:
    """Strikes one thing after the other, until cancelled; what was frozen goes on in the end."""

    system: System
    clients: Sequence[Client]
    history: History
    chance: random.Random
    long: bool

    async def run(self) -> None:
        """Strike."""
        kinds: list[tuple[int, Callable[[], Awaitable[str]]]] = [
            (3, self._kill),
            (2, self._restart),
            (2, self._freeze),
            (3, self._cut),
            (3, self._swallow),
            (3, self._put_to_sleep),
        ]
        while True:
            await asyncio.sleep(self.chance.uniform(*BETWEEN_SECONDS))
            (fault,) = self.chance.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])
            began = self.history.now
            what = await fault()
            self.history.note(Struck(what, began, self.history.now))

    async def _kill(self) -> str:
        part = self.chance.choice(KILLED)
        for pid in self._some(part):
            strike(pid, signal.SIGKILL)
        return f"kill {part}"

    async def _restart(self) -> str:
        """As a deploy does it: the process says goodbye, and another one takes its place."""
        for pid in self._some("serve"):
            strike(pid, signal.SIGTERM)
        return "restart serve"

    async def _freeze(self) -> str:
        part = self.chance.choice(FROZEN)
        long = self.long and part == "valkey" and self.chance.random() < 0.5
        pids = self._some(part)
        for pid in pids:
            strike(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(self.chance.uniform(*(LONG_FROZEN_SECONDS if long else FROZEN_SECONDS)))
        finally:
            for pid in pids:
                strike(pid, signal.SIGCONT)
        return f"freeze {part}"

    async def _cut(self) -> str:
        """A phone changes its network, between two frames or in the middle of one."""
        client = self.chance.choice(self.clients)
        if self.chance.random() < 0.5:
            client.link.cut()
            return "cut"
        client.link.cut_in_frame(self.chance.randrange(FRAME_BYTES))
        return "cut in a frame"

    async def _swallow(self) -> str:
        """A NAT forgets the connection: nobody hears of it, until the phone comes back over another one."""
        client = self.chance.choice(self.clients)
        client.link.swallow()
        try:
            await asyncio.sleep(self.chance.uniform(*FROZEN_SECONDS))
        finally:
            client.link.cut()
        return "swallow"

    async def _put_to_sleep(self) -> str:
        await self.chance.choice(self.clients).sleep(self.chance.uniform(*ASLEEP_SECONDS))
        return "sleep"

    def _some(self, part: str) -> list[int]:
        """One of a part's processes, or each of them."""
        pids = self.system.pids(part)
        return pids if self.chance.random() < 0.2 else pids[:1] if self.chance.random() < 0.5 else pids[-1:]

"""A deploy, again and again: each serve process says goodbye, and the next one goes when its successor serves."""

import asyncio
import signal
from dataclasses import dataclass

from soak.history import History, Struck
from soak.system import System, strike

RESTART_SECONDS = 90.0
"""A restart that takes longer has failed."""
LOOK_SECONDS = 0.1


@dataclass
class Restarts:
    """Restarts the serve processes in turn, the oldest first."""

    system: System
    history: History
    times: int

    async def run(self) -> None:
        """Restart them.

        Raises:
            RuntimeError: a successor did not serve in time.
        """
        for _ in range(self.times):
            began = self.history.now
            await self._one()
            self.history.note(Struck("restart serve", began, self.history.now))

    async def _one(self) -> None:
        before = self.system.pids("serve")
        strike(before[0], signal.SIGTERM)
        try:
            async with asyncio.timeout(RESTART_SECONDS):
                while not await self._succeeded(before[0], len(before)):  # noqa: ASYNC110 - processes tell nothing
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise RuntimeError(f"no successor of process {before[0]} served after {RESTART_SECONDS:.0f} s") from None

    async def _succeeded(self, gone: int, wanted: int) -> bool:
        pids = self.system.pids("serve")
        return gone not in pids and len(pids) == wanted and await self.system.all_serve()

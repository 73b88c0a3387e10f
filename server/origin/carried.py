"""Objects on their way into an edge's cache: whoever asks for one meanwhile is told when it is there, not given it again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

WAIT_SECONDS = 2.0
"""What takes longer is given to everybody as it comes: they would wait for its end otherwise."""

STORED_SECONDS = 0.02
"""The edge reads the last bytes and names the file after they have left here; whoever is sent there sooner waits longer."""


class Carried:
    """What is being carried, by the path under which the edge keeps it."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Future[bool]] = {}

    async def arrived(self, path: str) -> bool:
        """Whether the object has been carried while one waited: False where nobody carries it, or it did not come to its end."""
        under_way = self._under_way.get(path)
        if under_way is None:
            return False
        done, _ = await asyncio.wait([under_way], timeout=WAIT_SECONDS)
        return bool(done) and under_way.result()

    @contextmanager
    def carrying(self, path: str) -> Iterator[None]:
        """Carry it during the block, unless another one does; it has arrived when the block ends without an error."""
        if path in self._under_way:
            yield
            return
        loop, well = asyncio.get_running_loop(), False
        self._under_way[path] = loop.create_future()
        try:
            yield
            well = True
        finally:
            loop.call_later(STORED_SECONDS if well else 0, self._end, path, well)

    def _end(self, path: str, well: bool) -> None:
        self._under_way.pop(path).set_result(well)

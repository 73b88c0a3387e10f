"""Asking an edge for files, so that it has them before anybody else asks."""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import aiohttp
from prometheus_client import Counter

from server.cards.opening import Opened

AT_ONCE = 4
"""Files that an edge is asked for at once: it and the object store have others to serve."""
AGAIN_SECONDS = 3600.0
"""So long a file is not asked for again that the edge had: what is asked for there stays for days."""
RUN_SECONDS = 300.0
"""After so long a run begins no further file: it ends well before `schedule` cuts it."""
FILE_SECONDS, CONNECT_SECONDS = 60.0, 5.0
MOST_FAILURES = 5
"""So many failures and the edge is left alone until the next run."""
CHUNK_BYTES = 1 << 16
SMALL_BYTES = 2_000_000
"""No poster and no playlist has more. An edge that sends so much more than a file has is read no further."""
CACHED = frozenset({"HIT", "REVALIDATED", "UPDATING", "STALE"})
"""What X-Cache says of a file that came out of the cache."""

FILES = Counter("reelwire_prefetched_total", "Files that an edge was asked for before anybody else asked", ["found"])
BYTES = Counter("reelwire_prefetched_bytes_total", "Bytes that edges had to read for that")

log = logging.getLogger(__name__)


class Amiss(Exception):
    """An edge says that something fails there, or sends more than the file has."""


@dataclass(slots=True)
class Run:
    """What one run did at one edge, and what it may still do."""

    bytes_left: int
    until: float
    fetched: int = 0
    there: int = 0
    refused: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return len(self.failures) >= MOST_FAILURES or time.monotonic() >= self.until


class Edge:
    """An edge's cache, as one process has filled it."""

    def __init__(self, http: aiohttp.ClientSession, origin: str) -> None:
        self._http = http
        self._origin = origin
        self._known: dict[str, float] = {}  # when a file was there last

    async def fill(self, wanted: Sequence[Opened], most_bytes: int) -> Run:
        """Ask for these files in this order, as far as so many bytes go; what was there of late is left out.

        Files of which too little would fit are left out as well: smaller ones behind them may.
        """
        now = time.monotonic()
        asked = {one.url for one in wanted}
        self._known = {url: at for url, at in self._known.items() if url in asked and at > now - AGAIN_SECONDS}
        run = Run(most_bytes, now + RUN_SECONDS)
        todo = iter([one for one in dict.fromkeys(wanted) if one.url not in self._known])
        async with asyncio.TaskGroup() as group:
            for nth in range(AT_ONCE):
                group.create_task(self._work(todo, run), name=f"prefetch {self._origin} {nth}")
        self._tell(run)
        return run

    async def _work(self, todo: Iterator[Opened], run: Run) -> None:
        for one in todo:
            if run.over:
                return
            if run.bytes_left <= one.bytes:
                continue
            run.bytes_left -= one.bytes
            try:
                moved = await self._ask(one, run)
            except (aiohttp.ClientError, OSError, TimeoutError, Amiss) as error:
                run.failures.append(repr(error))
                moved = one.bytes  # nobody knows how much of it the edge has read
            run.bytes_left += one.bytes - moved

    async def _ask(self, one: Opened, run: Run) -> int:
        """Have the edge fetch a file; how many bytes it had to read.

        Raises:
            Amiss, and whatever aiohttp raises where the edge is away, slow or breaks off.
        """
        moved = 0
        # Wherever an edge would send us, it does not fetch the file for itself.
        async with self._http.get(self._origin + one.url, allow_redirects=False) as answer:
            if answer.status >= 500:
                raise Amiss(f"{answer.status} for {one.url}")
            if answer.status != 200:  # it was deleted or hidden a moment ago
                run.refused += 1
                return 0
            if answer.headers.get("X-Cache") in CACHED:
                answer.close()
                run.there += 1
            else:
                async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                    moved += len(chunk)
                    if moved > one.bytes + SMALL_BYTES:
                        raise Amiss(f"{one.url} has {one.bytes} bytes, and {moved} came")
                run.fetched += 1
                BYTES.inc(moved)
        self._known[one.url] = time.monotonic()
        return moved

    def _tell(self, run: Run) -> None:
        told = {"missing": run.fetched, "there": run.there, "refused": run.refused, "failed": len(run.failures)}
        for found, number in told.items():
            FILES.labels(found).inc(number)
        if run.failures:
            log.warning("%s could not be asked for %d files: %s", self._origin, len(run.failures), run.failures[-1])
        if run.fetched:
            log.info("%s has %d files more in its cache, and had %d", self._origin, run.fetched, run.there)

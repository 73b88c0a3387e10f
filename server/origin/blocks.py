"""Objects in blocks: each is read from the store once, however many ask for it at the same time or a little later.

A block is passed on chunk by chunk while it arrives, so that nobody waits for its end. In memory are KEPT_BYTES of blocks that
have ended, whatever those that still arrive have, FILLS_AT_ONCE times BLOCK_BYTES at the most, and what slow readers hold on to.
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import UUID

from storage.objects import ObjectMissing, ObjectStore, RangeBeyond, StoreUnavailable

BLOCK_BYTES = 8 * 1024 * 1024
"""Most renditions of short clips are smaller: they are one read."""
KEPT_BYTES = 64 * 1024 * 1024
KEPT_SECONDS = 5.0
"""A herd does not come all at the same millisecond. The edge keeps objects for longer."""
FILLS_AT_ONCE = 16
"""Reads of the store; further ones wait for their turn."""
FILL_SECONDS = 60.0
"""For a block, waiting for its turn included: a store that is slower than this is away."""
TRIES = 3
PAUSE_SECONDS = 0.2


class Place(NamedTuple):
    """Where an object lies, and for which video it is read.

    Videos that have one stored file in common do not have its blocks in common: how fast bytes come says nothing of who else
    is watching them.
    """

    key: str
    video_id: UUID | None = None


Key = tuple[Place, int]


class Block:
    """A stretch of an object, as far as it has arrived."""

    def __init__(self) -> None:
        self.size: int | None = None  # of the whole object
        self.held = 0
        self._chunks: list[bytes] = []
        self.over = False
        self._error: Exception | None = None
        self._news = asyncio.Event()

    def opened(self, size: int) -> None:
        self.size = size
        self._tell()

    def add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self.held += len(chunk)
        self._tell()

    def end(self, error: Exception | None = None) -> None:
        self.over, self._error = True, error
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def whole_size(self) -> int:
        """Size of the whole object, as soon as the store has said it.

        Raises:
            ObjectMissing, StoreUnavailable.
        """
        while self.size is None:
            await self._more()
        return self.size

    async def chunks(self) -> AsyncIterator[bytes]:
        """All of the block, from its beginning.

        Raises:
            ObjectMissing, StoreUnavailable: it does not come to its end.
        """
        place = 0
        while True:
            while place < len(self._chunks):
                yield self._chunks[place]
                place += 1
            if self.over and self._error is None:
                return
            await self._more()

    async def _more(self) -> None:
        if self._error is not None:
            raise self._error
        if not self.over:
            await self._news.wait()


class Blocks:
    """The blocks of one process.

    Args:
        store: where the objects are.
        bucket: of the media.
    """

    def __init__(self, store: ObjectStore, bucket: str) -> None:
        self._store = store
        self._bucket = bucket
        self._blocks: OrderedDict[Key, Block] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(FILLS_AT_ONCE)

    async def size(self, where: Place) -> int:
        """Size of the object, told by its first block, which whoever asks is about to want.

        Raises:
            ObjectMissing, StoreUnavailable.
        """
        return await self._block(where, 0).whole_size()

    async def ask_size(self, where: Place) -> int:
        """Size of the object, for whoever does not want its first block.

        Raises:
            ObjectMissing, StoreUnavailable.
        """
        facts = await self._store.head(self._bucket, where.key)
        if facts is None:
            raise ObjectMissing(where.key)
        return facts.size

    async def stream(self, where: Place, start: int, stop: int) -> AsyncIterator[bytes]:
        """The object's bytes from `start` up to, not including, `stop`.

        Raises:
            ObjectMissing, StoreUnavailable: possibly after some of them.
        """
        for number in range(start // BLOCK_BYTES, -(-stop // BLOCK_BYTES)):
            place = number * BLOCK_BYTES
            async for chunk in self._block(where, number).chunks():
                piece = chunk[max(0, start - place) : max(0, stop - place)]
                place += len(chunk)
                if piece:
                    yield piece
                if place >= stop:
                    return

    async def close(self) -> None:
        """End what is being read."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _block(self, where: Place, number: int) -> Block:
        block = self._blocks.get((where, number))
        if block is None:
            block = self._blocks[(where, number)] = Block()
            task = asyncio.create_task(self._fill(block, where, number), name=f"block {number} of {where.key}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._blocks.move_to_end((where, number))
        return block

    async def _fill(self, block: Block, where: Place, number: int) -> None:
        error: Exception | None = StoreUnavailable("reading was given up")
        try:
            async with asyncio.timeout(FILL_SECONDS), self._turns:
                await self._read(block, where.key, number)
            error = None
        except TimeoutError:
            error = StoreUnavailable(f"no block in {FILL_SECONDS:.0f} s")
        except RangeBeyond:
            block.opened(0)  # nothing begins here: the object is empty
            error = None
        except (ObjectMissing, StoreUnavailable) as failed:
            error = failed
        finally:
            # Those who wait are told in any case; whoever comes next tries again.
            if error is not None:
                self._drop((where, number), block)
            block.end(error)
        if error is None:
            asyncio.get_running_loop().call_later(KEPT_SECONDS, self._drop, (where, number), block)
            self._evict()

    def _evict(self) -> None:
        """Drop the longest unasked of the blocks that have ended: whoever asks for one that is filling joins those who wait."""
        ended = [(key, block) for key, block in self._blocks.items() if block.over]
        kept = sum(block.held for _, block in ended)
        for key, block in ended[:-1]:
            if kept <= KEPT_BYTES:
                return
            self._drop(key, block)
            kept -= block.held

    def _drop(self, key: Key, block: Block) -> None:
        if self._blocks.get(key) is block:
            del self._blocks[key]

    async def _read(self, block: Block, key: str, number: int) -> None:
        """Read the block; where the store breaks off, go on from there."""
        begin = number * BLOCK_BYTES
        for attempt in range(1, TRIES + 1):
            try:
                async with self._store.get(self._bucket, key, begin + block.held, begin + BLOCK_BYTES) as body:
                    block.opened(body.size)
                    async for chunk in body.chunks:
                        block.add(chunk)
            except StoreUnavailable:
                # Where it never opened, the store's own patience is over, and whoever asked still waits for an answer.
                if attempt == TRIES or block.size is None:
                    raise
                await asyncio.sleep(PAUSE_SECONDS * attempt * random.uniform(0.5, 1))  # noqa: S311 - jitter
            else:
                return

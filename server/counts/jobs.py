"""What is done with counts later: changes are folded every second, and what has drifted is found on slow walks."""

import logging
import random
from collections.abc import AsyncIterator, Sequence
from functools import partial
from uuid import UUID

import asyncpg
from aiohttp import web

from server.counts import queries, truth
from server.counts.truth import Walk
from server.kit.request import POOL
from server.kit.tasks import keep_doing, running
from storage import walks
from storage.postgres import Pool, Rows, connection

FOLD_SECONDS = 1.0
"""The longest pause between two folds of a process. What waits is counted all the same; the more waits the dearer that is."""
FOLDED_AT_ONCE = 5000
"""Changes that one transaction folds."""
WALKED_AT_ONCE = 500
"""Videos or accounts that one statement counts anew, at the most."""
ROWS_AT_ONCE = 200_000
"""As many of them as have about so many rows; whatever has more is alone."""
SLICES = 20
"""So many such statements in one run of the periodic job, for videos and for accounts each."""

BEGINNING, END = UUID(int=0), UUID(int=2**128 - 1)
TOO_LARGE: tuple[type[BaseException], ...] = (asyncpg.QueryCanceledError, TimeoutError)

log = logging.getLogger(__name__)


async def folding(app: web.Application) -> AsyncIterator[None]:
    """Every `serve` folds."""
    work = partial(fold, app[POOL])
    async with running("folding counts", keep_doing(work, FOLD_SECONDS, "counts cannot be folded")):
        yield


async def fold(pool: Pool) -> None:
    """Fold until nothing waits that no other process has taken."""
    async with connection(pool) as conn:
        shards = await queries.waiting(conn)
        random.shuffle(shards)  # processes get less into each other's way
        for shard in shards:
            while await queries.fold(conn, shard, FOLDED_AT_ONCE) == FOLDED_AT_ONCE:
                pass


async def mend(app: web.Application) -> None:
    """The periodic job: count the next videos and accounts anew, and correct what is wrong."""
    async with connection(app[POOL]) as conn:
        for walk in (truth.VIDEOS, truth.ACCOUNTS):
            for _ in range(SLICES):
                if not await _slice(conn, walk):
                    break


async def _slice(conn: Rows, walk: Walk) -> bool:
    """Go one slice further; whether there is more."""
    after = UUID(await walks.position(conn, walk.name) or str(BEGINNING))
    found = await truth.step(conn, walk, after, WALKED_AT_ONCE)
    ids = _bounded(found)
    await _mend(conn, walk, ids)
    more = len(ids) < len(found) or len(found) == WALKED_AT_ONCE
    await truth.drop(conn, walk, after, ids[-1] if more else END)
    await walks.move(conn, walk.name, str(ids[-1]) if more else "")
    return more


def _bounded(found: Sequence[tuple[UUID, int]]) -> list[UUID]:
    """As many of them as one statement may count; one at least."""
    ids: list[UUID] = []
    rows = 0
    for subject_id, counted in found:
        rows += counted
        if ids and rows > ROWS_AT_ONCE:
            break
        ids.append(subject_id)
    return ids


async def _mend(conn: Rows, walk: Walk, ids: Sequence[UUID]) -> None:
    """What takes too long together is counted one by one; what does even alone is left as it is."""
    try:
        changes = await truth.mend(conn, walk, ids)
    except TOO_LARGE:
        if len(ids) == 1:
            log.warning("%s: %s has too many rows to be counted anew", walk.name, ids[0])
            return
        for subject_id in ids:
            await _mend(conn, walk, [subject_id])
        return
    for one in changes:
        log.warning("%s: %s of %s was wrong by %d, and is corrected", walk.name, one.kind, one.subject_id, -one.change)

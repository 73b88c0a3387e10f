"""From files to served lists: rows in batches, each a transaction, which nobody sees; then one row that publishes them all.

Whoever is killed in between leaves rows of a model that is never published, and they go with those of old ones.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TextIO
from uuid import UUID

from server.training import queries
from storage.postgres import CONNECT_SECONDS, Pool, Rows, connection

AT_ONCE = 1_000
"""Lines of a file that are written in one transaction: some megabytes."""
CLEARED_AT_ONCE = 1_000
QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})

Copy = Callable[[Rows, AsyncIterator[bytes]], Awaitable[None]]


async def write_lists(pool: Pool, path: Path, model_id: UUID) -> None:
    """Lists out of the file that `recommend.night` has written."""
    await _write(pool, path, queries.copy_lists, lambda line: _list_line(line, model_id))


async def write_similar(pool: Pool, path: Path, model_id: UUID) -> None:
    """What is like what, out of the other one."""
    await _write(pool, path, queries.copy_similar, lambda line: _similar_line(line, model_id))


async def publish(pool: Pool, model_id: UUID, until: datetime, figures: str, lists: int) -> bool:
    """Serve what was written, all at once; False, and nothing has changed, where somebody has given this training up."""
    async with pool.acquire(timeout=CONNECT_SECONDS) as conn, conn.transaction():
        withdrawn = await queries.withdraw(conn, model_id, until)
        return await queries.end(conn, model_id, "published", until, figures, lists - withdrawn)


async def tidy(pool: Pool) -> None:
    """Delete the rows of models that are not served any more, in slices."""
    async with connection(pool) as conn:
        for model_id in await queries.old(conn):
            while await queries.clear(conn, model_id, CLEARED_AT_ONCE):
                pass


async def _write(pool: Pool, path: Path, copy: Copy, line: Callable[[str], str]) -> None:
    with await asyncio.to_thread(path.open, encoding="utf-8", newline="\n") as file:
        while piece := await asyncio.to_thread(_piece, file, line):
            async with pool.acquire(timeout=CONNECT_SECONDS) as conn, conn.transaction():
                await copy(conn, _once(piece))


def _piece(file: TextIO, line: Callable[[str], str]) -> bytes:
    return "".join(line(told.rstrip("\n")) for told in islice(file, AT_ONCE)).encode()


async def _once(piece: bytes) -> AsyncIterator[bytes]:
    yield piece


def _list_line(line: str, model_id: UUID) -> str:
    account, videos, whys = line.split("\t")
    return f"{account}\t{model_id}\t{{{videos.replace(' ', ',')}}}\t{_array(whys)}\n"


def _similar_line(line: str, model_id: UUID) -> str:
    video, others = line.split("\t")
    return f"{video}\t{model_id}\t{{{others.replace(' ', ',')}}}\n"


def _array(words: str) -> str:
    """Words as an array literal; what that escapes COPY wants escaped again (PostgreSQL, "Array Input"; COPY, "Text Format")."""
    elements: Iterator[str] = (f'"{word.translate(QUOTED)}"' for word in words.split())
    return f"{{{','.join(elements)}}}".replace("\\", "\\\\")

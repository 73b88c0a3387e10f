"""Signals as files for `recommend`: one moment of the database, streamed by COPY into a folder."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from recommend.night_job import TAGS
from server.training import signals
from server.training.signals import LEARNED_DAYS
from storage.postgres import CONNECT_SECONDS, Pool, Rows, allow

SECONDS = 1200.0
"""For all files."""
PIECE_BYTES = 1 << 20
"""So much is written at once."""
NOW = "SELECT now()"
TABLES: dict[str, tuple[str, Sequence[object]]] = {
    "rows": (signals.ROWS, [LEARNED_DAYS]),
    "videos": (signals.VIDEOS, []),
    "looks": (signals.LOOKS, []),
    "active": (signals.ACTIVE, [LEARNED_DAYS]),
    "out": (signals.OUT, [LEARNED_DAYS]),
    "follows": (signals.FOLLOWS, []),
    "blocks": (signals.BLOCKS, []),
}
"""The statement of each file, with columns as `recommend.log.TABLES` has them, and its arguments."""


async def export(pool: Pool, folder: Path) -> datetime:
    """Write all files; the moment up to which they tell everything.

    Raises:
        OSError: there is no place for them.
    """
    # All files are of one moment; nothing waits for this transaction, which writes nothing.
    async with (
        asyncio.timeout(SECONDS),
        pool.acquire(timeout=CONNECT_SECONDS) as conn,
        conn.transaction(isolation="repeatable_read", readonly=True),
    ):
        await allow(conn, SECONDS)
        until: datetime = await conn.fetchval(NOW)
        for name, (statement, arguments) in TABLES.items():
            await _copy(conn, folder / name, statement, arguments, "binary")
        await _copy(conn, folder / TAGS, signals.TAGS, [], "csv")
    return until


async def _copy(conn: Rows, path: Path, statement: str, arguments: Sequence[object], form: Literal["binary", "csv"]) -> None:
    """One file, written piece by piece in a thread; a CSV with a header."""
    waiting = bytearray()

    async def take(data: bytes) -> None:
        waiting.extend(data)
        if len(waiting) >= PIECE_BYTES:
            await _append(path, waiting)

    header = form == "csv" or None
    await conn.copy_from_query(statement, *arguments, output=take, timeout=SECONDS, format=form, header=header)
    await _append(path, waiting)


async def _append(path: Path, waiting: bytearray) -> None:
    piece = bytes(waiting)
    waiting.clear()
    await asyncio.to_thread(_write, path, piece)


def _write(path: Path, piece: bytes) -> None:
    with path.open("ab") as file:
        file.write(piece)


async def anybody(conn: Rows) -> bool:
    """Whether somebody has watched something of late, so that there is somebody to make a list for."""
    return bool(await conn.fetchval(signals.ANYBODY, signals.ACTIVE_DAYS))

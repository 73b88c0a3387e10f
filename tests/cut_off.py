"""Connections that are gone between two statements, as when their process was killed there."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from storage.postgres import AWAY, Pool

CUT_OFF: tuple[type[BaseException], ...] = (*AWAY, asyncpg.PostgresError)
"""What the process would see of it."""


def cut_off_behind(step: Callable[..., Awaitable[Any]], by: Pool) -> Callable[..., Awaitable[Any]]:
    """The same statement, behind which its connection is gone."""

    async def gone(conn: Any, *arguments: Any) -> Any:
        found = await step(conn, *arguments)
        await by.execute("SELECT pg_terminate_backend($1, 5000)", conn.get_server_pid())
        return found

    return gone

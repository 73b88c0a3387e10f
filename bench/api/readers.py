"""Accounts of the town that read feeds, with tokens that the process believes."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from bench.api.load import get
from server.keys import derive
from server.kit.ids import new_id
from server.kit.tokens import Tokens
from server.settings import Settings

FOLLOWING = "/api/v1/feed/following?limit=10"
EXACTLY = "SELECT account_id FROM following GROUP BY account_id HAVING count(*) = $1 LIMIT 1"
SESSION = """
INSERT INTO session (account_id, id, user_agent, expires_at) VALUES ($1, $2, 'bench', now() + interval '1 day') RETURNING id
"""
AUTHORS = """
SELECT author_id FROM author_video WHERE plays AND visibility = 'public'
GROUP BY author_id ORDER BY md5(author_id::text) LIMIT $1
"""
NAMES = "SELECT username FROM account ORDER BY id LIMIT $1"
MANY = "SELECT account_id FROM following GROUP BY account_id ORDER BY md5(account_id::text) LIMIT $1"


class Readers:
    """Makes requests of accounts."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.database_url
        keys = tuple(map(derive, settings.secret_keys))
        self._tokens = Tokens(keys, settings.access_token_seconds, settings.refresh_token_seconds)

    async def with_follows(self, follows: int) -> UUID | None:
        """The one that follows exactly so many, if there is one."""
        return await self._asked(EXACTLY, follows)

    async def some(self, many: int) -> list[UUID]:
        """So many, by chance, the same each time."""
        conn = await asyncpg.connect(self._url)
        try:
            return [row["account_id"] for row in await conn.fetch(MANY, many)]
        finally:
            await conn.close()

    async def authors(self, many: int) -> list[UUID]:
        """So many who have published, by chance, the same each time."""
        conn = await asyncpg.connect(self._url)
        try:
            return [row["author_id"] for row in await conn.fetch(AUTHORS, many)]
        finally:
            await conn.close()

    async def names(self, many: int) -> list[str]:
        """The names of so many."""
        conn = await asyncpg.connect(self._url)
        try:
            return [row["username"] for row in await conn.fetch(NAMES, many)]
        finally:
            await conn.close()

    async def ask(self, account_id: UUID, path: str = FOLLOWING) -> bytes:
        """A request of this account, which logs in."""
        session_id = new_id()
        await self._asked(SESSION, account_id, session_id)
        return get(path, self._tokens.access(account_id, session_id))

    async def ask_all(self, account_ids: Sequence[UUID], path: str = FOLLOWING) -> list[bytes]:
        """One of each."""
        return [await self.ask(account_id, path) for account_id in account_ids]

    async def _asked(self, statement: str, *values: object) -> UUID | None:
        conn = await asyncpg.connect(self._url)
        try:
            found: UUID | None = await conn.fetchval(statement, *values)
            return found
        finally:
            await conn.close()

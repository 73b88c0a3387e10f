"""reelwire itself, measured as the others are: one `serve`, and the whole way of a publication, from its row to the sockets."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import aiohttp

from bench.peers.running import START_SECONDS, Running, pin
from bench.people import Silent, publish, unpublished
from bench.system import real_stores
from pubsub import channels
from pubsub.opening import open_broker
from server.follows import actions as follows
from server.keys import derive
from server.kit.ids import new_id
from server.kit.tokens import Tokens
from server.kit.work import work
from server.settings import Settings
from stack import environment, ports
from stack.process import start
from stack.servers import part
from storage.postgres import Pool, close_pool, connection, open_pool

TOKEN_SECONDS = 3600
SESSIONS_EACH = 20
"""As many as an account may have."""
CONNECTIONS = 4
POLL_SECONDS = 0.05
# Thousands of accounts by the API would be thousands of passwords to hash.
ACCOUNT = "INSERT INTO account (id, username, email, password_hash) VALUES ($1, $2, $2, '')"
SESSION = "INSERT INTO session (account_id, id, user_agent, expires_at) VALUES ($1, $2, '', now() + interval '1 day')"


@asynccontextmanager
async def reelwire(folder: Path, sockets: int, messages: int) -> AsyncIterator[Running]:
    """A `serve` process, a token for each socket, and so many videos that wait for their publication."""
    (port,) = ports.choose(["live"]).values()
    async with real_stores(folder) as given, AsyncExitStack() as stack:
        mine = {
            **given,
            "REELWIRE_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "REELWIRE_ACCESS_TOKEN_SECONDS": str(TOKEN_SECONDS),
        }
        spec = part("bench", "serve", environment.others_in(os.environ) | mine, folder, folder)
        process = start(replace(spec, environment={**spec.environment, "REELWIRE_LISTEN": f"127.0.0.1:{port}"}))
        pool = await open_pool(given["REELWIRE_DATABASE_URL"], CONNECTIONS, "bench")
        try:
            broker = await stack.enter_async_context(open_broker(given["REELWIRE_VALKEY_URL"]))
            await _ready(port)
            settings = Settings.from_environment(mine)
            author_id = await _somebody(pool)
            each = [await _follower(pool, settings, author_id) for _ in range(-(-sockets // SESSIONS_EACH))]
            videos = [await unpublished(pool, author_id, f"A clip @@{number}@@") for number in range(messages)]

            async def tell(number: int, _: int) -> None:
                await publish(pool, author_id, videos[number])
                await broker.publish([(channels.OUTBOX, b"")])  # as the worker announces it

            pin(process.pid)
            yield Running(
                process.pid,
                port,
                tell,
                "/api/v1/live",
                "Authorization: Bearer {}\r\n",
                until='"welcome"',
                each=[each[number // SESSIONS_EACH] for number in range(sockets)],
            )
        finally:
            await close_pool(pool)
            await process.stop(spec.stop_signal, spec.stop_seconds)


async def _ready(port: int) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(START_SECONDS):
        while True:
            try:
                async with http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(POLL_SECONDS)


async def _somebody(pool: Pool) -> UUID:
    account_id = new_id()
    async with connection(pool) as conn:
        await conn.execute(ACCOUNT, account_id, f"b{account_id.hex[-28:]}")
    return account_id


async def _follower(pool: Pool, settings: Settings, author_id: UUID) -> str:
    """Somebody who follows the author, and is logged in; the token."""
    account_id, login_id = await _somebody(pool), new_id()
    async with work(pool, Silent(), account_id) as w:
        await w.conn.execute(SESSION, account_id, login_id)
        await follows.follow(w, account_id, author_id)
    tokens = Tokens(tuple(derive(secret) for secret in settings.secret_keys), TOKEN_SECONDS, TOKEN_SECONDS)
    return tokens.access(account_id, login_id)

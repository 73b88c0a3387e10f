"""The stores that tests run on: real, separate, and gone afterwards."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from stack import servers
from stack.embedded import Stores, running
from stack.process import PartError, descendants, parents
from tests.stack.parts import part
from tests.waiting import until

PROGRAM = """
import asyncio, sys
from pathlib import Path
from stack.embedded import stores

async def main():
    async with stores(Path(sys.argv[1]), durable=False) as found:
        print(found.database_url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_database_has_vectors_and_its_role_may_make_more_databases(real_stores: Stores) -> None:
    connection = await asyncpg.connect(real_stores.database_url)
    try:
        assert await connection.fetchval("SELECT '[1,2]'::vector <-> '[1,4]'::vector") == 2
        assert await connection.fetchval("SHOW server_version_num") >= "180000"
        assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        await connection.execute("CREATE DATABASE another")
        await connection.execute("DROP DATABASE another")
    finally:
        await connection.close()


async def test_nobody_gets_in_without_a_password(real_stores: Stores) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(real_stores.database_url.replace("reelwire:", "reelwire:x", 1))
    stranger = Redis.from_url(real_stores.valkey_url.replace("unix://:", "unix://:x", 1))
    with pytest.raises(RedisError, match="invalid username-password"):
        await stranger.ping()
    await stranger.aclose()


async def test_a_part_that_does_not_start_is_an_error_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as failed:
        async with running(part(tmp_path, "print('why not'); raise SystemExit(1)")):
            pass
    assert failed.group_contains(PartError, match="why not")


async def test_they_end_with_whoever_started_them(tmp_path: Path) -> None:
    argv = (sys.executable, "-c", PROGRAM, tmp_path)
    process = await asyncio.create_subprocess_exec(*argv, cwd=servers.ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert (await process.stdout.readline()).startswith(b"postgresql://")
    family = descendants(process.pid)
    assert len(family) > 3
    process.kill()
    await process.communicate()
    await until(lambda: not family & parents().keys(), "their end")

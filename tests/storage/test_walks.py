"""Where walks stand."""

from uuid import uuid4

from server.settings import Settings
from storage import walks
from storage.postgres import close_pool, connection, open_pool


async def test_a_walk_stands_where_it_was_left(settings: Settings) -> None:
    name, pool = f"test {uuid4()}", await open_pool(settings.database_url, 1, "test")
    async with connection(pool) as conn:
        assert await walks.position(conn, name) == ""
        for position in ("here", "there", ""):
            await walks.move(conn, name, position)
            assert await walks.position(conn, name) == position
    await close_pool(pool)

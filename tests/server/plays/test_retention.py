"""The periodic job: each table that is kept by day has its days, and says what lies beside them."""

from server.plays import retention
from storage import partitions
from storage.postgres import Pool
from tests.people import Client


async def test_each_table_has_its_days_after_a_run(client: Client, pool: Pool) -> None:
    await retention.tend(client.app)
    today = await pool.fetchval(partitions.TODAY)
    async with pool.acquire() as conn:
        for table in retention.TABLES:
            assert today in await partitions.days(conn, table)
            assert retention.REST.labels(table)._value.get() == await partitions.rest_rows(conn, table, 10)

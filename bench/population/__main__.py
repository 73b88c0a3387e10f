"""`python -m bench.population FOLDER`: fills a folder of stores with the large town, and says how long that took."""

import argparse
import asyncio
import os
import time
from pathlib import Path

import asyncpg

from bench.population.snapshot import fresh
from bench.population.town import LARGE, SMALL
from stack.embedded import stores

TABLES = """
SELECT relname, reltuples::bigint AS rows, pg_table_size(oid) AS heap, pg_indexes_size(oid) AS indexes
FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > 0
ORDER BY pg_total_relation_size(oid) DESC
"""


async def _fill(folder: Path, *, small: bool) -> None:
    async with stores(folder) as found:
        began = time.monotonic()
        url = await fresh(found.database_url, SMALL if small else LARGE)
        print(f"{time.monotonic() - began:.0f} s, with a load average of {os.getloadavg()[0]:.1f} at its end")
        conn = await asyncpg.connect(url)
        for table, rows, heap, indexes in await conn.fetch(TABLES):
            print(f"  {table:18} {rows:10,} rows {heap / 1e6:8,.0f} MB, indexes {indexes / 1e6:8,.0f} MB")
        await conn.close()


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(prog="python -m bench.population", description=__doc__)
    options.add_argument("folder", type=Path, help="kept between runs; what is there is copied")
    options.add_argument("--small", action="store_true", help="the town of the tests")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_fill(given.folder, small=given.small))


if __name__ == "__main__":
    main()

"""Migrations run while processes of the version before read and write."""

import asyncio

import asyncpg
import pytest

from server.settings import Settings
from storage import migrate
from storage.migrate import Migration, apply, read
from tests.storage.old_writers import TOWN, WRITERS, serve
from tests.storage.rules import FIRST, breaches, tables
from tests.storage.schema import schema
from tests.waiting import until

FILES = read()
BEFORE = [file for file in FILES if file.number < FIRST]
COUNTED = "SELECT count(*) FROM video_count"
PLANTED = {
    "CREATE INDEX a_n ON a (n);": "CONCURRENTLY",
    "CREATE INDEX CONCURRENTLY a_n ON a (n);": "step of its own",
    "ALTER TABLE a ADD COLUMN m int NOT NULL;": "has a default",
    "ALTER TABLE a ADD COLUMN m uuid NOT NULL DEFAULT gen_random_uuid();": "constant",
    "ALTER TABLE a ADD CONSTRAINT a_check CHECK (n > 0);": "NOT VALID",
    "ALTER TABLE a ADD FOREIGN KEY (n) REFERENCES b;": "NOT VALID",
    "ALTER TABLE a ADD COLUMN m int REFERENCES b;": "NOT VALID",
    "ALTER TABLE a ADD CONSTRAINT a_pkey PRIMARY KEY (n);": "key",
    "ALTER TABLE a ALTER COLUMN n SET NOT NULL;": "NOT NULL",
    "ALTER TABLE a ALTER COLUMN n TYPE bigint;": "type",
    "ALTER TABLE a ADD CONSTRAINT c CHECK (n > 0) NOT VALID; ALTER TABLE a VALIDATE CONSTRAINT c;": "step of its own",
    "ALTER TABLE a DROP COLUMN n;": "dropped",
    "ALTER TABLE a RENAME COLUMN n TO m;": "renamed",
    "DROP TABLE a;": "dropped",
    "UPDATE a SET n = 1;": "slices",
    "CREATE TABLE c (n int); INSERT INTO c SELECT n FROM a;": "slices",
    "SET LOCAL lock_timeout = '1s'; ALTER TABLE a DROP CONSTRAINT a_check;": "runner",
}
FINE = """
CREATE TABLE c (n int REFERENCES a);
CREATE INDEX c_n ON c (n);
INSERT INTO c (n) SELECT n FROM generate_series(1, 9) AS n;
--: transaction
ALTER TABLE a ADD COLUMN m bigint NOT NULL DEFAULT 0;
ALTER TABLE a ADD CONSTRAINT a_check CHECK (n > 0) NOT VALID;
--: transaction
ALTER TABLE a VALIDATE CONSTRAINT a_check;
--: concurrently
CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n);
--: transaction
ALTER TABLE a ADD CONSTRAINT a_pkey PRIMARY KEY USING INDEX a_n;
--: slices
UPDATE a SET n = 1 WHERE n IN (SELECT n FROM a WHERE n <> 1 LIMIT 1000);
"""


@pytest.mark.parametrize("file", FILES[FIRST - 1 :], ids=lambda file: file.name)
def test_a_migration_can_be_applied_while_others_read_and_write(file: Migration) -> None:
    assert list(breaches(file, tables(FILES[: file.number - 1]))) == []


@pytest.mark.parametrize("sql", PLANTED)
def test_one_that_cannot_is_found(sql: str) -> None:
    found = list(breaches(Migration(99, "0099_new.sql", sql), {"a", "b"}))
    assert any(PLANTED[sql] in said for said in found), found


def test_one_that_is_careful_is_let_pass() -> None:
    assert list(breaches(Migration(99, "0099_new.sql", FINE), {"a", "b"})) == []


async def _schema(dsn: str) -> dict[str, list[str]]:
    conn = await asyncpg.connect(dsn)
    try:
        return await schema(conn)
    finally:
        await conn.close()


async def test_processes_of_the_version_before_notice_nothing(
    empty: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever of them waited for longer than our pools let them, or met what they do not know, would fail."""
    monkeypatch.setattr(migrate, "FIRST_PAUSE_SECONDS", 0.05)
    await apply(empty, BEFORE)
    conn = await asyncpg.connect(empty)
    await conn.execute(TOWN)
    enough, rounds = asyncio.Event(), [0] * len(WRITERS)
    async with asyncio.TaskGroup() as tasks:
        for which in range(len(WRITERS)):
            tasks.create_task(serve(empty, enough, rounds, which), name=f"writer {which}")
        await until(lambda: all(rounds), "a round of each")
        await apply(empty, FILES)
        after = list(rounds)
        await until(lambda: all(now > then for now, then in zip(rounds, after, strict=True)), "another round of each")
        enough.set()
    assert await conn.fetchval(COUNTED) >= 1500
    await conn.close()
    assert await _schema(empty) == await _schema(settings.database_url)

"""Migrations on a database of their own."""

import asyncio
import json
import logging
import sys
from pathlib import Path

import asyncpg
import msgspec
import pytest

from media.manifest import IFrames
from storage import migrate
from storage.migrate import Migration, MigrationError, apply, read

IFRAMES_NUMBER = 18
INSERT = "INSERT INTO a (n) VALUES (1)"
INDEX = "--: concurrently\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n"
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('a_n')"
STEPS = "SELECT count(*) FROM schema_migration_step"
MIGRATE = """
import asyncio, sys
from pathlib import Path
from storage.migrate import apply, read
asyncio.run(apply(sys.argv[1], read(Path(sys.argv[2]))))
"""
SLICES = """CREATE TABLE b (n int);
--: slices
INSERT INTO b (n)
SELECT n + 0 / (7 - n)
FROM (SELECT n FROM a WHERE n NOT IN (SELECT n FROM b) ORDER BY n LIMIT 2) AS next;
"""


async def test_several_processes_at_once_apply_each_file_once(empty: str) -> None:
    files = await asyncio.to_thread(read)
    applied = await asyncio.gather(*(apply(empty, files) for _ in range(3)))
    assert sorted(name for names in applied for name in names) == [file.name for file in files]
    assert await apply(empty, files) == []


async def test_a_worker_of_the_version_before_can_still_tell_of_a_rendition(empty: str) -> None:
    await apply(empty, await asyncio.to_thread(read))
    conn = await asyncpg.connect(empty)
    await conn.execute("ALTER TABLE rendition DROP CONSTRAINT rendition_video_id_fkey")  # its video does not matter
    await conn.execute(
        """
        INSERT INTO rendition (video_id, name, kind, width, height, bitrate, bytes, facts)
        VALUES (gen_random_uuid(), '540.mp4', 'mp4', 540, 960, 1, 1, '{}')
        """
    )
    assert await conn.fetchval("SELECT generation FROM rendition") == 1
    await conn.close()


async def test_key_pictures_of_variants_become_renditions_of_their_own(empty: str) -> None:
    files = await asyncio.to_thread(read)
    before = [file for file in files if file.number < IFRAMES_NUMBER]
    await apply(empty, before)
    conn = await asyncpg.connect(empty)
    await conn.execute("ALTER TABLE rendition DROP CONSTRAINT rendition_video_id_fkey")
    facts = {"name": "540", "codecs": "avc1.64001f", "bandwidth": 9, "average_bandwidth": 8, "iframe_bandwidth": 7}
    facts |= {"iframe_average_bandwidth": 6, "playlist": "v540.m3u8", "iframes": "v540-iframes.m3u8", "track": "v540.mp4"}
    await conn.execute(
        """
        INSERT INTO rendition (video_id, name, kind, generation, width, height, bitrate, bytes, facts)
        VALUES (gen_random_uuid(), '540', 'hls', 3, 540, 960, 9, 1, $1),
               (gen_random_uuid(), '540.mp4', 'mp4', 3, 540, 960, 9, 1, '{}')
        """,
        json.dumps(facts),
    )
    await apply(empty, files)
    [row] = await conn.fetch("SELECT generation, width, height, bitrate, facts FROM rendition WHERE kind = 'iframes'")
    assert tuple(row)[:4] == (3, 540, 960, 7)
    moved = msgspec.json.decode(row["facts"], type=IFrames)
    assert (moved.playlist, moved.track, moved.codecs) == ("v540-iframes.m3u8", "v540.mp4", "avc1.64001f")
    assert (moved.bandwidth, moved.average_bandwidth) == (7, 6)
    await conn.close()


async def test_a_file_that_fails_leaves_nothing(empty: str) -> None:
    good, bad = (
        Migration(1, "0001_a.sql", "CREATE TABLE a (n int)"),
        Migration(2, "0002_b.sql", "CREATE TABLE b (n int); SELECT 1/0"),
    )
    with pytest.raises(asyncpg.DivisionByZeroError):
        await apply(empty, [good, bad])
    conn = await asyncpg.connect(empty)
    assert await conn.fetchval("SELECT to_regclass('a')") == "a"
    assert await conn.fetchval("SELECT to_regclass('b')") is None
    await conn.close()


async def test_what_was_applied_must_not_change(empty: str) -> None:
    await apply(empty, [Migration(1, "0001_a.sql", "SELECT 1")])
    with pytest.raises(MigrationError, match=r"0001_a\.sql"):
        await apply(empty, [Migration(1, "0001_a.sql", "SELECT 2")])
    with pytest.raises(MigrationError, match="0001"):
        await apply(empty, [])


async def _made(dsn: str, sql: str = "CREATE TABLE a (n int)") -> "asyncpg.Connection[asyncpg.Record]":
    """A database with one migration, and a connection that waits no longer for locks than those of our processes."""
    await apply(dsn, [Migration(1, "0001_a.sql", sql)])
    return await asyncpg.connect(dsn, server_settings={"lock_timeout": "3000", "statement_timeout": "4000"})


async def test_who_waits_for_a_lock_lets_others_pass(
    empty: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LONGEST_PAUSE_SECONDS", 0.5)
    holder, writer = await _made(empty), await asyncpg.connect(empty, server_settings={"lock_timeout": "3000"})
    files = [Migration(1, "0001_a.sql", "CREATE TABLE a (n int)"), Migration(2, "0002_b.sql", "ALTER TABLE a ADD COLUMN m int")]

    def waits() -> int:
        return sum("0002_b.sql waits for its locks" in message for message in caplog.messages)

    with caplog.at_level(logging.INFO, "storage.migrate"):
        async with holder.transaction():
            await holder.execute(INSERT)  # for as long as it likes
            migrating = asyncio.create_task(apply(empty, files), name="migrating")
            written = 0
            while waits() < 3:
                await writer.execute(INSERT)  # would fail by its own limit
                written += 1
        assert await migrating == ["0002_b.sql"]
    assert await writer.fetchval("SELECT count(m) FROM a") == 0
    assert await writer.fetchval("SELECT count(*) FROM a") == written + 1
    await holder.close()
    await writer.close()


async def test_an_index_whose_building_was_killed_is_built_again(empty: str, tmp_path: Path) -> None:
    holder, watcher = await _made(empty), await asyncpg.connect(empty)
    (tmp_path / "0001_a.sql").write_text("CREATE TABLE a (n int)")
    (tmp_path / "0002_b.sql").write_text(INDEX)
    seen: list[bool | None] = [None]

    async def watch() -> None:
        while seen[-1] is None:
            seen.append(await watcher.fetchval(VALID))

    async with holder.transaction():
        await holder.execute(INSERT)  # whoever builds waits for this
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE, empty, str(tmp_path), cwd=Path.cwd())
        async with asyncio.timeout(60):
            await watch()
        process.kill()
        await process.wait()
        assert seen[-1] is False
        migrating = asyncio.create_task(apply(empty, await asyncio.to_thread(read, tmp_path)), name="migrating")
    assert await migrating == ["0002_b.sql"]
    assert await watcher.fetchval(VALID) is True
    assert await watcher.fetchval(STEPS) == 0
    await holder.close()
    await watcher.close()


async def test_an_index_that_stands_is_built_once_and_dropped_once(empty: str) -> None:
    conn = await _made(empty)
    await conn.execute("CREATE INDEX a_n ON a (n)")  # by whoever was killed before he could say so
    first = Migration(1, "0001_a.sql", "CREATE TABLE a (n int)")
    await apply(empty, [first, Migration(2, "0002_b.sql", INDEX)])
    gone = Migration(3, "0003_c.sql", "--: concurrently\nDROP INDEX CONCURRENTLY a_n;\n" * 2)
    await apply(empty, [first, Migration(2, "0002_b.sql", INDEX), gone])
    assert await conn.fetchval(VALID) is None
    await conn.close()


async def test_slices_that_broke_off_go_on_behind_what_was_done(empty: str) -> None:
    conn = await _made(empty)
    await conn.execute("INSERT INTO a SELECT generate_series(1, 9)")
    files = [Migration(1, "0001_a.sql", "CREATE TABLE a (n int)"), Migration(2, "0002_b.sql", SLICES)]
    with pytest.raises(asyncpg.DivisionByZeroError):  # by the seventh
        await apply(empty, files)
    assert await conn.fetchval("SELECT count(*) FROM b") == 6
    assert await conn.fetchval(STEPS) == 1  # the table is not made again
    await conn.execute("UPDATE a SET n = 17 WHERE n = 7")
    assert await apply(empty, files) == ["0002_b.sql"]
    assert await conn.fetchval("SELECT count(DISTINCT n) FROM b") == 9
    await conn.close()


async def test_what_was_applied_in_part_must_not_change(empty: str) -> None:
    first, bad = Migration(1, "0001_a.sql", "CREATE TABLE b (n int);\n--: transaction\nSELECT 1/0;"), "--: transaction\nSELECT 2;"
    with pytest.raises(asyncpg.DivisionByZeroError):
        await apply(empty, [first])
    with pytest.raises(MigrationError, match="a part of it"):
        await apply(empty, [Migration(1, "0001_a.sql", bad)])


async def test_a_text_that_comes_to_the_same_has_been_applied(empty: str) -> None:
    first = Migration(1, "0001_a.sql", "SELECT 1")
    await apply(empty, [first])
    assert await apply(empty, [Migration(1, "0001_a.sql", f"--: formerly {first.sha256}\nSELECT 1 + 0")]) == []

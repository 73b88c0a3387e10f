"""Migrations on a database of their own."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from media.manifest import IFrames
from stack.embedded import Stores
from storage.migrate import Migration, MigrationError, apply, read

IFRAMES_NUMBER = 18


@pytest.fixture
async def empty(real_stores: Stores) -> AsyncIterator[str]:
    """The address of an empty database."""
    name = f"migrate_{secrets.token_hex(4)}"
    conn = await asyncpg.connect(real_stores.database_url)
    await conn.execute(f"CREATE DATABASE {name}")
    yield (
        real_stores.database_url.replace("/reelwire?", f"/{name}?")
        if "?" in real_stores.database_url
        else (real_stores.database_url.rpartition("/")[0] + f"/{name}")
    )
    await conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await conn.close()


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


def test_numbers_follow_each_other(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("SELECT 1")
    (tmp_path / "0003_c.sql").write_text("SELECT 3")
    with pytest.raises(MigrationError, match="0003_c"):
        read(tmp_path)

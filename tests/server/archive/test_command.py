"""`reelwire archive sweep` as an operator types it; killed at whatever moment, the next one goes on, and nothing is lost."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest

from server.__main__ import main
from server.archive import clearing, sweep
from server.kit.request import POOL
from server.videos import tiers
from stack import servers
from stack.embedded import Stores
from storage.postgres import connection
from tests.archived import COLD_FILES, archive, bring_back, in_archive, old, tier_of, urls_end
from tests.conftest import SECRET
from tests.people import Client, Person
from tests.sharers import plays, stored

VIDEOS = 6
SWEEPERS = """
import os, sys
import server.archive.command, server.schedule
from server.__main__ import main
for _ in sys.stdin:
    sweeper = os.fork()
    if not sweeper:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(main(["archive", "sweep", "--json"]))
    print(sweeper, flush=True)
    os.waitpid(sweeper, 0)
    print("gone", flush=True)
"""
"""A sweep, as its command does it, for each line: forked, for most of what one costs is to begin."""
AT = "SELECT count(*) FROM video_tier WHERE video_id = ANY($1) AND tier = ANY($2)"


@pytest.fixture(autouse=True)
def environment(real_stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    of_stack = {"REELWIRE_ENVIRONMENT": "development", "REELWIRE_SECRET_KEYS": SECRET}
    for name, value in (real_stores.environment() | of_stack).items():
        monkeypatch.setenv(name, value)


async def _archive(*words: str) -> int:
    return await asyncio.to_thread(main, ["archive", *words])


async def test_a_dry_run_says_what_would_go_and_a_sweep_does_it(
    client: Client, ann: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    video_id = str(await old(client, ann))
    assert await _archive("sweep", "--dry-run", "--json") == 0
    foretold = json.loads(capsys.readouterr().out)
    assert set(foretold) == {"videos", "bytes", "ids"}
    assert video_id in foretold["ids"]
    assert await tier_of(client, UUID(video_id)) is None
    assert await _archive("sweep", "--dry-run") == 0
    said = capsys.readouterr().out
    assert "would go to the archive" in said
    assert "are saved" in said
    assert video_id in said
    assert await _archive("sweep", "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert done["videos"] == len(done["ids"])
    assert set(done["ids"]) <= set(foretold["ids"])
    row = await tier_of(client, UUID(video_id))
    assert row is not None
    assert row.tier == "archived"
    assert await _archive("sweep", "--json") == 0
    assert video_id not in json.loads(capsys.readouterr().out)["ids"]


def test_without_a_store_it_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWIRE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    assert main(["archive", "sweep"]) == 3
    assert "does not answer" in capsys.readouterr().err


async def _at(client: Client, videos: list[UUID], *wanted: str) -> int:
    async with connection(client.app[POOL]) as conn:
        found: int = await conn.fetchval(AT, videos, list(wanted))
    return found


async def _told(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def test_sweeps_that_are_killed_lose_nothing_and_the_next_goes_on(client: Client, ann: Person, ben: Person) -> None:
    """Kill -9 while the first files are being copied, in the midst, and near the end; all plays at any time."""
    videos = [await old(client, ann) for _ in range(VIDEOS)]
    before = [(await ben.get(f"/videos/{video_id}")).body for video_id in videos]
    argv, env, pipe = (sys.executable, "-c", SWEEPERS), dict(os.environ), asyncio.subprocess.PIPE
    sweepers = await asyncio.create_subprocess_exec(*argv, cwd=servers.ROOT, env=env, stdin=pipe, stdout=pipe)
    assert sweepers.stdin is not None
    try:
        for wanted in (0, 2, VIDEOS - 1):
            sweepers.stdin.write(b"go\n")
            async with asyncio.timeout(60):
                sweeper = int(await _told(sweepers))
                gone = asyncio.create_task(_told(sweepers))
                # So many are archived, and the next are being copied.
                while await _at(client, videos, "archived") < wanted or not await _at(client, videos, "archiving"):
                    if gone.done():
                        break
                    await asyncio.sleep(0.001)
                if not gone.done():
                    os.kill(sweeper, signal.SIGKILL)
                assert await gone == "gone"
            for video in before:
                await plays(video, ben)
    finally:
        sweepers.stdin.close()
        await sweepers.wait()
    await sweep.sweep(client.app)
    assert await _at(client, videos, "archived") == VIDEOS
    for video_id, video in zip(videos, before, strict=True):
        assert await in_archive(client, video_id) == COLD_FILES
        await plays(video, ben)


async def test_a_removal_that_is_killed_is_done_again_and_all_comes_back(
    client: Client, ann: Person, ben: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await old(client, ann)
    await archive(client, video_id)
    await urls_end(client, video_id)

    class KilledError(BaseException):
        pass

    async def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as dying:
        dying.setattr("server.archive.clearing.cached.forget", killed)
        with pytest.raises(KilledError):
            await clearing.clear_due(client.app)
    row = await tier_of(client, video_id)
    assert row is not None
    assert (row.cleared, row.clearing_at is not None) == (False, True)
    await clearing.clear_due(client.app)  # it may still be at it
    monkeypatch.setattr(tiers, "STALE_SECONDS", 0.0)
    await clearing.clear_due(client.app)
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.cleared
    assert not COLD_FILES & {path.partition("/")[2] for path in await stored(client, video_id)}
    assert (await ann.post(f"/videos/{video_id}/restore")).status == 202
    await bring_back(client, video_id, tmp_path)
    await plays((await ben.get(f"/videos/{video_id}")).body, ben)

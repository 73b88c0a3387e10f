"""What was watched, and the counts of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest

from pubsub.commands import Commands
from pubsub.opening import open_commands
from server.kit.request import POOL
from server.plays import jobs
from server.settings import Settings
from tests.people import Client, Person

WAITING = "SELECT count(*) FROM play_counted WHERE video_id = $1"

Views = Callable[[UUID], Awaitable[int]]


def watched(**told: object) -> dict[str, object]:
    """The body of a report."""
    return {"watched_ms": 3000, "completed": False, "replays": 0, "source": "following"} | told


@pytest.fixture
def nobody_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process under test leaves folding to the test. Comes before `client`."""
    monkeypatch.setattr(jobs, "FOLD_SECONDS", 3600.0)


@pytest.fixture
def views(client: Client, nobody: Person) -> Views:
    """The views on a public video's card, everything that has counted included."""

    async def count(video_id: UUID) -> int:
        async with asyncio.timeout(60):
            await jobs.fold(client.app[POOL])
            while await client.app[POOL].fetchval(WAITING, video_id):  # the process under test is just folding them
                await asyncio.sleep(0.01)
        found: int = (await nobody.get(f"/videos/{video_id}")).body["counts"]["views"]
        return found

    return count


@pytest.fixture
def patient_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no Valkey that is away."""
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", 10.0)


@pytest.fixture
async def commands(settings: Settings) -> AsyncIterator[Commands]:
    async with open_commands(settings.valkey_url) as found:
        yield found

"""A second process, and nobody who folds beside the test."""

from collections.abc import AsyncIterator

import pytest

from server.counts import jobs
from server.settings import Settings
from storage.postgres import Pool, close_pool, open_pool


@pytest.fixture
def nobody_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process under test leaves folding to the test. Comes before `client`."""
    monkeypatch.setattr(jobs, "FOLD_SECONDS", 3600.0)


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    """Of another process."""
    found = await open_pool(settings.database_url, 20, "test")
    yield found
    await close_pool(found)

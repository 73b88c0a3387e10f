"""A pool for the tests of media, and folders as a job has them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.pool import Pool
from media.task import Task
from tests.media.canary import Canary


@pytest.fixture(scope="session")
async def pool() -> AsyncIterator[Pool]:
    """Two encoding children and one probing one at a time."""
    async with Pool(processes=2) as found:
        yield found


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """An input of no meaning, and an empty folder to write into."""
    source, folder = tmp_path / "source", tmp_path / "folder"
    source.write_bytes(b"nothing")
    folder.mkdir()
    return Task(input=str(source), folder=str(folder))


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    found = Canary()
    async with await found.listen():
        yield found

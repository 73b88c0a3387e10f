"""One item that fails holds up no other, but where the archive itself is full or away nobody goes on."""

import pytest

from server.archive.apart import MOST_FAILURES, NothingGoes, Run, apart
from server.kit.request import COLD
from storage.cold import Cold
from storage.objects import ObjectMissing, StoreFull
from tests.people import Client


async def _fails(client: Client, error: Exception, run: Run | None = None) -> None:
    async with apart(client.app, "one", run):
        raise error


async def test_an_item_that_fails_is_left(client: Client) -> None:
    await _fails(client, ObjectMissing("it went"))
    await _fails(client, ValueError("ours"))


async def test_an_archive_that_is_full_or_gone_ends_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreFull):
        await _fails(client, StoreFull("no more"))
    monkeypatch.setitem(client.app._state, COLD, Cold(client.app[COLD].store, "there-is-none"))
    with pytest.raises(ObjectMissing):
        await _fails(client, ValueError("ours"))


async def test_where_one_after_the_other_fails_it_ends(client: Client) -> None:
    run = Run(MOST_FAILURES - 2)
    await _fails(client, ValueError("ours"), run)
    with pytest.raises(NothingGoes):
        await _fails(client, ValueError("ours"), run)
    async with apart(client.app, "three", run):
        pass
    assert run.failures == 0

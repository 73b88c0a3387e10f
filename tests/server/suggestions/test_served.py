"""What was suggested is logged later, in batches, and of accounts that are there alone."""

from datetime import UTC, datetime

import pytest

from server.kit.ids import new_id
from server.suggestions import served
from server.suggestions.queries import Served
from tests.server.suggestions.town import Town

LOGGED = """
SELECT account_id, video_ids::text, slots::text, propensities::text FROM suggestion_served
"""


async def test_pages_are_written_together_and_none_of_who_is_gone(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "AT_ONCE", 2)
    accounts = await town.authors(2)
    videos = [new_id() for _ in range(3)]
    for account_id in (accounts[0], new_id(), accounts[1]):
        page = Served(account_id, datetime.now(UTC), None, videos, ["list", "list", "explore"], [1.0, 1.0, 0.25])
        town.suggesting.log.add(page)
    await town.suggesting.log.flush()
    rows = {tuple(row.values()) for row in await town.pool.fetch(LOGGED)}
    listed = f"{{{','.join(map(str, videos))}}}"
    assert rows == {(one, listed, "{list,list,explore}", "{1,1,0.25}") for one in accounts}


async def test_what_comes_while_too_many_wait_is_not_logged(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "MOST_WAITING", 1)
    (account_id,) = await town.authors(1)
    for _ in range(3):
        town.suggesting.log.add(Served(account_id, datetime.now(UTC), None, [new_id()], ["list"], [1.0]))
    await town.suggesting.log.flush()
    assert await town.pool.fetchval("SELECT count(*) FROM suggestion_served") == 1

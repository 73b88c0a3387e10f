"""`reelwire storage` as an operator types it."""

import asyncio
import json

import pytest

from server.__main__ import main
from stack.embedded import Stores
from tests.archived import old
from tests.conftest import SECRET
from tests.people import Client, Person


@pytest.fixture(autouse=True)
def environment(real_stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    of_stack = {"REELWIRE_ENVIRONMENT": "development", "REELWIRE_SECRET_KEYS": SECRET}
    for name, value in (real_stores.environment() | of_stack).items():
        monkeypatch.setenv(name, value)


async def test_it_tells_people_and_programs(client: Client, ann: Person, capsys: pytest.CaptureFixture[str]) -> None:
    await old(client, ann)
    assert await asyncio.to_thread(main, ["storage", "report"]) == 0
    said = capsys.readouterr().out
    assert "archive" in said
    assert await asyncio.to_thread(main, ["storage", "report", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"tiers", "kinds", "accounts", "orphans", "orphan_keys"}
    assert str(ann.id) in told["accounts"]
    status = await asyncio.to_thread(main, ["storage", "verify", "--quick", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (status == 0) == (not (found["missing"] or found["damaged"] or found["orphan"]))
    assert await asyncio.to_thread(main, ["storage", "verify", "--quick"]) == status
    assert "missing" in capsys.readouterr().out

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
    video_id = str(await old(client, ann))
    assert await asyncio.to_thread(main, ["storage", "report"]) == 0
    said = capsys.readouterr().out
    assert "archive" in said
    assert await asyncio.to_thread(main, ["storage", "report", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"tiers", "kinds", "accounts", "others", "orphans", "orphan_keys"}
    assert str(ann.id) in told["accounts"]
    assert await asyncio.to_thread(main, ["storage", "verify", "--quick", "--about", video_id, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["videos"], found["missing"], found["damaged"]) == (1, 1, 0)  # its original, which nobody has sent
    assert await asyncio.to_thread(main, ["storage", "verify", "--about", video_id]) == 1
    assert "1 missing" in capsys.readouterr().out

"""A process that stops waits for no body, and keeps what came of it."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from server.kit.errors import Unavailable
from server.settings import Settings
from server.uploads import patience
from server.uploads.patience import Patience
from server.uploads.tus import BodyCut
from storage.objects import PART_BYTES
from tests import rooms
from tests.people import Person
from tests.resumable import Resumable, desk, original, pieces


@pytest.mark.parametrize("came", [300_000, PART_BYTES + 300_000])
async def test_another_process_goes_on_where_one_that_stopped_ended(ann: Person, settings: Settings, came: int) -> None:
    upload, gone = Resumable(ann, os.urandom(PART_BYTES + 400_000)), asyncio.Event()
    await upload.create()

    async def stalls() -> AsyncIterator[bytes]:
        async for piece in pieces(upload.data[:came]):
            yield piece
        await gone.wait()

    async with rooms.opened(settings) as stopping:
        slow = asyncio.create_task(upload.patch(0, stalls(), person=Person(stopping, ann.id, access=ann.access)))
        async with asyncio.timeout(60):
            while desk(stopping).gate.held % PART_BYTES != came % PART_BYTES:
                await asyncio.sleep(0.01)
        assert stopping.server.runner is not None
        await stopping.server.runner.cleanup()  # what SIGTERM begins
        refused = await slow
        gone.set()
    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (503, "unavailable", "1")
    assert await upload.offset() == came
    done = await upload.patch(came, upload.data[came:])
    assert await original(ann.client, done.headers["Video-Id"]) == upload.data


async def test_what_is_there_already_is_read_after_the_end() -> None:
    ended = Patience()
    ended.end()
    body = asyncio.StreamReader()
    body.feed_data(b"there")
    assert await ended.wait(body.read(100)) == b"there"
    with pytest.raises(Unavailable):
        await ended.wait(body.read(100))


async def test_silence_is_a_body_that_broke_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SILENCE_SECONDS", 0.01)
    with pytest.raises(BodyCut) as told:
        await Patience().wait(asyncio.StreamReader().read(100))
    assert told.value.status == 408

"""The rules of uploads: quotas that cannot be raced, and a store that fails costs time and no bytes."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.settings import Settings
from server.uploads import actions
from server.uploads.tus import BodyCut
from server.videos.wire import Described
from storage.objects import PART_BYTES
from tests import rooms
from tests.bad_s3 import Answers, broken, full, s3_that
from tests.people import Person
from tests.resumable import Resumable, column, desk, original
from tests.server.uploads.test_form import post

Elsewhere = Callable[[Answers], Awaitable[Person]]


@pytest.fixture
async def elsewhere(aiohttp_client: AiohttpClient, settings: Settings, ann: Person) -> AsyncIterator[Elsewhere]:
    """Ann at a process whose store behaves like this."""
    open_stores = []

    async def process(answers: Answers) -> Person:
        bad = s3_that(answers)
        url = await bad.__aenter__()
        open_stores.append(bad)
        client = await rooms.serve(aiohttp_client, replace(settings, s3_endpoint_url=url))
        return Person(client, ann.id, access=ann.access)

    yield process
    for bad in open_stores:
        await bad.__aexit__(None, None, None)


@pytest.mark.parametrize(("answers", "code"), [(broken, "unavailable"), (full, "storage_full")])
async def test_an_upload_goes_on_when_the_store_is_back(ann: Person, elsewhere: Elsewhere, answers: Answers, code: str) -> None:
    upload = Resumable(ann, os.urandom(1000))
    await upload.create()
    await upload.patch(0, upload.data[:400])
    there = await elsewhere(answers)
    refused = await upload.patch(400, upload.data[400:], person=there)
    assert (refused.status, refused.code) == (503, code)
    assert int(refused.headers["Retry-After"]) > 0
    assert await upload.offset() == 400
    done = await upload.patch(400, upload.data[400:])
    assert await original(ann.client, done.headers["Video-Id"]) == upload.data


async def test_a_one_shot_upload_is_told_too(elsewhere: Elsewhere) -> None:
    refused = await post(await elsewhere(full), ("file", b"bytes"))
    assert (refused.status, refused.code) == (503, "storage_full")


@pytest.fixture
async def limited(aiohttp_client: AiohttpClient, settings: Settings, ann: Person) -> Person:
    """Ann at a process that allows five uploads a day."""
    client = await rooms.serve(aiohttp_client, replace(settings, rate_limits=True, uploads_per_day=5))
    return Person(client, ann.id, access=ann.access)


async def test_racing_creations_do_not_pass_the_quota_together(limited: Person) -> None:
    answers = await asyncio.gather(*(Resumable(limited, b"x").create() for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [201] * 5 + [429] * 15
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.code == "quota_exceeded"
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert (await limited.get("/uploads/limits")).body["remaining_today"] == 0


async def test_every_way_of_uploading_counts(limited: Person) -> None:
    assert (await limited.get("/uploads/limits")).body["remaining_today"] == 5
    assert (await post(limited, ("file", os.urandom(100)))).status == 202
    assert (await Resumable(limited, b"x").create()).status == 201
    assert (await limited.get("/uploads/limits")).body["remaining_today"] == 3
    for _ in range(3):
        await Resumable(limited, b"x").create()
    refused = await post(limited, ("file", os.urandom(100)))
    assert (refused.status, refused.code) == (429, "quota_exceeded")


async def test_what_is_refused_as_it_stands_does_not_count(limited: Person) -> None:
    await Resumable(limited, b"x", title="t" * 151).create()
    await Resumable(limited).create()
    assert (await limited.get("/uploads/limits")).body["remaining_today"] == 5


async def test_where_limits_are_off_nothing_counts(ann: Person) -> None:
    await Resumable(ann, b"x").create()
    assert (await ann.get("/uploads/limits")).body["remaining_today"] is None


async def test_giving_up_in_the_moment_of_the_last_byte_leaves_the_original(ann: Person) -> None:
    for size in (1000, PART_BYTES + 1000):
        upload, at_work = Resumable(ann, os.urandom(size)), desk(ann.client)
        await upload.create()
        assert ann.id is not None
        seen = await actions.find(at_work, ann.id, UUID(upload.url[-36:]))
        done = await upload.patch(0, upload.data)
        await actions.abandon(at_work, seen)
        assert await original(ann.client, done.headers["Video-Id"]) == upload.data


async def test_a_creation_that_breaks_off_after_its_last_byte_leaves_the_original(ann: Person) -> None:
    data, at_work = os.urandom(1000), desk(ann.client)

    async def breaks_off() -> AsyncIterator[bytes]:
        yield data
        raise BodyCut("The body broke off.")

    assert ann.id is not None
    begun = await actions.begin(at_work, ann.id, len(data), Described())
    with pytest.raises(BodyCut):
        await actions.receive_first(at_work, begun, breaks_off(), None)
    upload = Resumable(ann, data)
    upload.url = str(begun.id)
    assert await original(ann.client, await column(upload, "video_id")) == data

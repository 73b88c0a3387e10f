"""A store that fails costs time and no bytes: what was told stays true, and the upload goes on afterwards."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.settings import Settings
from tests import rooms
from tests.bad_s3 import Answers, broken, full, s3_that
from tests.people import Person
from tests.resumable import Resumable, original
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

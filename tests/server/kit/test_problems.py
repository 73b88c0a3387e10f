"""Whatever goes wrong is a problem document."""

import asyncpg
import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient

from server.kit.deadline import deadline
from server.kit.errors import Invalid, StorageFull, Unavailable
from server.kit.problems import problems

RAISED = {
    "refusal": Invalid.field("title", "is too long"),
    "away": ConnectionRefusedError(),
    "slow": TimeoutError(),
    "restarting": asyncpg.CannotConnectNowError(),
    "full": StorageFull(),
    "bug": ValueError("secret detail"),
    "unavailable": Unavailable(),
}


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("refusal", 422, "invalid"),
        ("away", 503, "unavailable"),
        ("slow", 503, "unavailable"),
        ("restarting", 503, "unavailable"),
        ("full", 503, "storage_full"),
        ("unavailable", 503, "unavailable"),
        ("bug", 500, "internal"),
    ],
)
async def test_each_failure_has_its_document(aiohttp_client: AiohttpClient, name: str, status: int, code: str) -> None:
    async def handler(_request: web.Request) -> web.Response:
        raise RAISED[name]

    app = web.Application(middlewares=[problems, deadline])
    app.router.add_get("/x", handler)
    client = await aiohttp_client(app)
    answer = await client.get("/x")
    body = await answer.json(content_type="application/problem+json")
    assert (answer.status, body["status"], body["code"]) == (status, status, code)
    assert {"type", "title", "detail"} <= set(body)
    assert "secret" not in str(body)
    assert (answer.status == 503) == answer.headers.get("Retry-After", "").isdigit()

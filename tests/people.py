"""People who use the API in tests: an account with its credentials, and what they say in one line."""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request

Client = TestClient[Request, Application]

PASSWORD = "correct horse battery"
TRIES = 5
BASE = "/api/v1"


@dataclass(frozen=True)
class Answer:
    """An answer, read."""

    status: int
    headers: Any
    body: Any

    @property
    def code(self) -> str | None:
        return self.body.get("code") if isinstance(self.body, dict) else None

    @property
    def fields(self) -> set[str]:
        """The fields that a 422 names."""
        return {error["field"] for error in self.body["errors"]}


@dataclass
class Person:
    """Somebody with an account, or nobody when there is no token."""

    client: Client
    id: UUID | None = None
    username: str = ""
    email: str = ""
    access: str = ""
    refresh: str = ""

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        """Call the API; `path` is below /api/v1 unless it begins with something else known."""
        headers = dict(options.pop("headers", {}))
        if self.access:
            headers.setdefault("Authorization", f"Bearer {self.access}")
        full = path if path.startswith(("/api", "/media", "/healthz", "/readyz", "/metrics", "/docs")) else BASE + path
        async with self.client.request(method, full, headers=headers, **options) as response:
            return await _read(response)

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.call("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Answer:
        return await self.call("POST", path, **options)

    async def put(self, path: str, **options: Any) -> Answer:
        return await self.call("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> Answer:
        return await self.call("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self.call("DELETE", path, **options)

    async def follow(self, other: "Person") -> None:
        assert (await self.put(f"/me/following/{other.id}")).status == 204


async def _read(response: ClientResponse) -> Answer:
    data = await response.read()
    is_json = response.content_type.endswith("json") and data
    return Answer(response.status, response.headers.copy(), await response.json(content_type=None) if is_json else data)


def new_name(name: str) -> str:
    """A username that nobody else in this session has."""
    return f"{name}_{secrets.token_hex(4)}"


async def sign_up(client: Client, name: str = "ann") -> Person:
    """A fresh account."""
    username = new_name(name)
    body = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
    made = await Person(client).post("/accounts", json=body)
    for _ in range(TRIES):
        if made.status != 503:
            break
        # Log-ins fail closed while the broker is slow, as it is for a moment where all cores are busy; do as one is told.
        await asyncio.sleep(float(made.headers["Retry-After"]))
        made = await Person(client).post("/accounts", json=body)
    assert made.status == 201, made.body
    return Person(
        client,
        UUID(made.body["account"]["id"]),
        username,
        body["email"],
        made.body["access_token"],
        made.body["refresh_token"],
    )

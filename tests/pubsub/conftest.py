"""What all tests of the broker share."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.valkeys import Server, own_server, servers

Kept = dict[str, tuple[Server, AsyncExitStack]]
"""Servers that run, and what ends them, by kind."""


@pytest.fixture(autouse=True)
def patient_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no broker that is away."""
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", 10.0)
    monkeypatch.setattr("pubsub.subscription.JOIN_SECONDS", 10.0)


@pytest.fixture(scope="session")
async def kept_servers() -> AsyncIterator[Kept]:
    """Starting a cluster takes two seconds, so that one is used until a test has hurt it."""
    kept: Kept = {}
    yield kept
    for _, stack in kept.values():
        await stack.aclose()


@pytest.fixture(params=servers())
async def server(
    request: pytest.FixtureRequest, kept_servers: Kept, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """Each kind of server that the broker may run on."""
    kind = request.param
    if kind not in kept_servers:
        stack = AsyncExitStack()
        kept_servers[kind] = await stack.enter_async_context(own_server(kind, tmp_path_factory.mktemp(kind))), stack
    yield kept_servers[kind][0]
    if kept_servers[kind][0].hurt:
        await kept_servers.pop(kind)[1].aclose()

"""A stage with one node on the session's stores."""

from collections.abc import AsyncIterator

import pytest

from server.settings import Settings
from tests.server.live.stage import Node, Stage, staged


@pytest.fixture(autouse=True)
def patient_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no broker that is away."""
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", 10.0)


@pytest.fixture(autouse=True)
def short_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who listens and says nothing hears soon. A `resume` still comes before: client and server take turns on one loop."""
    monkeypatch.setattr("server.live.clocks.HOLD_SECONDS", 0.1)


@pytest.fixture
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    async with staged(settings, settings.valkey_url) as found:
        yield found


@pytest.fixture
async def node(stage: Stage) -> Node:
    return await stage.node()

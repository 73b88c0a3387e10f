"""A stage with one node on the session's stores."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from server.settings import Settings
from tests.server.live.stage import Node, Stage, staged


@pytest.fixture(autouse=True)
def patient_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no broker that is away."""
    for patience in (
        "pubsub.valkey.COMMAND_SECONDS",
        "pubsub.subscription.JOIN_SECONDS",
        "server.live.opening.JOIN_PATIENCE_SECONDS",
        "server.live.watching.JOIN_PATIENCE_SECONDS",
    ):
        monkeypatch.setattr(patience, 10.0)


@pytest.fixture(autouse=True)
def short_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who listens and says nothing hears soon. A `resume` still comes before: client and server take turns on one loop."""
    monkeypatch.setattr("server.live.clocks.HOLD_SECONDS", 0.1)


@pytest.fixture(autouse=True)
def quick_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who watches is not kept waiting; where it matters how long rounds are, tests hold the clock."""
    monkeypatch.setattr("server.live.rounds.ROUND_SECONDS", 0.02)
    monkeypatch.setattr("server.live.watching.ROUND_SECONDS", 0.02)
    monkeypatch.setattr("server.live.tallies.TALLY_SECONDS", 0.02)


@pytest.fixture
def socket_sessions(request: pytest.FixtureRequest) -> str:
    """How sessions are carried; a module whose tests concern that runs them in both ways (`both_ways`)."""
    return str(getattr(request, "param", "lean"))


@pytest.fixture
async def stage(settings: Settings, socket_sessions: str) -> AsyncIterator[Stage]:
    async with staged(replace(settings, socket_sessions=socket_sessions), settings.valkey_url) as found:
        yield found


@pytest.fixture
async def node(stage: Stage) -> Node:
    return await stage.node()

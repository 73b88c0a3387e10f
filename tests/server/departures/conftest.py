"""Departures without their waits, and an empty queue before each."""

import pytest

from server.kit.request import POOL
from tests.people import Client
from tests.server.live.conftest import node, patient_commands, quick_rounds, short_hold, socket_sessions, stage

__all__ = ["node", "patient_commands", "quick_rounds", "short_hold", "socket_sessions", "stage"]


@pytest.fixture(autouse=True)
async def _nothing_waits(nobody_tells: None, empty_queue: None, client: Client) -> None:
    """See these; in this order. Nor are there objects to be removed, which other tests have left by the hundred."""
    await client.app[POOL].execute("DELETE FROM object_removal")


@pytest.fixture
def no_stragglers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is still at anything: what is to go can go at once."""
    for module in ("videos", "avatars"):
        monkeypatch.setattr(f"server.{module}.actions.STRAGGLER_SECONDS", 0.0)
    monkeypatch.setattr("server.departures.jobs.GRACE_SECONDS", 0.0)
    monkeypatch.setattr("server.departures.jobs.LOOK_SECONDS", 0.0)

"""Departures without their waits, and an empty queue before each."""

import pytest

from tests.server.live.conftest import node, patient_commands, quick_rounds, short_hold, socket_sessions, stage

__all__ = ["node", "patient_commands", "quick_rounds", "short_hold", "socket_sessions", "stage"]


@pytest.fixture(autouse=True)
def _nothing_waits(nobody_tells: None, empty_queue: None) -> None:
    """See these; in this order."""


@pytest.fixture
def no_stragglers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is still at anything: what is to go can go at once."""
    for module in ("videos", "avatars"):
        monkeypatch.setattr(f"server.{module}.actions.STRAGGLER_SECONDS", 0.0)
    monkeypatch.setattr("server.departures.jobs.GRACE_SECONDS", 0.0)
    monkeypatch.setattr("server.departures.jobs.LOOK_SECONDS", 0.0)

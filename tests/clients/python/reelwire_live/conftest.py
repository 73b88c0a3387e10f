"""The real server, another one that says what it is told to, and short pauses."""

from collections.abc import AsyncIterator

import pytest

from tests.clients.python.reelwire_live.peer import Peers, peers
from tests.server.conftest import client
from tests.server.live.conftest import node, patient_commands, quick_rounds, short_hold, socket_sessions, stage

__all__ = ["client", "node", "patient_commands", "quick_rounds", "short_hold", "socket_sessions", "stage"]


@pytest.fixture
async def scripted() -> AsyncIterator[Peers]:
    async with peers() as found:
        yield found


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows a failed try comes soon."""
    monkeypatch.setattr("reelwire_live.backoff.FIRST_SECONDS", 0.01)
    monkeypatch.setattr("reelwire_live.backoff.LONGEST_SECONDS", 0.05)
    monkeypatch.setattr("reelwire_live.closing.TOO_MANY_SECONDS", 0.01)
    monkeypatch.setattr("reelwire_live.closing.LONGEST_ASKED_SECONDS", 0.05)


@pytest.fixture
def quick_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server pings all the time, and is patient: the client has to notice that a line is dead."""
    for module in ("clocks", "talk", "session"):
        monkeypatch.setattr(f"server.live.{module}.HEARTBEAT_SECONDS", 0.5)
    monkeypatch.setattr("server.live.session.SILENT_HEARTBEATS", 1_000)

"""What all tests of the broker share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.valkeys import Server, own_server, servers


@pytest.fixture(autouse=True)
def patient_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no broker that is away."""
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", 10.0)
    monkeypatch.setattr("pubsub.subscription.JOIN_SECONDS", 10.0)


@pytest.fixture(params=servers())
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Server]:
    """Each kind of server that the broker may run on."""
    async with own_server(request.param, tmp_path) as found:
        yield found

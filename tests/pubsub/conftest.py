"""What all tests of the broker share."""

import pytest


@pytest.fixture(autouse=True)
def patient_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no broker that is away."""
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", 10.0)
    monkeypatch.setattr("pubsub.subscription.JOIN_SECONDS", 10.0)

"""Every test here begins with an empty queue."""

import pytest

from server.avatars import actions


@pytest.fixture(autouse=True)
def _nothing_waits(empty_queue: None) -> None:
    """See `empty_queue`."""


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests wait for nothing."""
    monkeypatch.setattr(actions, "WAIT_SECONDS", 0.0)

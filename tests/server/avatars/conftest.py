"""Every test here begins with an empty queue."""

import pytest


@pytest.fixture(autouse=True)
def _nothing_waits(empty_queue: None) -> None:
    """See `empty_queue`."""

"""A second process, and nobody who folds beside the test."""

import pytest

from server.counts import jobs


@pytest.fixture
def nobody_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process under test leaves folding to the test. Comes before `client`."""
    monkeypatch.setattr(jobs, "FOLD_SECONDS", 3600.0)

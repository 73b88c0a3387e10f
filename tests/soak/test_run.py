"""A short run of the soak: every part is struck at random, and every promise of the socket is kept."""

from pathlib import Path

import pytest

from soak.history import Struck, of
from soak.run import Plan, run

SECONDS, SEED = 20.0, 20261126


@pytest.mark.timeout(300)
async def test_no_event_is_lost_under_faults(tmp_path: Path) -> None:
    verdict, history = await run(Plan(SECONDS, SEED), tmp_path / "var", tmp_path / "history.jsonl")
    assert verdict.broken == []
    assert verdict.owed > 0
    assert list(of(history.records, Struck))

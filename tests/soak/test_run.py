"""Short runs of the soak: whatever is struck or restarted, every promise of the socket is kept."""

from pathlib import Path

import pytest

from soak.checker import MOST_HINT_MS, hints_of
from soak.history import Struck, of
from soak.run import Plan, run

SECONDS, SEED = 10.0, 20261126
RESTARTS = 2


@pytest.mark.timeout(300)
async def test_no_event_is_lost_under_faults(tmp_path: Path) -> None:
    verdict, history = await run(Plan(SECONDS, SEED), tmp_path / "var", tmp_path / "history.jsonl")
    assert verdict.broken == []
    assert verdict.owed > 0
    assert list(of(history.records, Struck))


@pytest.mark.timeout(300)
async def test_rolling_restarts_under_load_lose_nothing(tmp_path: Path) -> None:
    verdict, history = await run(Plan(0, SEED, restarts=RESTARTS), tmp_path / "var", tmp_path / "history.jsonl")
    assert verdict.broken == []
    assert verdict.owed > 0
    assert verdict.told == 0
    assert len(list(of(history.records, Struck))) == RESTARTS
    hints = hints_of(history.records)
    # Each process has spread its own evenly: with two sessions there is one in each half.
    assert 0 <= hints[0] < MOST_HINT_MS / 2 <= hints[-1] <= MOST_HINT_MS

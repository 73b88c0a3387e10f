"""How many processes there are."""

import pytest

from server.settings import Settings
from stack import plan


@pytest.mark.parametrize(("cores", "processes"), [(1, 2), (2, 2), (5, 5), (64, plan.MOST_SERVING)])
def test_each_core_has_a_serve_process_within_bounds(monkeypatch: pytest.MonkeyPatch, cores: int, processes: int) -> None:
    monkeypatch.setattr(plan, "cores", lambda: cores)
    slots = plan.serve_slots(Settings())
    assert len(set(slots)) == processes
    assert slots[:2] == ("serve-1", "serve-2")


def test_a_setting_names_another_number() -> None:
    assert plan.serve_slots(Settings(serve_processes=1)) == ("serve-1",)

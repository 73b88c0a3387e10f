"""The benchmarks themselves, small: they run on real parts, end by themselves, and their arithmetic is right."""

import asyncio
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import celebrity, edge, finished, live, storm, upload
from bench.api import feed, running, views
from bench.figures import Result, table
from bench.population.town import SMALL


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    said = table(Result("s", "ours", "floor", [2.0, 9.0, 4.0], [1.0, 3.0, 4.0], ["a note"]))
    assert "ratio        2.00  (1.00 to 3.00 over 3 rounds)" in said
    assert said.endswith("a note")


def test_an_unknown_name_is_refused_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["live", "nonsense"])
    assert "there is no benchmark 'nonsense'" in capsys.readouterr().err


def test_live_counts_every_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of our own server and of the peers that need nothing but Python."""
    monkeypatch.setattr(live, "BURST_SECONDS", 0.5)
    peers = (live.FLOOR, "websockets broadcast", "uvicorn/Starlette", "aiohttp send_str")
    table = asyncio.run(live.measured(tmp_path, live.Case(5, rate=10), 1, peers))
    assert set(table.rounds) == {live.OURS, *peers}
    for name, (figures,) in table.rounds.items():
        assert figures.delivered == 1, name
        assert figures.delivery > 0, name
    assert str(table).count("100%") == len(table.rounds)


def test_everybody_comes_back_from_a_killed_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storm, "CALM_SECONDS", 0.5)
    said = table(storm.run(tmp_path, clients=6))
    assert "6 clients, half apps and half pages" in said
    assert "all heard by all, in order, 0 repeats" in said


def test_a_publication_costs_the_same_whoever_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ROUNDS": 1, "EACH": 2, "FEW": 2, "SETTLE_SECONDS": 0.1}.items():
        monkeypatch.setattr(celebrity, name, value)
    messages, rows = celebrity.run(tmp_path, followers=200)
    assert min(messages.ours) >= 1
    assert "4 and 2 of the followers are online, on 2 processes; all heard every publication once" in table(rows)


def test_an_upload_has_a_figure_for_each_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ROUNDS": 1, "MEGABYTES": 1}.items():
        monkeypatch.setattr(upload, name, value)
    for name, amount in {"ROUNDS": 1, "EACH": 2, "CLIP_SECONDS": 1.0}.items():
        monkeypatch.setattr(finished, name, amount)
    *results, memory, cores = upload.run(tmp_path)
    assert [len(one.ratios) for one in results if isinstance(one, Result)] == [1, 1, 1]
    assert str(memory).startswith("  memory of serve: ")
    assert str(cores).startswith("  50 a second need, in cores: of serving ")


def test_the_edge_is_measured_by_hits_and_by_a_crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ROUNDS": 1, "EACH": 2, "CROWD": 20}.items():
        monkeypatch.setattr(edge, name, value)
    public, signed, crowd = edge.run(tmp_path)
    assert min(*public.ratios, *signed.ratios) > 0
    assert "reads of the object store for each crowd: 1" in table(crowd)


def test_pages_and_views_of_the_town_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ROUNDS": 1, "EACH": 3, "SECONDS": 0.2, "CROWD": 20, "TOP_RATE": 100.0}.items():
        monkeypatch.setattr(feed, name, value)
    monkeypatch.setattr(running, "CASES", {"feed": feed.measured, "views": views.measured})
    for name, value in {"ROUNDS": 1, "VIEWS": 40, "VIDEOS": 40}.items():
        monkeypatch.setattr(views, name, value)
    found = list(running.run(tmp_path, SMALL))
    abouts = [one.about for one in found if isinstance(one, Result)]
    assert abouts[:2] == ["50 follows", "1,000 follows"]
    assert abouts[2:] == ["views of 40 videos by a power law", "views of one video", "each view of another video"]
    assert sum("p99.9" in one for one in found if isinstance(one, str)) == 3

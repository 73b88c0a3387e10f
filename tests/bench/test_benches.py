"""The benchmarks themselves, small: they run on real parts, end by themselves, and their arithmetic is right."""

from pathlib import Path

import pytest

from bench import __main__ as command
from bench import crowd, feed, idle, live, upload
from bench.figures import Result, table


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    said = table(Result("s", "ours", "floor", [2.0, 9.0, 4.0], [1.0, 3.0, 4.0], ["a note"]))
    assert "ratio        2.00  (1.00 to 3.00 over 3 rounds)" in said
    assert said.endswith("a note")


def test_an_unknown_name_is_refused_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["live", "nonsense"])
    assert "there is no benchmark 'nonsense'" in capsys.readouterr().err


@pytest.mark.parametrize("size", [5, 125, 126, 1265])
def test_the_crowd_finds_the_end_of_a_frame(size: int) -> None:
    head = bytes([0x81, size]) if size < 126 else bytes([0x81, 126]) + size.to_bytes(2)
    frame = head + b"x" * size
    assert crowd._end_of_frame(b"__" + frame + b"more", 2) == 2 + len(frame)
    assert crowd._end_of_frame(frame[:3], 0) > 3


def test_live_counts_every_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCOUNTS": 2, "SESSIONS_EACH": 2, "SOCKETS": 4, "ROUNDS": 1, "BURST": 2}.items():
        monkeypatch.setattr(live, name, value)
    result = live.run(tmp_path)
    assert len(result.ratios) == 1
    assert result.ratios[0] > 0


def test_idle_sessions_are_held_and_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {"WARM_SESSIONS": 2, "SETTLE_SECONDS": 0.1, "WATCHED_SECONDS": 0.5, "HANDSHAKES": 2, "ROUNDS": 1}
    for name, value in seconds.items():
        monkeypatch.setattr(idle, name, value)
    memory, cpu, echoes, lives = idle.run(tmp_path, sessions=4)
    assert "4 lean ones on 2 processes, 4 stock ones" in table(memory)
    assert len(cpu.ours) == 1
    for found in (echoes, lives):
        assert min([*found.ours, *found.peer]) > 0


def test_upload_and_feed_have_a_figure_for_each_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, values in {upload: {"ROUNDS": 1, "MEGABYTES": 1}, feed: {"ROUNDS": 1, "REQUESTS": 16, "VIDEOS_EACH": 1}}.items():
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)
        folder = tmp_path / module.__name__
        folder.mkdir()
        assert len(module.run(folder).ratios) == 1

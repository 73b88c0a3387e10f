"""The benchmark of the pipeline, small: one round of one clip, by the same functions and the same ffmpeg."""

from fractions import Fraction
from pathlib import Path

import pytest

from bench import ffmpeg, transcode, uploads
from bench.ffmpeg import Size
from bench.figures import table


def test_ours_and_the_peer_make_the_same_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = uploads.KINDS["standard"]._replace(width=180, height=320)
    monkeypatch.setitem(uploads.KINDS, "standard", small)
    monkeypatch.setattr(transcode, "KINDS", ("standard",))
    monkeypatch.setattr(transcode, "SECONDS", 1.0)
    results = list(transcode.run(tmp_path, 1))
    assert [len(result.ratios) for result in results] == [1] * 5
    assert all(result.ratios[0] > 0 for result in results)
    said = "\n".join(map(table, results))
    assert "standard: 1 s" in said
    ours = {path.stem for path in (tmp_path / "standard/ours-0").glob("v*.mp4")}
    assert ours == {path.stem for path in (tmp_path / "standard/peer-0").glob("v*.m3u8")}
    rows = [line for line in results[-1].notes if "/s" in line and "|" in line][1:]
    assert len(rows) == len(ours)
    for row in rows:  # bits, XPSNR, SSIM and VMAF of ours, of one pass and of two
        assert len([float(word) for word in row.split("/s")[1].replace("|", " ").split()]) == 12


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    size = Size("90", 90, 160, Fraction(30), 1, 100_000, "v90.mp4")
    with pytest.raises(ffmpeg.Failed, match="No such file"):
        ffmpeg.run(ffmpeg.ladder(tmp_path / "missing.mp4", [size], "90", tmp_path, sound=True), tmp_path / "log")

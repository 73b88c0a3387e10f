"""A clip to try uploads with, from one command."""

from pathlib import Path

import av
import pytest

from media.clips import scene
from server.demo.clip import main


def test_it_writes_a_clip_that_plays_and_shows_what_its_seed_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "clip.mp4"
    assert main([str(file), "--seed=3", "--seconds=0.5"]) == 0
    assert capsys.readouterr().out == f"{file}: {scene(3).title}, 0.5 s\n"
    with av.open(str(file)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        assert sum(1 for _ in container.decode(video=0)) == 15


@pytest.mark.parametrize("words", [["--seed=-1"], ["--seconds=0"], ["--seconds=181"], ["--seconds=nan"]])
def test_what_makes_no_clip_is_a_mistake_of_use(tmp_path: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path / "clip.mp4"), *words])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"mine")
    with pytest.raises(SystemExit, match="2"):
        main([str(film)])
    assert film.read_bytes() == b"mine"


def test_a_folder_that_is_missing_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere" / "clip.mp4")]) == 1
    assert capsys.readouterr().err.count("\n") == 1

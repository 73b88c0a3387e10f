"""Folders: nothing outside, nothing too large."""

from pathlib import Path

import pytest

from media.lint import AbsentError, Part
from media.lint.folder import Folder
from media.lint.reading import PLAYLIST_BYTES, SEGMENT_BYTES


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "secret").write_text("outside")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a b.mp4").write_bytes(b"0123456789")
    (inside / "link").symlink_to(tmp_path / "secret")
    (inside / "large.m3u8").write_bytes(b"#" * (PLAYLIST_BYTES + 1))
    (inside / "latin.m3u8").write_bytes(b"#EXTM3U\n#\xe9")
    return Folder(inside, {"made.m3u8": "#EXTM3U"})


@pytest.mark.parametrize(
    "uri", ["../secret", "%2e%2e/secret", "link", "/etc/passwd", "file:///etc/passwd", "//host/a", "a%00", "x" * 5000]
)
def test_nothing_outside_is_read(folder: Folder, uri: str) -> None:
    with pytest.raises(AbsentError):
        folder.part(uri, 0, None)
    with pytest.raises(AbsentError):
        folder.playlist(uri)


def test_ranges_end_where_the_file_does(folder: Folder) -> None:
    assert folder.part("a%20b.mp4?signature=1", 2, 3) == Part(b"234", 10)
    assert folder.part("a%20b.mp4", 8, 5) == Part(b"89", 10)
    assert folder.part("a%20b.mp4", 20, None) == Part(b"", 10)
    with pytest.raises(AbsentError):
        folder.part("a%20b.mp4", 0, SEGMENT_BYTES + 1)


def test_playlists_are_short_and_utf_8(folder: Folder) -> None:
    assert folder.playlist("made.m3u8") == "#EXTM3U"
    for name in ("large.m3u8", "latin.m3u8"):
        with pytest.raises(AbsentError):
            folder.playlist(name)

"""`reelwire lint-hls`: what it prints, and its exit statuses."""

import asyncio
from pathlib import Path

import pytest

from server.lint_hls.command import main
from tests.media.lint.streams import MASTER
from tests.server.lint_hls.conftest import Host


def test_a_folder_without_errors(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(made)]) == main([str(made / MASTER)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "errors: 0, warnings: 0"


def test_errors_stand_first_with_clause_and_place(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in made.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (made / MASTER).read_text().replace('LANGUAGE="und",', "").replace("#EXT-X-INDEPENDENT-SEGMENTS\n", "")
    (tmp_path / MASTER).write_text(text.replace("RESOLUTION=272x480", "RESOLUTION=\x1b[2J"))
    assert main([str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"error: {MASTER}:")
    assert [line.split(":")[0] for line in lines[:-1]] == sorted(line.split(":")[0] for line in lines[:-1])
    assert any(line.endswith("[8.10]") for line in lines)
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize("words", [[], ["ftp://host/master.m3u8"], ["http:///master.m3u8"], ["http://a:b@host/"], ["a", "b"]])
def test_what_cannot_be_meant(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2


def test_where_there_is_nothing(tmp_path: Path, unused_tcp_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    for where in (str(tmp_path), str(tmp_path / "no"), f"http://127.0.0.1:{unused_tcp_port}/{MASTER}"):
        assert main([where]) == 3
        assert capsys.readouterr().err.startswith("reelwire: the master playlist ")


async def test_a_server(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(main, [host.url]) == 0
    assert capsys.readouterr().out == "errors: 0, warnings: 0\n"
    del host.stream.files["audio.mp4"]
    assert await asyncio.to_thread(main, [host.url]) == 1
    del host.stream.files[MASTER]
    assert await asyncio.to_thread(main, [host.url]) == 3
    assert "is answered with 403" in capsys.readouterr().err

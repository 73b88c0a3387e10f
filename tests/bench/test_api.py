"""The benchmark of the API, small: every comment is acknowledged, and the counts are exact."""

import asyncio
from pathlib import Path

import pytest

from bench.api import comments, counts, talkers
from bench.figures import Result
from bench.system import real_stores


def test_every_case_has_a_figure_for_each_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, values in {
        comments: {"ROUNDS": 1, "COMMENTS": 512, "PEOPLE": 4, "VIDEOS": 5},
        counts: {"ROUNDS": 1, "LIKES": 300, "AT_ONCE": 16},
    }.items():
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(comments, "WAYS", (comments.WAYS[0]._replace(conns=8), comments.WAYS[2]._replace(conns=2)))

    async def measured() -> list[Result | str]:
        async with real_stores(tmp_path) as given:
            found = [one async for one in comments.measured(tmp_path, given)]
            return found + [one async for one in counts.measured(tmp_path, given)]

    found = asyncio.run(measured())
    results = [one for one in found if isinstance(one, Result)]
    assert [result.about for result in results] == ["HTTP, 256 at a time", comments.WAYS[1].name, "likes of one video"]
    for result in results:
        assert len(result.ratios) == 1


def test_answers_are_counted_however_they_arrive() -> None:
    whole = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
    assert talkers.taken_http(whole + whole[:-1]) == (1, whole[:-1], True)
    assert talkers.taken_http(whole.replace(b"201", b"404")) == (1, b"", False)
    ack, counted = b'{"type":"ack","id":1,"data":{}}', b'{"type":"event","event":"counts"}'
    frames = [b"\x81" + bytes([len(text)]) + text for text in (counted, ack, ack)]
    assert talkers.taken_frames(b"".join(frames) + b"\x81") == (2, b"\x81", True)

"""`reelwire reports` as an operator types it."""

import asyncio
import json
from uuid import uuid4

import pytest

from server.__main__ import main
from stack.embedded import Stores
from tests import videos
from tests.conftest import SECRET
from tests.people import Client, Person


@pytest.fixture(autouse=True)
def environment(real_stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    of_stack = {"REELWIRE_ENVIRONMENT": "development", "REELWIRE_SECRET_KEYS": SECRET}
    for name, value in (real_stores.environment() | of_stack).items():
        monkeypatch.setenv(name, value)


async def _reports(*words: object) -> int:
    return await asyncio.to_thread(main, ["reports", *map(str, words)])


async def test_reports_are_listed_newest_first_until_they_are_closed(
    client: Client, ann: Person, ben: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    older, newer = await videos.published(client, ann), await videos.published(client, ann)
    for video_id, body in ((older, {"reason": "spam", "detail": "Not\x1b[2Jnice."}), (newer, {"reason": "hate"})):
        assert (await ben.post(f"/videos/{video_id}/reports", json=body)).status == 202
    assert await _reports("list", "--about", ben.id) == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["video", "account", "reason", "age", "state", "detail"]
    assert first.split()[:3] == [str(newer), str(ben.id), "hate"]
    assert [str(older) in second, " open " in second, second.endswith("Not�[2Jnice.")] == [True] * 3
    assert await _reports("close", older) == 0
    assert capsys.readouterr().out == f"1 report of video {older} closed\n"
    assert await _reports("list", "--about", ben.id, "--json") == 0
    assert [report["video_id"] for report in json.loads(capsys.readouterr().out)] == [str(newer)]
    assert await _reports("list", "--about", older, "--all", "--limit", 1) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[-2:] == ["closed", "Not�[2Jnice."]


async def test_what_is_not_open_cannot_be_closed(client: Client, ann: Person, capsys: pytest.CaptureFixture[str]) -> None:
    for video_id in (await videos.published(client, ann), uuid4()):
        assert await _reports("close", video_id) == 1
        said = capsys.readouterr()
        assert (said.out, said.err) == ("", f"reelwire reports: there is no open report of a video {video_id}\n")


@pytest.mark.parametrize("words", [[], ["dust"], ["close"], ["close", "x"], ["list", "--limit", "0"]])
def test_wrong_words_are_exit_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["reports", *words])
    assert ended.value.code == 2


def test_a_database_that_is_away_is_one_line_and_exit_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REELWIRE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert main(["reports", "list"]) == 3
    assert capsys.readouterr().err.startswith("reelwire reports: PostgreSQL does not answer: ")

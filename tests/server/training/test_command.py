"""`reelwire suggest` as an operator types it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from recommend import process
from recommend.process import BrokeOffError
from server.__main__ import main
from server.settings import Settings, variable
from tests.recommend.town import lived, split, write
from tests.server.training.town import Town


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    past, future = split(lived(60, 50, 1_500))
    train, test = write(past, tmp_path / "train.csv"), write(future, tmp_path / "test.csv")
    return ["suggest", "evaluate", "--interactions", str(train), "--test", str(test)]


def _pairs(path: str) -> set[tuple[str, str]]:
    return {(row[0], row[1]) for row in (line.split(",") for line in Path(path).read_text().splitlines()[1:])}


def test_lists_are_dumped_and_figures_told(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump = tmp_path / "recommendations.csv"
    assert main([*files, "--dump", str(dump), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [model["name"] for model in told["models"]] == ["model", "popularity", "recent popularity", "item-kNN", "plain ALS"]
    assert 0 < told["models"][0]["ndcg"]["low"] < told["models"][0]["ndcg"]["value"] < told["models"][0]["ndcg"]["high"]
    assert set(told["cost"]) == {"model", "baselines"}
    head, *rows = dump.read_text().splitlines()
    assert head == "user,item,rank"
    ranks: dict[str, list[int]] = {}
    for user, _, rank in (row.split(",") for row in rows):
        ranks.setdefault(user, []).append(int(rank))
    assert set(ranks) == {user for user, _ in _pairs(files[5])}
    assert all(theirs == list(range(1, 21)) for theirs in ranks.values())
    assert not _pairs(str(dump)) & _pairs(files[3])
    assert len(_pairs(str(dump))) == len(rows)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["recommendations.csv", "test.csv", "train.csv"]


def test_a_bad_file_leaves_what_was_there(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump, train = tmp_path / "recommendations.csv", Path(files[3])
    dump.write_text("as it was")
    train.write_text(f"{train.read_text()}ann,clip\n")
    lines = train.read_text().count("\n")
    assert main([*files, "--dump", str(dump)]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"reelwire suggest: {train}:{lines}: 2 fields where the header has 4\n")
    assert dump.read_text() == "as it was"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_dump_that_cannot_be_written_is_told_before_anything_is_learned(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*files, "--dump", str(tmp_path / "nowhere" / "lists.csv")]) == 1
    assert "No such file or directory" in capsys.readouterr().err
    assert main([*files, "--dump", str(tmp_path)]) == 1
    assert "Is a directory" in capsys.readouterr().err


def test_a_process_that_breaks_off_has_a_status_of_its_own(
    files: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise BrokeOffError("the process was ended by SIGKILL")

    monkeypatch.setattr(process, "run", broken)
    assert main(files) == 3
    assert capsys.readouterr().err == "reelwire suggest: the process was ended by SIGKILL\n"


def test_the_command_is_there_without_what_learns() -> None:
    """Neither do the processes of the service load it."""
    script = "import sys, server.web, server.worker, server.schedule, server.training.command; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert {"implicit", "lightgbm", "scipy"} & set(loaded) == set()


def test_a_training_by_hand_says_how_it_ended(
    own: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _take(own, monkeypatch)
    asyncio.run(_filled(own, contrary_hours=0.0))
    assert main(["suggest", "train"]) == 0
    assert "published: 40 lists are served" in capsys.readouterr().out
    asyncio.run(_filled(own, contrary_hours=24.0))
    assert main(["suggest", "train", "--json"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert told["published"] is False
    assert told["trained"]["gate"]["model"] < told["trained"]["gate"]["popularity"]
    assert told["trained"]["lists"] == 0


def test_the_running_system_is_judged_by_its_own_log(
    own: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _take(own, monkeypatch)
    town = asyncio.run(_filled(own, contrary_hours=0.0))
    dump = tmp_path / "lists.csv"
    assert main(["suggest", "evaluate", "--days", "2", "--dump", str(dump), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["models"][0]["ndcg"]["value"] > 0
    assert told["test_rows"] > 100 > told["judged"] > 10
    users, items = ({pair[place] for pair in _pairs(str(dump))} for place in (0, 1))
    assert users <= {str(account) for account in town.accounts}
    assert items <= {str(video) for video in town.videos}
    assert os.listdir(own.work_dir) == []


@pytest.mark.parametrize("words", [["evaluate", "--test", "a"], ["evaluate", "--days", "0"], ["learn"]])
def test_words_that_make_no_sense(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["suggest", *words])
    assert "usage:" in capsys.readouterr().err


def _take(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the environment says it to a command."""
    for name in (
        "database_url",
        "valkey_url",
        "s3_endpoint_url",
        "s3_access_key_id",
        "s3_secret_access_key",
        "environment",
        "work_dir",
    ):
        monkeypatch.setenv(variable(name), str(getattr(own, name)))
    monkeypatch.setenv(variable("secret_keys"), own.secret_keys[0])
    Path(own.work_dir).mkdir()


async def _filled(own: Settings, contrary_hours: float) -> Town:
    town = Town.made()
    town.live(contrary_hours=contrary_hours)
    async with asyncpg.create_pool(own.database_url, min_size=0) as pool, pool.acquire() as conn:
        await town.fill(conn)
    return town

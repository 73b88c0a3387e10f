"""Learning from one file and judging on another."""

from pathlib import Path

import pytest

from recommend import evaluation
from recommend.evaluation import Data, Question, evaluate
from recommend.factors import Shape
from recommend.figures import Figures, Judged
from recommend.job import Job
from recommend.model import Recipe
from tests.recommend.town import lived, split, write

TRAIN = "user,item,timestamp,weight\na,x,1,1\na,y,2,0\nb,x,3,1\nc,z,4,1\n"
TEST = "user,item,timestamp,weight\na,x,9,1\na,z,9,1\na,n,9,1\nb,y,9,0\nd,x,9,1\nd,y,9,0\n"


def _job(folder: Path, train: str = TRAIN, test: str = TEST, items: str = "", baselines: bool = False) -> Job:
    for name, text in (("train", train), ("test", test), ("items", items)):
        (folder / f"{name}.csv").write_text(text)
    known = str(folder / "items.csv") if items else None
    return Job(str(folder / "train.csv"), str(folder / "test.csv"), known, str(folder / "dump.csv"), baselines, 1)


def test_who_is_judged_and_by_what(tmp_path: Path) -> None:
    data = Data.read(_job(tmp_path, items="item,author\nw,ann\n"))
    assert (data.catalogue, data.items.names) == (4, ["x", "y", "z", "w", "n"])
    question = Question.of(data)
    users, items = data.users.names, data.items.names
    # Ann had seen x; b liked nothing; n is in no catalogue, and has to be found all the same.
    assert [users[user] for user in question.judged] == ["a", "d"]
    assert [(users[key // 5], items[key % 5]) for key in question.liked] == [("a", "z"), ("a", "n"), ("d", "x")]
    assert len(question.shown) == 5
    assert question.new_items.all()


def test_figures_and_lists(tmp_path: Path) -> None:
    judged = evaluate(_job(tmp_path))
    assert (judged.rows, judged.test_rows, judged.users, judged.items, judged.judged) == (4, 6, 4, 3, 2)
    [model] = judged.models
    assert model.recall is not None
    assert model.recall.value == 0.75  # z but not n of a's, x of d's
    assert (model.served, model.coverage, model.new_users.users) == (0, 1.0, 1)
    lists = (tmp_path / "dump.csv").read_text().splitlines()
    assert (lists[0], lists[1], lists[4:]) == ("user,item,rank", "a,z,1", ["d,x,1", "d,z,2", "d,y,3"])
    assert {line.split(",")[1] for line in lists[2:4]} == {"y", "z"}


def test_where_nobody_can_be_judged_there_are_no_figures(tmp_path: Path) -> None:
    for baselines in (False, True):
        judged = evaluate(_job(tmp_path, test="user,item,timestamp,weight\na,x,9,1\nb,z,9,0\n", baselines=baselines))
        assert judged.judged == 0
        assert [(one.ndcg, one.recall, one.gauc) for one in judged.models] == [(None, None, None)] * len(judged.models)


@pytest.mark.parametrize("train", ["user,item,timestamp\n", TRAIN])
@pytest.mark.parametrize("test", ["user,item,timestamp\n", TEST])
@pytest.mark.parametrize("baselines", [False, True])
def test_nothing_is_too_little(train: str, test: str, baselines: bool, tmp_path: Path) -> None:
    assert len(evaluate(_job(tmp_path, train, test, baselines=baselines)).models) == (4 if baselines else 1)


def test_the_model_stands_above_popularity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Shape(factors=8, iterations=5)
    monkeypatch.setattr(evaluation, "RECIPE", Recipe(shape=small, others=small))
    past, future = split(lived(400, 300, 20_000))
    train, test = write(past, tmp_path / "train.csv"), write(future, tmp_path / "test.csv")
    found: list[Figures] = []
    for baselines in (False, True):
        judged: Judged = evaluate(Job(str(train), str(test), None, None, baselines, 1))
        found += judged.models
    ndcg = {one.name: one.ndcg.value for one in found if one.ndcg}
    assert list(ndcg) == ["model", "popularity", "recent popularity", "item-kNN", "plain ALS"]
    assert ndcg["model"] > 2 * max(ndcg["popularity"], ndcg["recent popularity"])
    assert [one.served for one in found] == [len(set(future.users.tolist()))] * 5

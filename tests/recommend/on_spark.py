"""Spark beside this machine on the same rows: `./reelwire test spark`, and no other run, for it wants Java and its packages."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from scipy.sparse import csr_array

from bench.suggestions import nights
from bench.suggestions.world import DAY, Size, World
from recommend import factors, process, spark
from recommend.arrays import Ints, Singles
from recommend.engines import LOCAL, MEMORY_BYTES, SPARK, NoEngineError
from recommend.evaluation import LISTED
from recommend.factors import Factors, Shape
from recommend.interactions import Interactions
from recommend.night_job import Night, Trained
from recommend.weights import Weighting
from stack.process import descendants, parents
from stack.steps import ROOT
from tests.waiting import until

NOW = 1_790_000_000.0
SHAPE = Shape(factors=16, regularization=50.0, iterations=6)
WORLD = World.made(Size(users=1_000, items=800), 1, NOW)
BUSY_SECONDS = 600.0
"""Spark takes its time, and has what other work leaves of the machine."""
pytestmark = pytest.mark.timeout(2 * BUSY_SECONDS)
SHARE = 0.8
"""Of what one engine finds, the other finds so much at least; and of each other's neighbours they have half."""


@pytest.fixture(autouse=True, scope="module")
def ended() -> Iterator[None]:
    """Spark's Java, which the tests share, ends with them."""
    yield
    spark.session(2).stop()


def _rows() -> tuple[Interactions, Interactions]:
    rows = Interactions(WORLD.user, WORLD.item, WORLD.time, WORLD.liked.astype(np.float32))
    return rows.where(rows.times < NOW - DAY), rows.where(rows.times >= NOW - DAY)


def _both(values: csr_array, alpha: float) -> tuple[Factors, Factors]:
    return factors.factorise(values, alpha, SHAPE, 2), spark.factorise(values, alpha, SHAPE, 2)


def test_it_finds_what_this_machine_finds() -> None:
    past, future = _rows()
    size = (WORLD.size.users, WORLD.size.items)
    weighting = Weighting()
    here, there = _both(weighting.matrix(past, past.newest, size), weighting.alpha)
    seen, liked = past.seen_by_user(*size), future.where(future.liked)
    found = [_found(one.best(liked.users, seen, LISTED, 2)[0], liked.items) for one in (here, there)]
    assert min(found) > SHARE * max(found) > 0.05
    near = [_neighbours(one.items) for one in (here, there)]
    popular = np.argsort(-np.bincount(past.items, minlength=size[1]))[:200]
    shared = [len({*near[0][item].tolist()} & {*near[1][item].tolist()}) / 10 for item in popular]
    assert np.mean(shared) > 0.5


def test_what_has_no_row_has_no_factors() -> None:
    values = csr_array(np.diag([1.0, 0.5, 0.0, 0.0]).astype(np.float32))
    values.eliminate_zeros()
    found = spark.factorise(values, 100.0, SHAPE, 2)
    assert found.users.shape == found.items.shape == (4, SHAPE.factors)
    assert found.users[:2].any(axis=1).all()
    assert not found.users[2:].any()
    assert not found.items[2:].any()
    nothing = spark.factorise(csr_array(np.zeros((3, 2), np.float32)), 100.0, SHAPE, 2)
    assert (nothing.users.shape, nothing.items.shape) == ((3, SHAPE.factors), (2, SHAPE.factors))


def test_a_night_is_as_good_with_it(tmp_path: Path) -> None:
    nights.write(WORLD, tmp_path, WORLD.size.users)
    here, there = (_trained(tmp_path, engine) for engine in (LOCAL, SPARK))
    assert here.gate.model is not None
    assert there.gate.model is not None
    assert there.lists == here.lists == WORLD.size.users
    assert there.gate.model > SHARE * here.gate.model > 0.02


async def test_nothing_is_left_of_it_when_it_is_killed(tmp_path: Path) -> None:
    nights.write(WORLD, tmp_path, WORLD.size.users)
    code = "import sys; from tests.recommend.on_spark import learn; learn(sys.argv[1])"
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(tmp_path), cwd=ROOT)
    seen = set[int]()

    def java() -> set[int]:
        seen.update(pid for pid in descendants(parent.pid) if _program(pid) == "java")
        return seen & parents().keys()

    try:
        await until(java, "Spark's Java", BUSY_SECONDS)
    finally:
        parent.kill()
        await parent.wait()
    await until(lambda: not java(), "its end")


def test_a_missing_java_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoEngineError, match="openjdk-17-jre-headless"):
        spark.session(1)


def learn(folder: str) -> None:
    """What the process that is killed does."""
    _trained(Path(folder), SPARK)


def _trained(folder: Path, engine: str) -> Trained:
    night = Night(str(folder), [], 2, factors=SHAPE.factors, more_factors=SHAPE.factors // 2, engine=engine)
    done = process.run("recommend.night:train", night, 2, MEMORY_BYTES[engine])
    return msgspec.json.decode(done.answer, type=Trained)


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _found(lists: Ints, items: Ints) -> float:
    return float((lists == items[:, None]).any(axis=1).mean())


def _neighbours(items: Singles) -> Ints:
    """The ten nearest of each, by the angle."""
    vectors = items / np.maximum(np.linalg.norm(items, axis=1, keepdims=True), 1e-9)
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -1.0)
    return np.argsort(-alike, axis=1)[:, :10]

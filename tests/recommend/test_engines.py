"""Factors come from the engine that was named; one that is not there is told before anything is read."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommend import factors, process
from recommend.engines import ENGINES, LOCAL, MEMORY_BYTES, SPARK, NoEngineError, factoriser
from recommend.job import Job
from recommend.night_job import Night
from recommend.process import BrokeOffError


def test_the_engine_of_this_machine_is_always_there() -> None:
    assert factoriser(LOCAL) is factors.factorise
    assert ENGINES.keys() == MEMORY_BYTES.keys()
    assert Job(None, None, None, None, baselines=False, threads=1).engine == Night("", [], 1).engine == LOCAL


def test_another_word_is_refused() -> None:
    with pytest.raises(NoEngineError, match=r"^there is no engine 'flink'; there are: local, spark$"):
        factoriser("flink")


def test_spark_without_its_packages_says_which_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "recommend.spark", raising=False)
    monkeypatch.setitem(sys.modules, "pyspark.ml.recommendation", None)  # as where they are not installed
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(NoEngineError, match=r"needs the packages of requirements/spark.lock$"):
        factoriser(SPARK)
    assert "recommend.spark" not in sys.modules


def test_it_is_told_before_anything_is_read(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nothing.csv")
    job = Job(nowhere, nowhere, None, None, baselines=False, threads=1, engine="flink")
    with pytest.raises(BrokeOffError, match="failed with status 1: there is no engine 'flink'"):
        process.run("recommend.evaluation:evaluate", job, 1)
    with pytest.raises(BrokeOffError, match="failed with status 1: there is no engine 'flink'"):
        process.run("recommend.night:train", Night(str(tmp_path), [], 1, engine="flink"), 1)


def test_the_penalty_is_less_where_there_is_little() -> None:
    shape = factors.Shape(factors=4, regularization=200.0)
    little, much = (csr_array(np.full((size, size), 1.0, np.float32)) for size in (2, 50))
    assert factors.regularization(little, 100.0, shape) == pytest.approx(20.0)
    assert factors.regularization(much, 100.0, shape) == 200.0

"""The same factors by Spark: its ALS for implicit feedback, on the machines that its own configuration names, or on this one.

Imported by whoever asks for the engine `spark` alone; the packages are those of requirements/spark.lock.
"""

import os
import shutil

import numpy as np
from scipy.sparse import csr_array

from recommend.arrays import Singles
from recommend.engines import NoEngineError
from recommend.factors import SEED, Factors, Shape, regularization

try:
    import pyarrow
    from pyspark.ml.recommendation import ALS
    from pyspark.sql import DataFrame, SparkSession
except ImportError as error:
    raise NoEngineError(f"{error}; the engine spark needs the packages of requirements/spark.lock") from error

NO_JAVA = "the engine spark needs Java 17 or later: apt-get install openjdk-17-jre-headless (or set JAVA_HOME)"
ROWS_AT_ONCE = 200_000
"""Of the matrix, in one message to Spark."""
TYPICAL = 3.0
"""Times the mean number of rows of a user or an item: most rows are of those with many. Found by trying 1 and 0.3 as well."""
LEAST = 1e-6
"""Of a rating: none of 0 is taken for a wish."""
EVERYWHERE = {
    "spark.app.name": "suggestions",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.maxResultSize": "4g",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS_AT_ONCE),
}
LOOPBACK = "127.0.0.1"
HERE = {"spark.driver.memory": "4g", "spark.driver.host": LOOPBACK, "spark.driver.bindAddress": LOOPBACK}
"""Where no configuration of Spark's is named: on this machine, for nobody else."""


def factorise(values: csr_array, alpha: float, shape: Shape, threads: int) -> Factors:
    """Find the factors of a matrix of values, users by items.

    Spark's confidence is 1 + alpha * rating where ours is alpha * value, so the rating is value - 1 / alpha. Its
    regularization is multiplied by the number of rows of each user and item, ours is not: it is divided by TYPICAL means.

    Raises:
        NoEngineError: there is no Java.
    """
    users, items = values.shape
    found = Factors(np.zeros((users, shape.factors), np.float32), np.zeros((items, shape.factors), np.float32))
    if not values.nnz:
        return found
    spark = session(threads)
    blocks = spark.sparkContext.defaultParallelism
    als = ALS(
        rank=shape.factors,
        maxIter=shape.iterations,
        regParam=regularization(values, alpha, shape) / (TYPICAL * _mean_rows(values)),
        implicitPrefs=True,
        alpha=alpha,
        userCol="user",
        itemCol="item",
        ratingCol="rating",
        seed=SEED,
        numUserBlocks=blocks,
        numItemBlocks=blocks,
        checkpointInterval=-1,  # a few iterations, and nowhere to keep them
    )
    model = als.fit(spark.createDataFrame(_ratings(values, alpha)))
    _take(model.userFactors, found.users)
    _take(model.itemFactors, found.items)
    return found


def session(threads: int) -> SparkSession:
    """Spark's: where the folder SPARK_CONF_DIR says, else on so many threads of this machine; begun once in a process.

    Raises:
        NoEngineError: there is no Java.
    """
    if not os.environ.get("JAVA_HOME") and not shutil.which("java"):
        raise NoEngineError(NO_JAVA)
    builder, settings = SparkSession.builder, EVERYWHERE
    if not os.environ.get("SPARK_CONF_DIR"):
        os.environ["SPARK_LOCAL_IP"] = LOOPBACK  # before there is a Java, which would look for another address
        settings = EVERYWHERE | HERE | {"spark.master": f"local[{threads}]"}
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _mean_rows(values: csr_array) -> float:
    """Of a user or an item that has any."""
    users = np.count_nonzero(np.diff(values.indptr))
    items = len(np.unique(values.indices))
    return 2 * values.nnz / (users + items)


def _ratings(values: csr_array, alpha: float) -> pyarrow.Table:
    rows = np.repeat(np.arange(values.shape[0], dtype=np.int32), np.diff(values.indptr))
    ratings = np.maximum(values.data - np.float32(1.0 / alpha), np.float32(LEAST))
    return pyarrow.table({"user": rows, "item": values.indices.astype(np.int32), "rating": ratings})


def _take(factors: DataFrame, into: Singles) -> None:
    table = factors.toArrow()
    vectors = table["features"].combine_chunks().flatten().to_numpy()
    into[table["id"].to_numpy()] = vectors.reshape(len(table), into.shape[1])

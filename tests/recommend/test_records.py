"""What PostgreSQL copies out is read as it was meant, or not at all."""

from pathlib import Path

import numpy as np
import pytest

from recommend import records
from recommend.log import TABLES
from recommend.table import BadTableError
from tests.recommend.nights import ITEMS, USERS, ids, table

ROWS = TABLES["rows"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    numbers = np.arange(3)
    table(tmp_path / "rows", ids(USERS, numbers), ids(ITEMS, numbers * 256), np.array([1.5, 2.5, 3.5]), np.array([0.0, 1.0, 2.0]))
    return tmp_path / "rows"


def test_columns_are_read(path: Path) -> None:
    found = records.read(path, ROWS, 3)
    assert found["time"].tolist() == [1.5, 2.5, 3.5]
    assert found["weight"].dtype == np.float32
    assert len(np.unique(found["item"])) == 3  # some end on zeros


@pytest.mark.parametrize("cut", [0, 5, 30, 70])
def test_what_is_not_whole_is_refused(path: Path, cut: int) -> None:
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(BadTableError, match="is no such table"):
        records.read(path, ROWS, 3)


def test_other_columns_too_many_rows_and_no_file_are_refused(path: Path) -> None:
    with pytest.raises(BadTableError, match=r"is no such table|of another type"):
        records.read(path, {"user": records.UUID, "item": records.UUID, "time": records.SINGLE, "weight": records.REAL}, 3)
    with pytest.raises(BadTableError, match="more than 2 rows"):
        records.read(path, ROWS, 2)
    with pytest.raises(BadTableError, match="No such file"):
        records.read(path.with_name("nothing"), ROWS, 3)

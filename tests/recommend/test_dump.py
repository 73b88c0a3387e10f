"""Lists as files."""

import gzip
from pathlib import Path

import numpy as np

from recommend.dump import write

WRITTEN = 'user,item,rank\n"a,b",z,1\n"a,b",x,2\nc,y,1\n'


def test_ranks_begin_at_1_and_gaps_are_left_out(tmp_path: Path) -> None:
    plain, packed = tmp_path / "lists.csv", tmp_path / "lists.csv.gz"
    for path in (plain, packed):
        write(path, np.array([1, 0]), np.array([[2, 0, -1], [1, -1, -1]]), ["c", "a,b"], ["x", "y", "z"])
    assert plain.read_text() == gzip.decompress(packed.read_bytes()).decode() == WRITTEN

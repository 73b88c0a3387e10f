"""What is known of items, from the columns that there are."""

from pathlib import Path

import numpy as np
import pytest

from recommend.interactions import Ids
from recommend.items import read
from recommend.table import BadTableError


def test_columns_that_are_absent_are_unknown(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text('item,tag,upload_day,colour\nb,"2,7",2022-04-10,red\na,,,\nb2,7;7|9 2,0,\n')
    items = Ids(["a"])
    content = read(path, items)
    assert items.names == ["a", "b", "b2"]
    assert content.authors.tolist() == content.music.tolist() == [-1, -1, -1]
    assert content.tags[:, :4].tolist() == [[-1] * 4, [0, 1, -1, -1], [1, 1, 2, 0]]
    assert content.uploads[1:].tolist() == [1649548800.0, 0.0]
    assert np.isnan(content.durations).all()


def test_authors_music_and_durations(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("author,music,duration_ms,item\nann,s,1500,x\nben,,,y\nann,t,2e3,z\n")
    content = read(path, Ids())
    assert content.authors.tolist() == [0, 1, 0]
    assert content.music.tolist() == [0, -1, 1]
    assert content.durations[[0, 2]].tolist() == [1500, 2000]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name\nx\n", ":1: there is no column 'item'"),
        ("item,duration_ms\nx,long\n", ":2: duration_ms 'long' is no number"),
        ("item,upload_day\nx,1\ny,2022-13-01\n", ":3: upload_day '2022-13-01' is no number"),
        ("item,author\n,ann\n", ":2: the item has no id"),
        ("item\nx,y\n", ":2: 2 fields where the header has 1"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text(text)
    with pytest.raises(BadTableError) as refused:
        read(path, Ids())
    assert why in str(refused.value)

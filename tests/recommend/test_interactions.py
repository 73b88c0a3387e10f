"""Rows of files become numbers, and what is wrong is told with its line."""

from pathlib import Path

import pytest

from recommend import interactions
from recommend.interactions import Ids, Interactions, read
from recommend.table import BadTableError


def _read(tmp_path: Path, text: str) -> tuple[Interactions, Ids, Ids]:
    path = tmp_path / "some.csv"
    path.write_text(text)
    users, items = Ids(), Ids()
    return read(path, users, items), users, items


def test_ids_are_any_words_and_columns_in_any_order(tmp_path: Path) -> None:
    text = 'item,other,timestamp,user,weight\n"a, b",,10,ä,0\n7,x,11.5,ä,2.5\n"a, b",,9,01,\n'
    rows, users, items = _read(tmp_path, text)
    assert (users.names, items.names) == (["ä", "01"], ["a, b", "7"])
    assert (rows.users.tolist(), rows.items.tolist()) == ([0, 0, 1], [0, 1, 0])
    assert (rows.times.tolist(), rows.weights.tolist()) == ([10.0, 11.5, 9.0], [0.0, 2.5, 1.0])
    assert (rows.liked.tolist(), rows.newest) == ([False, True, True], 11.5)


def test_a_weight_that_is_missing_is_1(tmp_path: Path) -> None:
    assert _read(tmp_path, "user,item,timestamp\na,b,1\n")[0].weights.tolist() == [1.0]
    assert _read(tmp_path, "user,item,timestamp,weight\na,b,1\na,b,1,0\n")[0].weights.tolist() == [1.0, 0.0]


def test_a_file_may_have_no_rows(tmp_path: Path) -> None:
    rows, users, _ = _read(tmp_path, "user,item,timestamp,weight\n")
    assert (len(rows), len(users), rows.newest) == (0, 0, 0.0)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("a,b", "2 fields where the header has 4"),
        ("a,b,1,1,1", "5 fields where the header has 4"),
        (",b,1,1", "the user has no id"),
        (f"a,{'b' * 201},1,1", "the id of the item is longer than 200 characters"),
        ("a,b,yesterday,1", "timestamp 'yesterday' is no number"),
        ("a,b,1650000000000,1", "timestamp '1650000000000' is not between"),
        ("a,b,1,-1", "weight '-1' is not between"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(row: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(BadTableError) as refused:
        _read(tmp_path, f"user,item,timestamp,weight\nx,y,1,1\n{row}\n")
    assert str(refused.value).startswith(f"{tmp_path}/some.csv:3: {why}")


def test_rows_and_ids_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "user,item,timestamp\na,x,1\nb,x,1\nc,x,1\n"
    monkeypatch.setattr(interactions, "MAX_IDS", 2)
    with pytest.raises(BadTableError, match=":4: more than 2 different users"):
        _read(tmp_path, text)
    monkeypatch.setattr(interactions, "MAX_ROWS", 1)
    with pytest.raises(BadTableError, match=":3: more than 1 rows"):
        _read(tmp_path, text)


def test_what_users_have_seen(tmp_path: Path) -> None:
    rows, _, _ = _read(tmp_path, "user,item,timestamp\nb,x,1\na,x,1\na,y,1\na,x,2\n")
    assert rows.seen(10).tolist() == [0, 10, 11]
    assert rows.seen_by_user(3, 4).toarray().tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]

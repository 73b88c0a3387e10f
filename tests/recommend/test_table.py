"""Files that are no tables are refused with file and line."""

import gzip
from pathlib import Path

import pytest

from recommend import table as tables
from recommend.table import MAX_FIELD, MAX_LINE, BadTableError, opened

WRONG = {
    "empty": (b"", "is empty"),
    "two of a name": (b"a,b,a\n", ":1: two columns have the same name"),
    "no column": (b"a,b\n", ":1: there is no column 'c'"),
    "quotes": (b'a,b,c\n1,2,3\n1,"2"x,3\n', ":3: "),
    "open quotes": (b'a,b,c\n1,"2,3\n', ": unexpected end of data"),
    "no text": (b"a,b,c\n\xff\xfe,2,3\n", "is no UTF-8 text"),
    "long": (b"a,b,c\n1,2," + b"3" * (MAX_FIELD + 1) + b"\n", ":2: field larger than field limit"),
    "no ends of lines": (b"a,b,c\n" + b"1,2,3," * MAX_LINE, f":2: is longer than {MAX_LINE:,} characters"),
    "zeros": (b"a,b,c\n1,\0,3\n1,2,x\n", ":3: c 'x' is no number"),
}


def _read(path: Path) -> list[list[str]]:
    with opened(path) as table:
        table.needs("a", "c")
        rows = []
        for row in table.rows():
            table.number(row[2], "c", 0, 10)
            rows.append(row)
        return rows


@pytest.mark.parametrize(("content", "why"), WRONG.values(), ids=WRONG)
def test_what_is_no_table_is_refused(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes(content)
    with pytest.raises(BadTableError) as refused:
        _read(path)
    assert str(refused.value).startswith(str(path))
    assert why in str(refused.value)


@pytest.mark.parametrize("number", ["nan", "inf", "-1", "11", ""])
def test_numbers_have_limits(number: str, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text(f"a,b,c\n1,2,{number}\n")
    with pytest.raises(BadTableError, match=":2: c "):
        _read(path)


def test_plain_and_compressed_are_the_same(tmp_path: Path) -> None:
    text = "\ufeffa,b,c\r\n1,2,3\r\n\r\n4,5,6\r\n".encode()
    (tmp_path / "plain.csv").write_bytes(text)
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(text))
    rows = [["1", "2", "3"], ["4", "5", "6"]]
    assert [_read(path) for path in sorted(tmp_path.iterdir())] == [rows, rows]


def test_a_torn_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "torn.csv.gz"
    path.write_bytes(gzip.compress(b"a,b,c\n" + b"1,2,3\n" * 1000)[:-20])
    with pytest.raises(BadTableError, match="is no whole gzip file"):
        _read(path)
    path.write_bytes(b"a,b,c\n")
    with pytest.raises(BadTableError, match=r"torn\.csv\.gz: "):
        _read(path)
    with pytest.raises(BadTableError, match="No such file"):
        _read(tmp_path / "absent.csv")


def test_a_device_without_end_is_refused() -> None:
    with pytest.raises(BadTableError, match="is longer than"):
        _read(Path("/dev/zero"))


def test_empty_lines_have_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_LINES", 1_000)
    path = tmp_path / "some.csv.gz"
    path.write_bytes(gzip.compress(b"a,b,c\n" + b"\n" * 1_000))
    with pytest.raises(BadTableError, match=":1001: more than 1,000 lines"):
        _read(path)

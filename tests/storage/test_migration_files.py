"""Files of migrations are read as they are written."""

from pathlib import Path

import pytest

from storage.migration_files import Migration, MigrationError, read

TEXT = """-- What it is about.
--: formerly abc
--: formerly def

--: transaction
CREATE TABLE a (n int); -- first
CREATE TABLE b (n int);
--: concurrently
CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n);
-- The one before.
--: concurrently
DROP INDEX CONCURRENTLY a_m;
--: slices
UPDATE a SET n = 0 WHERE n IS NULL;
"""


def test_a_file_has_steps_in_their_order() -> None:
    migration = Migration(1, "0001_a.sql", TEXT)
    assert [step.kind for step in migration.steps] == ["transaction", "concurrently", "concurrently", "slices"]
    assert [step.index for step in migration.steps[1:3]] == [("a_n", True), ("a_m", False)]
    assert migration.formerly == {"abc", "def"}


def test_a_file_without_marks_is_one_transaction() -> None:
    [step] = Migration(1, "0001_a.sql", "-- A table.\nCREATE TABLE a (n int);\nSELECT 1;\n").steps
    assert step.kind == "transaction"


@pytest.mark.parametrize(
    "text",
    [
        "--: someday\nSELECT 1;",
        "--: concurrently\nCREATE INDEX a_n ON a (n);",
        "--: concurrently\nCREATE INDEX CONCURRENTLY a_n ON a (n); SELECT 1;",
        "--: slices\nSELECT 1; SELECT 2;",
    ],
)
def test_a_step_is_what_its_mark_says(text: str) -> None:
    with pytest.raises(MigrationError, match=r"0001_a\.sql"):
        _ = Migration(1, "0001_a.sql", text).steps


def test_numbers_follow_each_other(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("SELECT 1")
    (tmp_path / "0003_c.sql").write_text("SELECT 3")
    with pytest.raises(MigrationError, match="0003_c"):
        read(tmp_path)

"""What mentions somebody, and what only looks like it."""

import pytest

from server.kit.mentions import MAX_MENTIONS, mentions, mentions_in_sql
from server.settings import Settings
from storage.postgres import close_pool, open_pool

TEXTS = pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Ann, look! @ben_2 and (@cat_)", ["ann", "ben_2", "cat_"]),
        ("@ann @ANN\n@ann.", ["ann"]),
        ("@ann's #dance@ben", ["ann"]),
        ("me@example.org, first.last@example.org, @ann@example.org", []),
        ("@an @@ann @" + "a" * 31, []),
        ("@annä é@ben @ann1 ümlaut@ann", ["ann1"]),
        ("https://example.org/@ann", []),
        ("", []),
    ],
)


@TEXTS
def test_a_mention_stands_alone(text: str, names: list[str]) -> None:
    assert mentions(text) == names


@TEXTS
async def test_postgresql_reads_them_alike(settings: Settings, text: str, names: list[str]) -> None:
    pool = await open_pool(settings.database_url, 1, "test")
    question = f"SELECT name FROM unnest($2::text[]) AS t (name) WHERE {mentions_in_sql('$1::text', 'name')}"
    found = await pool.fetch(question, text, ["Ann", "ben_2", "cat_", "ben", "ann1"])
    await close_pool(pool)
    assert {row["name"].lower() for row in found} == set(names)


def test_so_many_are_heard_of_all_texts_together() -> None:
    first, second = (" ".join(f"@person_{n}" for n in numbers) for numbers in (range(7), range(5, 14)))
    assert mentions(first, second) == [f"person_{n}" for n in range(MAX_MENTIONS)]

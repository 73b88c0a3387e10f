"""What mentions somebody, and what only looks like it."""

import pytest

from server.kit.mentions import MAX_MENTIONS, mentions


@pytest.mark.parametrize(
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
def test_a_mention_stands_alone(text: str, names: list[str]) -> None:
    assert mentions(text) == names


def test_so_many_are_heard_of_all_texts_together() -> None:
    first, second = (" ".join(f"@person_{n}" for n in numbers) for numbers in (range(7), range(5, 14)))
    assert mentions(first, second) == [f"person_{n}" for n in range(MAX_MENTIONS)]

"""What surrounds a text is what Unicode calls white space, and nothing else."""

import sys

from server.kit.text import WHITE_SPACE, trimmed

SEPARATORS = {"\x1c", "\x1d", "\x1e", "\x1f"}
"""What Python takes for space because of their bidirectional class, and PropList.txt does not name."""


def test_white_space_is_all_that_unicode_calls_so() -> None:
    assert set(WHITE_SPACE) == {chr(code) for code in range(sys.maxunicode) if chr(code).isspace()} - SEPARATORS


def test_only_white_space_is_taken_and_only_at_the_ends() -> None:
    assert trimmed("\u2028\x85 \t\x1f a\u3000b \x1c\n\u00a0") == "\x1f a\u3000b \x1c"
    assert trimmed("\ufeff\u200b") == "\ufeff\u200b"
    assert trimmed(" \u3000\n") == ""

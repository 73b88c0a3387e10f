"""Reasons in words: short, and of a code that the document has."""

from typing import get_args

import pytest

from server.suggestions.reasons import SAME_AUTHOR, TAG, why
from server.suggestions.wire import MOST_CHARACTERS, Code

WORDS = ["taste", "follows", "author", "author:new", "similar", SAME_AUTHOR, "rising", "fresh", "popular", "explore", "latest"]


@pytest.mark.parametrize(
    "reason", [*WORDS, "topic:cats", "topic:" + "x" * 2000, TAG + "tide", TAG + "x" * 2000, "from another day"]
)
def test_each_is_a_short_sentence(reason: str) -> None:
    told = why(reason)
    assert told.code in get_args(Code)
    assert len(told.text) <= MOST_CHARACTERS
    assert told.text.endswith(".")


def test_a_topic_is_named() -> None:
    assert why("topic:cats").text == "You liked something with #cats."
    assert why(TAG + "tide").text == "With #tide, as a video that you watched."

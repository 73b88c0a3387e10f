"""Why a video is suggested, in words: each sentence is true of whatever the source that gave the video looks for."""

from functools import lru_cache

from server.suggestions.wire import MOST_CHARACTERS, Code, Why

TASTE = "taste"
NEW_OF_LIKED = "author:new"
SAME_AUTHOR = "similar:author"
SIMILAR = "similar"
TAG = "similar:#"
"""And the tag."""
EXPLORE = "explore"
LATEST = "latest"

_SENTENCES: dict[str, tuple[Code, str]] = {
    TASTE: ("taste", "Close to what you have watched and liked."),
    "follows": ("follows", "By somebody whom people you follow follow."),
    "topic": ("topic", "You liked a video with this topic."),
    "author": ("author", "You liked a video of this author."),
    NEW_OF_LIKED: ("author", "New, by an author of whom you liked a video."),
    SIMILAR: ("similar", "Close to a video that you watched lately."),
    SAME_AUTHOR: ("similar", "By the author of a video that you watched lately."),
    "rising": ("rising", "Watched more and more."),
    "fresh": ("fresh", "Published these days."),
    "popular": ("popular", "Among the most watched of these weeks."),
    EXPLORE: ("explore", "New here, and few have seen it yet."),
    LATEST: ("latest", "The newest of what is left to see."),
}
_WITH_TAG: dict[str, tuple[Code, str, str]] = {
    "topic:": ("topic", "You liked something with #{}.", "You liked a video with this topic."),
    TAG: ("similar", "With #{}, as a video that you watched.", "With a hashtag of a video that you watched lately."),
}
"""And what is said where the tag is too long."""


@lru_cache(maxsize=10_000)
def why(reason: str) -> Why:
    """The reason as it is answered.

    Args:
        reason: a word, with a detail behind a colon where there is one. One that is not known here was made by a model that
            learned from what the account did: that is what is said then.
    """
    for begins, (code, text, other) in _WITH_TAG.items():
        if reason.startswith(begins):
            whole = text.format(reason.removeprefix(begins))
            return Why(code, whole if len(whole) <= MOST_CHARACTERS else other)
    return Why(*_SENTENCES.get(reason, _SENTENCES[TASTE]))

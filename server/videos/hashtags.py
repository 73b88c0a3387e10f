"""Hashtags: `#` and letters, digits or `_` of any script; stored without `#`, in lower case, each once."""

import re

MAX_HASHTAGS = 30
# \w is Unicode letters, digits and underscore; combining marks belong to their letters in many scripts.
_CHARACTERS = r"[\w\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e]+"
_TAG = re.compile(f"#({_CHARACTERS})")
_ALONE = re.compile(_CHARACTERS)


def hashtags(*texts: str) -> list[str]:
    """The tags of these texts, in their order."""
    found = (tag.lower() for text in texts for tag in _TAG.findall(text))
    return list(dict.fromkeys(found))[:MAX_HASHTAGS]


def normalised(tag: str) -> str | None:
    """A tag alone, with `#` before it or without, as it would be stored; None for what can be none."""
    bare = tag.removeprefix("#").lower()
    return bare if _ALONE.fullmatch(bare) else None

"""Text from outside: what no field may hold, and what surrounds it."""

from typing import Any

WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode's property White_Space. `str.strip` by itself takes U+001C to U+001F as well, which separate data and are no space."""


def trimmed(value: str) -> str:
    """The text without surrounding white space, otherwise as it came."""
    return value.strip(WHITE_SPACE)


def unstorable(value: str) -> str | None:
    """Why PostgreSQL or a client could not take this text: NUL, or half of a surrogate pair; None when it is fine."""
    if "\x00" in value:
        return "must not contain NUL"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "must not contain lone surrogates"
    return None


def depth(value: Any, limit: int) -> int:
    """How deeply lists and objects are nested, counted no further than one past `limit`."""
    level, layer = 0, [value]
    while layer and level <= limit:
        layer = [child for node in layer for child in _children(node)]
        level += bool(layer)
    return level


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values()) or [None]
    return (node or [None]) if isinstance(node, list) else []

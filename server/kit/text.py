"""Text from outside: what no field may hold."""

from typing import Any

SURROGATES = range(0xD800, 0xE000)


def unstorable(value: str) -> str | None:
    """Why PostgreSQL or a client could not take this text: NUL, or half of a surrogate pair; None when it is fine."""
    if "\x00" in value:
        return "must not contain NUL"
    if any(ord(character) in SURROGATES for character in value):
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

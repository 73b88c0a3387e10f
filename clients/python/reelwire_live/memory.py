"""Which publications were handed on already: the server delivers at least once."""

from collections import OrderedDict

REMEMBERED = 2_000
"""Twice as many as a replay has at most."""


class Memory:
    """The ids that were met last."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ids)

    def is_repeat(self, one: str) -> bool:
        """Whether it was met before; from now on it was."""
        if one in self._ids:
            self._ids.move_to_end(one)
            return True
        self._ids[one] = None
        if len(self._ids) > self._most:
            self._ids.popitem(last=False)
        return False

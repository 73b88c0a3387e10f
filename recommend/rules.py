"""In which order ranked items may be shown: never more than two of an author among any ten that follow each other."""

from collections.abc import Sequence

from recommend.items import UNKNOWN

OF_AUTHOR, AMONG = 2, 10


def spaced(authors: Sequence[int], most: int, before: Sequence[int] = ()) -> tuple[list[int], list[int]]:
    """Places of items, in the order in which they may be shown, at most so many, and places of those that may not follow.

    Each time the first one that may follow is taken. Whose author is unknown may follow anything.

    Args:
        authors: of the items, the best item first.
        most: how many are wanted.
        before: authors of what is shown before these.
    """
    chosen: list[int] = []
    waiting: list[int] = []
    shown, place = list(before), 0
    while len(chosen) < most:
        full = _full(shown)
        taken = next((at for at, one in enumerate(waiting) if authors[one] not in full), None)
        if taken is not None:
            found = waiting.pop(taken)
        else:
            while place < len(authors) and authors[place] in full:
                waiting.append(place)
                place += 1
            if place == len(authors):
                break
            found, place = place, place + 1
        chosen.append(found)
        shown.append(authors[found])
    return chosen, waiting


def _full(shown: Sequence[int]) -> set[int]:
    """Authors of whom none may follow."""
    last = shown[1 - AMONG :]
    return {author for author in last if author != UNKNOWN and last.count(author) >= OF_AUTHOR}

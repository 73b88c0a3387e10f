"""Exponential back-off with full jitter, the one used for every retry."""

import random
from collections.abc import Callable

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0


def pause(attempt: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds before the next try, after so many (from 1) that failed in a row.

    Anything between half a second and a ceiling that doubles up to 30 s: clients that lost the same server must not come
    back together, and a lucky draw must not hammer.
    """
    ceiling = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt, 16))
    return min(FIRST_SECONDS, ceiling) + chance() * max(0.0, ceiling - FIRST_SECONDS)

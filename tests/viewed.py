"""Views that are counted in windows, at any time."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from server.plays.queries import Folded


class Clock:
    """Real time, and so much later than that: no window is older than what is counted."""

    def __init__(self) -> None:
        self.ago = 0.0

    def __call__(self) -> float:
        return time.time() - self.ago


def seen(video_id: UUID, views: int, ago: timedelta = timedelta()) -> Folded:
    at = datetime.now(UTC) - ago
    return Folded(video_id, at.date(), views, int(at.timestamp()) // 60)

"""What authors may wish of the archive."""

from uuid import UUID

from server.kit.errors import NotYours
from server.kit.work import Work
from server.videos import tiers
from server.videos.wire import VideoHead


async def restore(w: Work, account_id: UUID, video: VideoHead) -> None:
    """Have the account's own video brought back; of one that is not archived without effect.

    Raises:
        NotYours: it is somebody else's.
    """
    if video.author_id != account_id:
        raise NotYours("Only its author can do this.")
    await tiers.watched(w, video.id, video.author_id)

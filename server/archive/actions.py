"""What authors may wish of the archive."""

from uuid import UUID

from server.kit.errors import NotYours
from server.kit.work import Work
from server.videos import queries, shared, tiers
from server.videos.wire import VideoHead


async def restore(w: Work, account_id: UUID, video: VideoHead) -> None:
    """Have the account's own video brought back; of one that is not archived without effect.

    Raises:
        NotYours: it is somebody else's.
    """
    if video.author_id != account_id:
        raise NotYours("Only its author can do this.")
    await tiers.watched(w, video.id, video.author_id)


async def asked_for(w: Work, video_id: UUID, path: str | None) -> None:
    """Somebody has asked for a file of the video, `{generation}/{name}`, or for its stream (None), and it is not at hand.

    If that is in the archive it is brought back. Who may not see the video does not come so far.
    """
    row = (await tiers.of(w.conn, [video_id])).get(video_id)
    if row is None or row.tier != "archived":
        return
    cold = path is None or (tiers.is_cold(path, row.warm_path) and path in await shared.digests(w.conn, video_id))
    head = await queries.head(w.conn, video_id)
    if cold and head is not None:
        await tiers.wish_back(w, video_id, head.author_id, "asked for")

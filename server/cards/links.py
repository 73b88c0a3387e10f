"""Where a video's media are: open paths for public videos, signed ones for all others."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from server.keys import MediaSigner
from server.kit.times import rfc3339
from server.videos.wire import Visibility


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the URLs of one video; one signature opens everything below `/media/{video_id}/`."""

    base: str
    query: str
    expires_at: str | None

    @classmethod
    def of(cls, signer: MediaSigner, video_id: UUID, visibility: Visibility) -> "Links":
        if visibility == "public":
            return cls(f"/media/{video_id}/o/", "", None)
        query, expires = signer.query(video_id)
        return cls(f"/media/{video_id}/s/", f"?{query}", rfc3339(datetime.fromtimestamp(expires, UTC)))

    def to(self, path: str) -> str:
        """The URL of an object of this video; its path is `{generation}/{name}`."""
        return f"{self.base}{path}{self.query}"

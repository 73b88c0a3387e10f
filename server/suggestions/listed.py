"""Lists of videos with reasons as a process keeps thousands of them: few objects, so that collecting garbage takes no time."""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from asyncpg.pgproto import pgproto

from server.suggestions.scroll import hash_of

_BYTES = 16


class Listed:
    """Videos in an order that stays, each with the reason why it is there.

    Attributes:
        places: where a video stands, by what stands for it in cursors.
    """

    def __init__(self, videos: Iterable[tuple[UUID, str]]) -> None:
        found = list(videos)
        # Bytes, and words of which each is there once: an id or a pair is an object that every collection looks at.
        words: dict[str, str] = {}
        self._ids = b"".join(video_id.bytes for video_id, _ in found)
        self._whys = tuple(words.setdefault(why, why) for _, why in found)
        self.places: Mapping[bytes, int] = {hash_of(video_id): place for place, (video_id, _) in enumerate(found)}

    def __len__(self) -> int:
        return len(self._whys)

    def __getitem__(self, place: int) -> tuple[UUID, str]:
        """The video at a place from 0 on, and its reason."""
        # The UUID that PostgreSQL's answers have: Python's own takes six times as long to be made, and thrice to be looked up.
        return pgproto.UUID(self._ids[place * _BYTES : (place + 1) * _BYTES]), self._whys[place]

    def __iter__(self) -> Iterator[tuple[UUID, str]]:
        return map(self.__getitem__, range(len(self)))


NOTHING = Listed(())

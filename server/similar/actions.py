"""Finds copies of a video for its author: candidates by the keys they share, then by how far apart they are."""

import asyncio
from collections import Counter
from collections.abc import Container, Sequence
from typing import NamedTuple
from uuid import UUID

from media.fingerprint import THRESHOLD, Fingerprint, distance
from media.fingerprint import queries as keys_of
from server.cards.wire import Video
from server.kit.errors import NotYours
from server.kit.work import Work
from server.similar import queries
from server.similar.queries import Candidate, Seen, unpacked
from server.similar.wire import Similar
from server.videos import actions as videos
from server.videos.wire import PLAYS

MOST_MOMENTS = 400
"""Of clips that are longer than 50 s not every moment is asked for."""
KEYS_AT_ONCE = 4_000
MOST_OF_KEY = 200
"""Videos that are looked at for one key."""
MOST_SHARING = 200
"""Of each slice of keys; a copy shares keys with many slices."""
MOST_CANDIDATES = 60
"""Comparing two clips of three minutes takes some 15 ms."""


class Near(NamedTuple):
    """A copy, and how far it is."""

    distance: float
    candidate: Candidate


async def seen(w: Work, video_id: UUID) -> Seen | None:
    """What the account's own video looks like; None where that is not known (yet).

    Raises:
        NotFound: it is absent or not visible to the account.
        NotYours: it is somebody else's.
    """
    video = await videos.visible(w.conn, video_id, w.account_id)
    if video.author_id != w.account_id:
        raise NotYours("Only its author can ask for this.")
    return await queries.of(w.conn, video_id)


async def keys(found: Seen) -> list[int]:
    """The keys that copies of it are found by."""
    return await asyncio.to_thread(_keys, found.moments)


def _keys(moments: bytes) -> list[int]:
    return sorted(keys_of(_asked(moments)))


def _asked(moments: bytes) -> Fingerprint:
    """Every nth moment; n is odd, so that some lie beside those that are kept, whatever was cut off a copy."""
    seen = unpacked(moments).moments
    stride = -(-len(seen) // MOST_MOMENTS) | 1
    return Fingerprint([moment for moment in seen if moment.step % stride == 0])


async def candidates(w: Work, video_id: UUID, found: Seen, keys: Sequence[int]) -> list[Candidate]:
    """What shares most keys with it."""
    assert w.account_id is not None
    shared: Counter[UUID] = Counter()
    await queries.go_by_index(w.conn)
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[start : start + KEYS_AT_ONCE]
        shared.update(await queries.sharing(w.conn, some, video_id, w.account_id, MOST_SHARING, MOST_OF_KEY))
    return await queries.candidates(w.conn, [i for i, _ in shared.most_common(MOST_CANDIDATES)], found.sha256)


async def nearest(found: Seen, candidates: Sequence[Candidate], limit: int) -> list[Near]:
    """The copies among them, nearest first."""
    near = await asyncio.to_thread(_near, found.moments, candidates)
    return near[:limit]


def _near(moments: bytes, candidates: Sequence[Candidate]) -> list[Near]:
    query = _asked(moments)
    near = [Near(distance(unpacked(candidate.moments).kept, query), candidate) for candidate in candidates]
    copies = [one for one in near if one.distance < THRESHOLD]
    return sorted(copies, key=lambda one: (one.distance, not one.candidate.exact, one.candidate.video_id))


def shown(near: Sequence[Near], cards: dict[UUID, Video], account_id: UUID, hidden: Container[UUID]) -> list[Similar]:
    """As it is answered. What was hidden or deleted meanwhile is left out, and what is by authors who are `hidden`."""
    return [
        Similar(card, round(one.distance, 1), one.candidate.exact)
        for one in near
        if (card := cards.get(one.candidate.video_id))
        and card.status in PLAYS
        and card.author.id not in hidden
        and (card.author.id == account_id or card.visibility == "public")
    ]

"""Cards as bytes, made once for all who read them: what a video is, and beside it what moves, its counts and newest comments."""

import asyncio
import itertools
import time
from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from server.cards import queries
from server.cards.actions import TOP_COMMENTS, Cards, comments
from server.cards.sources import MP4, fitting
from server.cards.wire import Comment, FeedItem, Video, VideoCounts, VideoViewer
from server.comments import queries as comment_queries
from server.kit.invalidation import Invalidated
from server.kit.memory import Memory
from server.videos.wire import PLAYS, Visibility
from storage.postgres import Pool, connection

MOST_CARDS = 20_000
"""Some 3 KB each."""
AT_ONCE = 200
READY_SECONDS = 300.0
"""What others change of a video that is ready is told (`card`, `video`, `account`); this is only a belt beside the braces."""
WORKING_SECONDS = 0.25
"""While a video is being made more of it plays every now and then, of which nobody is told."""
TICK_SECONDS = 0.5
"""So often counts that are told to have moved are read again, all in one."""
TICKS = 4
"""Once in so many ticks all that were asked for meanwhile are, for views are not told."""
COUNTS_SECONDS = 3.0
"""Counts that are older are not shown: whoever asks for some that nobody has asked for lately waits for them."""
COMMENTS_SECONDS = 60.0
"""Comments that come and go are told; this is for those that the broker could not tell."""

_encode = msgspec.json.Encoder().encode
_NO_COUNTS = VideoCounts(0, 0, 0)
_COMMENTS = b',"top_comments":'
_LIKED = VideoViewer(True)
_CUT = _encode(VideoViewer(liked=True))


class Face(NamedTuple):
    """The part of a card that is the same for everybody until somebody changes it.

    Attributes:
        author_id: whose video it is.
        shown: it plays, and is not private.
        lasts: so many seconds it may be believed.
        item: the whole, for whoever tells a bandwidth.
        heads: what stands for `head` then, by the URL of the first source.
        head: JSON up to the counts.
        tail: JSON behind the viewer.
    """

    author_id: UUID
    shown: bool
    lasts: float
    item: FeedItem
    heads: dict[str, bytes]
    head: bytes
    tail: bytes


class Newest(NamedTuple):
    """The newest comments of a video.

    Attributes:
        json: of all of them, newest first.
        commenters: who wrote them.
    """

    json: bytes
    commenters: frozenset[UUID]


class Card(NamedTuple):
    """All of a card; `counts` is JSON of them, with what stands between them and the viewer."""

    face: Face
    counts: bytes
    newest: Newest


class Whole(NamedTuple):
    """A card as it is sent, but for whether the reader likes it.

    Attributes:
        until: of the monotonic clock; then it is put together anew.
        before: JSON up to the viewer.
        behind: the rest.
        commenters: as in `Newest`.
    """

    until: float
    before: bytes
    behind: bytes
    commenters: frozenset[UUID]


class KeptCards:
    """The cards that one process has in memory; `run` is a task of the process."""

    def __init__(self, pool: Pool, cards: Cards, url_seconds: float) -> None:
        self._pool = pool
        self._cards = cards
        self._url_seconds = url_seconds
        self._asked: set[UUID] = set()
        self._moved: set[UUID] = set()
        self._whole: dict[UUID, Whole] = {}
        self.faces = Memory("faces", self._read_faces, MOST_CARDS, AT_ONCE, _lasts, lambda face: (face.author_id,))
        self.counts = Memory("counts", self._read_counts, MOST_CARDS, AT_ONCE, lambda _: COUNTS_SECONDS)
        self.newest = Memory(
            "newest comments",
            self._read_newest,
            MOST_CARDS,
            AT_ONCE,
            lambda _: COMMENTS_SECONDS,
            lambda newest: newest.commenters,
        )

    def hear(self, event: Invalidated) -> None:
        """From the invalidations."""
        if event.kind in ("video", "card"):
            self._whole.pop(event.subject_id, None)
            self.faces.drop(event.subject_id)
        if event.kind in ("video", "comment"):
            self.commented(event.subject_id)
        if event.kind == "account":
            self._whole.clear()
            self.faces.drop_tagged(event.subject_id)
            self.newest.drop_tagged(event.subject_id)

    def commented(self, video_id: UUID) -> None:
        """Its comments are others now."""
        self._whole.pop(video_id, None)
        self.counts.drop(video_id)
        self.newest.drop(video_id)

    def moved(self, video_id: UUID) -> None:
        """Its counts are others now: they are read again with the next tick, if anybody has them here."""
        self._moved.add(video_id)

    def missed(self) -> None:
        """Comments may have come, and counts have moved, unheard."""
        self._whole.clear()
        self.counts.clear()
        self.newest.clear()

    def forget(self) -> None:
        """Nothing is to be believed."""
        self._whole.clear()
        for memory in (self.faces, self.counts, self.newest):
            memory.clear()

    async def run(self) -> None:
        """Keep the counts of what is asked for up to date, for ever."""
        for tick in itertools.count(1):
            await asyncio.sleep(TICK_SECONDS)
            moved, self._moved = self._moved, set()
            for video_id in moved - self._asked:  # kept, perhaps, though nobody has asked lately
                self._whole.pop(video_id, None)
                self.counts.drop(video_id)
            moved &= self._asked
            if tick % TICKS == 0:
                moved, self._asked = self._asked, set()
            # What fails is read by whoever asks for it next, and told to them.
            await self.counts.again(moved)
            for video_id in moved:
                self._whole.pop(video_id, None)

    async def close(self) -> None:
        """End what is being read."""
        for memory in (self.faces, self.counts, self.newest):
            await memory.close()

    def now(self, video_id: UUID, at: float) -> Whole | None:
        """A card that is shown, at this time of the monotonic clock, where all of it is here."""
        whole = self._whole.get(video_id)
        if whole is not None and whole.until > at:
            return whole
        face, counts, newest = self.faces.get(video_id), self.counts.get(video_id), self.newest.get(video_id)
        if face is None or counts is None or newest is None or not face.shown:
            return None
        self._asked.add(video_id)
        until = at + min(TICK_SECONDS, face.lasts)
        self._whole[video_id] = whole = Whole(until, *joined(Card(face, counts, newest), face.head), newest.commenters)
        return whole

    def alone(self, video_id: UUID, visible: Container[Visibility]) -> tuple[bytes, bytes] | None:
        """A card without comments, as lists of videos have it: what stands before the viewer, and what behind.

        None also where it is not so visible any more: the list may be older than the card.
        """
        face, counts = self.faces.get(video_id), self.counts.get(video_id)
        if face is None or counts is None or not face.shown or face.item.visibility not in visible:
            return None
        self._asked.add(video_id)
        return face.head + counts, face.tail.removesuffix(_COMMENTS) + b"}"

    async def of(self, video_ids: Sequence[UUID]) -> Mapping[UUID, Card]:
        """The cards of those videos that exist: a fixed number of statements for all that are asked for at the same time."""
        faces, counts, newest = await asyncio.gather(
            self.faces.of(video_ids), self.counts.of(video_ids), self.newest.of(video_ids)
        )
        self._asked.update(counts)
        return {i: Card(faces[i], counts[i], newest[i]) for i in video_ids if i in faces and i in counts and i in newest}

    async def _read_faces(self, video_ids: Sequence[UUID]) -> Mapping[UUID, Face]:
        began = time.monotonic()
        async with connection(self._pool) as conn:
            videos = await self._cards.videos(conn, video_ids)
        return {i: _face(video, self._url_seconds / 2 - (time.monotonic() - began)) for i, video in videos.items()}

    async def _read_counts(self, video_ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
        async with connection(self._pool) as conn:
            found = await queries.counts(conn, video_ids)
        return {video_id: _encode(counts) + b',"viewer":' for video_id, counts in found.items()}

    async def _read_newest(self, video_ids: Sequence[UUID]) -> Mapping[UUID, Newest]:
        return await self.newest_seen_by(None, video_ids)

    async def newest_seen_by(self, viewer_id: UUID | None, video_ids: Sequence[UUID]) -> Mapping[UUID, Newest]:
        """The newest comments, read now, without those of whom the viewer does not see."""
        async with connection(self._pool) as conn:
            newest = await comment_queries.newest(conn, video_ids, viewer_id, TOP_COMMENTS)
            told = await comments(conn, [row for rows in newest.values() for row in rows])
        of_video: dict[UUID, list[Comment]] = {video_id: [] for video_id in video_ids}
        for comment in told:
            of_video[comment.video_id].append(comment)
        return {i: Newest(_encode(found), frozenset(one.author.id for one in found)) for i, found in of_video.items()}


def _commenters(newest: Newest) -> frozenset[UUID]:
    return newest.commenters


def _lasts(face: Face) -> float:
    return face.lasts


def _face(video: Video, url_seconds: float) -> Face:
    item = FeedItem(**msgspec.structs.asdict(video) | {"counts": _NO_COUNTS, "viewer": _LIKED}, top_comments=[])
    lasts = READY_SECONDS if item.status == "ready" else WORKING_SECONDS
    if item.visibility != "public":
        lasts = min(lasts, url_seconds)  # their URLs end
    shown = item.status in PLAYS and item.visibility != "private"
    return Face(item.author.id, shown, lasts, item, {}, *_cut(item))


def _cut(item: FeedItem) -> tuple[bytes, bytes]:
    """What stands before the counts, and what behind the viewer; of the last of them, for a title may hold anything."""
    before, _, behind = _encode(item).rpartition(b',"viewer":' + _CUT)
    return before.removesuffix(_encode(_NO_COUNTS)), behind.removesuffix(b"[]}")


def joined(card: Card, head: bytes) -> tuple[bytes, bytes]:
    """What of a card stands before the viewer, and what behind."""
    return head + card.counts, card.face.tail + card.newest.json + b"}"


def with_bandwidth(face: Face, bandwidth: int) -> bytes:
    """The head of a card whose first source is the one that fits this bandwidth (bit/s)."""
    files = [source for source in face.item.sources if source.type == MP4]
    if not files:
        return face.head
    chosen = fitting(files, bandwidth)
    head = face.heads.get(chosen.url)
    if head is None:
        files.sort(key=lambda source: source is not chosen)
        found = [*files[:1], *(source for source in face.item.sources if source.type != MP4), *files[1:]]
        face.heads[chosen.url] = head = _cut(replace(face.item, sources=found))[0]
    return head

"""Assembles `video` and `comment` from the rooms below, many at once in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec.structs import replace

from media import playlist
from media.manifest import AudioTrack, IFrames, Rendition
from server.accounts import queries as accounts
from server.accounts.wire import AccountRow
from server.cards import queries
from server.cards.links import Links
from server.cards.queries import RenditionRow, ShownRow, VideoRow
from server.cards.sources import sources
from server.cards.wire import Author, Comment, FeedItem, Video, VideoCounts, VideoViewer
from server.comments import queries as comment_queries
from server.comments.wire import CommentRow
from server.keys import MediaSigner
from server.kit.request import nothing_there
from server.kit.times import optional_rfc3339, rfc3339
from server.likes import queries as likes
from server.videos.wire import Failure
from storage.postgres import Rows

TOP_COMMENTS = 3
Listed = TypeVar("Listed", Rendition, IFrames)


@dataclass(slots=True)
class _Read:
    """Everything that the cards of some videos are made of."""

    videos: dict[UUID, ShownRow]
    authors: dict[UUID, AccountRow]
    liked: set[UUID] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Cards:
    """Makes cards; one per process, for it needs only the key that signs media URLs."""

    signer: MediaSigner

    async def videos(
        self, conn: Rows, video_ids: Sequence[UUID], viewer_id: UUID | None = None, bandwidth: int | None = None
    ) -> dict[UUID, Video]:
        """The videos that exist. Who may see them is the caller's to know."""
        read = await _read(conn, video_ids, viewer_id)
        return {i: Video(**self._fields(read, row, bandwidth)) for i, row in read.videos.items() if row.author_id in read.authors}

    async def video(self, conn: Rows, video_id: UUID, viewer_id: UUID | None = None, bandwidth: int | None = None) -> Video:
        """One video.

        Raises:
            NotFound: there is none.
        """
        found = (await self.videos(conn, [video_id], viewer_id, bandwidth)).get(video_id)
        if found is None:
            raise nothing_there()
        return found

    async def feed_items(
        self, conn: Rows, video_ids: Sequence[UUID], viewer_id: UUID | None, bandwidth: int | None
    ) -> list[FeedItem]:
        """The videos in this order with their newest comments, without those that do not exist."""
        read = await _read(conn, video_ids, viewer_id)
        newest = await comment_queries.newest(conn, video_ids, viewer_id, TOP_COMMENTS)
        flat = await comments(conn, [row for rows in newest.values() for row in rows])
        of_video: dict[UUID, list[Comment]] = {video_id: [] for video_id in video_ids}
        for comment in flat:
            of_video[comment.video_id].append(comment)
        rows = [read.videos[i] for i in video_ids if i in read.videos and read.videos[i].author_id in read.authors]
        return [FeedItem(**self._fields(read, row, bandwidth), top_comments=of_video[row.id]) for row in rows]

    def _fields(self, read: _Read, row: ShownRow, bandwidth: int | None) -> dict[str, Any]:
        links = Links.of(self.signer, row.id, row.visibility)
        shown = at_hand(row, row.renditions)
        return {
            "id": row.id,
            "author": author(read.authors[row.author_id]),
            "title": row.title,
            "description": row.description,
            "hashtags": row.hashtags,
            "visibility": row.visibility,
            "status": row.status,
            "progress": 1.0 if row.status == "ready" else min(round(row.progress, 3), 0.99),
            "error": Failure(row.error_code, row.error_detail or "") if row.error_code else None,
            "created_at": rfc3339(row.created_at),
            "published_at": optional_rfc3339(row.published_at),
            "duration_ms": row.duration_ms,
            "width": row.width,
            "height": row.height,
            "sources": sources(shown, of_stream(row, shown), links, bandwidth),
            "poster_url": links.to(row.poster) if row.poster else None,
            "preview_url": links.to(row.preview) if row.preview else None,
            "storyboard_url": links.to(row.storyboard) if row.storyboard else None,
            "thumbhash": row.thumbhash,
            "counts": VideoCounts(row.views, row.likes, row.comments),
            "viewer": None if read.liked is None else VideoViewer(row.id in read.liked),
            "archived": row.warm_path is not None,
        }


CARDS: web.AppKey[Cards] = web.AppKey("cards", Cards)


async def _read(conn: Rows, video_ids: Sequence[UUID], viewer_id: UUID | None) -> _Read:
    rows = await queries.shown(conn, video_ids)
    authors = await accounts.get(conn, list({row.author_id for row in rows.values()}))
    return _Read(rows, authors, await likes.liked_by(conn, list(rows), viewer_id) if viewer_id else None)


def author(row: AccountRow) -> Author:
    """How a video or a comment names who made it."""
    return Author(row.id, row.username, row.shown_name, row.avatar_url)


async def comments(conn: Rows, rows: Sequence[CommentRow]) -> list[Comment]:
    """The comments in this order, without those whose authors do not exist."""
    found = await accounts.get(conn, list({row.author_id for row in rows}))
    authors = {account_id: author(row) for account_id, row in found.items()}
    return [
        Comment(row.id, row.video_id, authors[row.author_id], row.text, rfc3339(row.created_at))
        for row in rows
        if row.author_id in authors
    ]


def at_hand(row: VideoRow, renditions: Sequence[RenditionRow]) -> Sequence[RenditionRow]:
    """What of a video is shown: all of it, or of one that is archived the smallest file."""
    return renditions if row.warm_path is None else [r for r in renditions if f"{r.generation}/{r.name}" == row.warm_path]


def of_stream(row: VideoRow, renditions: Sequence[RenditionRow]) -> int | None:
    """The generation of a stream: the newest of all that it is made of. What is made again has another URL; None without one."""
    variants = [r.generation for r in renditions if r.kind != "mp4"]
    sound = [row.audio_generation] if row.audio and row.audio_generation is not None else []
    return max([*variants, *sound]) if variants else None


async def master_playlist(conn: Rows, video_id: UUID, generation: int) -> str | None:
    """The HLS master playlist, which names what the database says is there; None without a stream of this generation."""
    row = (await queries.videos(conn, [video_id])).get(video_id)
    rows = (await queries.renditions(conn, [video_id]))[video_id]
    # Who has its URL still from before it was archived may go on as long as there is something to go on with.
    if row is None or row.ladder_gone or of_stream(row, rows) != generation:
        return None
    variants = [_from(generation, r, msgspec.json.decode(r.facts, type=Rendition)) for r in rows if r.kind == "hls"]
    iframes = [_from(generation, r, msgspec.json.decode(r.facts, type=IFrames)) for r in rows if r.kind == "iframes"]
    audio = msgspec.json.decode(row.audio, type=AudioTrack) if row.audio else None
    if audio and row.audio_generation != generation:
        audio = replace(audio, playlist=f"../{row.audio_generation}/{audio.playlist}")
    return playlist.master(variants, audio, iframes)


def _from(generation: int, row: RenditionRow, facts: Listed) -> Listed:
    """A rendition as the playlist of one generation names it, though it may lie below another."""
    return facts if generation == row.generation else replace(facts, playlist=f"../{row.generation}/{facts.playlist}")

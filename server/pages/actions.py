"""What is told of a page to whoever asks without a name: what is public, and of everything else nothing at all."""

from uuid import UUID

from server.cards.actions import Cards
from server.cards.sources import MP4
from server.cards.wire import Video
from server.kit.ids import parse_id
from server.kit.request import nothing_there
from server.pages.line import one_line
from server.pages.wire import Film, Preview
from server.profiles import actions as profiles
from server.profiles.wire import User
from server.sight import actions as sight
from server.videos import actions as videos
from server.videos.hashtags import normalised
from storage.postgres import Rows

MOST_TITLE, MOST_DESCRIPTION = 120, 240
"""Code points; what previews show is shorter still."""
ICON = "/icon-512.png"
"""Of the web client, as the edge serves it."""
HOME = Preview(
    path="/",
    title="reelwire",
    description="Short videos from people you follow, the moment they’re ready.",
    kind="website",
    picture=ICON,
)
VIDEO, PROFILE, HASHTAG = "/videos/", "/@", "/hashtags/"


async def preview(conn: Rows, cards: Cards, path: str) -> Preview:
    """The page of this path of the web client, as people type and pass it on: with a slash behind it, an id in capitals.

    Raises:
        NotFound: it is no page that can be told of: absent, not public, or the same for everybody.
    """
    if path == HOME.path:
        return HOME
    path = path.rstrip("/")
    if path.startswith(VIDEO):
        return _of_video(await _public(conn, cards, parse_id(path.removeprefix(VIDEO).lower())))
    if path.startswith(PROFILE):
        account_id = await sight.find(conn, path.removeprefix(PROFILE), None)
        return _of_user(await profiles.user(conn, account_id, None))
    tag = normalised(path.removeprefix(HASHTAG)) if path.startswith(HASHTAG) else None
    if tag is None:
        raise nothing_there()
    return _of_hashtag(tag)


async def _public(conn: Rows, cards: Cards, video_id: UUID | None) -> Video:
    if video_id is None:
        raise nothing_there()
    await videos.visible(conn, video_id, None)
    video = await cards.video(conn, video_id)
    if video.visibility != "public":  # hidden in between
        raise nothing_there()
    return video


def _of_video(video: Video) -> Preview:
    username = video.author.username
    name = one_line(video.author.display_name, MOST_TITLE) or username  # of marks alone nothing would be left
    made_by = f"{name} (@{username})" if name != username else f"@{username}"
    return Preview(
        path=f"{VIDEO}{video.id}",
        title=one_line(video.title, MOST_TITLE) or one_line(f"A video by {made_by}", MOST_TITLE),
        description=one_line(video.description, MOST_DESCRIPTION) or one_line(f"By {made_by} on reelwire.", MOST_DESCRIPTION),
        kind="video.other",
        picture=video.poster_url or ICON,
        wide=video.poster_url is not None,
        author=name,
        username=username,
        film=_film(video),
    )


def _film(video: Video) -> Film | None:
    file = next((source for source in video.sources if source.type == MP4), None)
    if file is None or video.published_at is None:
        return None
    return Film(
        path=file.url,
        mime=MP4,
        width=file.width,
        height=file.height,
        seconds=max(1, round((video.duration_ms or 0) / 1000)),
        hashtags=video.hashtags,
        published_at=video.published_at,
    )


def _of_user(user: User) -> Preview:
    name, handle = one_line(user.display_name, MOST_TITLE), f"@{user.username}"
    return Preview(
        path=f"{PROFILE}{user.username}",
        title=f"{name} ({handle})" if name not in ("", user.username) else handle,
        description=one_line(user.bio, MOST_DESCRIPTION) or f"Videos by {handle} on reelwire.",
        kind="profile",
        picture=user.avatar_url or ICON,
        author=name or user.username,
        username=user.username,
    )


def _of_hashtag(tag: str) -> Preview:
    shown = one_line(tag, MOST_TITLE)
    return Preview(
        path=f"{HASHTAG}{tag}",
        title=f"#{shown}",
        description=f"Videos with #{shown} on reelwire.",
        kind="website",
        picture=ICON,
    )

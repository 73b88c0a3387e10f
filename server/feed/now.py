"""What is answered at once, out of memory alone: by the fast lane in front of aiohttp, and by the ordinary routes first."""

from functools import partial
from uuid import UUID

from aiohttp import web

from server.feed.memory import FEED_MEMORY, Cursor, next_cursor
from server.feed.recents import Place
from server.kit.lane import Lane
from server.kit.paging import DEFAULT_LIMIT, cursor_of

FOLLOWING = "/api/v1/feed/following"
USER = "/api/v1/users/{user}"
USERS_VIDEOS = "/api/v1/users/{user}/videos"
NAME = r"([A-Za-z0-9_-]{3,36})"


def add_to(lane: Lane, app: web.Application) -> None:
    """Let the lane answer these."""
    lane.add(FOLLOWING, FOLLOWING, partial(following, app))
    lane.add(USER, USER.replace("{user}", NAME), partial(profile, app), limited=False)
    lane.add(USERS_VIDEOS, USERS_VIDEOS.replace("{user}", NAME), partial(videos, app))


def cursor_in(route: str) -> Cursor:
    """What writes the cursors of this list."""
    return partial(cursor_of, route)


def following(app: web.Application, account_id: UUID | None, _name: str, limit: int | None) -> bytes | None:
    """The first page of the account's feed."""
    memory = app[FEED_MEMORY]
    position = memory.position()
    if position is None or account_id is None:
        return None
    return memory.now(account_id, limit or DEFAULT_LIMIT, position, cursor_in(FOLLOWING))


def profile(app: web.Application, viewer_id: UUID | None, name: str, _limit: int | None = None) -> bytes | None:
    """A user, by id or name."""
    memory = app[FEED_MEMORY]
    return memory.people.profile(viewer_id, name) if memory.position() is not None else None


def videos(app: web.Application, viewer_id: UUID | None, name: str, limit: int | None) -> bytes | None:
    """The first page of a user's videos."""
    memory, asked = app[FEED_MEMORY], limit or DEFAULT_LIMIT

    def cursor(places: list[Place]) -> str | None:
        return next_cursor(places, asked, cursor_in(USERS_VIDEOS))

    return memory.people.videos(viewer_id, name, asked, cursor) if memory.position() is not None else None

"""Videos that are viewed much, and those that gather views faster than before: out of the windows of the last hour and 7 days."""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from server.kit.request import POOL
from server.plays import queries
from server.plays.windows import WINDOWS, Busy
from storage.postgres import connection

LEAST_VIEWS = 5
"""In the last hour; fewer are chance."""
PRIOR = 2.0
"""Views an hour that every video is granted, then and now, so that one with hardly any does not rise by a few."""
RISES = 2.0
"""So many times the views an hour that it had before. In the evening more videos have than at night; the steepest come first."""
ASKED_AT_ONCE = 500
"""Videos that one statement looks at, whether they are to be shown."""


async def rising(app: web.Application, most: int) -> list[UUID]:
    """The public videos that gather views faster than before, the steepest first; none while Valkey is away.

    Those that are private, deleted, archived or do not play are left out.
    """
    busy = await app[WINDOWS].busiest()
    steep = {video_id: steepness(one) for video_id, one in busy.items() if one.h1 >= LEAST_VIEWS}
    return await _offered(app, sorted((one for one in steep if steep[one] >= RISES), key=lambda one: -steep[one]), most)


async def hottest(app: web.Application, most: int) -> list[UUID]:
    """The public videos that are viewed most, in the last hour and, among those of the last hour, in 7 days, in turns.

    As `rising`, of others.
    """
    busy = await app[WINDOWS].busiest()
    by_hour, by_week = sorted(busy, key=lambda one: -busy[one].h1), sorted(busy, key=lambda one: -busy[one].d7)
    in_turns = dict.fromkeys(one for pair in zip(by_hour, by_week, strict=True) for one in pair)
    return await _offered(app, list(in_turns), most)


def steepness(one: Busy) -> float:
    """Views in the last hour, by the views an hour before that, as far as 7 days go back."""
    before = max(one.d7 - one.h1, 0) / max(one.hours - 1, 1)
    return (one.h1 + PRIOR) / (before + PRIOR)


async def _offered(app: web.Application, video_ids: Sequence[UUID], most: int) -> list[UUID]:
    found: list[UUID] = []
    for first in range(0, len(video_ids), ASKED_AT_ONCE):
        some = video_ids[first : first + ASKED_AT_ONCE]
        async with connection(app[POOL]) as conn:
            offered = await queries.offered(conn, some)
        found += [video_id for video_id in some if video_id in offered]
        if len(found) >= most:
            break
    return found[:most]

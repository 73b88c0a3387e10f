"""The periodic job `prefetch`: what many are about to watch is in the edges' caches before they ask."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from uuid import UUID

import aiohttp
from aiohttp import web

from server.cards import queries as cards
from server.cards.links import Links
from server.cards.opening import Opened, opening
from server.kit.request import POOL, SETTINGS, SIGNER
from server.plays import queries as plays
from server.plays.rising import hottest
from server.prefetch.edges import CONNECT_SECONDS, FILE_SECONDS, Edge
from server.search import queries as search
from server.videos import queries as videos
from storage.postgres import connection

MOST_WATCHED = 200
"""Videos, of the last hour and of 7 days together."""
MOST_FOLLOWED, NEWEST = 100, 2
"""Authors, and so many videos of each: the newest."""
AGENT = "reelwire-prefetch"

EDGES: web.AppKey[tuple[Edge, ...]] = web.AppKey("edges", tuple)


async def edges(app: web.Application) -> AsyncIterator[None]:
    """Ways to all edges, and what this process knows of their caches (a cleanup context)."""
    timeout = aiohttp.ClientTimeout(total=FILE_SECONDS, sock_connect=CONNECT_SECONDS)
    agent, no_cookies = {"User-Agent": AGENT}, aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(timeout=timeout, headers=agent, cookie_jar=no_cookies, auto_decompress=False) as http:
        app[EDGES] = tuple(Edge(http, origin) for origin in app[SETTINGS].edge_urls)
        yield


async def prefetch(app: web.Application) -> None:
    """One run: REELWIRE_PREFETCH_BYTES at the most for each edge."""
    most = app[SETTINGS].prefetch_bytes
    if not app[EDGES] or not most:
        return
    files = await wanted(app)
    async with asyncio.TaskGroup() as group:  # one that is slow takes no time from the others
        for edge in app[EDGES]:
            group.create_task(edge.fill(files, most), name="prefetch")


async def wanted(app: web.Application) -> list[Opened]:
    """The files of the videos that are watched most, and of the newest of those who are followed most, in turns.

    Only what everybody may see and is at hand.
    """
    watched = await hottest(app, MOST_WATCHED)
    async with connection(app[POOL]) as conn:
        authors = await search.popular_users(conn, "", None, MOST_FOLLOWED)
        recent = await videos.recent_of_each(conn, authors, NEWEST, ["public"])
        newest = [video_id for author_id in authors for _, video_id in recent[author_id]]
        offered = await plays.offered(conn, newest)
        chosen = list(dict.fromkeys(_in_turns(watched, [one for one in newest if one in offered])))
        rows, renditions = await cards.videos(conn, chosen), await cards.renditions(conn, chosen)
    found = [rows[one] for one in chosen if one in rows and rows[one].visibility == "public"]
    links = {row.id: Links.of(app[SIGNER], row.id, row.visibility) for row in found}
    return list(chain.from_iterable(opening(row, renditions[row.id], links[row.id]) for row in found))


def _in_turns(one: Sequence[UUID], other: Sequence[UUID]) -> Iterator[UUID]:
    pairs: Iterable[tuple[UUID | None, UUID | None]] = zip_longest(one, other)
    return (video_id for pair in pairs for video_id in pair if video_id)

"""The process `reelwire serve`: HTTP API, live gateway and media origin, put together."""

from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from server import resources
from server.accounts.passwords import PASSWORDS, Passwords
from server.accounts.routes import routes as account_routes
from server.archive.routes import routes as archive_routes
from server.avatars.routes import routes as avatar_routes
from server.blocks.routes import routes as block_routes
from server.cards.actions import comments as shown_comments
from server.comments.lane import add_to as add_comments
from server.comments.routes import routes as comment_routes
from server.comments.saying import SAYING, Saying
from server.counts import jobs as count_jobs
from server.departures.routes import routes as departure_routes
from server.exports.routes import routes as export_routes
from server.feed import now
from server.feed.memory import feed_memory
from server.feed.routes import routes as feed_routes
from server.feed.warming import warming
from server.follows.routes import routes as follow_routes
from server.kit.auth import AUTHENTICATOR, authentication
from server.kit.deadline import deadline
from server.kit.lane import LANE, Lane
from server.kit.limiter import LIMITER, limited, limiter
from server.kit.metrics import measured
from server.kit.posting import Posts
from server.kit.problems import problems
from server.kit.request import ANNOUNCER, POOL, SETTINGS
from server.kit.serving import FRONT, serve
from server.likes.liking import LIKING, Liking
from server.likes.routes import routes as like_routes
from server.live import gateway, opening
from server.live.routes import routes as live_routes
from server.moderation.routes import routes as moderation_routes
from server.notifications.jobs import telling
from server.notifications.routes import routes as notification_routes
from server.openapi.routes import routes as openapi_routes
from server.origin.routes import origin
from server.origin.routes import routes as origin_routes
from server.pages.routes import routes as page_routes
from server.plays.jobs import folding
from server.plays.routes import routes as play_routes
from server.plays.windows import flushing, windows
from server.posters.routes import routes as poster_routes
from server.profiles.routes import routes as profile_routes
from server.qoe.routes import routes as qoe_routes
from server.search.routes import routes as search_routes
from server.settings import Settings
from server.shares.routes import routes as share_routes
from server.similar.routes import routes as similar_routes
from server.sockets import echo, upgrade
from server.sockets.door import Doors
from server.suggestions.actions import suggesting
from server.suggestions.routes import routes as suggestion_routes
from server.uploads import tus
from server.uploads.desk import gate
from server.uploads.routes import routes as upload_routes
from server.videos.routes import routes as video_routes

ROUTES = (
    account_routes,
    avatar_routes,
    profile_routes,
    follow_routes,
    block_routes,
    video_routes,
    comment_routes,
    like_routes,
    play_routes,
    qoe_routes,
    share_routes,
    archive_routes,
    moderation_routes,
    upload_routes,
    poster_routes,
    similar_routes,
    feed_routes,
    search_routes,
    suggestion_routes,
    notification_routes,
    departure_routes,
    export_routes,
    live_routes,
    openapi_routes,
    origin_routes,
    page_routes,
)


def application(settings: Settings) -> web.Application:
    """The application with all its rooms; what it needs is opened when it starts."""
    limits = [limited] if settings.rate_limits else []
    app = web.Application(middlewares=[measured, problems, deadline, authentication, *limits])
    resources.provide(app, settings)
    app.cleanup_ctx.extend(
        [
            resources.postgres,
            resources.object_store,
            resources.invalidations,
            passwords,
            limiter,
            feed_memory,
            gateway.lifecycle,
            groups,
            lane,
            doors,
            warming,
            suggesting,
            origin,
            gate,
            windows,
            flushing,
            folding,
            count_jobs.folding,
            telling,
            resources.checks,
        ]
    )
    app.on_response_prepare.append(tus.stamp)
    for routes in ROUTES:
        app.add_routes(routes)
    if settings.test_echo:
        app.router.add_get(echo.PATH, echo.get_echo)
    resources.add_operations(app)
    return app


async def passwords(app: web.Application) -> AsyncIterator[None]:
    """The threads that hash."""
    app[PASSWORDS] = Passwords(app[SETTINGS].password_hashing_parallel)
    yield
    app[PASSWORDS].close()


async def groups(app: web.Application) -> AsyncIterator[None]:
    """Comments and likes are committed in groups."""
    app[SAYING] = Saying(app[POOL], app[ANNOUNCER], shown_comments)
    app[LIKING] = Liking(app[POOL], app[ANNOUNCER])
    yield
    await app[SAYING].close()
    await app[LIKING].close()


async def lane(app: web.Application) -> AsyncIterator[None]:
    """What is answered in front of aiohttp: from memory, and what is posted there."""
    posts = Posts(app[LIMITER])
    app[LANE] = found = Lane(app[AUTHENTICATOR], posts)
    now.add_to(found, app)
    add_comments(found, app)
    yield
    await posts.close()


async def doors(app: web.Application) -> AsyncIterator[None]:
    """Lean sessions are let in ahead of aiohttp."""
    if (lines := app[upgrade.LINES]) is not None:
        ways: dict[str, upgrade.Way] = {opening.PATH: partial(opening.talk, app)}
        if app[SETTINGS].test_echo:
            ways[echo.PATH] = echo.echo
        found = Doors(lines, ways)
        app[FRONT] = found.door
        app.on_shutdown.append(found.close)
    yield


def run(settings: Settings) -> None:
    """`reelwire serve`."""
    serve(application(settings), settings)

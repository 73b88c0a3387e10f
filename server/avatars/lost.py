"""Pictures of accounts that the store does not have: nothing of them is left to make them of, so none is shown instead."""

from aiohttp import web

from server.accounts import queries as accounts
from server.accounts.wire import AVATAR_EDGES
from server.avatars import queries
from server.avatars.actions import objects, show
from server.avatars.queries import Shown
from server.kit.request import ANNOUNCER, POOL, SETTINGS
from server.kit.work import work
from server.transcoding.alone import look_along
from server.transcoding.findings import found
from server.transcoding.missing import stored
from server.videos.wire import Failure

AT_ONCE = 20
WALK = "pictures that accounts show"
GONE = Failure("internal", "The picture was lost; send it again.")


async def look(app: web.Application) -> None:
    """One run, which goes on where the last one ended.

    Raises:
        StoreUnavailable, ObjectMissing: the store as a whole does not answer; the next run goes on.
    """
    await look_along(app, WALK, queries.shown, AT_ONCE, _look)


async def _look(app: web.Application, account: Shown) -> None:
    names = [f"{objects(account.id, account.avatar)}{edge}.jpg" for edge in AVATAR_EDGES]
    if all([await stored(app, name) for name in names]):
        return
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        if not await accounts.lock(w.conn, account.id) or await accounts.avatar(w.conn, account.id) != account.avatar:
            return  # it was taken away meanwhile, or another one is shown
        wish = await queries.wish(w.conn, account.id)
        if wish is not None and wish.state == "done":
            await queries.refused(w.conn, account.id, GONE)  # so the same picture, sent again, is made again
        await show(w, account.id, None, app[SETTINGS].media_url_seconds)
    found("object_lost", account.id, f"not in the store, and no picture is shown: {account.avatar}")

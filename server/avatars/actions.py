"""The rules of avatars: a picture that is sent is kept, a job looks at it, and whoever sent it waits a little for that."""

import asyncio
import hashlib
import secrets
from uuid import UUID

from server.accounts import queries as accounts
from server.accounts.wire import AVATARS
from server.avatars import queries
from server.avatars.wire import Wish
from server.kit.errors import Invalid, QuotaExceeded, Refusal, Unavailable
from server.kit.invalidation import invalidate
from server.kit.request import nothing_there
from server.kit.work import Work
from server.videos.actions import STRAGGLER_SECONDS
from server.videos.queries import hasten_removals, remove_objects
from server.videos.wire import JobQueued
from storage import jobs
from storage.postgres import Pool, connection

AVATAR_JOB = "avatar"
PHOTO_SECONDS = 86_400.0
"""A picture that was sent goes when its job is over; should that never be, or nobody have asked for the job, after so long."""
WAIT_SECONDS = 4.0
"""So long after its body a request waits for its picture; with what follows it keeps the five seconds of every request."""
MOST_AN_HOUR = 60
"""Pictures that an account may send; sending the same one again does not count."""
HOUR = 3600.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 0.25


def objects(account_id: UUID, avatar: str) -> str:
    """Below this lie the sizes of one picture, in the media bucket."""
    return f"{AVATARS.format(account_id=account_id)}{avatar}-"


def photo_key(account_id: UUID, token: str) -> str:
    """Where a picture waits in the raw bucket, under a name of ours."""
    return f"{AVATARS.format(account_id=account_id)}{token}"


async def announce(w: Work, account_id: UUID, photo: bytes, *, limited: bool) -> tuple[Wish, bool]:
    """What a picture is to be stored as, and whether it has to be.

    Raises:
        NotFound: the account is gone.
        Invalid: it has no bytes.
        QuotaExceeded: `limited`, and the account has sent as many as it may.
    """
    await _hold(w, account_id)
    if not photo:
        raise Invalid.field("file", "has no bytes")
    wanted = Wish(token=secrets.token_hex(8), photo_sha256=hashlib.sha256(photo).digest())
    before = await queries.wish(w.conn, account_id)
    if before is not None and await _stands(w, account_id, before, wanted):
        return before, False
    if limited:
        await _require_quota(w, account_id)
    # In this order nothing is left behind, wherever this breaks off.
    await remove_objects(w.conn, account_id, "raw", photo_key(account_id, wanted.token), seconds=PHOTO_SECONDS)
    return wanted, True


async def ask_for(w: Work, account_id: UUID, wanted: Wish, *, limited: bool) -> Wish:
    """Have the picture that is stored now made the avatar.

    Raises:
        NotFound, QuotaExceeded: as `announce`.
    """
    await _hold(w, account_id)
    before = await queries.wish(w.conn, account_id)
    if before is not None and await _stands(w, account_id, before, wanted):
        return before
    if limited:
        await _require_quota(w, account_id)
    await _call_off(w, account_id, before)
    await queries.put(w.conn, account_id, wanted)
    await jobs.enqueue(w.conn, AVATAR_JOB, account_id, account_id)
    w.emit(JobQueued(account_id))
    return wanted


async def take_away(w: Work, account_id: UUID) -> None:
    """Show none. The old one is refused at once, for it is its owner's wish, and its objects go.

    Raises:
        NotFound: the account is gone.
    """
    await _hold(w, account_id)
    await _call_off(w, account_id, await queries.wish(w.conn, account_id))
    await queries.forget(w.conn, account_id)
    await show(w, account_id, None, url_seconds=0.0)


async def forget(w: Work, account_id: UUID) -> None:
    """Leave nothing of an account that is being deleted: no wish, no job, no object. The caller holds its row."""
    await jobs.cancel(w.conn, AVATAR_JOB, account_id)
    await queries.forget(w.conn, account_id)
    await accounts.show_avatar(w.conn, account_id, None)
    await hasten_removals(w.conn, account_id, STRAGGLER_SECONDS)
    for bucket in ("media", "raw"):
        # A worker that is at it may store something until it finds its lease gone.
        await remove_objects(w.conn, account_id, bucket, AVATARS.format(account_id=account_id), seconds=STRAGGLER_SECONDS)


async def show(w: Work, account_id: UUID, avatar: str | None, url_seconds: float) -> None:
    """Show this one, or none, and have the objects of the one before removed after so many seconds."""
    before = await accounts.show_avatar(w.conn, account_id, avatar)
    if before != avatar:
        await invalidate(w, account_id, "account", account_id)
    if before is not None and before != avatar:
        await remove_objects(w.conn, account_id, "media", objects(account_id, before), seconds=url_seconds)


async def fulfilled(pool: Pool, account_id: UUID, wanted: Wish, until: float) -> None:
    """Wait until the picture is shown, or another wish has taken its place.

    Raises:
        Invalid: it cannot be read.
        Unavailable: that takes longer than until this time of the loop, or it could not be made for reasons of ours.
    """
    pause, loop = SHORTEST_PAUSE, asyncio.get_running_loop()
    while True:
        async with connection(pool) as conn:
            now = await queries.wish(conn, account_id)
        if now is None or now.token != wanted.token or now.state == "done":
            return
        if now.state == "refused":
            raise _refusal(now)
        if loop.time() + pause > until:
            raise Unavailable("The picture has come, and is shown as soon as it was looked at; sent again, it is waited for.")
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _hold(w: Work, account_id: UUID) -> None:
    if not await accounts.lock(w.conn, account_id):
        raise nothing_there()


async def _require_quota(w: Work, account_id: UUID) -> None:
    used, seconds = await queries.used(w.conn, account_id, HOUR)
    if used >= MOST_AN_HOUR:
        raise QuotaExceeded(f"At most {MOST_AN_HOUR} pictures an hour.", headers={"Retry-After": str(max(1, seconds))})


async def _stands(w: Work, account_id: UUID, before: Wish, wanted: Wish) -> bool:
    """Whether sending it again changes nothing: it is shown, or a job is still at it (operators can cancel those)."""
    if before.photo_sha256 != wanted.photo_sha256 or before.state == "refused":
        return False
    return before.state == "done" or await jobs.pending(w.conn, AVATAR_JOB, account_id)


async def _call_off(w: Work, account_id: UUID, wish: Wish | None) -> None:
    """Nobody waits for this one any more; a worker that is at it finds its lease gone."""
    if wish is None or wish.state != "waiting":
        return
    await jobs.cancel(w.conn, AVATAR_JOB, account_id)
    await remove_objects(w.conn, account_id, "media", objects(account_id, wish.token), seconds=STRAGGLER_SECONDS)
    await remove_objects(w.conn, account_id, "raw", photo_key(account_id, wish.token), seconds=STRAGGLER_SECONDS)


def _refusal(wish: Wish) -> Refusal:
    """Why it is not shown."""
    if wish.error_code == "internal":
        return Unavailable("The picture could not be made; try again.")
    return Invalid.field("file", wish.error_detail or "cannot be shown")

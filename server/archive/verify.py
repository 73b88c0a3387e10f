"""Whether every object that a row names is there and is what it should be, and whether every object has a row."""

import logging
from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID

import msgspec
from aiohttp import web

from server.accounts.wire import AVATAR_EDGES, AVATARS
from server.archive import inventory, queries
from server.archive.queries import Named
from server.kit.request import COLD, POOL, SETTINGS, STORE
from server.transcoding import queries as rows
from server.videos import shared, tiers
from server.videos.shared import key_of
from storage.cold import Spot, cold_key, digest
from storage.objects import ObjectMissing
from storage.postgres import connection

VIDEOS_AT_ONCE, ACCOUNTS_AT_ONCE = 200, 500
MOST_FINDINGS = 1000
"""So many are named; all are counted."""
MOST_SHARED = 100_000
"""Keys that are remembered, so that what several videos share is read once."""

Wrong = Literal["missing", "damaged", "orphan"]
log = logging.getLogger(__name__)


class Finding(msgspec.Struct, frozen=True):
    """An object that is not there, is not what it should be, or that nothing names; `tier`: `warm` or `archive`."""

    wrong: Wrong
    tier: str
    key: str


class Verified(msgspec.Struct):
    """How many objects were looked at, of how many videos; what was found, the first MOST_FINDINGS by name."""

    videos: int = 0
    objects: int = 0
    missing: int = 0
    damaged: int = 0
    orphan: int = 0
    findings: list[Finding] = []

    @property
    def well(self) -> bool:
        """Whether nothing was found."""
        return not (self.missing or self.damaged or self.orphan)

    def found(self, wrong: Wrong, tier: str, key: str) -> None:
        """One more."""
        setattr(self, wrong, getattr(self, wrong) + 1)
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(wrong, tier, key))


class Check(msgspec.Struct, frozen=True):
    """Something to be looked at: `sha256` is '' where no row has it."""

    tier: str
    key: str
    sha256: str


async def verify(app: web.Application, *, read: bool = True, about: UUID | None = None) -> Verified:
    """Look at everything, or at one video; without `read` only whether it is there.

    Raises:
        StoreUnavailable, ObjectMissing: the store does not answer, or has no such bucket.
    """
    found, seen = Verified(findings=[]), set[str]()
    if about is not None:
        async with connection(app[POOL]) as conn:
            await _look_at(app, await queries.named(conn, UUID(int=about.int - 1), 1, last=about), found, seen, read=read)
        return found
    async for videos in _videos(app):
        await _look_at(app, videos, found, seen, read=read)
    await look_at_avatars(app, found, read=read)
    await look_for_orphans(app, found)
    return found


async def look_at_avatars(app: web.Application, found: Verified, *, read: bool) -> None:
    """Look at all pictures that accounts show."""
    async for account_id, avatar in _avatars(app):
        for edge in AVATAR_EDGES:
            key = f"{AVATARS.format(account_id=account_id)}{avatar}-{edge}.jpg"
            found.objects += 1
            if wrong := await _wrong(app, Check("warm", key, ""), read=read):
                found.found(wrong, "warm", key)


async def look_for_orphans(app: web.Application, found: Verified) -> None:
    """Look at all objects."""
    async for item in inventory.items(app):
        if item.orphan:
            found.found("orphan", item.tier, item.key)


async def _look_at(app: web.Application, videos: list[Named], found: Verified, seen: set[str], *, read: bool) -> None:
    found.videos += len(videos)
    for one in videos:
        for check in await _of_video(app, one):
            own = f"/{one.id}/" in check.key
            if not own and check.key in seen:
                continue
            if not own and len(seen) < MOST_SHARED:
                seen.add(check.key)
            found.objects += 1
            wrong = await _wrong(app, check, read=read)
            if wrong is not None and await _still(app, one.id, check, wrong, read=read):
                found.found(wrong, check.tier, check.key)


async def _still(app: web.Application, video_id: UUID, check: Check, wrong: Wrong, *, read: bool) -> bool:
    """Whether rows go on naming what is wrong: others archive, bring back, make again and delete meanwhile."""
    async with connection(app[POOL]) as conn:
        now = await queries.named(conn, UUID(int=video_id.int - 1), 1, last=video_id)
    checks = [again for one in now for again in await _of_video(app, one)]
    return check in checks and await _wrong(app, check, read=read) == wrong


async def _videos(app: web.Application) -> AsyncIterator[list[Named]]:
    after = UUID(int=0)
    while True:
        async with connection(app[POOL]) as conn:
            some = await queries.named(conn, after, VIDEOS_AT_ONCE)
        if some:
            yield some
            after = some[-1].id
        if len(some) < VIDEOS_AT_ONCE:
            return


async def _avatars(app: web.Application) -> AsyncIterator[tuple[UUID, str]]:
    after = UUID(int=0)
    while True:
        async with connection(app[POOL]) as conn:
            some = await queries.avatars(conn, after, ACCOUNTS_AT_ONCE)
        for one in some:
            yield one
            after = one[0]
        if len(some) < ACCOUNTS_AT_ONCE:
            return


async def _of_video(app: web.Application, one: Named) -> list[Check]:
    async with connection(app[POOL]) as conn:
        shares = await shared.of(conn, one.id)
        tier = (await tiers.of(conn, [one.id])).get(one.id)
        shown = (await rows.shown(conn, [one.id])).get(one.id)
        cold = await tiers.cold_original(conn, one.id)
    files = {path: "" for path in (shown.paths if shown else ()) if "." in path}  # a stream is none, its tracks are
    checks = []
    for path, sha256 in (files | one.digests).items():
        generation, _, name = path.partition("/")
        key = key_of(one.id, int(generation), name, shares)
        archived = tier is not None and tier.tier in tiers.ARCHIVED and tiers.is_cold(path, tier.warm_path)
        if archived:
            checks.append(Check("archive", cold_key("media", key), sha256))
        if not archived or (tier is not None and not tier.cleared and tier.clearing_at is None):
            checks.append(Check("warm", key, sha256))
    if one.original is not None:
        where = ("archive", cold_key("raw", cold)) if cold == one.original else ("warm", one.original)
        checks.append(Check(*where, one.raw_sha256.hex()))
    return checks


async def _wrong(app: web.Application, check: Check, *, read: bool) -> Wrong | None:
    if check.tier == "archive":
        kept = await app[COLD].find(check.key)
        if kept is None:
            return "missing"
        well = kept.sha256 == check.sha256 and (not read or await app[COLD].holds(check.key, check.sha256))
        return None if well else "damaged"
    bucket = app[SETTINGS].s3_raw_bucket if check.key.startswith("uploads/") else app[SETTINGS].s3_bucket
    facts = await app[STORE].head(bucket, check.key)
    if facts is None:
        return "missing"
    if not read or not check.sha256:
        return None
    try:
        return None if await digest(Spot(app[STORE], bucket, check.key), facts.size) == check.sha256 else "damaged"
    except ObjectMissing:
        return "missing"

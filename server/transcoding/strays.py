"""What nothing names in the two buckets: these are walked along, a page in each run. Objects go by removals, parts at once."""

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from aiohttp import web

from server.accounts import queries as accounts
from server.accounts.wire import AVATARS
from server.kit.ids import parse_id
from server.kit.request import POOL, SETTINGS, STORE
from server.transcoding import lost, queries
from server.transcoding.alone import alone
from server.transcoding.findings import found
from server.transcoding.made import files
from server.transcoding.queries import Shown
from server.videos import shared
from server.videos.actions import JOB, PREFIX
from server.videos.queries import remove_objects
from storage import job_steps, job_trace, walks
from storage.job_trace import JobRow
from storage.postgres import Rows, connection

OLD_SECONDS = 3600.0
"""What is younger may be named soon: objects are stored before the row that names them."""
KEYS_AT_ONCE = 1000
ABANDONED_SECONDS = 86_400.0
"""A multipart upload that is younger may be under way: of what a worker stores no row tells before it is there."""
UPLOADS_AT_ONCE = 500
NOTHING = Shown(set(), set())

log = logging.getLogger(__name__)

OWN_POSTERS = 0
"""No start has this number: what lies below it is judged one by one, for others may come beside it at any moment."""

Judge = Callable[[Rows, dict[UUID, list[str]]], Awaitable[list[tuple[UUID, str]]]]
"""Of keys by the id in them, the prefixes that nothing names."""


class Place(NamedTuple):
    """What is walked along."""

    bucket: str
    prefix: str
    judge: Judge


async def look(app: web.Application, old_seconds: float) -> None:
    """Walk on by a page in each place.

    Raises:
        StoreUnavailable, ObjectMissing: the store as a whole does not answer.
    """
    for place in PLACES:
        await walk_on(app, place, old_seconds)
    for bucket, prefix in UPLOADS:
        await abort(app, bucket, prefix, ABANDONED_SECONDS)


async def walk_on(app: web.Application, place: Place, old_seconds: float) -> None:
    """Judge the next page of one place."""
    before = datetime.now(UTC) - timedelta(seconds=old_seconds)
    name, bucket = f"objects below {place.prefix}", _bucket(app, place.bucket)
    async with connection(app[POOL]) as conn:
        after = await walks.position(conn, name)
    page = await app[STORE].page(bucket, place.prefix, after, KEYS_AT_ONCE)
    old = _by_id([entry.key for entry in page.entries if entry.modified <= before])
    async with alone(app, name):
        try:
            await _judge(app, place, old)
        except Exception as error:  # one of them by itself shows which it is
            log.info("%s: each is judged by itself: %r", name, error)
            for of, keys in old.items():
                async with alone(app, of):
                    await _judge(app, place, {of: keys})
    async with connection(app[POOL]) as conn:
        await walks.move(conn, name, page.entries[-1].key if page.more else "")


async def abort(app: web.Application, bucket: str, prefix: str, old_seconds: float) -> None:
    """Abort, of the next multipart uploads below a prefix, those that are older than so and that no row knows."""
    before = datetime.now(UTC) - timedelta(seconds=old_seconds)
    name, store = f"multipart uploads below {prefix}", app[STORE]
    async with connection(app[POOL]) as conn:
        after = await walks.position(conn, name)
    async with alone(app, name):
        page = await store.unfinished(_bucket(app, bucket), prefix, after, UPLOADS_AT_ONCE)
        after = page.after
        old = [one for one in page.uploads if one.begun <= before]
        ours = _by_id([one.key for one in old])
        async with connection(app[POOL]) as conn:
            known = await queries.multiparts(conn, list(ours))
        keys = {key for of_id in ours.values() for key in of_id}
        for one in old:
            if one.key in keys and one.upload not in known:
                async with alone(app, one.key):
                    await store.abort_multipart(_bucket(app, bucket), one.key, one.upload)
                    found("parts_stray", one.key, f"nothing names this multipart upload of {one.begun:%F %T}; it is aborted")
    async with connection(app[POOL]) as conn:
        await walks.move(conn, name, after)


def _bucket(app: web.Application, name: str) -> str:
    settings = app[SETTINGS]
    return settings.s3_bucket if name == "media" else settings.s3_raw_bucket


async def _judge(app: web.Application, place: Place, old: dict[UUID, list[str]]) -> None:
    async with connection(app[POOL]) as conn:
        gone = await queries.leaving(conn, list(old), place.bucket)
        known = {of: [key for key in keys if not key.startswith(gone)] for of, keys in old.items()}
        for of, prefix in await place.judge(conn, {of: keys for of, keys in known.items() if keys}):
            found("object_stray", prefix, f"nothing names it in the bucket for {place.bucket}; it is removed")
            shown_once = place.bucket == "media" and prefix != PREFIX.format(video_id=of)
            seconds = float(app[SETTINGS].media_url_seconds) if shown_once else 0.0  # somebody may still hold its URL
            await remove_objects(conn, of, place.bucket, prefix, seconds=seconds)


def _by_id(keys: Sequence[str]) -> dict[UUID, list[str]]:
    """Keys by the id of the video or upload that is their second part; one without is nothing of ours, and stays."""
    found_ids: defaultdict[UUID, list[str]] = defaultdict(list)
    for key in keys:
        of = parse_id(key.split("/")[1])
        if of is None:
            found("object_foreign", key, "its name is none of ours; it stays")
        else:
            found_ids[of].append(key)
    return found_ids


async def of_media(conn: Rows, old: dict[UUID, list[str]]) -> list[tuple[UUID, str]]:
    """Objects of no video, of no start that is known, or that no step of theirs has listed."""
    # The jobs are read first: what they record after that is newer than what is judged here.
    newest = await job_trace.newest(conn, JOB, list(old))
    shown = await queries.shown(conn, list(old))
    made = await job_steps.of_subjects(conn, JOB, list(old))
    used = await shared.used(conn, list(old))
    strays: dict[tuple[UUID, str], None] = {}
    for video_id, keys in old.items():
        prefix, others_use = PREFIX.format(video_id=video_id), used.get(video_id, set())
        if video_id not in shown and not others_use:
            strays[video_id, prefix] = None
            continue
        steps, shows = made.get(video_id, []), shown.get(video_id, NOTHING)
        named = set().union(*lost.keys(video_id, steps, await shared.of(conn, video_id)).values())
        named |= {prefix + path for path in shows.paths}
        listed = {int(path.partition("/")[0]) for of_step in files(steps).values() for path in of_step}
        generations = shows.generations | {step.generation for step in steps if video_id in shown}
        for key in keys:
            start = key.removeprefix(prefix).partition("/")[0]
            if key in named or not start.isdecimal() or int(start) in others_use or _runs(newest.get(video_id), int(start)):
                continue
            if int(start) not in generations | {OWN_POSTERS}:
                strays[video_id, f"{prefix}{start}/"] = None
            elif int(start) in listed | {OWN_POSTERS}:
                strays[video_id, key] = None  # else its steps are forgotten, and a generation is known as a whole
    return list(strays)


def _runs(job: JobRow | None, start: int) -> bool:
    return job is not None and job.state == "leased" and job.lease == start


async def of_uploads(conn: Rows, old: dict[UUID, list[str]]) -> list[tuple[UUID, str]]:
    """Objects of no upload that are no video's original."""
    # An upload that is there looks after its own. What has become an original is named in the transaction that ends it.
    uploads = await queries.uploads(conn, list(old))
    originals = await queries.originals(conn, list(old))
    strays: dict[tuple[UUID, str], None] = {}
    for upload_id, keys in old.items():
        if upload_id in uploads:
            continue
        named = originals.get(upload_id, set())
        for key in keys:
            # A prefix takes along whatever begins as it does.
            if not any(other.startswith(key) for other in named):
                strays[upload_id, key if named else key[: key.index(str(upload_id))] + f"{upload_id}/"] = None
    return list(strays)


async def of_avatars(conn: Rows, old: dict[UUID, list[str]]) -> list[tuple[UUID, str]]:
    """Pictures that no account shows. Those that were shown until shortly before are leaving already."""
    rows = await accounts.get(conn, list(old))
    strays: list[tuple[UUID, str]] = []
    for account_id, keys in old.items():
        shown = rows[account_id].avatar if account_id in rows else None
        named = f"{AVATARS.format(account_id=account_id)}{shown}-"
        strays += [(account_id, key) for key in keys if shown is None or not key.startswith(named)]
    return strays


PLACES = (
    Place("media", "videos/", of_media),
    Place("media", "avatars/", of_avatars),
    Place("raw", "uploads/", of_uploads),
    Place("raw", "tails/", of_uploads),
)
UPLOADS = (("media", "videos/"), ("raw", "uploads/"))
"""Where objects are sent in parts."""

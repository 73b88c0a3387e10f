"""The rules of uploads: who may begin one, whose bytes count, and how the last byte becomes a video."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from uuid import UUID

from server.kit.errors import Invalid, QuotaExceeded, Refusal, Unavailable
from server.kit.ids import new_id
from server.kit.request import nothing_there
from server.kit.work import Work
from server.uploads import queries
from server.uploads.desk import Desk
from server.uploads.digest import Sha256
from server.uploads.queries import Leftover
from server.uploads.sink import TIDY_SECONDS, WAIT_SECONDS, Overtaken, Sink, leftovers, originals
from server.uploads.tus import BodyCut, Checksum, ChecksumMismatch, OffsetMismatch, UploadExpired, UploadTooLarge
from server.uploads.wire import Limits, Outcome, Progress, Upload
from server.videos import actions as videos
from server.videos import steps
from server.videos.queries import remove_objects
from server.videos.wire import Created, Described, NewVideo, RawObject
from storage.objects import ObjectMissing, SentPart, StoreUnavailable
from storage.postgres import connection

REMEMBERED_SECONDS = 86_400
"""So long after its end an unfinished upload is told to have expired; then it never was."""
ANSWERED_SECONDS = 86_400
"""So long after its last byte a finished upload is told of, with its video: the answer to that byte may have been lost."""
ACCEPTED_TYPES = ["video/mp4", "video/quicktime", "video/webm", "video/x-matroska", "video/3gpp"]
"""What media/ opens, for file choosers; what a file really is the job finds out."""

log = logging.getLogger(__name__)

Conclude = Callable[[Work, Outcome], Awaitable[None]]
"""Called once by requests that begin an upload, in the transaction that makes their answer true; what it raises undoes that."""


async def begin(desk: Desk, account_id: UUID, length: int | None, said: Described, conclude: Conclude | None = None) -> Upload:
    """A new upload, counted against the account's day; this request is its writer.

    Args:
        desk: what to work with.
        account_id: whose.
        length: in bytes; None for a form, which does not say.
        said: of the video.
        conclude: for a request that brings no bytes.

    Raises:
        QuotaExceeded: the account has begun as many as it may today.
        Refusal: whatever `conclude` raises.
    """
    async with asyncio.timeout(WAIT_SECONDS), desk.work(account_id) as w:
        if desk.settings.rate_limits and not await queries.take_quota(w.conn, account_id, desk.settings.uploads_per_day):
            left = await queries.seconds_left_today(w.conn)
            raise QuotaExceeded("No more uploads today (UTC).", headers={"Retry-After": str(left)})
        state, seconds = Sha256().state(), desk.settings.upload_seconds
        upload = await queries.insert(w.conn, account_id, new_id(), length, said, state, seconds)
        if conclude is not None:
            await conclude(w, Outcome(upload, progress(upload), said, None))
    return upload


async def find(desk: Desk, account_id: UUID, upload_id: UUID) -> Upload:
    """The account's own upload; nobody else's is there.

    Raises:
        NotFound: there is none, or none any more.
        UploadExpired: it ended without a video.
    """
    async with asyncio.timeout(WAIT_SECONDS), connection(desk.pool) as conn:
        found = await queries.find(conn, account_id, upload_id, REMEMBERED_SECONDS)
    if found is None:
        raise nothing_there()
    upload, ended = found
    if ended:
        raise UploadExpired("This upload has ended; begin another one.")
    return upload


async def resume(desk: Desk, account_id: UUID, upload_id: UUID, offset: int, announced: int) -> Upload:
    """Become the upload's writer, from whichever request was it.

    Args:
        desk: what to work with.
        account_id: who asks.
        upload_id: which upload.
        offset: where the bytes begin that will come.
        announced: how many will come; 0 where that is not known.

    Raises:
        NotFound, UploadExpired: see `find`.
        OffsetMismatch: the upload does not end at the offset.
        UploadTooLarge: they do not fit into the announced length.
    """
    async with asyncio.timeout(WAIT_SECONDS), connection(desk.pool) as conn:
        upload = await queries.take(conn, account_id, upload_id, offset, announced)
    if upload is not None:
        return upload
    upload = await find(desk, account_id, upload_id)
    if offset == upload.offset and offset + announced > (upload.length or 0):
        raise UploadTooLarge(f"This upload was announced with {upload.length} bytes.")
    raise _mismatch()


async def stand(desk: Desk, account_id: UUID, upload_id: UUID, offset: int) -> Progress:
    """How far the upload is, for whoever rightly believes that it ends at the offset.

    Raises:
        NotFound, UploadExpired, OffsetMismatch: see `resume`.
    """
    upload = await find(desk, account_id, upload_id)
    if upload.offset != offset:
        raise _mismatch()
    return progress(upload)


def progress(upload: Upload) -> Progress:
    """How far it is."""
    return Progress(upload.offset, upload.expires_at, upload.video_id, upload.duplicate)


def _mismatch() -> OffsetMismatch:
    return OffsetMismatch("The upload does not end there; ask for its offset with HEAD.")


async def receive(
    desk: Desk,
    upload: Upload,
    body: AsyncIterator[bytes],
    checksum: Checksum | None = None,
    conclude: Conclude | None = None,
) -> Progress:
    """Take the bytes of one request; with the last one the upload becomes a video.

    Raises:
        BodyCut, Unavailable: passed on from the body; what had come is kept, unless a checksum was to hold for it.
        ChecksumMismatch: nothing of this request was kept.
        UploadTooLarge: more came than was announced.
        OffsetMismatch: another request took over; what this one brought since then was not kept.
    """
    async with desk.sink(upload, provisional=checksum is not None) as sink:
        try:
            await _take(sink, body, checksum)
            return await _end(desk, upload, sink, conclude)
        except Overtaken:
            await sink.disown()
            raise _mismatch() from None
        except ChecksumMismatch:
            await sink.disown()
            raise
        except (BodyCut, Unavailable):
            if checksum is None:
                await _keep_what_came(desk, upload, sink)
            raise


async def _take(sink: Sink, body: AsyncIterator[bytes], checksum: Checksum | None) -> None:
    found = checksum.begin() if checksum else None
    async for chunk in body:
        if found:
            found.update(chunk)
        await sink.write(chunk)
    if checksum and found and not checksum.matches(found):
        raise ChecksumMismatch("These bytes have another checksum; send them again.")


async def _keep_what_came(desk: Desk, upload: Upload, sink: Sink) -> None:
    # A newer request may have taken over already: it is the same client on a better connection.
    with suppress(Overtaken):
        await _end(desk, upload, sink, None)


async def _end(desk: Desk, upload: Upload, sink: Sink, conclude: Conclude | None) -> Progress:
    said = Described(upload.title, upload.description, upload.visibility)
    if sink.offset == upload.length:
        return await finish(desk, upload, sink, said, conclude)
    await sink.keep()
    await sink.tidy()
    reached = Progress(sink.offset, upload.expires_at)
    if conclude is not None:
        async with asyncio.timeout(WAIT_SECONDS), desk.work(upload.account_id) as w:
            await conclude(w, Outcome(upload, reached, said, sink.sha256))
    return reached


async def finish(desk: Desk, upload: Upload, sink: Sink, said: Described, conclude: Conclude | None) -> Progress:
    """Make the video, in the transaction that counts the last byte.

    Raises:
        Overtaken: another request finished it, or will.
        Refusal: whatever `conclude` raises.
    """
    raw = await sink.complete()
    new = NewVideo(upload.account_id, said.title, said.description, said.visibility, sink.sha256, raw)
    async with asyncio.timeout(WAIT_SECONDS), desk.work(upload.account_id) as w:
        if not await queries.hold(w.conn, upload):
            raise Overtaken
        created = await videos.create(w, new)
        until = await queries.finish(w.conn, upload, raw, created, ANSWERED_SECONDS)
        reached = Progress(sink.offset, until, created.video_id, created.duplicate)
        if conclude is not None:
            await conclude(w, Outcome(upload, reached, said, sink.sha256))
    await _tidy(desk, upload, sink, raw, created)
    return reached


async def _tidy(desk: Desk, upload: Upload, sink: Sink, raw: RawObject, created: Created) -> None:
    try:
        await sink.tidy()
        if created.ready:
            await _make_whole(desk, created.video_id, raw)
        if created.duplicate:
            await _clean_soon(desk, Leftover(upload.account_id, upload.id, raw.key, kept=False))
    except videos.STORE_OR_AWAY as error:  # the video is there; the periodic job tidies, and parts are as good as a whole
        log.warning("upload %s is not tidied yet: %r", upload.id, error)


async def _make_whole(desk: Desk, video_id: UUID, raw: RawObject) -> None:
    """No job will come by for the original: complete it if that goes quickly. Until then it is as good as parts."""
    if raw.multipart_id is None:
        return
    parts = [SentPart(part.number, part.etag) for part in raw.parts]
    with suppress(StoreUnavailable, ObjectMissing, TimeoutError):
        async with asyncio.timeout(TIDY_SECONDS):
            await desk.store.complete_multipart(desk.bucket, raw.key, raw.multipart_id, parts)
            async with connection(desk.pool) as conn:
                await steps.raw_is_whole(conn, video_id)


async def receive_first(
    desk: Desk, upload: Upload, body: AsyncIterator[bytes], checksum: Checksum | None, conclude: Conclude | None = None
) -> None:
    """Take the bytes that came with the creation. A client that is refused here never learns where to go on, so nothing is kept.

    Raises:
        As `receive`, and whatever `conclude` raises.
    """
    try:
        await receive(desk, upload, body, checksum, conclude)
    except Refusal:
        await abandon(desk, upload)
        raise


async def receive_form(desk: Desk, account_id: UUID, read: Callable[[Sink], Awaitable[Described]], conclude: Conclude) -> None:
    """A one-shot upload; `read` puts the file of the form into the sink and tells what its fields say.

    Raises:
        Invalid: the file has no bytes.
        QuotaExceeded, and whatever `read` and `conclude` raise; nothing is kept then.
    """
    upload = await begin(desk, account_id, None, Described())
    try:
        async with desk.sink(upload) as sink:
            said = await read(sink)
            if sink.offset == 0:
                raise Invalid.field("file", "has no bytes")
            await finish(desk, upload, sink, said, conclude)
    except Overtaken:
        raise UploadExpired("This took too long; begin again.") from None
    except Refusal:
        await abandon(desk, upload)
        raise


async def give_up(desk: Desk, account_id: UUID, upload_id: UUID) -> None:
    """End the upload and forget its bytes; the video of a finished one stays, only the upload's answer goes.

    Raises:
        NotFound, UploadExpired: see `find`.
    """
    upload = await find(desk, account_id, upload_id)
    await abandon(desk, upload)


async def abandon(desk: Desk, upload: Upload) -> None:
    """End the upload, and whichever request writes to it; the original of one that was finished stays."""
    async with asyncio.timeout(WAIT_SECONDS), connection(desk.pool) as conn:
        # What was read of it earlier does not tell: its last byte may have come since.
        unfinished = await queries.give_up(conn, upload.account_id, upload.id)
    if unfinished:
        await _clean_soon(desk, Leftover(upload.account_id, upload.id, None, kept=False))


async def _clean_soon(desk: Desk, left: Leftover) -> None:
    """Remove its bytes if that goes quickly; the periodic job does it in any case."""
    with suppress(StoreUnavailable, TimeoutError):
        async with asyncio.timeout(TIDY_SECONDS):
            await clean(desk, left)


async def clean(desk: Desk, left: Leftover) -> None:
    """Remove what an upload left in the store, but not the original of its video.

    Raises:
        StoreUnavailable: some of it may still be there; call again.
    """
    await desk.store.delete_prefix(desk.bucket, leftovers(left.id))
    if not left.kept:
        await desk.store.delete_prefix(desk.bucket, originals(left.id))
        return
    strays = [key async for key in desk.store.list_prefix(desk.bucket, originals(left.id)) if key != left.key]
    await desk.store.delete(desk.bucket, strays)


async def forget(w: Work, account_id: UUID, limit: int) -> list[UUID]:
    """The account is being deleted: so are some of its uploads; which these were. Whoever still writes to one has lost it.

    What they stored is removed once nobody can be storing any more.
    """
    forgotten = await queries.forget(w.conn, account_id, limit)
    for upload_id in forgotten:
        for prefix in (originals(upload_id), leftovers(upload_id)):
            await remove_objects(w.conn, upload_id, "raw", prefix, seconds=videos.STRAGGLER_SECONDS)
    return forgotten


async def limits(desk: Desk, account_id: UUID | None) -> Limits:
    """What an upload of this account may be today."""
    settings, left = desk.settings, None
    if settings.rate_limits and account_id is not None:
        async with asyncio.timeout(WAIT_SECONDS), connection(desk.pool) as conn:
            left = max(0, settings.uploads_per_day - await queries.used_today(conn, account_id))
    return Limits(settings.upload_max_bytes, settings.video_max_seconds * 1000, left, ACCEPTED_TYPES)

"""All objects of the buckets, page by page: what each is, whose it is, and whether anything names it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from aiohttp import web

from server.archive import queries
from server.kit.ids import parse_id
from server.kit.request import COLD, POOL, SETTINGS, STORE
from server.transcoding import queries as named
from server.transcoding import strays
from storage.object_facts import Entry
from storage.objects import ObjectMissing, ObjectStore
from storage.postgres import Rows, connection

Tier = Literal["warm", "archive"]
Kind = Literal["video", "playlist", "picture", "avatar", "original", "upload", "photo", "foreign"]

KEYS_AT_ONCE = 1000
COLD_PREFIX = "cold/"
FOLDERS: dict[str, Kind] = {"avatars": "avatar", "uploads": "original", "tails": "upload", "posters": "photo"}
SUFFIXES: dict[str, Kind] = {"mp4": "video", "m3u8": "playlist"}
JUDGES = {"videos": strays.of_media, "avatars": strays.of_avatars, "uploads": strays.of_uploads, "tails": strays.of_uploads}


@dataclass(frozen=True, slots=True)
class Item:
    """One object.

    Attributes:
        tier: where it lies.
        key: in that bucket.
        size: bytes.
        kind: what it is.
        account_id: whose; None where that cannot be told.
        orphan: nothing names it, and it is not on the list of what is removed either.
    """

    tier: Tier
    key: str
    size: int
    kind: Kind
    account_id: UUID | None
    orphan: bool


def kind_of(key: str) -> Kind:
    """What an object is, by its name at hand."""
    folder, _, rest = key.partition("/")
    if folder == "videos":
        return SUFFIXES.get(rest.rpartition(".")[2], "picture")
    return FOLDERS.get(folder, "foreign")


async def items(app: web.Application) -> AsyncIterator[Item]:
    """Every object of every bucket.

    Raises:
        StoreUnavailable, ObjectMissing: the store does not answer, or has no such bucket; that of the archive may be missing.
    """
    settings, cold = app[SETTINGS], app[COLD]
    for bucket, name in ((settings.s3_bucket, "media"), (settings.s3_raw_bucket, "raw")):
        async for page in _pages(app[STORE], bucket, ""):
            at_hand = [one for one in page if not one.key.startswith(COLD_PREFIX)]
            for item in await _told(app, "warm", name, "", at_hand):
                yield item
    for name in ("media", "raw"):
        prefix = f"{COLD_PREFIX}{name}/"
        try:
            async for page in _pages(cold.store, cold.bucket, prefix):
                for item in await _told(app, "archive", name, prefix, page):
                    yield item
        except ObjectMissing:
            return  # nothing was ever archived


async def _pages(store: ObjectStore, bucket: str, prefix: str) -> AsyncIterator[list[Entry]]:
    after, more = "", True
    while more:
        page = await store.page(bucket, prefix, after, KEYS_AT_ONCE)
        if page.entries:
            yield page.entries
            after = page.entries[-1].key
        more = page.more


async def _told(app: web.Application, tier: Tier, bucket: str, prefix: str, entries: Sequence[Entry]) -> list[Item]:
    """The same with all that is known of them; `prefix` is what their keys have before those that they have at hand."""
    old = datetime.now(UTC) - timedelta(seconds=strays.OLD_SECONDS)
    keys = [one.key.removeprefix(prefix) for one in entries]
    ids = {key: _id_of(key) for key in keys}
    async with connection(app[POOL]) as conn:
        authors = await queries.owners(conn, {of for of in ids.values() if of is not None})
        aged = [key for key, one in zip(keys, entries, strict=True) if one.modified <= old]
        strays_ = await orphans(conn, bucket, aged)
    return [
        Item(tier, one.key, one.size, kind_of(key), authors.get(of) if (of := ids[key]) else None, key in strays_)
        for key, one in zip(keys, entries, strict=True)
    ]


def _id_of(key: str) -> UUID | None:
    return parse_id(key.split("/")[1]) if "/" in key else None


async def orphans(conn: Rows, bucket: str, keys: Sequence[str]) -> set[str]:
    """Those that nothing names, nor are they being removed; of keys that are old enough, as they are at hand."""
    found = set[str]()
    by_folder: defaultdict[str, defaultdict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key in keys:
        if (of := _id_of(key)) is not None:
            by_folder[key.partition("/")[0]][of].append(key)
    for folder, of_ids in by_folder.items():
        leaving = await named.leaving(conn, list(of_ids), bucket)
        if (judge := JUDGES.get(folder)) is not None:
            prefixes = tuple(prefix for _, prefix in await judge(conn, of_ids))
            found |= {key for some in of_ids.values() for key in some if key.startswith(prefixes) and not key.startswith(leaving)}
    return found

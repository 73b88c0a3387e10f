"""What is an account's own in its feed: its list, what is new of authors it likes, and what is like what it watched since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, zip_longest
from uuid import UUID

from server.kit.memory import Memory
from server.plays.actions import COUNTS_FROM_MS
from server.suggestions import queries
from server.suggestions.listed import NOTHING, Listed
from server.suggestions.queries import Liked, Standing
from server.suggestions.reasons import NEW_OF_LIKED, SAME_AUTHOR, SIMILAR, TAG
from server.suggestions.scroll import NO_MODEL, hash_of
from server.training import lists
from storage.postgres import Pool, Rows, connection

MOST_ACCOUNTS = 10_000
"""Some 15 KB each."""
AT_ONCE = 20
KEPT_SECONDS = 10.0
"""So long after something was watched what is like it may be missing."""
LIKED_DAYS, WATCHED_DAYS, FRESH_DAYS = 14.0, 7.0, 3.0
"""What an account did so lately counts, if its list does not know of it; what is so young is fresh for one without a list."""
MOST_LIKED, MOST_SEEDS, MOST_AUTHORS = 200, 30, 50
MOST_OF_AUTHOR, MOST_FRESH = 3, 20
NEIGHBOURS, MOST_LOOKED_AT, MOST_SIMILAR = 8, 120, 40
ALIKE, TAGS = 5, 4
"""Of an author, and of each of so many hashtags, for what no model knows."""


@dataclass(frozen=True)
class Personal:
    """What is one account's own; a reason with each video.

    Attributes:
        learns: whether suggestions may learn from it.
        since: nothing from before counts, as it had chosen when this was read; None where all does.
        model_id: whose list it is; None where there is none.
        model: what stands for it in a cursor.
        listed: that list, the best first.
        fresh: new ones, of authors of whom it liked something of late.
        similar: like what it watched or liked since.
        done: whether it did anything of late.
    """

    learns: bool = True
    since: datetime | None = None
    model_id: UUID | None = None
    model: bytes = NO_MODEL
    listed: Listed = NOTHING
    fresh: Listed = NOTHING
    similar: Listed = NOTHING
    done: bool = False


NOBODY = Personal()
OPTED_OUT = Personal(learns=False)


class PersonalMemory:
    """What one process knows of accounts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        # Whoever has done nothing yet is looked at each time: the first video that they watch counts at once.
        self._known = Memory("suggestions", self._read, MOST_ACCOUNTS, AT_ONCE, lambda one: KEPT_SECONDS if one.done else 0.0)

    async def of(self, account_id: UUID, standing: Standing) -> Personal:
        """Of an account that stands so: what was known before it has chosen otherwise is read anew."""
        if not standing.learns:
            return OPTED_OUT
        found = (await self._known.of([account_id]))[account_id]
        if found.since != standing.since:
            self._known.drop(account_id)
            found = (await self._known.of([account_id]))[account_id]
        return found

    async def of_model(self, account_id: UUID, hash_: bytes) -> Personal:
        """The list of another model, for whoever has begun in it; none where it is gone."""
        async with connection(self._pool) as conn:
            found = await queries.list_of_model(conn, account_id, hash_)
        return _with_list(*found) if found else NOBODY

    def forget(self) -> None:
        """Nothing is to be believed."""
        self._known.clear()

    async def close(self) -> None:
        """End what is being read."""
        await self._known.close()

    async def _read(self, account_ids: Sequence[UUID]) -> Mapping[UUID, Personal]:
        async with connection(self._pool) as conn:
            return {account_id: await _personal(conn, account_id) for account_id in account_ids}


def _with_list(model_id: UUID, video_ids: Sequence[UUID], whys: Sequence[str]) -> Personal:
    return Personal(model_id=model_id, model=hash_of(model_id), listed=Listed(zip(video_ids, whys, strict=True)))


async def _personal(conn: Rows, account_id: UUID) -> Personal:
    now, since = datetime.now(UTC), await queries.since(conn, account_id)
    suggested = await lists.list_of(conn, account_id)
    own = _with_list(suggested.model_id, suggested.video_ids, suggested.whys) if suggested else NOBODY
    liked = await queries.liked(conn, account_id, _later(now - timedelta(days=LIKED_DAYS), since), MOST_LIKED)
    unknown = suggested.until if suggested else now - timedelta(days=WATCHED_DAYS)
    seeds = await _seeds(conn, account_id, liked, _later(unknown, since))
    authors = list(dict.fromkeys(one.author_id for one in liked))[:MOST_AUTHORS]
    fresh_from = suggested.until if suggested else now - timedelta(days=FRESH_DAYS)
    fresh = await queries.fresh(conn, authors, fresh_from, MOST_OF_AUTHOR, MOST_LOOKED_AT) if authors else []
    similar = await _similar(conn, seeds) if seeds else []
    # What is seen already must not stand before what is not: of these lists only the first are looked at for a page.
    open_ = await queries.open_for(conn, account_id, {*fresh, *(video_id for video_id, _ in similar)})
    return Personal(
        learns=True,
        since=since,
        model_id=own.model_id,
        model=own.model,
        listed=own.listed,
        fresh=Listed([(video_id, NEW_OF_LIKED) for video_id in fresh if video_id in open_][:MOST_FRESH]),
        similar=Listed([one for one in similar if one[0] in open_][:MOST_SIMILAR]),
        done=bool(own.listed or liked or seeds),
    )


def _later(one: datetime, other: datetime | None) -> datetime:
    return one if other is None else max(one, other)


async def _seeds(conn: Rows, account_id: UUID, liked: Sequence[Liked], since: datetime) -> list[UUID]:
    """What it watched or liked since then, the last first."""
    at = await queries.watched(conn, account_id, since, COUNTS_FROM_MS, MOST_SEEDS)
    for one in liked:
        if one.at > since:
            at[one.video_id] = max(one.at, at.get(one.video_id, one.at))
    return sorted(at, key=lambda video_id: at[video_id], reverse=True)[:MOST_SEEDS]


async def _similar(conn: Rows, seeds: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """What is like these: in turns, so that no one of them has all places."""
    of_seed = {
        seed: [(video_id, SIMILAR) for video_id in found]
        for seed, found in (await lists.similar_to(conn, seeds, NEIGHBOURS)).items()
    }
    unknown = [seed for seed in seeds if not of_seed.get(seed)]
    for one in await queries.alike(conn, unknown, ALIKE, TAGS) if unknown else []:
        of_seed.setdefault(one.seed, []).append((one.video_id, TAG + one.tag if one.tag else SAME_AUTHOR))
    turns = chain.from_iterable(zip_longest(*(of_seed.get(seed, []) for seed in seeds)))
    found: dict[UUID, str] = {}
    for one_ in turns:
        if one_ is not None:
            found.setdefault(*one_)
    return list(found.items())[:MOST_LOOKED_AT]

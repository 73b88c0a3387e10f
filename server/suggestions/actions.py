"""The rules of the suggested feed: what is looked at for a page, and what of it was given."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from aiohttp import web

from server.feed.memory import FEED_MEMORY, FeedMemory
from server.feed.readers import MOST_HIDDEN
from server.kit.paging import After
from server.kit.request import POOL
from server.kit.tasks import keep_doing, running
from server.kit.together import Together
from server.sight import queries as sight
from server.suggestions import exploring, places, queries, served
from server.suggestions.exploring import Exploring
from server.suggestions.personal import NOBODY, Personal, PersonalMemory
from server.suggestions.places import TEN, Given, Order, Shelf, Source, Turn
from server.suggestions.popular import Popular, Version
from server.suggestions.queries import Served, Standing
from server.suggestions.scroll import NO_MODEL, Marks, Scroll
from server.suggestions.served import ServedLog
from server.suggestions.shelves import Explored, Latest, Line, Picked
from storage.postgres import AWAY, Pool, Rows, connection

MOST_SEEN = 5_000
"""Young videos that an account has seen, of which it is known when one is chosen by chance."""
AT_ONCE = 20
"""Pages that are asked about with one statement."""
AHEAD = 6
"""So many more of the first source are looked at than the page holds, in one statement: some may be seen already."""
OTHERS = 4
"""And so many of the popular ones, for whoever has a list."""


NOTHING_NEW = exploring.NewVideos([])


class Page(NamedTuple):
    """What is given, and where the next page begins; None where nothing is left."""

    given: list[Given]
    next: Scroll | None
    model_id: UUID | None
    logged: bool


@dataclass
class Suggesting:
    """What one process needs for suggesting.

    What has to hold at once is asked of PostgreSQL for each page, for all pages that ask at the same time together.
    """

    pool: Pool
    memory: FeedMemory
    personal: PersonalMemory
    popular: Popular
    exploring: Exploring
    log: ServedLog

    def __post_init__(self) -> None:
        self.standings = Together("standings", self._standings, AT_ONCE)
        self.looks = Together("what may be suggested", self._looks, AT_ONCE)

    @classmethod
    def of(cls, pool: Pool, memory: FeedMemory) -> "Suggesting":
        """Nothing is known yet."""
        return cls(pool, memory, PersonalMemory(pool), Popular(pool), Exploring(pool), ServedLog(pool))

    async def page(self, account_id: UUID | None, limit: int, scroll: Scroll) -> Page:
        """The next videos for an account, or for nobody in particular.

        Raises:
            one of `AWAY`: what is needed cannot be read.
        """
        popular = await self.popular.of(scroll.version)
        if scroll.version != popular.number:
            scroll = replace(scroll, version=popular.number, popular=Marks())
        if account_id is None:
            making = _Making(self, None, limit, popular, NOBODY, scroll, places.NOBODY)
            return await making.page(None, frozenset())
        standing = await self.standings.ask(account_id)
        own = await self.personal.of(account_id, standing)
        own, scroll = await self._list_for(account_id, own, scroll)
        order = places.WITH_LIST if own.listed else places.WITHOUT_LIST
        making = _Making(self, account_id, limit, popular, own, scroll, order)
        return await making.page(standing, await self._hidden(account_id))

    def log_given(self, account_id: UUID | None, page: Page, shown: Mapping[UUID, object]) -> None:
        """Remember what was shown of a page."""
        given = [one for one in page.given if one.candidate.video_id in shown]
        for one in given:
            served.SUGGESTED.labels(one.source).inc()
        if account_id is not None and page.logged:
            ids, slots = [one.candidate.video_id for one in given], [one.source for one in given]
            self.log.add(Served(account_id, datetime.now(UTC), page.model_id, ids, slots, [one.propensity for one in given]))

    async def close(self) -> None:
        """End what is being read."""
        await self.standings.close()
        await self.looks.close()
        await self.personal.close()
        await self.popular.close()

    async def _standings(self, account_ids: Sequence[UUID]) -> list[Standing]:
        async with connection(self.pool) as conn:
            return await queries.standing_of_each(conn, account_ids, self.exploring.videos.oldest, MOST_SEEN)

    async def _looks(self, asked: Sequence[tuple[UUID | None, Sequence[UUID]]]) -> list[dict[UUID, queries.Open]]:
        async with connection(self.pool) as conn:
            return await queries.open_for_each(conn, asked)

    async def _list_for(self, account_id: UUID, own: Personal, scroll: Scroll) -> tuple[Personal, Scroll]:
        """The list that the scroll has begun in, or now begins in."""
        if scroll.model == own.model:
            return own, scroll
        if scroll.model == NO_MODEL or not own.learns:
            return own, replace(scroll, model=own.model, listed=Marks())
        # What was given out of a list that is gone nobody knows any more: this scroll has none then.
        other = await self.personal.of_model(account_id, scroll.model)
        return replace(own, model_id=other.model_id, listed=other.listed), scroll

    async def _hidden(self, account_id: UUID) -> frozenset[UUID]:
        """Of whom the account does not see, for the probability of what is explored; what is given is looked at itself."""
        if self.memory.position() is not None:
            reader = (await self.memory.readers.known.of([account_id]))[account_id]
            if reader.hidden is not None:
                return reader.hidden
        async with connection(self.pool) as conn:
            return frozenset(await sight.hidden_from(conn, account_id, MOST_HIDDEN))


SUGGESTING: web.AppKey[Suggesting] = web.AppKey("suggesting", Suggesting)


class _Making:
    """One page in the making."""

    def __init__(
        self,
        suggesting: Suggesting,
        account_id: UUID | None,
        limit: int,
        popular: Version,
        own: Personal,
        scroll: Scroll,
        order: Order,
    ) -> None:
        self._suggesting, self._account_id, self._limit = suggesting, account_id, limit
        self._popular, self._own, self._order = popular, own, order
        self._turn = turn = Turn(scroll, own.listed.places, popular.listed.places)
        self._list = Line(turn, own.listed, scroll.listed, self._look)
        self._popular_line = Line(turn, popular.listed, scroll.popular, self._look)
        self._latest = Latest(turn, self._newest)

    async def page(self, standing: Standing | None, hidden: frozenset[UUID]) -> Page:
        """It, whole."""
        shelves = await self._shelves(self._explored(standing, hidden))
        given = await places.fill(self._turn, self._limit, self._order, shelves)
        more = len(given) == self._limit and await places.left(self._order, shelves)
        self._latest.end()
        scroll = self._turn.scroll if more or self._latest.unsure else None
        logged = standing is not None and standing.learns
        return Page(given, scroll, self._own.model_id, logged)

    def _explored(self, standing: Standing | None, hidden: frozenset[UUID]) -> Explored:
        exploring, turn, first = self._suggesting.exploring, self._turn, self._turn.scroll.place
        if standing is None or self._account_id is None:
            return Explored(turn, NOTHING_NEW, set(), 0, exploring.dice)
        closed = exploring.videos.closed_to(self._account_id, standing.seen, hidden)
        wanted = sum(self._order[place % TEN][0] == "explore" for place in range(first, first + self._limit))
        return Explored(turn, exploring.videos, closed, wanted, exploring.dice)

    async def _shelves(self, explored: Explored) -> dict[Source, Shelf]:
        """The sources, with what the page will need of them looked at in one statement."""
        own, ahead = self._own, self._limit + AHEAD
        listed = self._list.wanted(ahead)
        popular = self._popular_line.wanted(OTHERS if len(listed) == ahead else ahead)
        fresh, similar = (self._turn.unremembered(one, self._limit) for one in (own.fresh, own.similar))
        picked = [video_id for video_id, _ in (*fresh, *similar)]
        drawn = explored.wanted()
        open_ = await self._look([*listed, *popular, *picked, *drawn])
        self._list.found(listed, open_)
        self._popular_line.found(popular, open_)
        explored.found(open_)
        return {
            "list": self._list,
            "fresh": Picked(self._turn, fresh, open_),
            "similar": Picked(self._turn, similar, open_),
            "explore": explored,
            "popular": self._popular_line,
            "latest": self._latest,
        }

    async def _look(self, video_ids: Sequence[UUID]) -> Mapping[UUID, queries.Open]:
        if not video_ids:
            return {}
        return await self._suggesting.looks.ask((self._account_id, video_ids))

    async def _newest(self, after: After, limit: int) -> list[queries.Newest]:
        async with connection(self._suggesting.pool) as conn:
            return await queries.newest(conn, self._account_id, after, limit)


async def suggesting(app: web.Application) -> AsyncIterator[None]:
    """What `serve` does all the time for suggestions."""
    app[SUGGESTING] = found = Suggesting.of(app[POOL], app[FEED_MEMORY])
    exploring_ = keep_doing(found.exploring.refresh, exploring.LOOK_SECONDS, "what is new cannot be read")
    logging_ = keep_doing(found.log.flush, served.FLUSH_SECONDS, "suggestions cannot be logged")
    async with running("exploring", exploring_), running("log of suggestions", logging_):
        yield
    try:
        await found.log.flush()
    except AWAY as error:
        served.log.warning("the last suggestions are not logged: %r", error)
    await found.close()


async def forget(conn: Rows, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so is some of what was suggested to it; how many rows these were."""
    return await queries.forget(conn, account_id, limit)

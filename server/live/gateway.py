"""Starts and stops the live side of a process: in `serve` all of it, elsewhere what announces events."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from aiohttp import web

from pubsub import channels
from pubsub.broker import Broker, BrokerUnavailable
from pubsub.channels import JOBS
from pubsub.interest import Interest
from pubsub.once import Once
from pubsub.opening import open_broker, open_commands
from pubsub.roster import Roster
from pubsub.tally import Tally
from server.cards.actions import CARDS
from server.comments.saying import SAYING
from server.feed.memory import FEED_MEMORY, FeedMemory
from server.follows.actions import MAX_FOLLOWS
from server.kit.auth import AUTHENTICATOR
from server.kit.errors import Unavailable
from server.kit.invalidation import INVALIDATIONS
from server.kit.limiter import LIMITER
from server.kit.request import ANNOUNCER, POOL, SETTINGS
from server.kit.tasks import running
from server.kit.together import Together
from server.kit.work import work
from server.live import jobs, queries
from server.live.access import Access
from server.live.admission import Admission
from server.live.announce import BrokerAnnouncer
from server.live.bodies import Bodies
from server.live.changes import Changes
from server.live.clocks import Clocks
from server.live.commands import Conversation
from server.live.doubts import Doubts
from server.live.envelopes import Noticed, ToFollowers, Touched, ToWatchers
from server.live.hub import Hub
from server.live.limits import OPENINGS_AT_ONCE, SESSION_KEPT_SECONDS, TALLY_KEPT_SECONDS
from server.live.notices import Notices
from server.live.queries import Arrival, Arrived
from server.live.quota import Quota
from server.live.relay import Relay
from server.live.resume import Resumes
from server.live.rounds import Rounds
from server.live.session import Session
from server.live.tallies import Tallies
from server.live.tickets import Tickets
from server.live.watching import Watching
from server.sockets import codes, upgrade
from server.videos.wire import VideoPublishing
from storage.postgres import close_pool, connection, open_pool

__all__ = ["BROKER", "GATEWAY", "JOBS", "Gateway", "announcer", "forget_publications", "lifecycle"]

STOP_SECONDS = 3.0
"""At the stop, clients have so long to answer our close frames."""
TICKET_PREFIX = "reelwire:ticket:"
SESSIONS_PREFIX = "reelwire:sessions:"
WATCHERS_PREFIX = "reelwire:watchers:"

BROKER: web.AppKey[Broker] = web.AppKey("broker")


@dataclass(slots=True)
class Gateway:
    """What the routes of the live side need.

    Attributes:
        arrivals: asks PostgreSQL about accounts that come online, all that come at the same time together.
        converse: begins the conversation of a session; the second argument as `Conversation.fresh`.
        stopping: no session begins any more.
    """

    hub: Hub
    doubts: Doubts
    clocks: Clocks
    admission: Admission
    tickets: Tickets
    arrivals: Together[Arrival, Arrived]
    quota: Quota
    interest: Interest
    watching: Watching
    converse: Callable[[Session, bool], Conversation]
    stopping: bool = field(default=False)

    def require_ready(self) -> None:
        """A session can begin.

        Raises:
            Unavailable: not yet, or not any more.
        """
        if self.stopping or not self.hub.loaded.is_set():
            raise Unavailable("This process starts or stops; try again.", retry_after=1)


GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)


async def announcer(app: web.Application) -> AsyncIterator[None]:
    """For processes without live sessions: a broker, and what announces events on it."""
    async with open_broker(app[SETTINGS].valkey_url) as broker:
        app[BROKER] = broker
        announcing = BrokerAnnouncer(broker, app.get(INVALIDATIONS))
        app[ANNOUNCER] = announcing
        async with running("announcer", announcing.run()):
            yield


async def lifecycle(app: web.Application) -> AsyncIterator[None]:
    """For `serve`: broker, announcer, relay, hub, clocks and sockets. Nothing here waits for PostgreSQL or Valkey."""
    url, pool, invalidations = app[SETTINGS].valkey_url, app[POOL], app[INVALIDATIONS]
    bodies = Bodies(pool, app[CARDS])
    hub = Hub(pool, bodies, invalidations)
    doubts, clocks = Doubts(pool, hub), Clocks(hub.presence)
    invalidations.listen(hub.hear)
    invalidations.listen(doubts.hear)
    async with AsyncExitStack() as stack:
        app[upgrade.LINES] = stack.enter_context(upgrade.lines(app[SETTINGS].socket_sessions))
        commands = await stack.enter_async_context(open_commands(url))
        app[BROKER] = broker = await stack.enter_async_context(open_broker(url, hub))
        with suppress(BrokerUnavailable):  # it is not connected yet, and joins when it is
            await broker.join([channels.LOG, *channels.ALL_NEWS, channels.process(invalidations.id)])
        app[ANNOUNCER] = announcing = BrokerAnnouncer(broker, invalidations)
        invalidations.answer = announcing.announce
        if (memory := app.get(FEED_MEMORY)) is not None:
            _feed(hub, announcing, memory)
        interest = _interest(broker, hub)
        stack.callback(interest.close)
        quota = Quota(Roster(commands, SESSIONS_PREFIX, SESSION_KEPT_SECONDS), broker, hub.presence)
        tickets = Tickets(Once(commands, TICKET_PREFIX))
        stack.push_async_callback(tickets.close)
        arrivals = await stack.enter_async_context(_arrivals(app[SETTINGS].database_url))
        tallies = Tallies(Tally(commands, WATCHERS_PREFIX, TALLY_KEPT_SECONDS), broker, hub.watchers)
        rounds = Rounds(pool, app[CARDS], hub.watchers, tallies, invalidations)
        watching = Watching(hub.watchers, rounds, tallies, interest)
        converse = partial(_converse, app, hub, Resumes(pool, hub, doubts), watching)
        app[GATEWAY] = Gateway(hub, doubts, clocks, Admission(), tickets, arrivals, quota, interest, watching, converse)
        app.on_shutdown.append(say_goodbye)
        people = _of_people(app, hub, doubts, rounds, tallies)
        for part in (bodies, hub, doubts, clocks, quota, announcing, Relay(pool, broker, hub), rounds, tallies, *people):
            await stack.enter_async_context(running(type(part).__name__, _run(part)))
        yield


@asynccontextmanager
async def _arrivals(database_url: str) -> AsyncIterator[Together[Arrival, Arrived]]:
    """On a connection of their own: they wait for no request, and no request waits for them when thousands come together."""
    pool = await open_pool(database_url, 1, "reelwire")

    async def ask(arrivals: Sequence[Arrival]) -> Sequence[Arrived]:
        async with connection(pool) as conn:
            return await queries.arrived(conn, arrivals, MAX_FOLLOWS)

    together = Together("arrivals", ask, OPENINGS_AT_ONCE)
    try:
        yield together
    finally:
        await together.close()
        await close_pool(pool)


def _feed(hub: Hub, announcing: BrokerAnnouncer, memory: FeedMemory) -> None:
    """What is told of here, the feed hears as well."""
    hub.on_advanced = memory.published
    hub.on_adopted = memory.forget
    hub.on_restored(memory.missed)
    hub.hand(VideoPublishing, memory.tap)
    hub.hand(Touched, lambda touched: memory.touched(touched.commented, touched.liked, touched.accounts))
    announcing.tap = memory.tap
    memory.heard_up_to = hub.heard_up_to


def _interest(broker: Broker, hub: Hub) -> Interest:
    """Channels of accounts are heard while one of these is online here, those of videos while somebody here watches."""
    interest = Interest(broker)
    hub.presence.came = lambda account_id: interest.want(channels.of(account_id))
    hub.presence.went = lambda account_id: interest.drop(channels.of(account_id))
    hub.watchers.came = lambda video_id: interest.want(channels.video(video_id))
    hub.watchers.went = lambda video_id: interest.drop(channels.video(video_id))
    return interest


def _converse(
    app: web.Application, hub: Hub, resumes: Resumes, watching: Watching, session: Session, fresh: bool
) -> Conversation:
    """The talk of a session whose client says something."""
    audience = hub.presence.audience(session.account_id)
    assert audience is not None
    start_work = partial(work, app[POOL], app[ANNOUNCER], session.account_id)
    limited, limiter = app[SETTINGS].rate_limits, app.get(LIMITER)
    asks = app[AUTHENTICATOR], resumes, watching, start_work, app[SAYING], limited, limiter
    return Conversation(session, audience, *asks, fresh=fresh)


def _of_people(
    app: web.Application, hub: Hub, doubts: Doubts, rounds: Rounds, tallies: Tallies
) -> tuple[Access, Changes, Notices]:
    """What tells of comments, counts, follows and the like, and who may hear of it."""
    access, changes, notices = (
        Access(app[POOL], hub, rounds),
        Changes(app[POOL], app[CARDS], hub),
        Notices(app[POOL], hub.presence),
    )
    app[INVALIDATIONS].listen(access.hear)
    app[INVALIDATIONS].listen(changes.hear)
    app[INVALIDATIONS].listen(notices.hear)
    doubts.listen(access.unfollowed)
    hub.hand(ToWatchers, rounds.take)
    hub.hand(ToFollowers, changes.take)
    hub.hand(Noticed, notices.take)
    hub.on_restored(tallies.all_changed)
    hub.on_restored(rounds.all_moved)
    return access, changes, notices


class _Part(Protocol):
    async def run(self) -> None: ...


async def _run(part: _Part) -> None:
    await part.run()


async def say_goodbye(app: web.Application) -> None:
    """Close every session; their clients come back spread over a few seconds, to other processes."""
    gateway = app[GATEWAY]
    gateway.stopping = True
    sessions = list(gateway.hub.presence)
    for nth, session in enumerate(sessions):
        # aiohttp reads nothing of its own connections any more when an application shuts down.
        session.hang_up(codes.restart(nth, len(sessions)))
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            while len(gateway.hub.presence):  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.01)
    for session in gateway.hub.presence:
        session.abort()


async def forget_publications(app: web.Application) -> None:
    """The periodic job, for an application that has a pool."""
    await jobs.forget_publications(app[POOL])

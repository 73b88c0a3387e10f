"""Watching by command: who may watch what, from when they hear of it, and until when."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from pubsub import channels
from pubsub.interest import Interest
from server.kit.errors import Refusal
from server.kit.request import nothing_there
from server.kit.work import Work
from server.live.limits import JOIN_PATIENCE_SECONDS, MOST_HIDDEN, ROUND_SECONDS
from server.live.presence import Audience
from server.live.rounds import Rounds, counts_frame, read_counts
from server.live.session import Session
from server.live.tallies import Tallies
from server.live.watchers import Watched, Watcher, Watchers
from server.sight import queries as sight
from server.videos import actions as videos
from storage.postgres import Rows

StartWork = Callable[[], AbstractAsyncContextManager[Work]]


class Watching:
    """What sessions of one process need to watch."""

    def __init__(self, watchers: Watchers, rounds: Rounds, tallies: Tallies, interest: Interest) -> None:
        self._watchers = watchers
        self._rounds = rounds
        self._tallies = tallies
        self._interest = interest

    async def watch(self, session: Session, audience: Audience, start_work: StartWork, video_id: UUID) -> None:
        """Let the session hear what happens at the video, from when `begin` is called; doing so again changes nothing.

        It is entered before anybody asks whether it may: of whatever changes meanwhile this process is told.

        Raises:
            TooManyWatched, NotFound, NotPlayable.
        """
        if not session.open:
            return
        known = video_id in session.watching
        watcher = self._watchers.enter(session, audience, video_id)
        watched = self._watchers.get(video_id)
        assert watched is not None
        try:
            # Whatever happens after the counts were read arrives; a broker that is away holds nobody up.
            await self._interest.heard(channels.video(video_id), JOIN_PATIENCE_SECONDS)
            async with start_work() as w:
                await self._look(w, watched, audience)
            if len(watched.watchers) == 1:
                await self._tallies.ask([video_id])
            _require_still(watched, watcher)
        except BaseException as error:
            if not known or isinstance(error, Refusal):
                self._watchers.leave(session, video_id)
            raise

    def begin(self, session: Session, video_id: UUID) -> None:
        """The command was acknowledged: the counts come next, and whatever happens from now on."""
        watched = self._watchers.get(video_id)
        watcher = watched.watchers.get(session) if watched else None
        if watched is None or watcher is None:
            return
        self._watchers.begin(watched, watcher)
        told_just_now = self._rounds.clock() - watcher.counted_at < ROUND_SECONDS
        if watched.doubtful or told_just_now:
            # The next round has them, once it is known who may see it, and no sooner than rounds come.
            watcher.counts = None
            self._rounds.moved(video_id)
            return
        watcher.counts, watcher.counted_at = watched.counts, self._rounds.clock()
        session.deliver(counts_frame(watcher.counts), (video_id,))

    def unwatch(self, session: Session, video_id: UUID) -> None:
        """Let it hear nothing more of the video; what it does not watch is fine."""
        self._watchers.leave(session, video_id)

    def leave(self, session: Session) -> None:
        """The session is over."""
        self._watchers.leave_all(session)

    async def _look(self, w: Work, watched: Watched, audience: Audience) -> None:
        """Whether the account may see the video, and its counts; again where something changes meanwhile.

        Whose video it is, is known only afterwards: a follow or block that changes before cannot end this watch otherwise.
        """
        await _learn_hidden(w.conn, audience)
        changes = None
        while changes != (watched.changes, audience.changes):
            changes = watched.changes, audience.changes
            head = await videos.playable(w, watched.id)
            await read_counts(w.conn, [watched])
        watched.found(head)


async def _learn_hidden(conn: Rows, audience: Audience) -> None:
    while audience.hidden is None:
        changes = audience.changes
        found = await sight.hidden_from(conn, audience.id, MOST_HIDDEN + 1)
        if audience.hidden is None and audience.changes == changes:
            audience.hidden, audience.crowded = set(found), len(found) > MOST_HIDDEN


def _require_still(watched: Watched, watcher: Watcher) -> None:
    """Refuse where something has changed since PostgreSQL was asked: the video, or somebody has blocked somebody.

    Raises:
        NotFound.
    """
    audience, author_id = watcher.audience, watched.author_id
    if watched.watchers.get(watcher.session) is not watcher or author_id is None:
        raise nothing_there()
    if audience.id != author_id and not audience.sees(author_id):
        raise nothing_there()

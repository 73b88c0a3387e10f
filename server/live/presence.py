"""Who is online on this process, and whom they follow: an index from authors to the accounts that hear them."""

from collections.abc import Callable, Collection, Container, Iterator
from itertools import chain
from operator import attrgetter
from uuid import UUID

from server.live.limits import SESSIONS_PER_ACCOUNT
from server.live.session import Session
from server.sockets import codes

NOBODY: frozenset[UUID] = frozenset()
"""Whom most accounts that are online doubt, and many follow: one object for all of them."""

_SESSIONS = attrgetter("sessions")


class Audience:
    """One account that is online here.

    Attributes:
        follows: the authors it follows; None until they are loaded.
        changes: counts what was said of its follows and blocks, so that a load notices what it may have overlooked.
        hidden: of whom it sees nothing, because one of the two blocks the other; None until it watches something.
        crowded: these are not all, for they are too many to be held; no comments are shown to it.
        doubts: authors of whom it is being asked whether they are followed; meanwhile its sessions hold back.
    """

    __slots__ = ("changes", "crowded", "doubts", "follows", "hidden", "id", "sessions")

    def __init__(self, account_id: UUID) -> None:
        self.id = account_id
        self.sessions: tuple[Session, ...] = ()
        self.follows: set[UUID] | frozenset[UUID] | None = None
        self.changes = 0
        self.hidden: set[UUID] | None = None
        self.crowded = False
        self.doubts: frozenset[UUID] = NOBODY

    def hears(self, author_id: UUID) -> bool:
        """Whether this author's publications may be delivered now."""
        return self.follows is not None and author_id in self.follows and author_id not in self.doubts

    def sees(self, account_id: UUID) -> bool:
        """Whether what this account does may be shown; only for who watches something."""
        return self.hidden is not None and account_id not in self.hidden


def _unheard(_account_id: UUID) -> None:
    pass


class Presence:
    """All of them.

    Attributes:
        waiting: sessions in which events wait, because they are held back or their peers are slow; mostly few.
        unfollows: counts follows that ended, so that a round of the fan-out notices those in its midst.
        came: called with the id of an account when its first session here begins.
        went: called when its last one is over.
    """

    def __init__(self) -> None:
        self.unfollows = 0
        self.waiting: set[Session] = set()
        self.came: Callable[[UUID], None] = _unheard
        self.went: Callable[[UUID], None] = _unheard
        self._audiences: dict[UUID, Audience] = {}
        # In the order in which they came: what they are made of lies in memory as it is gone through.
        self._by_author: dict[UUID, dict[Audience, None]] = {}
        self._sessions = 0

    def __len__(self) -> int:
        """How many sessions there are."""
        return self._sessions

    def due(self, *, silent_since: float, expiring: float, phases: Container[int]) -> tuple[list[Session], list[Session]]:
        """Those that a clock must look at, and those that are pinged in these phases; one pass, which all of them pay for.

        Args:
            silent_since: who was heard before is looked at, by the loop's clock.
            expiring: whose token expires before, unix seconds; and who is ending.
            phases: see `Session`.
        """
        look, ping = [], []
        for audience in self._audiences.values():
            for session in audience.sessions:
                if session.heard_at < silent_since or session.expires_at < expiring or session.ending is not None:
                    look.append(session)
                elif session.phase in phases:
                    ping.append(session)
        return look, ping

    def __iter__(self) -> Iterator[Session]:
        """Every session; a snapshot, so that they may come and go meanwhile."""
        return iter([session for audience in self._audiences.values() for session in audience.sessions])

    def enter(self, session: Session) -> Audience:
        """Somebody wants to begin a session, who may still be refused: it is found from here on, and counts once it has begun."""
        audience = self._audiences.get(session.account_id)
        if audience is None:
            audience = self._audiences[session.account_id] = Audience(session.account_id)
            self.came(session.account_id)
        if audience.doubts:
            session.hold()
        session.account_id = audience.id  # equal, and one object less
        audience.sessions = (*audience.sessions, session)
        session.enlist(self.waiting)
        self._sessions += 1
        return audience

    def began(self, session: Session) -> None:
        """The session is attached; with one too many here the account's oldest one ends. `Quota` counts over all processes."""
        living = [other for other in self._audiences[session.account_id].sessions if other.attached and other.open]
        for oldest in living[:-SESSIONS_PER_ACCOUNT]:
            oldest.close(codes.TOO_MANY_SESSIONS)

    def leave(self, session: Session) -> None:
        """A session is over; the account goes with its last one."""
        audience = self._audiences[session.account_id]
        audience.sessions = tuple(other for other in audience.sessions if other is not session)
        session.enlist(None)
        self._sessions -= 1
        if not audience.sessions:
            del self._audiences[audience.id]
            for author_id in audience.follows or ():
                self._unlink(audience, author_id)
            self.went(audience.id)

    def end(self, account_id: UUID, session_id: UUID) -> None:
        """The account has one session too many somewhere, and this is its oldest one, if it is here."""
        audience = self._audiences.get(account_id)
        for session in audience.sessions if audience else ():
            if session.id == session_id:
                session.close(codes.TOO_MANY_SESSIONS)

    def audience(self, account_id: UUID) -> Audience | None:
        return self._audiences.get(account_id)

    def followers(self, author_id: UUID) -> Collection[Audience]:
        """The accounts here that follow this author."""
        return self._by_author.get(author_id, ())

    def hearing(self, author_id: UUID) -> Iterator[Session]:
        """The sessions of these accounts."""
        return chain.from_iterable(map(_SESSIONS, self.followers(author_id)))

    def follows(self, account_id: UUID, author_id: UUID) -> bool:
        """Whether this account is here and follows this author, as far as is known."""
        audience = self._audiences.get(account_id)
        return audience is not None and author_id in (audience.follows or ())

    def drain(self) -> None:
        """Let sessions have what waits for them, as far as their peers take it."""
        for session in list(self.waiting):
            session.drain()

    def loaded(self, audience: Audience, follows: Collection[UUID]) -> None:
        """Whom an account follows, for the first time."""
        audience.follows = NOBODY
        for author_id in follows:
            self.follow(audience, author_id)

    def doubt(self, account_id: UUID, author_id: UUID) -> bool:
        """A follow has changed, in a way that only PostgreSQL knows; whether somebody here must be told how."""
        audience = self._audiences.get(account_id)
        if audience is None:
            return False
        audience.changes += 1
        if audience.follows is None:
            return False  # whoever loads them will see that there was a change
        if not audience.doubts:
            for session in audience.sessions:
                session.hold()
        audience.doubts = audience.doubts | {author_id}
        return True

    def follow(self, audience: Audience, author_id: UUID) -> bool:
        """The account follows this author; whether that is new here."""
        assert audience.follows is not None
        new = author_id not in audience.follows
        if isinstance(audience.follows, frozenset):
            audience.follows = {author_id}
        else:
            audience.follows.add(author_id)
        if self._audiences.get(audience.id) is audience:
            self._by_author.setdefault(author_id, {})[audience] = None
        return new

    def unfollow(self, audience: Audience, author_id: UUID) -> None:
        """The account does not follow this author; what its sessions hold of him is forgotten."""
        assert audience.follows is not None
        audience.follows = set(audience.follows) - {author_id} or NOBODY
        self.unfollows += 1
        self._unlink(audience, author_id)
        for session in audience.sessions:
            session.forget_held(author_id)
            session.forget_about(author_id)

    def settled(self, audience: Audience, author_id: UUID) -> None:
        """The doubt is over: what the sessions held back goes out, unless another one is left."""
        audience.doubts = audience.doubts - {author_id} or NOBODY
        if not audience.doubts:
            for session in audience.sessions:
                session.release()

    def _unlink(self, audience: Audience, author_id: UUID) -> None:
        audiences = self._by_author.get(author_id)
        if audiences is not None:
            audiences.pop(audience, None)
            if not audiences:
                del self._by_author[author_id]

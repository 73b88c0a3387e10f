"""Who watches which video on this process, what waits to be shown to them, and who of them may see it now."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from uuid import UUID

from server.comments.wire import CommentRow
from server.kit.errors import Refusal
from server.live.limits import COMMENTS_A_ROUND, DELETED_A_ROUND, MOST_WATCHED
from server.live.presence import Audience
from server.live.session import Session
from server.live.wire import Counts
from server.videos.wire import VideoHead, Visibility

ENDED_REMEMBERED = 1_000

Listener = Callable[[UUID], None]


class TooManyWatched(Refusal):
    """The session watches as many videos as it may."""

    status = 409
    code = "too_many_watched"


class Pending:
    """What waits for the next round of a video.

    Attributes:
        fields: of the card, that have changed.
        comments: new ones, the oldest first.
        deleted: comments that are gone, each with whose it was.
        counts: whether they may have changed.
    """

    __slots__ = ("comments", "counts", "deleted", "fields")

    def __init__(self) -> None:
        self.fields: set[str] = set()
        self.comments: OrderedDict[UUID, CommentRow] = OrderedDict()
        self.deleted: OrderedDict[UUID, UUID] = OrderedDict()
        self.counts = False

    def __bool__(self) -> bool:
        return bool(self.fields or self.comments or self.deleted or self.counts)

    def add(self, comment: CommentRow) -> None:
        """One more, unless it is known to be gone; the oldest one gives way to it."""
        self.counts = True
        if comment.id in self.deleted:
            return
        self.comments[comment.id] = comment
        if len(self.comments) > COMMENTS_A_ROUND:
            self.comments.popitem(last=False)

    def delete(self, comment_id: UUID, author_id: UUID) -> None:
        """One less."""
        self.comments.pop(comment_id, None)
        self.deleted[comment_id] = author_id
        if len(self.deleted) > DELETED_A_ROUND:
            self.deleted.popitem(last=False)
        self.counts = True

    def put_before(self, earlier: "Pending") -> None:
        """What was taken for a round that did not come about."""
        newer, self.comments = self.comments, OrderedDict()
        for comment in (*earlier.comments.values(), *newer.values()):
            self.add(comment)
        for comment_id, author_id in earlier.deleted.items():
            self.delete(comment_id, author_id)
        self.fields |= earlier.fields
        self.counts |= earlier.counts


class Watcher:
    """One session that watches one video.

    Attributes:
        ready: its `watch` was granted; before, it hears nothing and does not count.
        counts: the last ones that it was told, at the time `counted_at` of the loop.
    """

    __slots__ = ("audience", "counted_at", "counts", "ready", "session")

    def __init__(self, session: Session, audience: Audience) -> None:
        self.session = session
        self.audience = audience
        self.ready = False
        self.counts: Counts | None = None
        self.counted_at = float("-inf")


class Watched:
    """One video that somebody here watches.

    Attributes:
        author_id: None until it has been read, and so is `visibility`.
        changes: counts what was said of who may see it, so that a read notices what it may have overlooked.
        doubtful: it is being asked who may still see it; meanwhile nobody is shown anything.
        accounts: those that watch, each with its number of sessions.
        elsewhere: how many accounts watch on other processes.
        pending: what waits for the next round, which comes at `due_at` of the loop's time at the earliest.
        counted: views, likes and comments as they were read last.
    """

    __slots__ = (
        "accounts",
        "author_id",
        "changes",
        "counted",
        "doubtful",
        "due_at",
        "elsewhere",
        "id",
        "pending",
        "visibility",
        "watchers",
    )

    def __init__(self, video_id: UUID) -> None:
        self.id = video_id
        self.author_id: UUID | None = None
        self.visibility: Visibility | None = None
        self.changes = 0
        self.doubtful = False
        self.watchers: dict[Session, Watcher] = {}
        self.accounts: dict[UUID, int] = {}
        self.elsewhere = 0
        self.pending = Pending()
        self.due_at = float("-inf")
        self.counted = (0, 0, 0)

    def found(self, head: VideoHead) -> None:
        """Whose it is, and who may see it."""
        self.author_id, self.visibility = head.author_id, head.visibility

    def shown_to(self, audience: Audience) -> bool:
        """Whether this account may see it now."""
        if self.author_id is None:
            return False
        if audience.id == self.author_id:
            return True
        if not audience.sees(self.author_id):
            return False
        return self.visibility == "public" or (self.visibility == "followers" and audience.hears(self.author_id))

    @property
    def counts(self) -> Counts:
        """As they are known now."""
        return Counts(self.id, *self.counted, watchers=len(self.accounts) + self.elsewhere)


def _unheard(_video_id: UUID) -> None:
    pass


class Watchers:
    """All of them.

    Attributes:
        came: called with the id of a video when somebody here is the first to watch it.
        went: called when the last one has gone.
    """

    def __init__(self) -> None:
        self.came: Listener = _unheard
        self.went: Listener = _unheard
        self._watched: dict[UUID, Watched] = {}
        self._listeners: list[Listener] = []
        self._ended: OrderedDict[UUID, set[UUID]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._watched)

    def __iter__(self) -> Iterator[Watched]:
        """Every video that is watched; a snapshot."""
        return iter(list(self._watched.values()))

    def get(self, video_id: UUID) -> Watched | None:
        return self._watched.get(video_id)

    def number(self, video_id: UUID) -> int:
        """How many accounts watch it here."""
        watched = self._watched.get(video_id)
        return len(watched.accounts) if watched else 0

    def listen(self, listener: Listener) -> None:
        """Be told the video whenever more or fewer accounts watch it here."""
        self._listeners.append(listener)

    def enter(self, session: Session, audience: Audience, video_id: UUID) -> Watcher:
        """A session wants to watch; it may do so already. Whether it may see the video is to be asked afterwards.

        Raises:
            TooManyWatched.
        """
        if video_id in session.watching:
            return self._watched[video_id].watchers[session]
        if len(session.watching) >= MOST_WATCHED:
            raise TooManyWatched(f"A session watches at most {MOST_WATCHED} videos.")
        watched = self._watched.get(video_id)
        if watched is None:
            watched = self._watched[video_id] = Watched(video_id)
            self.came(video_id)
        session.watching += (video_id,)
        watcher = watched.watchers[session] = Watcher(session, audience)
        return watcher

    def begin(self, watched: Watched, watcher: Watcher) -> None:
        """It may: from now on it hears what happens, and counts."""
        if watcher.ready:
            return
        watcher.ready = True
        account_id = watcher.audience.id
        watched.accounts[account_id] = watched.accounts.get(account_id, 0) + 1
        if watched.accounts[account_id] == 1:
            self._changed(watched.id)

    def leave(self, session: Session, video_id: UUID) -> None:
        """It watches this no more; what it holds back of it is forgotten. Nothing happens where it did not."""
        if video_id not in session.watching:
            return
        session.watching = tuple(other for other in session.watching if other != video_id)
        session.forget_about(video_id)
        watched = self._watched[video_id]
        watcher = watched.watchers.pop(session)
        if not watched.watchers:
            del self._watched[video_id]
            self.went(video_id)
        if watcher.ready:
            self._left(watched, watcher.audience.id)

    def leave_all(self, session: Session) -> None:
        """The session is over."""
        for video_id in session.watching:
            self.leave(session, video_id)

    def end(self, watched: Watched, audience: Audience, removed: bytes) -> None:
        """This account may not see the video any more: its sessions are told, once they have begun to watch."""
        for watcher in list(watched.watchers.values()):
            if watcher.audience is audience:
                self.leave(watcher.session, watched.id)
                if watcher.ready:
                    self._ended.setdefault(watched.id, set()).add(watcher.session.id)
                    watcher.session.deliver(removed, (watched.id,))
        if len(self._ended) > ENDED_REMEMBERED:
            self._ended.popitem(last=False)

    def ended(self, video_id: UUID) -> Collection[UUID]:
        """The sessions that were told so; whoever asks tells the others, and has it forgotten then."""
        return self._ended.get(video_id, ())

    def forget_ended(self, video_id: UUID) -> None:
        """The others have been told as well, or it may be seen again."""
        self._ended.pop(video_id, None)

    def _left(self, watched: Watched, account_id: UUID) -> None:
        watched.accounts[account_id] -= 1
        if not watched.accounts[account_id]:
            del watched.accounts[account_id]
            self._changed(watched.id)

    def _changed(self, video_id: UUID) -> None:
        for listener in self._listeners:
            listener(video_id)

"""Proves from a history that the socket kept its promises (docs/live.md), or says where it did not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from soak.history import CaughtUp, Did, Ended, Followed, Heard, Numbered, Record, Slept, hint_of, of

ACCESS_SECONDS = 1.0
"""So long after the answer to an unfollow, a block, a deletion or a change to private something may still come."""
READING_SECONDS = 1.5
"""What lies between a server's write and the note of a client on a machine whose cores are all busy."""
GRACE_SECONDS = ACCESS_SECONDS + READING_SECONDS
RESTART, MOST_HINT_MS = 1012, 5000
"""The close code of a server that restarts, and the latest return that it may ask for."""


@dataclass
class Verdict:
    """What was proven.

    Attributes:
        owed: deliveries that a client had to get or to be told about.
        told: those of them that it was told about by `recovered: false`.
        repeats: publications that came more than once in all sessions of a client together, which is allowed.
        broken: promises that were not kept, a sentence each.
    """

    owed: int = 0
    told: int = 0
    repeats: int = 0
    denied: int = 0
    broken: list[str] = field(default_factory=list)


def check(records: list[Record], grace: float = GRACE_SECONDS) -> Verdict:
    """Look at everything; the run is over, and every client was connected and caught up in the end.

    `grace` is how long after a denial something may still be heard, by the clock of the records.
    """
    facts = _Facts(records, grace)
    verdict = Verdict()
    for client in sorted(facts.clients):
        _nothing_lost(facts, client, verdict)
        _in_order(facts, client, verdict)
        _nothing_denied(facts, client, verdict)
        _as_noted(facts, client, verdict)
    _counted(records, verdict)
    _said_when(records, verdict)
    return verdict


@dataclass(frozen=True)
class Span:
    """When something held for certain: from the answer to what began it until the next thing that may have ended it began."""

    began: float
    ended: float

    def holds(self, at: float) -> bool:
        return self.began <= at < self.ended


class _Facts:
    """The history by what is asked of it."""

    def __init__(self, records: list[Record], grace: float) -> None:
        self.grace = grace
        self.heard: defaultdict[str, list[Heard]] = defaultdict(list)
        for one in of(records, Heard):
            self.heard[one.client].append(one)
        self.seq = {one.video: one.seq for one in of(records, Numbered)}
        self.author = {one.video: one.author for one in of(records, Numbered)}
        self.begun = {one.what: one.began for one in of(records, Did) if one.deed == "publish"}
        self.reloads: defaultdict[str, list[float]] = defaultdict(list)
        for ending in of(records, CaughtUp):
            if not ending.recovered:
                self.reloads[ending.client].append(ending.at)
        self.slept: defaultdict[str, list[Slept]] = defaultdict(list)
        for sleep in of(records, Slept):
            self.slept[sleep.client].append(sleep)
        self._deeds: defaultdict[tuple[str, str], list[Did]] = defaultdict(list)
        for did in of(records, Did):
            self._deeds[did.who, did.what].append(did)
        self._follows = {(one.who, one.author) for one in of(records, Followed)}
        self.clients = {one.who for one in of(records, Did) if one.deed in ("follow", "unfollow")}

    def follows(self, client: str, author: str) -> Iterator[Span]:
        """When the client followed the author for certain."""
        deeds = self.between(client, author)
        for at, did in enumerate(deeds):
            if did.deed == "follow" and did.ended is not None:
                yield Span(did.ended, deeds[at + 1].began if at + 1 < len(deeds) else float("inf"))

    def denied(self, client: str, author: str) -> Iterator[Span]:
        """When the client did not follow the author for certain, after it once did."""
        deeds = self.between(client, author)
        for at, did in enumerate(deeds):
            if did.deed in ("unfollow", "block") and did.ended is not None:
                yield Span(did.ended, deeds[at + 1].began if at + 1 < len(deeds) else float("inf"))

    def hidden_from(self, video: str) -> float:
        """When it was gone or private for certain."""
        author = self.author.get(video, "")
        return min(
            (did.ended for did in self._deeds[author, video] if _hides(did) and did.ended is not None), default=float("inf")
        )

    def hiding_begun(self, video: str) -> bool:
        """Whether anybody ever tried to hide or delete it."""
        return any(_hides(did) for did in self._deeds[self.author.get(video, ""), video])

    def authors(self, client: str) -> Iterable[str]:
        return {what for (who, what) in self._deeds if who == client}

    def agreed(self, client: str, author: str) -> bool:
        """Whether PostgreSQL has in the end what the last deed says, where that is certain."""
        deeds = self.between(client, author)
        last = deeds[-1] if deeds else None
        return last is None or last.ended is None or ((client, author) in self._follows) == (last.deed == "follow")

    def between(self, client: str, author: str) -> list[Did]:
        """What each did to the other, in the order in which it was begun."""
        both = self._deeds[client, author] + [did for did in self._deeds[author, client] if did.deed in ("block", "unblock")]
        return sorted(both, key=lambda did: did.began)


def _hides(did: Did) -> bool:
    return did.deed in ("hide", "delete")


def _nothing_lost(facts: _Facts, client: str, verdict: Verdict) -> None:
    """Every publication of somebody whom it followed then and ever since has come, or the client was told to reload."""
    came = {heard.video for heard in facts.heard[client]}
    for author in facts.authors(client):
        last = [span for span in facts.follows(client, author) if span.ended == float("inf")]
        for video, seq in facts.seq.items():
            if facts.author[video] != author or not last or facts.hiding_begun(video):
                continue
            begun = facts.begun[video]
            if begun < last[0].began:
                continue
            verdict.owed += 1
            if video in came:
                continue
            if any(at >= begun for at in facts.reloads[client]):
                verdict.told += 1
            else:
                verdict.broken.append(f"lost: {client} never heard of {video} (number {seq}) of {author}")


def _in_order(facts: _Facts, client: str, verdict: Verdict) -> None:
    """What came for the first time came in each author's order, repeats removed; and no session brought anything twice."""
    newest: dict[str, int] = {}
    came: set[str] = set()
    by_session: set[tuple[str, str]] = set()
    for heard in facts.heard[client]:
        if (heard.session, heard.video) in by_session:
            verdict.broken.append(f"twice: {client} heard of {heard.video} twice in one session")
        by_session.add((heard.session, heard.video))
        if heard.video in came:
            verdict.repeats += 1
            continue
        came.add(heard.video)
        seq = facts.seq.get(heard.video)
        if seq is None:
            if not facts.hiding_begun(heard.video):
                verdict.broken.append(f"invented: {client} heard of {heard.video}, which was never published")
            continue
        if seq < newest.get(heard.author, 0):
            verdict.broken.append(f"order: {client} heard of {heard.video} (number {seq}) of {heard.author} too late")
        newest[heard.author] = max(seq, newest.get(heard.author, 0))


def _nothing_denied(facts: _Facts, client: str, verdict: Verdict) -> None:
    """Nothing came from somebody whom the client had stopped following, or of a video that was hidden by then."""
    denied = {author: list(facts.denied(client, author)) for author in facts.authors(client)}
    for heard in facts.heard[client]:
        spans = [span.began for span in denied.get(heard.author, ()) if span.holds(heard.at)]
        since = min([*spans, facts.hidden_from(heard.video)])
        if heard.at < since:
            continue
        verdict.denied += 1
        if heard.at > since + facts.grace and not _asleep(facts, client, since, heard.at):
            late = heard.at - since
            verdict.broken.append(f"denied: {client} heard of {heard.video} of {heard.author} {late:.1f} s after it should not")


def _as_noted(facts: _Facts, client: str, verdict: Verdict) -> None:
    """What was answered is so; else the notes of the writers prove nothing."""
    for author in facts.authors(client):
        if not facts.agreed(client, author):
            verdict.broken.append(f"notes: whether {client} follows {author} is not what it was told")


def _asleep(facts: _Facts, client: str, since: float, at: float) -> bool:
    """Whether it may have lain unread since then."""
    return any(sleep.began <= since + facts.grace and sleep.ended + READING_SECONDS >= at for sleep in facts.slept[client])


def _counted(records: list[Record], verdict: Verdict) -> None:
    """Each `caught_up` has told how many came before it."""
    for ending in of(records, CaughtUp):
        if ending.missed != (ending.came if ending.recovered else 0):
            verdict.broken.append(f"count: {ending.client} was told {ending.missed} and got {ending.came}")


def hints_of(records: list[Record]) -> list[int]:
    """After how many milliseconds restarting servers asked their clients to come back, the least first."""
    hints = (hint_of(ending.reason) for ending in of(records, Ended) if ending.code == RESTART)
    return sorted(hint for hint in hints if hint is not None)


def _said_when(records: list[Record], verdict: Verdict) -> None:
    """Each server that restarted has told when to come back."""
    for ending in of(records, Ended):
        if ending.code == RESTART and ((hint := hint_of(ending.reason)) is None or hint > MOST_HINT_MS):
            verdict.broken.append(f"goodbye: {ending.client} was told {ending.reason!r} with {RESTART}")

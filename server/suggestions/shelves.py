"""The sources of a page: what they have is looked at as far as the page needs it, some at a time."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from server.kit.paging import After
from server.suggestions.exploring import NewVideos
from server.suggestions.listed import Listed
from server.suggestions.places import MOST_PERSONAL, Candidate, Fits, Turn
from server.suggestions.queries import Newest, Open
from server.suggestions.reasons import EXPLORE, LATEST
from server.suggestions.scroll import MOST_AHEAD, MOST_GIVEN, Marks, hash_of

LOOKED_AT = 40
"""Of a list, with one statement, when those that were looked at ahead are not enough."""
ROWS, MOST_ROWS = 40, 1000
"""Of the newest, with the first statement and with the later ones."""
REACH = 200
"""Rows of the newest that are looked at for one whose author fits."""
MOST_STATEMENTS = 6
"""Of one page, about the newest: whoever has seen more than these tell is given the rest with the next pages."""
DRAWS = 4
"""For each place that explores: some may be gone, or have an author who was just here."""

Look = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Open]]]
"""Those of these videos that may be given to the account at this moment."""
Rows = Callable[[After, int], Awaitable[list[Newest]]]
"""The next of the newest."""


class Line:
    """A list with an order that stays: the model's, or that of the popular ones."""

    def __init__(self, turn: Turn, listed: Listed, marks: Marks, look: Look) -> None:
        self._turn = turn
        self._listed = listed
        self._wanted: dict[UUID, tuple[int, str]] = {}
        self._marks = marks
        self._look = look
        self._ready: list[Candidate] = []
        self._upto = marks.first

    def wanted(self, most: int) -> list[UUID]:
        """The next that nobody has looked at; `found` has to be told of all of them."""
        video_ids: list[UUID] = []
        while len(video_ids) < most and self._upto < len(self._listed) and self._marks.reaches(self._upto):
            if not self._marks.has(self._upto):
                video_id, reason = self._listed[self._upto]
                self._wanted[video_id] = self._upto, reason
                video_ids.append(video_id)
            self._upto += 1
        return video_ids

    def found(self, video_ids: Sequence[UUID], open_: Mapping[UUID, Open]) -> None:
        """What may be given of those that were wanted; the others are done with."""
        for video_id in video_ids:
            (place, reason), one = self._wanted.pop(video_id), open_.get(video_id)
            if one is None or self._turn.done(video_id, one.published_at):
                self._marks.set(place)
            else:
                self._ready.append(Candidate(video_id, one.author_id, one.published_at, reason))

    async def next(self, fits: Fits) -> tuple[Candidate, float] | None:
        """See `Shelf`."""
        seen = 0
        while True:
            for one in self._ready[seen:]:
                if fits(one.author_id) and not self._turn.done(one.video_id, one.at):
                    return one, 1.0
            seen = len(self._ready)
            if not (video_ids := self.wanted(LOOKED_AT)):
                return None
            self.found(video_ids, await self._look(video_ids))


class Picked:
    """Some that were looked at before: fresh ones, or similar ones."""

    def __init__(self, turn: Turn, listed: Sequence[tuple[UUID, str]], open_: Mapping[UUID, Open]) -> None:
        self._turn = turn
        self._ready = [
            Candidate(video_id, open_[video_id].author_id, open_[video_id].published_at, reason)
            for video_id, reason in listed
            if video_id in open_
        ]

    async def next(self, fits: Fits) -> tuple[Candidate, float] | None:
        """See `Shelf`."""
        if self._turn.remembers <= MOST_GIVEN - MOST_PERSONAL:
            return None
        for one in self._ready:
            if fits(one.author_id) and not self._turn.done(one.video_id, one.at):
                return one, 1.0
        return None


class Explored:
    """Videos that are new and that few have seen, by chance: each of them with the same probability."""

    def __init__(self, turn: Turn, new: NewVideos, closed: set[UUID], places: int, dice: random.Random) -> None:
        """Of the new videos some are drawn for so many places, none of those that are closed to the account."""
        self._turn = turn
        self._new = new
        self._closed = closed | turn.done_among(new) if places else closed
        self._drawn = self._draw(places * DRAWS, dice)
        self._open: Mapping[UUID, Open] = {}

    def wanted(self) -> list[UUID]:
        """Those that were drawn."""
        return [one.video_id for one in self._drawn]

    def found(self, open_: Mapping[UUID, Open]) -> None:
        """What may be given of these at this moment."""
        self._open = open_

    async def next(self, fits: Fits) -> tuple[Candidate, float] | None:
        """See `Shelf`."""
        if self._turn.remembers <= 0:
            return None
        for one in self._drawn:
            if one.video_id in self._open and one.video_id not in self._turn.taken and fits(one.author_id):
                return Candidate(one.video_id, one.author_id, one.published_at, EXPLORE), 1 / self._among()
        return None

    def _among(self) -> int:
        """How many stood for the place."""
        new, out = self._new, self._closed | (self._turn.taken & self._new.ids.keys())
        for told in self._turn.full_authors():
            out |= new.of_author.get(new.authors.get(told, _NOBODY), set())
        return max(len(new.all) - len(out), 1)

    def _draw(self, most: int, dice: random.Random) -> list[Open]:
        videos, closed = self._new.all, self._closed
        if 2 * (len(closed) + most) > len(videos):
            left = [one for one in videos if one.video_id not in closed]
            return dice.sample(left, min(len(left), most))
        drawn: dict[UUID, Open] = {}
        while len(drawn) < most:
            one = dice.choice(videos)
            if one.video_id not in closed:
                drawn[one.video_id] = one
        return list(drawn.values())


_NOBODY = UUID(int=0)


class Latest:
    """All that is public, the newest first: the feed ends with the catalogue."""

    def __init__(self, turn: Turn, read: Rows) -> None:
        self._turn = turn
        self._read = read
        self._rows: list[Newest] = []
        self._after = turn.scroll.newest
        self._more = True
        self._statements = 0

    async def next(self, fits: Fits) -> tuple[Candidate, float] | None:
        """See `Shelf`."""
        seen = found = 0
        while True:
            for row in self._rows[seen:]:
                if not row.open or self._turn.done(row.video_id, row.at):
                    continue
                if fits(row.author_id):
                    return Candidate(row.video_id, row.author_id, row.at, LATEST), 1.0
                found += 1
                if self._full:
                    return None  # of those behind it none more could be remembered
            seen = len(self._rows)
            if found >= REACH or not await self._look():
                return None

    @property
    def unsure(self) -> bool:
        """There may be more, and it was not looked for."""
        return self._more

    def end(self) -> None:
        """The page is full: say in the scroll where this has come to."""
        scroll, turn = self._turn.scroll, self._turn
        waits = (n for n, row in enumerate(self._rows) if row.open and not turn.done(row.video_id, row.at))
        stop = next(waits, len(self._rows))
        passed, behind = self._rows[:stop], self._rows[stop:]
        if passed:
            scroll.newest = After(passed[-1].at, passed[-1].video_id)
        gone = {hash_of(row.video_id) for row in passed}
        scroll.ahead = [one for one in scroll.ahead if one not in gone]
        scroll.ahead += [hash_of(row.video_id) for row in behind if row.video_id in turn.latest]

    @property
    def _full(self) -> bool:
        return len(self._turn.scroll.ahead) + len(self._turn.taken) >= MOST_AHEAD

    async def _look(self) -> bool:
        """Read more; whether there was."""
        if not self._more or self._statements >= MOST_STATEMENTS:
            return False
        limit = min(ROWS * 5**self._statements, MOST_ROWS)
        rows = await self._read(self._after, limit)
        self._statements += 1
        self._rows += rows
        self._more = len(rows) == limit
        if rows:
            self._after = After(rows[-1].at, rows[-1].video_id)
        return bool(rows)

"""Puts a page together: which source has which place, at most two of an author in ten, and nothing twice in a scroll."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

from server.suggestions.exploring import NewVideos
from server.suggestions.scroll import MOST_AUTHORS, MOST_GIVEN, START, Marks, Scroll, hash_of

Source = Literal["list", "fresh", "similar", "explore", "popular", "latest"]

TEN = 10
MOST_OF_AUTHOR = 2
"""In ten videos that follow each other."""
MOST_PERSONAL = 40
"""So many fresh and similar ones a scroll has: what it must remember by itself ends with MOST_GIVEN, and the rest explores."""

_LETTERS: dict[str, Source] = {
    "L": "list", "F": "fresh", "S": "similar", "E": "explore", "P": "popular", "N": "latest",
}  # fmt: skip
_ELSE = {"L": "SFPN", "F": "LSPN", "S": "LFPN", "E": "LSFPN", "P": "SFLN"}
"""What takes the place of a source that has nothing."""

NOTHING = Marks()

Order = tuple[tuple[Source, ...], ...]
Fits = Callable[[UUID], bool]
"""Whether a video of this author may come next."""


def _order(places: str) -> Order:
    return tuple(tuple(_LETTERS[letter] for letter in place + _ELSE[place]) for place in places)


WITH_LIST = _order("LLFLSLLSLE")
WITHOUT_LIST = _order("SPSFPSPSPE")
"""An account that has no list yet: what it watched says something, and not much."""
NOBODY = _order("P" * TEN)


class Candidate(NamedTuple):
    """A video that may be given now.

    Attributes:
        at: when it was published.
        reason: as `reasons.why` takes it.
    """

    video_id: UUID
    author_id: UUID
    at: datetime
    reason: str


class Given(NamedTuple):
    """A video in its place; by chance among others, where `propensity` is below 1."""

    candidate: Candidate
    source: Source
    propensity: float = 1.0


class Shelf(Protocol):
    """What one source has."""

    async def next(self, fits: Fits) -> tuple[Candidate, float] | None:
        """The best that was not given and whose author fits, with its propensity; asking changes nothing."""
        ...


class Turn:
    """A page that is being put together.

    Attributes:
        scroll: where it began, and then where it ends.
        taken: what stands on it.
        latest: what of that came from the newest.
    """

    def __init__(self, scroll: Scroll, listed: Mapping[bytes, int], popular: Mapping[bytes, int]) -> None:
        """`listed` and `popular` say at which place of these lists a video stands, by its hash."""
        self.scroll = scroll
        self.taken: set[UUID] = set()
        self.latest: set[UUID] = set()
        self._listed, self._popular = listed, popular
        self._given, self._ahead = set(scroll.given), set(scroll.ahead)
        self._began = scroll.newest

    @property
    def remembers(self) -> int:
        """So many more can be given that stand in no list."""
        return MOST_GIVEN - len(self.scroll.given)

    def done(self, video_id: UUID, at: datetime) -> bool:
        """Whether the scroll has it already, or has left it out."""
        if video_id in self.taken:
            return True
        if self._remembered(video_id):
            return True
        return self._began != START and (at, video_id) >= (self._began.at, self._began.id)

    def unremembered(self, listed: Iterable[tuple[UUID, str]], most: int) -> list[tuple[UUID, str]]:
        """The first of these that are not known to have been given, whenever they were published."""
        return list(islice((one for one in listed if not self._remembered(one[0])), most))

    def _remembered(self, video_id: UUID) -> bool:
        told = hash_of(video_id)
        if told in self._given or told in self._ahead:
            return True
        for marks, places in ((self.scroll.listed, self._listed), (self.scroll.popular, self._popular)):
            place = places.get(told)
            if place is not None and marks.has(place):
                return True
        return False

    def done_among(self, new: NewVideos) -> set[UUID]:
        """Those of the new videos of which `done` is true."""
        scroll = self.scroll
        found = {new.hashes[told] for told in self._given | self._ahead if told in new.hashes}
        for listed, marks in ((self._listed, scroll.listed), (self._popular, scroll.popular)):
            if marks != NOTHING:
                found |= {new.hashes[told] for told in listed.keys() & new.hashes.keys() if marks.has(listed[told])}
        return found if self._began == START else found.union(new.since(self._began))

    def full_authors(self) -> set[bytes]:
        """What stands for the authors of whom there may be no other now."""
        last = self.scroll.authors
        return {told for told in last if last.count(told) >= MOST_OF_AUTHOR}

    def fits(self, author_id: UUID) -> bool:
        """Whether two of the last nine were not by this author."""
        return self.scroll.authors.count(hash_of(author_id)) < MOST_OF_AUTHOR

    def give(self, given: Given) -> None:
        """Put it into the next place."""
        scroll, candidate = self.scroll, given.candidate
        self.taken.add(candidate.video_id)
        scroll.place += 1
        scroll.authors = [*scroll.authors, hash_of(candidate.author_id)][-MOST_AUTHORS:]
        told, marked = hash_of(candidate.video_id), False
        for marks, places in ((scroll.listed, self._listed), (scroll.popular, self._popular)):
            place = places.get(told)
            if place is not None and marks.reaches(place):
                marks.set(place)
                marked = True
        if given.source == "latest":
            self.latest.add(candidate.video_id)
        elif not marked:
            scroll.given.append(told)


async def fill(turn: Turn, limit: int, order: Order, shelves: Mapping[Source, Shelf]) -> list[Given]:
    """So many videos; fewer only where nothing is left."""
    found: list[Given] = []
    while len(found) < limit:
        sources = order[turn.scroll.place % TEN]
        given = await _first(sources, shelves, turn.fits) or await _first(sources, shelves, _anybody)
        if given is None:
            break
        turn.give(given)
        found.append(given)
    return found


async def left(order: Order, shelves: Mapping[Source, Shelf]) -> bool:
    """Whether there is anything else to give."""
    return await _first(order[0], shelves, _anybody) is not None


async def _first(sources: Sequence[Source], shelves: Mapping[Source, Shelf], fits: Fits) -> Given | None:
    for source in sources:
        if source in shelves and (found := await shelves[source].next(fits)) is not None:
            return Given(found[0], source, found[1])
    return None


def _anybody(_author_id: UUID) -> bool:
    return True

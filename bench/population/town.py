"""Who there is, who follows whom, and what was posted, watched, liked and said: as arrays, by a seed alone.

Popularity is a power law, as in all such places: few are followed by most, and few videos have most of the comments.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np

from bench.population.rows import Array, Ids, micros

DAY = 86_400_000_000
FOLLOWS_DAYS, ACCOUNTS_DAYS = 300, 700
"""So far back: follows; accounts, all of which are older than any follow."""
AUTHORS, VIDEOS = (0.8, 10), (0.9, 10)
"""The law: the weight of the nth is (n + second) ^ -first."""
READERS = (50, 1_000, 5_000)
"""There is an account each that follows exactly so many, as far as there are so many."""
LINGERING = 2 * DAY
"""The mean time between a video and what is said of it."""
PUBLIC, FOLLOWERS, PRIVATE, UNFINISHED = range(4)
SHARES = (0.90, 0.07, 0.02, 0.01)
"""Of videos: two kinds are published, a private one plays, and an unfinished one does not yet."""
MOST_DRAWS = 60

Draw: TypeAlias = Callable[[int], tuple[Array, Array]]
Good: TypeAlias = Callable[[Array], Array]


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything; `follows`, `likes` and `plays` are of different pairs, so they need room."""

    accounts: int = 100_000
    follows: int = 4_900_000
    videos: int = 500_000
    comments: int = 2_000_000
    plays: int = 4_000_000
    likes: int = 2_000_000  # by some of those who watched
    blocks: int = 20_000
    days: int = 60  # so far back are videos


LARGE = Size()
SMALL = Size(accounts=3_000, follows=60_000, videos=12_000, comments=40_000, plays=50_000, likes=30_000, blocks=1_000, days=7)


@dataclass(slots=True)
class Town:
    """All of it. What names an account or a video is its number, the place of its id in `account` or `video`.

    Attributes:
        follow_from: the followers, each beside `follow_to`; in the order of `follow_at` (microseconds since 1970).
        readers: of READERS, who follows exactly so many.
        author: of each video, in the order of `video_at`, when it was created and, if it is, published.
        state: of each video PUBLIC, FOLLOWERS, PRIVATE or UNFINISHED.
        play_video: what was watched, each beside `play_account`; the first `likes` of them were liked.
    """

    size: Size
    now: int
    account_at: Array = field(init=False)
    account: Ids = field(init=False)
    follow_from: Array = field(init=False)
    follow_to: Array = field(init=False)
    follow_at: Array = field(init=False)
    block_from: Array = field(init=False)
    block_to: Array = field(init=False)
    readers: dict[int, int] = field(init=False)
    author: Array = field(init=False)
    state: Array = field(init=False)
    video_at: Array = field(init=False)
    video: Ids = field(init=False)
    comment_video: Array = field(init=False)
    comment_author: Array = field(init=False)
    comment_at: Array = field(init=False)
    comment: Ids = field(init=False)
    play_video: Array = field(init=False)
    play_account: Array = field(init=False)
    play_at: Array = field(init=False)

    @classmethod
    def made(cls, size: Size, seed: int, until: datetime | None = None) -> "Town":
        """The town as it is at that moment, now unless it is given; the same for the same arguments."""
        now = micros(until or datetime.now(UTC)) // 1000 * 1000
        town, rng = cls(size, now), np.random.default_rng(seed)
        popularity = _weights(size.accounts, AUTHORS, rng)
        town._settle(now, popularity, rng)
        town._post(now, popularity, rng)
        town._say(now, rng)
        return town

    def _settle(self, now: int, popularity: Array, rng: np.random.Generator) -> None:
        many = self.size.accounts
        self.account_at = np.sort(now - FOLLOWS_DAYS * DAY - rng.integers(0, (ACCOUNTS_DAYS - FOLLOWS_DAYS) * DAY, many))
        self.account = Ids.at(self.account_at, rng)
        self.readers = {number: many - 1 - place for place, number in enumerate(READERS) if number < many / 2}
        reading = list(self.readers.values())
        blocks = _pairs(
            self.size.blocks,
            many,
            rng,
            lambda n: (rng.integers(0, many, n), rng.integers(0, many, n)),
            lambda found: (found // many != found % many) & ~np.isin([found // many, found % many], reading).any(axis=0),
        )
        self.block_from, self.block_to = blocks // many, blocks % many
        chosen = [_reader(account, number, many, popularity, rng) for number, account in self.readers.items()]
        # A block ends follows both ways; whom a reader follows is settled.
        apart = np.concatenate([blocks, self.block_to * many + self.block_from])
        chance = _cumulated(popularity)
        # People differ in how many they follow as well.
        eager = _cumulated(rng.lognormal(0, 1, many))
        edges = _pairs(
            self.size.follows - sum(len(one) for one in chosen),
            many,
            rng,
            lambda n: (_draw(eager, n, rng), _draw(chance, n, rng)),
            lambda found: (found // many != found % many) & ~np.isin(found // many, reading) & ~np.isin(found, apart),
        )
        edges = rng.permutation(np.concatenate([edges, *chosen]))
        self.follow_from, self.follow_to = edges // many, edges % many
        self.follow_at = np.sort(now - rng.integers(0, FOLLOWS_DAYS * DAY, len(edges)))

    def _post(self, now: int, popularity: Array, rng: np.random.Generator) -> None:
        many = self.size.videos
        # Whoever is followed by many posts more, but not in the same measure.
        self.author = _draw(_cumulated(np.sqrt(popularity)), many, rng)
        self.state = rng.choice(len(SHARES), many, p=SHARES)
        self.video_at = np.sort(now - rng.integers(0, self.size.days * DAY, many))
        # No two have the same moment: their order is that of their times.
        self.video_at = np.maximum.accumulate(self.video_at - np.arange(many)) + np.arange(many)
        self.video = Ids.at(self.video_at, rng)

    def _say(self, now: int, rng: np.random.Generator) -> None:
        shown = np.flatnonzero(self.state <= FOLLOWERS)
        chance = _cumulated(_weights(len(shown), VIDEOS, rng))
        videos = shown[_draw(chance, self.size.comments, rng)]
        at = self._later(videos, now, rng)
        order = np.argsort(at, kind="stable")
        self.comment_video, self.comment_at = videos[order], at[order]
        self.comment_author = rng.integers(0, self.size.accounts, self.size.comments)
        self.comment = Ids.at(self.comment_at, rng)
        many = self.size.accounts
        plays = _pairs(self.size.plays, many, rng, lambda n: (shown[_draw(chance, n, rng)], rng.integers(0, many, n)))
        plays = rng.permutation(plays)
        self.play_video, self.play_account = plays // many, plays % many
        self.play_at = self._later(self.play_video, now, rng)

    def _later(self, videos: Array, now: int, rng: np.random.Generator) -> Array:
        """A moment after each video, most of them soon after."""
        since = self.video_at[videos]
        after = rng.exponential(LINGERING, len(videos)).astype("i8")
        at: Array = since + after % np.maximum(now - since, 1)
        return at


def _weights(many: int, law: tuple[float, float], rng: np.random.Generator) -> Array:
    """Of so many things in no order."""
    exponent, flat = law
    weights: Array = rng.permutation((np.arange(many) + flat) ** -exponent)
    return weights


def _cumulated(weights: Array) -> Array:
    summed: Array = np.cumsum(weights)
    summed /= summed[-1]
    return summed


def _draw(cumulated: Array, many: int, rng: np.random.Generator) -> Array:
    return np.searchsorted(cumulated, rng.random(many)).clip(max=len(cumulated) - 1)


def _reader(account: int, follows: int, accounts: int, popularity: Array, rng: np.random.Generator) -> Array:
    """Whom somebody follows who follows exactly so many, as pairs."""
    chance = popularity.copy()
    chance[account] = 0
    authors: Array = rng.choice(accounts, follows, replace=False, p=chance / chance.sum())
    return account * accounts + authors


def _pairs(many: int, width: int, rng: np.random.Generator, draw: Draw, good: Good | None = None) -> Array:
    """So many different pairs (first * width + second), drawn until there are enough.

    Raises:
        ValueError: hardly any new ones come.
    """
    found = np.empty(0, dtype="i8")
    for _ in range(MOST_DRAWS):
        first, second = draw(max(many - len(found), 1000) * 5 // 4)
        fresh = first * width + second
        found = np.union1d(found, fresh if good is None else fresh[good(fresh)])
        if len(found) >= many:
            return rng.permutation(found)[:many]
    raise ValueError(f"there is no room for {many} different pairs")

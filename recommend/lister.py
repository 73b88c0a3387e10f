"""Lists for people: candidates of all sources, in the learned order, by the rules, each with what put it there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from recommend import candidates, sources
from recommend.arrays import Flags, Floats, Ints, Singles, contains, distinct, pair_keys
from recommend.candidates import Candidates
from recommend.factors import Factors
from recommend.items import UNKNOWN
from recommend.log import Log
from recommend.model import AT_ONCE, MIN_ROWS, Model
from recommend.rules import spaced
from recommend.sources import POPULAR, TASTE, WHYS, Named, Source

FAR = np.iinfo(np.int32).max
"""The rank of what a source does not name."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Rows of items, the best first (-1: no more), why each is there (a place in WHYS), and a detail (-1: none)."""

    users: Ints
    items: Ints
    whys: Ints
    details: Ints


@dataclass(frozen=True, slots=True)
class Lister:
    """A model with all that is known of what may be suggested."""

    model: Model
    log: Log
    seen: csr_array
    catalogue: Ints  # what may be suggested
    near: Factors  # of the catalogue
    hidden: csr_array  # what was seen of it
    lately: Ints  # the catalogue, the most popular first
    long: Ints  # the same with a long memory
    sources: list[Source]

    @classmethod
    def of(cls, model: Model, log: Log) -> "Lister":
        """Ready."""
        seen, catalogue = log.seen(), np.flatnonzero(log.eligible)
        near = Factors(model.factors.users, model.factors.items[catalogue])
        long = catalogue[np.argsort(-model.long[catalogue], kind="stable")]
        more = sources.of_log(log, model.factors, seen, model.rows > 0)
        lately = model.lately[log.eligible[model.lately]]
        return cls(model, log, seen, catalogue, near, seen[:, catalogue], lately, long, more)

    def best(self, users: Ints, most: int) -> Ints:
        """The items alone."""
        chosen = np.full((len(users), most), UNKNOWN)
        order = np.argsort(users, kind="stable")
        done = 0
        for lists in self.lists(users[order], most):
            chosen[order[done : done + len(lists.users)]] = lists.items
            done += len(lists.users)
        return chosen

    def scores(self, users: Ints, items: Ints) -> Floats:
        """How high each pair stands among those of the same user."""
        return self.model.scores(users, items)

    def lists(self, users: Ints, most: int) -> Iterator[Lists]:
        """Lists for users in ascending order, some at a time, so that they need not be in memory together."""
        parts = (users[start : start + AT_ONCE] for start in range(0, len(users), AT_ONCE))
        threads = self.model.threads
        with ThreadPoolExecutor(threads, "lists") as pool:
            waiting = []
            for part in parts:
                waiting.append(pool.submit(self._some, part, most))
                if len(waiting) > threads:
                    yield waiting.pop(0).result()
            yield from (one.result() for one in waiting)

    def _some(self, users: Ints, most: int) -> Lists:
        theirs = self.seen[users]
        seen = pair_keys(np.repeat(users, np.diff(theirs.indptr)), theirs.indices, self.log.width)
        seen.sort()
        pairs, whys, details = self._candidates(users, seen)
        scores = self._order(pairs)
        order = np.lexsort((-scores, pairs.users))
        bounds = np.searchsorted(pairs.users, np.append(users, users[-1] + 1))
        lists = Lists(users, *(np.full((len(users), most), UNKNOWN) for _ in range(3)))
        authors = self.log.content.authors
        for row, user in enumerate(users.tolist()):
            own = order[bounds[row] : bounds[row + 1]]
            items, why, detail = pairs.items[own], whys[own], details[own]
            chosen, left = spaced(authors[items].tolist(), most)
            if len(chosen) < most:  # what is popular follows; what the rule kept back may then, too
                more = self._popular(user, np.concatenate([items, theirs[[row]].indices]), most)
                items = np.concatenate([items, more])
                why = np.concatenate([why, np.full(len(more), WHYS.index(POPULAR))])
                detail = np.concatenate([detail, np.full(len(more), UNKNOWN)])
                chosen, left = spaced(authors[items].tolist(), most)
            chosen = (chosen + left)[:most]  # nothing else is left
            there = slice(0, len(chosen))
            lists.items[row, there], lists.whys[row, there], lists.details[row, there] = (
                items[chosen],
                why[chosen],
                detail[chosen],
            )
        return lists

    def _popular(self, user: int, hidden: Ints, most: int) -> Ints:
        """What is popular in the long run, some more than are wanted, for the rules may hold some back."""
        head = self.long[: len(hidden) + 3 * most]
        head = head[~np.isin(head, hidden)]
        return head[~self._blocked(np.full(len(head), user), head)]

    def _blocked(self, users: Ints, items: Ints) -> Flags:
        return contains(self.log.blocks, pair_keys(users, self.log.content.authors[items], max(len(self.log.users), 1)))

    def _candidates(self, users: Ints, seen: Ints) -> tuple[Candidates, Ints, Ints]:
        """Pairs with what is said of them, why each is one, and a detail of that."""
        found, scores = self.near.best(users, self.hidden, candidates.BY_FACTORS, 1)
        found[self.model.rows[users] == 0] = UNKNOWN
        rows, ranks = np.nonzero(found >= 0)
        items = self.catalogue[found[rows, ranks]]
        named = {TASTE: Named(users[rows], items, ranks, np.full(len(rows), UNKNOWN)), POPULAR: self._lately(users, seen)}
        named |= {source.why: source.named(users, seen) for source in self.sources}
        keys = {why: pair_keys(one.users, one.items, self.log.width) for why, one in named.items()}
        every = distinct(np.concatenate(list(keys.values())))
        best, whys, details = np.full(len(every), FAR), np.zeros(len(every), np.int64), np.full(len(every), UNKNOWN)
        for place, why in enumerate(WHYS):
            if why in named:
                _tell(np.searchsorted(every, keys[why]), named[why], place, best, whys, details)
        pair_users, pair_items = every // self.log.width, every % self.log.width
        free = ~self._blocked(pair_users, pair_items)
        pairs = candidates.known(self.model.factors, pair_users[free], pair_items[free], users, _floor(scores))
        return pairs, whys[free], details[free]

    def _lately(self, users: Ints, seen: Ints) -> Named:
        head = self.lately[: candidates.POPULAR + candidates.SEEN_AT_ONCE]
        keys = pair_keys(np.repeat(users, len(head)), np.tile(head, len(users)), self.log.width).reshape(len(users), len(head))
        free = ~contains(seen, keys)
        nth = np.cumsum(free, axis=1) - 1
        rows, place = np.nonzero(free & (nth < candidates.POPULAR))
        return Named(users[rows], head[place], nth[rows, place], np.full(len(rows), UNKNOWN))

    def _order(self, pairs: Candidates) -> Floats:
        rows = self.model.rows[pairs.users]
        scores = np.where(rows > 0, pairs.scores, self.model.long[pairs.items]).astype(np.float64)
        ranked = np.flatnonzero(rows >= MIN_ROWS)
        if self.model.learned is not None and len(ranked):
            some = Candidates(*(getattr(pairs, name)[ranked] for name in Candidates.__slots__))
            scores[ranked] = self.model.learned.scores(self.model.features.of(some))
        return scores


def _tell(at: Ints, named: Named, place: int, best: Ints, whys: Ints, details: Ints) -> None:
    """This source is why, where it puts the pair higher than those before it."""
    order = np.argsort(-named.ranks, kind="stable")  # of pairs that it names twice the highest is kept
    at, ranks, told = at[order], named.ranks[order], named.details[order]
    own, said = np.full(len(best), FAR), np.full(len(best), UNKNOWN)
    own[at], said[at] = ranks, told
    higher = own < best
    best[higher], whys[higher], details[higher] = own[higher], place, said[higher]


def _floor(scores: Singles) -> Singles:
    return scores if scores.shape[1] else np.zeros((len(scores), 1), np.float32)

"""What is stored: by tier, kind and account, what nothing names, and what a month of it costs."""

from collections import defaultdict
from uuid import UUID

import msgspec
from aiohttp import web

from server.archive import inventory
from server.archive.prices import Prices
from server.kit.request import SETTINGS

MOST_ORPHANS = 100
"""So many are named."""
MOST_ACCOUNTS = 50_000
"""So many are told apart: those whose objects come first."""


class Sum(msgspec.Struct):
    """So many objects, their bytes, and what a month of these costs."""

    objects: int = 0
    bytes: int = 0
    cost: float = 0.0

    def add(self, size: int, cost: float) -> None:
        """One more."""
        self.objects += 1
        self.bytes += size
        self.cost += cost


class Account(Sum):
    """The same of one account, in all, by tier and by kind."""

    tiers: dict[str, Sum] = {}
    kinds: dict[str, Sum] = {}

    def has(self, tier: str, kind: str, size: int, cost: float) -> None:
        """One more."""
        self.add(size, cost)
        self.tiers.setdefault(tier, Sum()).add(size, cost)
        self.kinds.setdefault(kind, Sum()).add(size, cost)


class Report(msgspec.Struct):
    """Sums by tier (`warm`, `archive`) and kind, in all and of each account; what nothing names, with some of the keys.

    Accounts are in order, the largest first; `others`: what is of accounts beyond MOST_ACCOUNTS, and of nobody who is there.
    """

    tiers: dict[str, Sum]
    kinds: dict[str, Sum]
    accounts: dict[UUID, Account]
    others: Sum
    orphans: Sum
    orphan_keys: list[str]


async def report(app: web.Application) -> Report:
    """Look at every object.

    Raises:
        StoreUnavailable, ObjectMissing: the store does not answer, or has no such bucket.
    """
    prices = Prices.of(app[SETTINGS])
    tiers = {"warm": Sum(), "archive": Sum()}
    kinds: defaultdict[str, Sum] = defaultdict(Sum)
    accounts: defaultdict[UUID, Account] = defaultdict(Account)
    others, orphans, keys = Sum(), Sum(), list[str]()
    async for one in inventory.items(app):
        cost = prices.warm(one.size) if one.tier == "warm" else prices.archive(one.size)
        tiers[one.tier].add(one.size, cost)
        kinds[one.kind].add(one.size, cost)
        if one.account_id is not None and (one.account_id in accounts or len(accounts) < MOST_ACCOUNTS):
            accounts[one.account_id].has(one.tier, one.kind, one.size, cost)
        else:
            others.add(one.size, cost)
        if one.orphan:
            orphans.add(one.size, cost)
            if len(keys) < MOST_ORPHANS:
                keys.append(one.key)
    largest = dict(sorted(accounts.items(), key=lambda pair: -pair[1].bytes))
    return Report(tiers, dict(kinds), largest, others, orphans, keys)

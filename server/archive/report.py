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
MOST_ACCOUNTS = 100_000
"""Beyond that the rest is summed up."""


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


class Report(msgspec.Struct):
    """Sums by tier (`warm`, `archive`), by kind and by account, the largest first; what nothing names, with some of the keys."""

    tiers: dict[str, Sum]
    kinds: dict[str, Sum]
    accounts: dict[UUID, Sum]
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
    accounts: defaultdict[UUID, Sum] = defaultdict(Sum)
    orphans, keys = Sum(), list[str]()
    async for one in inventory.items(app):
        cost = prices.warm(one.size) if one.tier == "warm" else prices.archive(one.size)
        tiers[one.tier].add(one.size, cost)
        kinds[one.kind].add(one.size, cost)
        if one.account_id is not None and (one.account_id in accounts or len(accounts) < MOST_ACCOUNTS):
            accounts[one.account_id].add(one.size, cost)
        if one.orphan:
            orphans.add(one.size, cost)
            if len(keys) < MOST_ORPHANS:
                keys.append(one.key)
    largest = dict(sorted(accounts.items(), key=lambda pair: -pair[1].bytes))
    return Report(tiers, dict(kinds), largest, orphans, keys)

"""Each item by itself, where the archive is asked as well."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from server.kit.request import COLD
from server.transcoding.alone import alone
from storage.objects import StoreFull

MOST_FAILURES = 20
"""In a row: then it is not the items that are to blame."""


class NothingGoes(Exception):
    """One item after the other fails, as where the archive does not know the storage class."""


@dataclass(slots=True)
class Run:
    """How many of a run of items have failed, one after the other."""

    failures: int = 0

    def ended(self, *, well: bool) -> None:
        """One more has.

        Raises:
            NothingGoes: MOST_FAILURES have failed in a row.
        """
        self.failures = 0 if well else self.failures + 1
        if self.failures >= MOST_FAILURES:
            raise NothingGoes(f"{self.failures} have failed, one after the other; the log says of what")


@asynccontextmanager
async def apart(app: web.Application, what: UUID | str, run: Run | None = None) -> AsyncIterator[None]:
    """Log whatever goes wrong in the block, and go on after it.

    Raises:
        StoreFull: nobody else's bytes will be taken either.
        StoreUnavailable, ObjectMissing, and what AWAY has: a store, that of the archive too, as a whole does not answer.
        NothingGoes: too many of a run have failed.
    """
    full: StoreFull | None = None
    failed = True
    async with alone(app, what):
        try:
            yield
            failed = False
        except StoreFull as error:
            full = error
    if full is not None:
        raise full
    if failed:
        await app[COLD].store.check(app[COLD].bucket)  # where it does not answer, no item is to blame
    if run is not None:
        run.ended(well=not failed)

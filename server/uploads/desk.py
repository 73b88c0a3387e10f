"""What the actions of this room work with."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import Announcer, Work, work
from server.settings import Settings
from server.uploads.gate import Gate
from server.uploads.patience import Patience
from server.uploads.sink import Sink
from server.uploads.wire import Upload
from storage.objects import ObjectStore
from storage.postgres import Pool

GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)
PATIENCE: web.AppKey[Patience] = web.AppKey("patience", Patience)


async def gate(app: web.Application) -> AsyncIterator[None]:
    """What all uploads of the process share (a cleanup context)."""
    app[GATE], app[PATIENCE] = Gate(), Patience()
    app.on_shutdown.append(_stop)
    yield


async def _stop(app: web.Application) -> None:
    """End the bodies that are on their way while there is time left to keep what came of them."""
    app[PATIENCE].end()


@dataclass(frozen=True, slots=True)
class Desk:
    """The actions commit by themselves, because the bytes of a request are counted while it lasts: they get no `Work`."""

    pool: Pool
    announcer: Announcer
    store: ObjectStore
    settings: Settings
    gate: Gate

    @classmethod
    def of(cls, app: web.Application) -> "Desk":
        return cls(app[POOL], app[ANNOUNCER], app[STORE], app[SETTINGS], app[GATE])

    @property
    def bucket(self) -> str:
        """Of originals; the edge cannot reach it."""
        return self.settings.s3_raw_bucket

    def sink(self, upload: Upload, *, provisional: bool = False) -> Sink:
        """Takes the bytes of a request that became the upload's writer."""
        limit = self.settings.upload_max_bytes
        return Sink(self.store, self.bucket, self.gate, self.pool, upload, limit, provisional=provisional)

    def work(self, account_id: UUID) -> AbstractAsyncContextManager[Work]:
        """One transaction."""
        return work(self.pool, self.announcer, account_id)

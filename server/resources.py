"""What every process of reelwire opens at its start and closes at its end, as aiohttp cleanup contexts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from server.cards.actions import CARDS, Cards
from server.keys import MediaSigner, derive
from server.kit.auth import AUTHENTICATOR, Authenticator
from server.kit.health import CHECKS, get_healthz, get_readyz
from server.kit.invalidation import INVALIDATIONS, Invalidations
from server.kit.metrics import get_metrics
from server.kit.request import COLD, POOL, SETTINGS, SIGNER, STORE, TOKENS
from server.kit.tasks import running
from server.kit.tokens import Tokens
from server.live import gateway
from server.settings import Settings
from storage.cold import Cold
from storage.objects import PATIENCE_SECONDS, ObjectStore
from storage.postgres import close_pool, connection, open_pool

BACKGROUND_PATIENCE_SECONDS = 90.0


def provide(app: web.Application, settings: Settings) -> None:
    """What needs no opening: settings and what is made of the secret keys."""
    keys = tuple(derive(secret) for secret in settings.secret_keys)
    app[SETTINGS] = settings
    app[TOKENS] = Tokens(keys, settings.access_token_seconds, settings.refresh_token_seconds)
    app[SIGNER] = MediaSigner(keys, settings.media_url_seconds)
    app[CARDS] = Cards(app[SIGNER])


async def postgres(app: web.Application) -> AsyncIterator[None]:
    """The pool."""
    settings = app[SETTINGS]
    app[POOL] = await open_pool(settings.database_url, settings.database_pool, "reelwire")
    yield
    await close_pool(app[POOL])


async def object_store(app: web.Application) -> AsyncIterator[None]:
    """The S3 clients of a process that answers requests: it gives up before they must be answered."""
    async with _store(app, PATIENCE_SECONDS):
        yield


async def patient_object_store(app: web.Application) -> AsyncIterator[None]:
    """The S3 client of a process that works in the background: a restart of the store costs it nothing."""
    async with _store(app, BACKGROUND_PATIENCE_SECONDS):
        yield


@asynccontextmanager
async def _store(app: web.Application, patience: float) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    keys = (settings.s3_access_key_id, settings.s3_secret_access_key)
    async with ObjectStore.open(settings.s3_endpoint_url, settings.s3_region, *keys, patience=patience) as store:
        app[STORE] = store
        if not settings.s3_archive_endpoint_url:
            app[COLD] = Cold(store, settings.s3_archive_bucket, settings.s3_archive_class)
            yield
            return
        keys, region = (settings.s3_archive_access_key_id, settings.s3_archive_secret_access_key), settings.s3_archive_region
        async with ObjectStore.open(settings.s3_archive_endpoint_url, region, *keys, patience=patience) as archive:
            app[COLD] = Cold(archive, settings.s3_archive_bucket, settings.s3_archive_class)
            yield


async def invalidations(app: web.Application) -> AsyncIterator[None]:
    """What must no longer be believed, and the credentials that hang on it."""
    settings = app[SETTINGS]
    # A connection of its own: behind requests in the queue of the pool the poll would be late just when much goes on, and
    # then each request would ask PostgreSQL instead of memory.
    own = await open_pool(settings.database_url, 1, "reelwire")
    app[INVALIDATIONS] = Invalidations(own, settings.access_token_seconds, app[POOL])
    app[AUTHENTICATOR] = Authenticator(app[TOKENS], app[INVALIDATIONS], app[POOL])
    async with running("invalidations", app[INVALIDATIONS].run()):
        yield
    await app[INVALIDATIONS].leave()
    await close_pool(own)


async def checks(app: web.Application) -> AsyncIterator[None]:
    """What `/readyz` asks."""

    async def database() -> None:
        if (serving := app.get(gateway.GATEWAY)) is not None:
            serving.require_ready()  # sessions can begin once the log has been read
        async with connection(app[POOL]) as conn:
            await conn.fetchval("SELECT 1")

    async def store() -> None:
        await app[STORE].check(app[SETTINGS].s3_bucket)

    async def broker() -> None:
        await app[gateway.BROKER].ping()

    app[CHECKS] = {"postgres": database, "valkey": broker, "s3": store}
    yield


def add_operations(app: web.Application) -> None:
    """The pages that operators read of every process."""
    app.router.add_get("/healthz", get_healthz)
    app.router.add_get("/readyz", get_readyz)
    app.router.add_get("/metrics", get_metrics)

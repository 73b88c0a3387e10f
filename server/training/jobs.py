"""The nightly training: signals out, a process that learns, and either all lists at once or the old ones."""

import asyncio
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
from aiohttp import web
from prometheus_client import Gauge

from recommend import process
from recommend.engines import MEMORY_BYTES
from recommend.figures import Cost
from recommend.night_job import LISTS, SIMILAR, Gate, Night, Trained
from recommend.process import BadInputError, BrokeOffError
from server.kit.cores import cores
from server.kit.ids import new_id
from server.kit.request import POOL, SETTINGS
from server.kit.tasks import keep_doing, running
from server.plays import rising
from server.settings import Settings
from server.training import publishing, queries
from server.training.alone import alone
from server.training.export import anybody, export
from storage.postgres import AWAY, connection

TRAIN = "recommend.night:train"
ATTEMPTS = 3
"""Trainings of a day that may break off before it is left at that."""
MOST_RISING = 200
MODELS_KEPT_DAYS = 365
TELL_SECONDS = 30.0

REFUSED = Gauge(
    "reelwire_suggestions_refused",
    "1 while the newest model was worse than popularity, so that older lists are served",
    multiprocess_mode="livemostrecent",
)

log = logging.getLogger(__name__)


class Busy(Exception):
    """Somebody else is training."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training ended."""

    model_id: UUID
    published: bool
    trained: Trained
    cost: Cost


class Figures(msgspec.Struct, frozen=True):
    """What is kept of a training; `enough` users were judged for the gate to mean something."""

    trained: Trained
    cost: Cost
    enough: bool


async def nightly(app: web.Application) -> None:
    """The periodic job: what is left of old models goes; once a day, from `train_hour` on, there is a training."""
    await publishing.tidy(app[POOL])
    now = datetime.now(UTC)
    async with connection(app[POOL]) as conn:
        await queries.forget_models(conn, (now - timedelta(days=MODELS_KEPT_DAYS)).date())
        tried = await queries.tried(conn, now.date())
        learnable = await anybody(conn)
    if now.hour < app[SETTINGS].train_hour or tried.done or tried.failed >= ATTEMPTS or not learnable:
        return
    with suppress(Busy):
        try:
            await train(app)
        except (BadInputError, BrokeOffError) as error:
            log.error("training broke off, and will be tried %d times a day: %s", ATTEMPTS, error)  # noqa: TRY400 - said in a line


async def train(app: web.Application) -> Outcome:
    """Learn from everything up to now, and publish unless the model is worse than popularity.

    Raises:
        Busy: somebody else does.
        BadInputError, BrokeOffError: the process that learns did not finish.
        OSError: there is no place for the files.
    """
    async with alone(app[POOL]) as ours:
        if not ours:
            raise Busy
        model_id = new_id()
        async with connection(app[POOL]) as conn:
            await queries.begin(conn, model_id, datetime.now(UTC).date(), app[SETTINGS].suggest_engine)
        async with _failing(app, model_id), _folder(app[SETTINGS]) as folder:
            outcome = await _train(app, model_id, folder)
    await publishing.tidy(app[POOL])
    return outcome


async def _train(app: web.Application, model_id: UUID, folder: Path) -> Outcome:
    pool = app[POOL]
    until = await export(pool, folder)
    threads = await asyncio.to_thread(cores)
    engine = app[SETTINGS].suggest_engine
    night = Night(str(folder), await _rising(app), threads, engine=engine)
    done = await process.run_beside(folder, TRAIN, night, threads, MEMORY_BYTES[engine])
    trained = msgspec.json.decode(done.answer, type=Trained)
    figures = msgspec.json.encode(Figures(trained, done.cost, trained.gate.enough)).decode()
    if trained.gate.refuses:
        async with connection(pool) as conn:
            await queries.end(conn, model_id, "refused", until, figures, 0)
        log.error("training: %s; the lists of before are served", said(trained.gate))
        return Outcome(model_id, published=False, trained=trained, cost=done.cost)
    await publishing.write_lists(pool, folder / LISTS, model_id)
    await publishing.write_similar(pool, folder / SIMILAR, model_id)
    if not await publishing.publish(pool, model_id, until, figures, trained.lists):
        raise BrokeOffError("somebody has given this training up")
    log.info("training: %d lists are served; %s", trained.lists, said(trained.gate))
    return Outcome(model_id, published=True, trained=trained, cost=done.cost)


async def _rising(app: web.Application) -> list[str]:
    return [str(video_id) for video_id in await rising.rising(app, MOST_RISING)]


@asynccontextmanager
async def _failing(app: web.Application, model_id: UUID) -> AsyncIterator[None]:
    """Whatever ends the block too early is kept with the model; should that fail as well, the next training says so."""
    whole = False
    try:
        yield
        whole = True
    finally:
        if not whole:
            figures = msgspec.json.encode({"error": f"{sys.exception()!r}"}).decode()
            with suppress(*AWAY, asyncpg.PostgresError):
                async with connection(app[POOL]) as conn:
                    await queries.end(conn, model_id, "failed", None, figures, 0)


def said(gate: Gate) -> str:
    """What was judged, in a line."""
    if not gate.enough:
        return f"{gate.judged} accounts of the last day could be judged: too few to say whether it is better than popularity"
    figures = f"NDCG@10 is {gate.model or 0.0:.4f}, that of popularity {gate.popularity or 0.0:.4f}"
    return f"{figures}, for {gate.judged} users of the last day"


@asynccontextmanager
async def _folder(settings: Settings) -> AsyncIterator[Path]:
    """An empty folder, whose name is always the same: who is killed leaves it to the next one."""
    name = f"reelwire-training-{sha256(settings.database_url.encode()).hexdigest()[:16]}"
    path = Path(settings.work_dir or tempfile.gettempdir(), name)
    await asyncio.to_thread(_anew, path)
    try:
        yield path
    finally:
        await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)


def _anew(path: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(path)  # not what others may have put there: that ends with an error
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkdir(path, 0o700)


async def tell(app: web.Application) -> None:
    """Set the metric by what the database says, so that every scheduler tells it, and a restart does not silence it."""
    async with connection(app[POOL]) as conn:
        REFUSED.set(await queries.refused(conn))


async def telling(app: web.Application) -> AsyncIterator[None]:
    """Do so again and again."""
    async with running("suggestions metric", keep_doing(lambda: tell(app), TELL_SECONDS, "suggestions: the metric is old")):
        yield

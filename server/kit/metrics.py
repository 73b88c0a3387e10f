"""Metrics of the HTTP side, and the page that Prometheus reads: all processes of a host together."""

import asyncio
import time
from functools import cache
from pathlib import Path

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

from server.kit.problems import Handler
from server.kit.request import SETTINGS

REQUESTS = Counter("reelwire_http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "reelwire_http_request_seconds",
    "From the request's head to the end of the answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 30),
)

LIMITED = Counter("reelwire_http_limited_total", "Requests refused by a rate limit", ["limit"])
UNLIMITED = Counter("reelwire_http_unlimited_total", "Requests whose rate limit could not be asked", ["limit"])


@web.middleware
async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and time each request by its route's pattern, of which there are few."""
    began = time.perf_counter()
    response = await handler(request)
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "none"
    answered(request.method, route, response.status).count(time.perf_counter() - began)
    return response


class Answered:
    """Counts answers of one kind that pass no middleware, as `measured` would."""

    def __init__(self, method: str, route: str, status: int) -> None:
        self._requests = REQUESTS.labels(method, route, status)
        self._seconds = SECONDS.labels(route)

    def count(self, seconds: float) -> None:
        """One more, which took so long."""
        self._requests.inc()
        self._seconds.observe(seconds)


@cache  # of methods aiohttp knows, routes and statuses, of which there are few; looking a label up costs more than counting
def answered(method: str, route: str, status: int) -> Answered:
    """What counts answers of this kind."""
    return Answered(method, route, status)


async def get_metrics(request: web.Request) -> web.Response:
    """GET /metrics."""
    body = await asyncio.to_thread(exposition, request.app[SETTINGS].metrics_dir)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


def exposition(folder: str) -> bytes:
    """Prometheus' text; of all processes that share `folder`, or of this one alone without a folder."""
    if not folder:
        return generate_latest(REGISTRY)
    _forget_killed(Path(folder))
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _forget_killed(folder: Path) -> None:
    """What is counted of living processes only ends with them; those that end by a signal cannot say so."""
    for file in folder.glob("gauge_live*_*.db"):
        if not Path("/proc", file.stem.rpartition("_")[2]).exists():
            file.unlink(missing_ok=True)

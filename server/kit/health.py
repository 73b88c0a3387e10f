"""GET /healthz and /readyz: the process lives; its dependencies answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from server.kit import answer
from storage.postgres import AWAY

CHECK_SECONDS = 2.0

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]
CHECKS: web.AppKey[Mapping[str, Check]] = web.AppKey("checks")


async def get_healthz(_request: web.Request) -> web.Response:
    """The event loop turns."""
    return answer.json({"status": "ok"})


async def get_readyz(request: web.Request) -> web.Response:
    """Every dependency answers within CHECK_SECONDS; else 503 with the names of those that do not."""
    checks = request.app[CHECKS]
    answered = await asyncio.gather(*(_answers(name, check) for name, check in checks.items()))
    failing = [name for name, good in zip(checks, answered, strict=True) if not good]
    if not failing:
        return answer.json({"status": "ok"})
    response = answer.json({"status": "unavailable", "failing": failing}, status=503)
    response.headers["Retry-After"] = "2"
    return response


async def _answers(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Exception as error:
        # Whatever it is, the answer is no, and must tell of the others as well.
        log.info("%s does not answer: %r", name, error, exc_info=not isinstance(error, AWAY))
        return False
    return True

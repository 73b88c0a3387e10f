"""Writes the same bytes to many sessions, some at a time, so that the event loop stays responsive."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import islice

from server.live import metrics
from server.live.limits import SLICE
from server.live.log import Entry
from server.live.presence import Audience
from server.live.session import Session


async def push(audiences: Iterable[Audience], frame: bytes, entry: Entry) -> None:
    """One publication to everybody who is in `audiences` now. Who comes or goes meanwhile does not move the others."""
    targets = [session for audience in audiences for session in audience.sessions]
    metrics.DELIVERIES.inc(len(targets))
    for part in _slices(targets):
        for session in part:
            session.push(frame, entry)
        if len(part) == SLICE:
            await asyncio.sleep(0)


async def send(sessions: Iterable[Session], frame: bytes) -> None:
    """A frame that waits for nothing, to all of them."""
    for part in _slices(list(sessions)):
        for session in part:
            session.send(frame)
        await asyncio.sleep(0)


def _slices(sessions: Sequence[Session]) -> Iterable[list[Session]]:
    remaining = iter(sessions)
    while part := list(islice(remaining, SLICE)):
        yield part

"""Shapes of what clients tell of their playback: figures alone, of no account and of no video."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MOST_PLAYS = 100
"""Videos in one beacon."""
MOST_STARTUP_MS = 600_000
MOST_WATCHED_MS = 86_400_000
MOST_TIMES = 10_000
"""Stalls, or changes of the rendition, of one video."""
MOST_BYTES = 2**40

Network = Literal["slow", "fast", "unknown"]
Screen = Literal["small", "large"]
Outcome = Literal["started", "left", "resumed", "broken"]

Times = Annotated[int, Meta(ge=0, le=MOST_TIMES)]
Startup = Annotated[int, Meta(ge=0, le=MOST_STARTUP_MS)]
Milliseconds = Annotated[int, Meta(ge=0, le=MOST_WATCHED_MS)]
Bytes = Annotated[int, Meta(ge=0, le=MOST_BYTES)]


class Circumstances(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a client plays, without who it is.

    Attributes:
        network: what the browser believes of it; `slow` is 3g and less.
        screen: whether its short edge is that of a phone.
        data_saver: whether little is to be fetched.
    """

    network: Network
    screen: Screen
    data_saver: bool


class Playback(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one video played, from when it became the current one until it was left.

    Attributes:
        outcome: `left` before anything moved; `resumed`: it went on after a stop, so that its start-up says nothing; `broken`: it
            could not be played.
        startup_ms: until it moved, the first frame being painted since; null where that was not measured.
        ahead: its beginning had been fetched before it was looked at.
        stalls, stalled_ms: how often, and for how long in all, pictures stood still for want of data.
        watched_ms: for how long pictures moved.
        rendition_changes: how often another rendition took over.
    """

    outcome: Outcome
    startup_ms: Startup | None
    ahead: bool
    stalls: Times
    stalled_ms: Milliseconds
    watched_ms: Milliseconds
    rendition_changes: Times


class Beacon(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """POST /qoe: how videos played since the beacon before.

    Attributes:
        first_picture_ms: from the navigation to the first painted frame of the page; null in all beacons but the one that has it.
        preloaded_bytes: what was fetched of videos before they were looked at.
        wasted_bytes: the part of it that turned out not to be watched.
    """

    client: Circumstances
    plays: Annotated[list[Playback], Meta(max_length=MOST_PLAYS)]
    first_picture_ms: Startup | None = None
    preloaded_bytes: Bytes = 0
    wasted_bytes: Bytes = 0

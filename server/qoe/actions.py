"""Counts what clients tell of their playback; nothing of it is kept but sums."""

from prometheus_client import Counter, Histogram

from server.qoe.wire import Beacon, Network, Outcome, Playback

STARTUP = Histogram(
    "reelwire_qoe_startup_seconds",
    "From when a video became the current one until it moved, as clients tell",
    ["network", "ahead"],
    buckets=(0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2, 4, 10, 30),
)
FIRST_PICTURE = Histogram(
    "reelwire_qoe_first_picture_seconds",
    "From a page's navigation to its first painted frame, as clients tell",
    ["network", "screen"],
    buckets=(0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30),
)
BEACONS = Counter("reelwire_qoe_beacons_total", "Beacons that clients sent", ["screen", "data_saver"])
PLAYS = Counter("reelwire_qoe_plays_total", "Videos that were looked at", ["network", "outcome"])
STALLS = Counter("reelwire_qoe_stalls_total", "How often pictures stood still for want of data", ["network"])
STALLED = Counter("reelwire_qoe_stalled_seconds_total", "For how long they did", ["network"])
WATCHED = Counter("reelwire_qoe_watched_seconds_total", "For how long pictures moved", ["network"])
CHANGES = Counter("reelwire_qoe_rendition_changes_total", "How often another rendition took over", ["network"])
PRELOADED = Counter("reelwire_qoe_preloaded_bytes_total", "Fetched of videos before they were looked at", ["network"])
WASTED = Counter("reelwire_qoe_wasted_bytes_total", "Fetched so, and not watched", ["network"])

TIMED: frozenset[Outcome] = frozenset(("started", "broken"))
"""Of the others a start-up time means nothing."""


def count(beacon: Beacon) -> None:
    """Add it to the sums."""
    client = beacon.client
    BEACONS.labels(client.screen, _said(client.data_saver)).inc()
    if beacon.first_picture_ms is not None:
        FIRST_PICTURE.labels(client.network, client.screen).observe(beacon.first_picture_ms / 1000)
    PRELOADED.labels(client.network).inc(beacon.preloaded_bytes)
    WASTED.labels(client.network).inc(beacon.wasted_bytes)
    for play in beacon.plays:
        _count_play(client.network, play)


def _count_play(network: Network, play: Playback) -> None:
    PLAYS.labels(network, play.outcome).inc()
    if play.startup_ms is not None and play.outcome in TIMED:
        STARTUP.labels(network, _said(play.ahead)).observe(play.startup_ms / 1000)
    STALLS.labels(network).inc(play.stalls)
    STALLED.labels(network).inc(play.stalled_ms / 1000)
    WATCHED.labels(network).inc(play.watched_ms / 1000)
    CHANGES.labels(network).inc(play.rendition_changes)


def _said(is_so: bool) -> str:
    return "yes" if is_so else "no"

"""Metrics of the live gateway."""

from prometheus_client import Counter, Gauge, Histogram

SESSIONS = Gauge("reelwire_live_sessions", "Open live sessions", multiprocess_mode="livesum")
OPENED = Counter("reelwire_live_sessions_opened_total", "Live sessions that were opened")
REFUSED = Counter("reelwire_live_sessions_refused_total", "Openings that were told to come again, because too many came at once")
CLOSED = Counter(
    "reelwire_live_sessions_closed_total", "Live sessions that ended, by our close code (0: the peer's doing)", ["code"]
)
EVENTS = Counter("reelwire_live_events_total", "Events that this process fanned out", ["event"])
PUBLISHED, TO_ACCOUNT = EVENTS.labels("video.published"), EVENTS.labels("to_account")
DELIVERIES = Counter("reelwire_live_deliveries_total", "Publications handed to sessions")
ROUNDS = Counter("reelwire_live_rounds_total", "Rounds of comments and counts for those who watch a video")
CATCH_UPS = Counter("reelwire_live_catch_ups_total", "Gaps of the broker that were closed from PostgreSQL")
CAUGHT_UP = Counter("reelwire_live_caught_up_total", "Publications that came by such a gap")
RESUMES = Counter("reelwire_live_resumes_total", "Resumes by their outcome", ["outcome"])
REPLAYED = Counter("reelwire_live_replayed_total", "Publications replayed to sessions")
DROPPED = Counter("reelwire_live_announcements_dropped_total", "Events that the broker did not take")
RELAY_SECONDS = Histogram(
    "reelwire_live_relay_seconds",
    "From a publication's transaction to the broker",
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
RELAY_BACKLOG = Gauge(
    "reelwire_live_relay_backlog", "Numbered publications that the broker has not taken", multiprocess_mode="livemax"
)

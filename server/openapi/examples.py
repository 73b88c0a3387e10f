"""Bodies as one would send them, for whoever reads the document."""

from typing import Any

from server.accounts.wire import DeleteMe, LogIn, PatchMe, Refresh, SignUp
from server.comments.wire import NewComment
from server.moderation.wire import NewReport
from server.plays.wire import PatchSuggestions, Watched
from server.posters.wire import PosterMoment
from server.qoe.wire import Beacon
from server.videos.wire import PatchVideo

EXAMPLES: dict[type[Any], dict[str, Any]] = {
    SignUp: {"username": "mira", "email": "mira@example.org", "password": "correct horse battery"},
    LogIn: {"login": "mira", "password": "correct horse battery"},
    Refresh: {"refresh_token": "what the log-in answered"},
    PatchMe: {"display_name": "Mira", "bio": "Short films from the harbour."},
    DeleteMe: {"password": "correct horse battery"},
    PatchVideo: {"title": "Low tide #harbour", "visibility": "followers"},
    PosterMoment: {"at_ms": 1500},
    NewComment: {"text": "Where is this?"},
    NewReport: {"reason": "spam", "detail": "The same advertisement as yesterday."},
    PatchSuggestions: {"learns": False},
    Watched: {"watched_ms": 7400, "completed": True, "replays": 1, "source": "following"},
    Beacon: {
        "client": {"network": "fast", "screen": "small", "data_saver": False},
        "plays": [
            {
                "outcome": "started",
                "startup_ms": 48,
                "ahead": True,
                "stalls": 0,
                "stalled_ms": 0,
                "watched_ms": 7400,
                "rendition_changes": 1,
            }
        ],
        "first_picture_ms": 730,
        "preloaded_bytes": 412_000,
        "wasted_bytes": 38_000,
    },
}
"""By the type of the body; a test holds each one against its type."""

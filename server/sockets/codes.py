"""Every code with which a session is closed, and what a client should do then (live.md; RFC 6455, 7.4)."""

import random
from typing import NamedTuple

from server.sockets.limits import RETRY_SPREAD_MS


class Close(NamedTuple):
    """A close frame's content."""

    code: int
    reason: str = ""


SILENT = Close(1001, "no sign of life for two heartbeats")  # nobody reads it; reconnect, resume
BROKEN = Close(1002, "protocol broken")  # the client is wrong; the parser of frames sends it, with words of its own
NO_CODE = 1005  # stands for the code of a close frame without one, and is never sent
INVALID_TEXT = Close(1007, "not UTF-8")  # the client is wrong
TOO_BIG = Close(1009, "message too big")  # do not send that message again; the parser sends it, as 1002
RESTART = Close(1012, "retry_after_ms=N")  # reconnect after so long, resume; `restart` puts the number in
NOT_AUTHENTICATED = Close(4001, "not authenticated")  # get a new token or ticket
TOKEN_EXPIRED = Close(4002, "token expired")  # get a new token
SESSION_ENDED = Close(4003, "session ended")  # log in
TOO_MANY_ERRORS = Close(4008, "too many errors")  # back off
TOO_MANY_SESSIONS = Close(4008, "too many sessions")  # back off
TOO_SLOW = Close(4009, "too slow")  # reconnect, resume


def restart(nth: int, of: int) -> Close:
    """The close for one of many sessions; their returns are spread evenly, by chance within each one's share."""
    share = RETRY_SPREAD_MS / max(1, of)
    return RESTART._replace(reason=f"retry_after_ms={int(share * (nth + random.random()))}")  # noqa: S311 - spreads load


def retry_soon() -> Close:
    """The close for a session that we cannot serve for now."""
    return restart(0, 1)

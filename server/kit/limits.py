"""Every rate limit in one readable list: how often, by whom, and why; and which call has which one.

`REELWIRE_LIMITS` changes the numbers of one by its name, `REELWIRE_RATE_LIMITS=off` turns all of them off. Not here are what
guards a process of its own (`server/live/limits.py`, `server/sockets/limits.py`), what an account may store in a day or an hour,
which is counted where it is stored (uploads, views, posters: `quota_exceeded`), and all requests of an address together, which
the edge counts (`REELWIRE_EDGE_REQUESTS_PER_SECOND`).
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal

import msgspec

from server.settings import SettingsError


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """So many at once, and no more than so many in so many seconds from then on: a bucket that fills evenly.

    Attributes:
        name: in `RateLimit` headers, in documents and in the setting.
        quota, seconds: the bucket holds `quota`, and an empty one is full again after `seconds`.
        by: whose bucket it is.
        why: in a few words, for the documents.
        closed: nothing passes while Valkey is away; else everything does.
        spared: what is refused as it stands (400, 413, 415, 422) is given back.
    """

    name: str
    quota: int
    seconds: int
    by: Literal["account", "account, else address", "address", "login name"]
    why: str
    closed: bool = False
    spared: bool = False


SIGN_UP = Limit(
    name="sign_up", quota=300, seconds=3600, by="address", closed=True, spared=True,
    why="accounts by the thousand, and trying which e-mail addresses have one; a school's or a carrier's address has many people",
)  # fmt: skip
LOG_IN = Limit(
    name="log_in", quota=600, seconds=600, by="address", closed=True, spared=True,
    why="one password tried with many names; each costs some 20 ms of a core",
)  # fmt: skip
WRONG_LOG_IN = Limit(
    name="wrong_log_in", quota=10, seconds=300, by="login name", closed=True,
    why="many passwords tried with one name; what was right is given back. Addresses from which that name has logged in within "
    "seven days have a bucket each, so that strangers lock nobody out",
)  # fmt: skip
WRONG_PASSWORD = Limit(
    name="wrong_password", quota=10, seconds=300, by="account", closed=True,
    why="the current password, tried with a stolen access token; what was right is given back",
)  # fmt: skip
REFRESH = Limit(
    name="refresh", quota=1200, seconds=600, by="address",
    why="a broken client that refreshes all the time; nothing can be guessed here",
)  # fmt: skip
UPLOADS = Limit(name="uploads", quota=500, seconds=3600, by="account", why="each one is a job of minutes")
COMMENTS = Limit(name="comments", quota=300, seconds=300, by="account", why="floods that everybody who watches would be sent")
LIKES = Limit(name="likes", quota=600, seconds=60, by="account", why="likes by machine")
FOLLOWS = Limit(name="follows", quota=600, seconds=600, by="account", why="following everybody to be followed back")
REPORTS = Limit(name="reports", quota=60, seconds=600, by="account", why="burying somebody, and those who read reports")
SEARCH = Limit(
    name="search", quota=120, seconds=60, by="account, else address", why="reading out all names; typing a word asks ten times"
)
TICKETS = Limit(name="tickets", quota=600, seconds=600, by="account", why="a page that opens sockets all the time")
QOE = Limit(
    name="qoe", quota=1200, seconds=600, by="address",
    why="figures of playback made up by the thousand; one that is lost is not missed",
)  # fmt: skip
EXPORTS = Limit(name="exports", quota=3, seconds=3600, by="account", why="reading all that is kept of an account takes a while")
WRITES = Limit(name="writes", quota=600, seconds=60, by="account", why="whatever else is changed")

LIMITS = (
    SIGN_UP, LOG_IN, WRONG_LOG_IN, WRONG_PASSWORD, REFRESH, UPLOADS, COMMENTS, LIKES, FOLLOWS, REPORTS, SEARCH, TICKETS, QOE,
    EXPORTS, WRITES,
)  # fmt: skip

CALLS: Mapping[tuple[str, str], Limit | None] = {
    ("POST", "/accounts"): SIGN_UP,
    ("POST", "/sessions"): LOG_IN,
    ("POST", "/sessions/refresh"): REFRESH,
    ("POST", "/videos"): UPLOADS,
    ("POST", "/uploads"): UPLOADS,
    # What belongs to an upload that has begun; a large one comes in hundreds of pieces.
    ("POST", "/uploads/{}"): None,
    ("PATCH", "/uploads/{}"): None,
    ("DELETE", "/uploads/{}"): None,
    ("POST", "/videos/{}/comments"): COMMENTS,
    ("PUT", "/videos/{}/like"): LIKES,
    ("DELETE", "/videos/{}/like"): LIKES,
    # They have a quota (`MOST_REPORTS` in server/plays/actions.py), and are too many to be counted twice.
    ("POST", "/videos/{}/views"): None,
    ("PUT", "/me/following/{}"): FOLLOWS,
    ("DELETE", "/me/following/{}"): FOLLOWS,
    ("POST", "/videos/{}/reports"): REPORTS,
    ("GET", "/search"): SEARCH,
    ("GET", "/me/export"): EXPORTS,
    ("POST", "/live/tickets"): TICKETS,
    ("POST", "/qoe"): QOE,
}
"""Below /api/v1, names in paths left out. Other calls that change something have WRITES, others that read none here."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
BASE = "/api/v1"
NAME_IN_PATH = re.compile(r"{[^}]*}")
CHANGE = re.compile(r"([a-z_]+)=([1-9][0-9]{0,5})/([1-9][0-9]{0,6})")


@cache  # of routes, of which there are few
def limit_of(method: str, route: str) -> Limit | None:
    """The limit of a call, by its route's pattern."""
    if not route.startswith(BASE):
        return None
    called = method, NAME_IN_PATH.sub("{}", route.removeprefix(BASE))
    return CALLS.get(called, None if method in READING else WRITES)


def changed(changes: Iterable[str]) -> dict[str, Limit]:
    """All limits by their names, some of them changed by `name=quota/seconds`.

    Raises:
        SettingsError: one is no such change.
    """
    found = {limit.name: limit for limit in LIMITS}
    for change in changes:
        match = CHANGE.fullmatch(change)
        if match is None or match[1] not in found:
            raise SettingsError(f"REELWIRE_LIMITS: {change!r} must be name=quota/seconds, a name one of {', '.join(found)}")
        found[match[1]] = msgspec.structs.replace(found[match[1]], quota=int(match[2]), seconds=int(match[3]))
    return found

"""What to do after a connection ended: the close codes of the live contract as pure functions."""

import random
import re
from collections.abc import Callable
from typing import NamedTuple

from reelwire_live import backoff

ABNORMAL = 1006
"""The connection ended without a close frame."""
RESTART = 1012
NOT_AUTHENTICATED = 4001
TOKEN_EXPIRED = 4002
SESSION_ENDED = 4003
TOO_MANY = 4008
TOO_SLOW = 4009

TOO_MANY_SECONDS = 10.0
"""After too many errors or sessions the client stays away for at least so long."""
LONGEST_ASKED_SECONDS = 30.0
"""A server that asks for more patience is asked again nevertheless."""
_UNAUTHORIZED = 401
_HINT = re.compile(r"retry_after_ms=(\d{1,6})")


class After(NamedTuple):
    """What comes next.

    Attributes:
        wait: seconds until the next try.
        renew: the access token was refused; get another one first.
        over: there is no next try, for the log-in has ended.
    """

    wait: float
    renew: bool = False
    over: bool = False


def after_close(code: int, reason: str, attempt: int, chance: Callable[[], float] = random.random) -> After:
    """After this close; `attempt` counts from 1 the sessions in a row that did not last."""
    pause = backoff.pause(attempt, chance)
    at_first_now = 0.0 if attempt <= 1 else pause
    if code == RESTART and (hint := _HINT.fullmatch(reason)):
        return After(min(int(hint[1]) / 1000, LONGEST_ASKED_SECONDS))
    if code in (NOT_AUTHENTICATED, TOKEN_EXPIRED):
        return After(at_first_now, renew=True)
    if code == SESSION_ENDED:
        return After(0.0, over=True)
    if code == TOO_MANY:
        return After(TOO_MANY_SECONDS + pause)
    return After(at_first_now if code == TOO_SLOW else pause)


def after_refusal(status: int, retry_after: str, attempt: int, chance: Callable[[], float] = random.random) -> After:
    """After an upgrade that was answered with this status; `retry_after` is the header, empty where there is none."""
    pause = backoff.pause(attempt, chance)
    if status == _UNAUTHORIZED:
        return After(0.0 if attempt <= 1 else pause, renew=True)
    asked = float(retry_after) if re.fullmatch(r"\d{1,5}", retry_after) else 0.0
    return After(min(asked, LONGEST_ASKED_SECONDS) + pause)

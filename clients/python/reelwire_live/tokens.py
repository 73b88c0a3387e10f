"""Where access tokens come from: anything that can be called, or a log-in that renews them over HTTP."""

import asyncio
import json
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any, Protocol

from reelwire_live.errors import NotSignedInError, UnreachableError

CALL_SECONDS = 10.0
MOST_ANSWER_BYTES = 1 << 16
_TRY_LATER = (408, 409, 425, 429)
"""Refusals that pass: another refresh of the same token is under way, or it was a lot at once."""


class TokenSource(Protocol):
    """Called for each connection, and when a token is about to expire."""

    async def __call__(self, refused: str | None) -> str:
        """A good access token; never `refused`, which is no longer good.

        Raises:
            NotSignedInError: there is none to be had; the client ends.
            UnreachableError: there is none now; the client tries again.
        """


class FixedToken:
    """A token that cannot be renewed."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def __call__(self, refused: str | None) -> str:
        """The token, as long as it is good.

        Raises:
            NotSignedInError
        """
        if refused == self._token:
            raise NotSignedInError("The access token is not good, or no longer, and there is no way to another one.")
        return self._token


class LogIn:
    """A log-in, whose access tokens are renewed by its refresh token.

    A refresh token is good once: whoever keeps it over a restart of the program reads `refresh_token` when the program ends.

    Attributes:
        origin: of the system, such as `https://reelwire.example`.
        access: the access token.
        refresh_token: gets the next one.
    """

    def __init__(self, origin: str, access: str, refresh_token: str) -> None:
        self.origin = origin.rstrip("/")
        self.access = access
        self.refresh_token = refresh_token
        self._renewal: asyncio.Task[None] | None = None

    @classmethod
    async def with_password(cls, origin: str, login: str, password: str) -> "LogIn":
        """Log in by username or e-mail.

        Raises:
            NotSignedInError: they are wrong.
            UnreachableError: nobody can tell now.
        """
        answer = await _post(f"{origin.rstrip('/')}/api/v1/sessions", {"login": login, "password": password})
        return cls(origin, answer["access_token"], answer["refresh_token"])

    async def __call__(self, refused: str | None) -> str:
        """The access token, or a new one where it is the refused one.

        Raises:
            NotSignedInError: there is none to be had.
            UnreachableError: there is none now.
        """
        if refused == self.access:
            await self.renew()
        return self.access

    async def renew(self) -> None:
        """Get a new access token.

        Whoever is cancelled meanwhile does not end it: the old refresh token is used up by then, and the answer has the next.

        Raises:
            NotSignedInError
            UnreachableError
        """
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(), name="renewal of a token")
        await asyncio.shield(self._renewal)

    async def _renew(self) -> None:
        answer = await _post(f"{self.origin}/api/v1/sessions/refresh", {"refresh_token": self.refresh_token})
        self.access, self.refresh_token = answer["access_token"], answer["refresh_token"]


async def _post(url: str, body: dict[str, str]) -> dict[str, Any]:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url} begins with neither http:// nor https://")
    try:
        status, answer = await asyncio.to_thread(_call, url, json.dumps(body).encode())
    except (OSError, HTTPException) as error:
        raise UnreachableError(f"{url} cannot be reached: {error or type(error).__name__}") from error
    return _answered(status, answer)


def _call(url: str, body: bytes) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - checked by _post
    try:
        with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310
            return answer.status, answer.read(MOST_ANSWER_BYTES)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read(MOST_ANSWER_BYTES)


def _answered(status: int, body: bytes) -> dict[str, Any]:
    """What the API answered; whoever stands before it may answer in something else than JSON."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    told: dict[str, Any] = found if isinstance(found, dict) else {}
    detail = str(told.get("detail", ""))
    if status >= 500 or status in _TRY_LATER or not told:
        raise UnreachableError(f"answered with {status} {detail}".rstrip())
    if status >= 400:
        raise NotSignedInError(detail or str(status))
    return told

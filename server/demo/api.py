"""The demo's hand on the public API: calls it as a member, waits when told to, and says clearly what was refused."""

import asyncio
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from server.demo.cast import PASSWORD, Member

BASE: Final = "/api/v1"
ATTEMPTS: Final = 8
CALL_SECONDS: Final = 120.0
MOST_WAIT_SECONDS: Final = 30.0
LATER: Final = (429, 503)
JPEG: Final = "image/jpeg"


class Refused(Exception):
    """The system said no, or did not answer; the message is for whoever typed the command."""


@dataclass(slots=True)
class Guest:
    """Somebody with an account, logged in."""

    member: Member
    id: str
    token: str
    new: bool
    has_face: bool


class Api:
    """Calls below `/api/v1` of one system."""

    def __init__(self, http: aiohttp.ClientSession, origin: str) -> None:
        self._http = http
        self._origin = origin

    async def enter(self, member: Member) -> Guest:
        """Sign up, or log in where the account is there already.

        Raises:
            Refused: the name belongs to somebody with another password, or the system refuses.
        """
        body = {"username": member.username, "email": f"{member.username}@example.org", "password": PASSWORD}
        names = {"first_name": member.first_name, "last_name": member.last_name}
        status, answer = await self.call("POST", "/accounts", json=body | names, expect=(201, 409))
        new = status == 201
        if not new:
            answer = await self._log_in(member)
        shows = answer["account"]["avatar_url"] is not None
        guest = Guest(member, answer["account"]["id"], answer["access_token"], new, shows)
        if answer["account"]["bio"] != member.bio:
            await self.call("PATCH", "/me", guest, json={"display_name": member.name, "bio": member.bio})
        return guest

    async def _log_in(self, member: Member) -> Any:
        login = {"login": member.username, "password": PASSWORD}
        status, answer = await self.call("POST", "/sessions", json=login, expect=(201, 401))
        if status == 401:
            raise Refused(f"there is an account {member.username!r} that is not the demo's; the demo cannot use this system")
        return answer

    async def all(self, path: str, guest: Guest) -> list[Any]:
        """Every item of a list."""
        items: list[Any] = []
        cursor = ""
        while True:
            _, page = await self.call("GET", f"{path}?limit=50{cursor}", guest)
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = f"&cursor={page['next_cursor']}"

    async def call(
        self,
        method: str,
        path: str,
        guest: Guest | None = None,
        *,
        json: Any = None,
        form: Callable[[], aiohttp.FormData] | None = None,
        picture: bytes | None = None,
        expect: Collection[int] = (200, 201, 202, 204),
    ) -> tuple[int, Any]:
        """Make a call; where the system asks for patience or is just restarting, again, for a while.

        `form` makes the form anew for each try; `picture` is a JPEG. The statuses in `expect` are answers, any other is a
        refusal.

        Raises:
            Refused.
        """
        why = "no answer"
        for attempt in range(ATTEMPTS):
            headers = ({"Authorization": f"Bearer {guest.token}"} if guest else {}) | ({"Content-Type": JPEG} if picture else {})
            try:
                async with self._http.request(
                    method, f"{self._origin}{BASE}{path}", headers=headers, json=json, data=picture or (form and form())
                ) as response:
                    answer: Any = await response.json(content_type=None) if response.status != 204 else None
                    status, wait = response.status, response.headers.get("Retry-After", "")
            except (aiohttp.ClientError, TimeoutError) as error:
                status, wait, why = 0, "", f"no answer from {self._origin}: {error!r}"
            else:
                if status in expect:
                    return status, answer
                why = f"{method} {path} was answered with {status}: {answer}"
            if status == 401 and guest and attempt == 0:
                guest.token = (await self._log_in(guest.member))["access_token"]  # a long fill outlives a token
            elif status and status not in LATER:
                break
            else:
                await asyncio.sleep(_pause(attempt, wait))
        raise Refused(why)


def _pause(attempt: int, retry_after: str) -> float:
    """As long as the answer asks for, else doubled each time; with jitter, and never for ever."""
    asked = float(retry_after) if retry_after.isdigit() else 0.25 * 2**attempt
    return min(asked, MOST_WAIT_SECONDS) * random.uniform(1.0, 1.25)  # noqa: S311 - jitter

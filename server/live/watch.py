"""`reelwire watch`: a client of the live socket in a terminal, with everything that a good client does."""

import argparse
import asyncio
import json
import os
import random
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from server.kit.asking import ask_password
from server.live.wire import SUBPROTOCOL

CALL_SECONDS = 10.0
FIRST_DELAY, LAST_DELAY = 0.5, 30.0
STABLE_SECONDS = 5.0
REMEMBERED = 2_000
"""Ids of videos, by which repeats are dropped."""
COUNTED = ("views", "likes", "comments", "watchers")
TOKEN_IS_OVER = (4001, 4002, 4003)
TRY_LATER = (409, 429)
"""Refusals that pass: another refresh of the same token is under way, or it was a lot at once."""
NOT_SIGNED_IN = 1
"""The exit status when there are no good credentials."""
NOT_REACHED = 1
"""The exit status when the system cannot be reached for the log-in."""

Say = Callable[[str], None]
Message = dict[str, Any]


class NotSignedInError(Exception):
    """There are no good credentials, and no way to better ones; the message says what to do."""


class UnreachableError(Exception):
    """The system did not answer, or not now: a later try may succeed."""


@dataclass
class Credentials:
    """An access token, and what gets the next one where there is something."""

    origin: str
    access: str
    refresh_token: str | None = None

    @classmethod
    async def log_in(cls, origin: str, login: str, password: str) -> "Credentials":
        """By username or e-mail.

        Raises:
            NotSignedInError: they are wrong.
            UnreachableError: nobody can tell now.
        """
        answer = await _post(f"{origin}/api/v1/sessions", {"login": login, "password": password})
        return cls(origin, answer["access_token"], answer["refresh_token"])

    async def refresh(self) -> None:
        """Get a new access token.

        Raises:
            NotSignedInError: there is none to be had.
            UnreachableError: there is none now.
        """
        if self.refresh_token is None:
            raise NotSignedInError("The token in REELWIRE_TOKEN is not good, or no longer; log in with --login.")
        answer = await _post(f"{self.origin}/api/v1/sessions/refresh", {"refresh_token": self.refresh_token})
        self.access, self.refresh_token = answer["access_token"], answer["refresh_token"]


async def _post(url: str, body: Message) -> Message:
    timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.post(url, json=body) as answer:
            return _answered(answer.status, await answer.read())
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise UnreachableError(f"{url} cannot be reached: {error or type(error).__name__}") from error


def _answered(status: int, body: bytes) -> Message:
    """What the API answered; whoever stands before it may answer in something else than JSON."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    told: Message = found if isinstance(found, dict) else {}
    detail = str(told.get("detail", ""))
    if status >= 500 or status in TRY_LATER or not told:
        raise UnreachableError(f"answered with {status} {detail}".rstrip())
    if status >= 400:
        raise NotSignedInError(detail or str(status))
    return told


@dataclass
class Watcher:
    """Stays connected, resumes where it was, drops repeats and says what happens, with the comments and counts of `videos`."""

    credentials: Credentials
    say: Say
    videos: Sequence[str] = ()
    position: str | None = None
    seen: OrderedDict[str, None] = field(default_factory=OrderedDict)
    welcomed_at: float | None = None

    async def run(self) -> None:
        """Watch until cancelled.

        Raises:
            NotSignedInError
        """
        delay = FIRST_DELAY
        while True:
            self.welcomed_at = None
            wait = await self._attempt()
            if self._stable:
                delay = FIRST_DELAY
            # Full jitter: thousands of clients that lost the same server must not come back together.
            await asyncio.sleep(random.uniform(0, delay) if wait is None else wait)  # noqa: S311 - spreads load
            delay = min(delay * 2, LAST_DELAY)

    @property
    def _stable(self) -> bool:
        """Whether the last attempt became a session that lasted; a call that took long is none."""
        return self.welcomed_at is not None and time.monotonic() - self.welcomed_at > STABLE_SECONDS

    async def _attempt(self) -> float | None:
        """One session; for how long the server asked us to stay away, where it did."""
        try:
            return await self._connected()
        except (OSError, TimeoutError, WebSocketException, UnreachableError) as error:
            self.say(f"- not connected: {error or type(error).__name__}")
        return None

    async def _connected(self) -> float | None:
        try:
            async with connect(
                self.credentials.origin.replace("http", "ws", 1) + "/api/v1/live",
                additional_headers={"Authorization": f"Bearer {self.credentials.access}"},
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
            ) as wire:
                return await self._session(wire)
        except InvalidStatus as error:
            self.say(f"- refused with {error.response.status_code}")
            if error.response.status_code != 401:
                return None
        await self.credentials.refresh()
        return 0

    async def _session(self, wire: ClientConnection) -> float | None:
        if self.position is not None:
            await wire.send(json.dumps({"type": "resume", "position": self.position}))
        resuming = self.position is not None
        try:
            async for text in wire:
                message = json.loads(text)
                resuming = resuming and message["type"] != "caught_up"
                await self._take(wire, message, resuming=resuming)
        except ConnectionClosed:
            pass  # without a close frame: the network's doing
        return await self._closed(wire.close_code or 1006, wire.close_reason or "")

    async def _take(self, wire: ClientConnection, message: Message, *, resuming: bool) -> None:
        match message["type"]:
            case "welcome":
                self.welcomed_at = time.monotonic()
                self.say("- connected")
                for number, video_id in enumerate(self.videos):
                    await wire.send(json.dumps({"type": "watch", "id": number, "video_id": video_id}))
            case "caught_up" if not message["recovered"]:
                self.say("- the gap is too long to be replayed; what was missed is in the feed")
            case "caught_up":
                self.say(f"- caught up, {message['missed']} missed")
            case "event":
                self._event(message)
            case "reauthenticate":
                await self.credentials.refresh()
                await wire.send(json.dumps({"type": "auth", "token": self.credentials.access}))
            case "error":
                self.say(f"- {message['code']}: {message['detail']}")
        # While a replay runs the gap behind us is not closed: the old position stays until it has ended.
        if message.get("position") and not resuming:
            self.position = message["position"]

    def _event(self, message: Message) -> None:
        data = message["data"]
        if message["event"] == "video.published":
            if data["id"] in self.seen:
                return
            self.seen[data["id"]] = None
            if len(self.seen) > REMEMBERED:
                self.seen.popitem(last=False)
        self.say(f"{message['event']} {told(message['event'], data)}")

    async def _closed(self, code: int, reason: str) -> float | None:
        self.say(f"- closed: {code} {reason}".rstrip())
        if code in TOKEN_IS_OVER:
            await self.credentials.refresh()
        hint = re.fullmatch(r"retry_after_ms=(\d+)", reason)
        return min(int(hint[1]) / 1000, LAST_DELAY) if hint else None


def told(event: str, data: Message) -> str:
    """What an event says, on one line; of one that this version does not know everything."""
    match event:
        case "video.published":
            return f"@{data['author']['username']} {_quoted(data['title'])} {data['id']}"
        case "video.progress" | "video.ready" | "video.failed":
            error = f" {data['error']['code']}" if data.get("error") else ""
            return f"{data['id']} {data['status']} {data['progress']:.0%}{error}"
        case "video.updated":
            return " ".join([data["id"], *sorted(name for name in data if name != "id")])
        case "video.removed" | "comment.removed":
            return str(data["id"])
        case "comment.created" | "comment.on_yours":
            return f"@{data['author']['username']} {_quoted(data['text'])} {data['video_id']}"
        case "counts":
            return " ".join([data["video_id"], *(f"{data[name]} {name}" for name in COUNTED)])
        case "follower.new":
            return f"@{data['username']}"
        case "like.on_yours":
            return f"@{data['user']['username']} {data['video_id']} {data['likes']} likes"
    return _quoted(data)


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _line(text: str) -> None:
    # Titles are other people's text: no control character of theirs reaches the terminal.
    shown = "".join(character if character.isprintable() else "�" for character in text)
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {shown}\n")
    sys.stdout.flush()


def main(argv: Sequence[str]) -> int:
    """Watch until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="reelwire watch", description="Print live events in this terminal.")
    parser.add_argument("--url", default=os.environ.get("REELWIRE_PUBLIC_URL"), help="origin of the system")
    parser.add_argument("--login", help="username or e-mail; without it REELWIRE_TOKEN holds an access token")
    parser.add_argument("--password", help="asked for when it is not given")
    parser.add_argument(
        "--video", action="append", default=[], metavar="ID", help="with its comments and counts; up to four times"
    )
    options = parser.parse_args(argv)
    token = os.environ.get("REELWIRE_TOKEN")
    if not options.login and not token:
        parser.error("say who you are: --login NAME, or an access token in REELWIRE_TOKEN")
    password = options.password or (ask_password(parser, options.login) if options.login else "")
    try:
        asyncio.run(_watch(options.url.rstrip("/"), options.login, password, token, options.video))
    except NotSignedInError as error:
        sys.stderr.write(f"reelwire: {error}\n")
        return NOT_SIGNED_IN
    except UnreachableError as error:
        sys.stderr.write(f"reelwire: {error}\n")
        return NOT_REACHED
    except KeyboardInterrupt:
        pass
    return 0


async def _watch(origin: str, login: str | None, password: str, token: str | None, videos: Sequence[str]) -> None:
    credentials = await Credentials.log_in(origin, login, password) if login else Credentials(origin, token or "")
    await Watcher(credentials, _line, videos).run()

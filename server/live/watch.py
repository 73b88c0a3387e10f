"""`reelwire watch`: prints live events in a terminal, by the Python client that app developers get."""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence

from reelwire_live import (
    CaughtUp,
    CommentCreated,
    CommentOnYours,
    CommentRemoved,
    Connected,
    Counts,
    Disconnected,
    Event,
    FollowerNew,
    Happening,
    LikeOnYours,
    LiveClient,
    LiveError,
    LogIn,
    NotSignedInError,
    Refused,
    SessionEndedError,
    TokenSource,
    UnknownEvent,
    UnreachableError,
    VideoProgress,
    VideoPublished,
    VideoRemoved,
    VideoUpdated,
    WatchEnded,
)
from server.kit.asking import ask_password
from server.kit.tasks import running

WATCH_SECONDS = 60.0
NOT_SIGNED_IN = 1
"""The exit status when there are no good credentials."""
NOT_REACHED = 1
"""The exit status when the system cannot be reached for the log-in."""

Say = Callable[[str], None]


async def watch(origin: str, token: TokenSource | str, say: Say, videos: Sequence[str] = ()) -> None:
    """Say what happens until cancelled, with the comments and counts of `videos`.

    Raises:
        NotSignedInError: there is no good token any more.
    """
    async with LiveClient(origin, token) as client, running("the watch", _watch_all(client, videos, say)):
        async for happening in client.events():
            say(line_of(happening))


async def _watch_all(client: LiveClient, videos: Sequence[str], say: Say) -> None:
    for video_id in videos:
        try:
            await client.watch(video_id, timeout=WATCH_SECONDS)
        except LiveError as error:
            say(f"- {video_id} cannot be watched: {error}")


def line_of(happening: Happening) -> str:
    """What is printed of it; what is about the session and not an event begins with a dash."""
    match happening:
        case Connected():
            return "- connected"
        case CaughtUp(recovered=True, missed=missed):
            return f"- caught up, {missed} missed"
        case CaughtUp():
            return "- the gap is too long to be replayed; what was missed is in the feed"
        case Disconnected(code=code, reason=reason, again_in=again_in):
            return f"- not connected: {code} {reason}".rstrip() + f"; again in {again_in:.1f} s"
        case Refused(code=code, detail=detail) | WatchEnded(code=code, detail=detail):
            return f"- {code}: {detail}"
    return f"{happening.event} {_told(happening)}"


def _told(event: Event) -> str:
    """What an event says, on one line; of one that this version does not know everything."""
    match event:
        case VideoPublished(data=video):
            return f"@{video['author']['username']} {_quoted(video['title'])} {video['id']}"
        case VideoProgress(data=state):
            error = f" {state['error']['code']}" if state["error"] else ""
            return f"{state['id']} {state['status']} {state['progress']:.0%}{error}"
        case VideoUpdated(data=change):
            return " ".join([change["id"], *sorted(name for name in change if name != "id")])
        case VideoRemoved(data=gone) | CommentRemoved(data=gone):
            return gone["id"]
        case CommentCreated(data=comment) | CommentOnYours(data=comment):
            return f"@{comment['author']['username']} {_quoted(comment['text'])} {comment['video_id']}"
        case Counts(data=counts):
            return " ".join([counts["video_id"], *(f"{value} {name}" for name, value in counts.items() if name != "video_id")])
        case FollowerNew(data=user):
            return f"@{user['username']}"
        case LikeOnYours(data=like):
            return f"@{like['user']['username']} {like['video_id']} {like['likes']} likes"
        case UnknownEvent(data=data):
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
        asyncio.run(_watch(options.url.rstrip("/"), options.login, password, token or "", options.video))
    except SessionEndedError as error:
        return _failed(f"{error}; log in anew", NOT_SIGNED_IN)
    except NotSignedInError as error:
        return _failed(str(error) if options.login else f"{error} Log in with --login.", NOT_SIGNED_IN)
    except UnreachableError as error:
        return _failed(str(error), NOT_REACHED)
    except KeyboardInterrupt:
        pass
    return 0


def _failed(why: str, status: int) -> int:
    sys.stderr.write(f"reelwire: {why}\n")
    return status


async def _watch(origin: str, login: str | None, password: str, token: str, videos: Sequence[str] = ()) -> None:
    await watch(origin, await LogIn.with_password(origin, login, password) if login else token, _line, videos)

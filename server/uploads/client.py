"""`reelwire upload FILE…`: uploads with a progress bar, resumes what an earlier run left, and waits until it plays."""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import aiohttp

from server.kit.asking import ask_password
from server.uploads.courier import Courier, Member, RefusedError
from server.uploads.notebook import Notebook, default_path

REFUSED = 1
"""The exit status when a file did not become a video."""
BAR_CELLS = 24
DRAW_SECONDS = 0.1
POLL_SECONDS = 0.5
WAIT_SECONDS = 900.0
"""For a video to play; it goes on without us."""
ENDED = ("ready", "failed")


@dataclass
class Bar:
    """One line that tells how far a file is; only where somebody watches."""

    out: TextIO
    name: str
    size: int
    began: float = field(default_factory=time.monotonic)
    first: int | None = None
    drawn: float = 0.0

    def move(self, offset: int) -> None:
        """The upload stands here now."""
        self.first = offset if self.first is None else self.first
        now = time.monotonic()
        if self.out.isatty() and (now - self.drawn > DRAW_SECONDS or offset >= self.size):
            self.drawn = now
            self.out.write(f"\r\x1b[K{self.text(offset, now)}")
            self.out.flush()

    def text(self, offset: int, now: float) -> str:
        """What the line says."""
        share = offset / self.size if self.size else 1.0
        speed = (offset - (self.first or 0)) / max(now - self.began, 0.001)
        cells = "█" * int(share * BAR_CELLS)
        done = f"{offset / 1e6:.1f} of {self.size / 1e6:.1f} MB"
        return f"{_shown(self.name)[:40]} {cells:░<{BAR_CELLS}} {share:4.0%}  {done}  {speed / 1e6:.1f} MB/s"

    def end(self) -> None:
        """Leave the line."""
        if self.out.isatty():
            self.out.write("\r\x1b[K")
            self.out.flush()


@dataclass
class Errand:
    """What the command line asks for."""

    courier: Courier
    said: dict[str, str]
    wait: bool

    async def run(self, files: Sequence[Path]) -> int:
        """Bring every file; the exit status."""
        status = 0
        limits = await self.courier.member.call("GET", "/api/v1/uploads/limits")
        for file in files:
            try:
                await self._bring(file, int(limits["max_bytes"]))
            except (RefusedError, OSError) as error:
                sys.stderr.write(f"reelwire: {_shown(str(file))}: {_shown(_reason(error))}\n")
                status = REFUSED
        return status

    async def _bring(self, file: Path, max_bytes: int) -> None:
        size = (await asyncio.to_thread(file.stat)).st_size
        if not 0 < size <= max_bytes:
            raise RefusedError(f"it has {size} bytes, and may have 1 to {max_bytes}")
        bar = Bar(sys.stderr, file.name, size)
        said = {"title": file.stem[:150], "filename": file.name[:255]} | self.said
        try:
            video_id, duplicate = await self.courier.send(file, said, bar.move)
        finally:
            bar.end()
        _say(f"{file.name}: {self.courier.member.origin}/videos/{video_id}{' (it was there already)' if duplicate else ''}")
        if self.wait:
            await self._follow(file, video_id)

    async def _follow(self, file: Path, video_id: str) -> None:
        end, told = time.monotonic() + WAIT_SECONDS, ""
        while time.monotonic() < end:
            video: Any = await self.courier.member.call("GET", f"/api/v1/videos/{video_id}")
            if video["status"] != told:
                told = video["status"]
                _say(f"{file.name}: {told}")
            if told == "failed":
                raise RefusedError(f"{video['error']['code']}: {video['error']['detail']}")
            if told in ENDED:
                return
            await asyncio.sleep(POLL_SECONDS)
        raise RefusedError("it does not play yet; that goes on without this command")


def _reason(error: Exception) -> str:
    # The path is said already, and an OSError would say it again.
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _say(text: str) -> None:
    sys.stdout.write(f"{_shown(text)}\n")
    sys.stdout.flush()


def _shown(text: str) -> str:
    # File names and answers are others' text: no control character of theirs reaches the terminal.
    return "".join(character if character.isprintable() else "�" for character in text)


def main(argv: Sequence[str]) -> int:
    """Upload the files that the command line names."""
    parser = argparse.ArgumentParser(prog="reelwire upload", description="Upload files; the same command goes on with them.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--url", default=os.environ.get("REELWIRE_PUBLIC_URL"), help="origin of the system")
    parser.add_argument("--login", help="username or e-mail; without it REELWIRE_TOKEN holds an access token")
    parser.add_argument("--password", help="asked for when it is not given")
    parser.add_argument("--title", help="the file's name without it")
    parser.add_argument("--description", default="")
    parser.add_argument("--visibility", choices=("public", "followers", "private"), default="public")
    parser.add_argument("--no-wait", action="store_true", help="do not wait until it plays")
    options = parser.parse_args(argv)
    token = os.environ.get("REELWIRE_TOKEN")
    if not options.url:
        parser.error("say where: --url http://…")
    if not options.login and not token:
        parser.error("say who you are: --login NAME, or an access token in REELWIRE_TOKEN")
    if options.login and options.password is None:
        options.password = ask_password(parser, options.login)
    try:
        return asyncio.run(_upload(options, token))
    except RefusedError as error:
        sys.stderr.write(f"reelwire: {_shown(str(error))}\n")
        return REFUSED


async def _upload(options: argparse.Namespace, token: str | None) -> int:
    origin = options.url.rstrip("/")
    async with aiohttp.ClientSession() as http:
        if options.login:
            member = await Member.log_in(http, origin, options.login, options.password)
        else:
            member = Member(http, origin, token or "")
            member.id = (await member.call("GET", "/api/v1/me"))["id"]
        said = {"description": options.description, "visibility": options.visibility}
        said |= {"title": options.title} if options.title is not None else {}
        errand = Errand(Courier(member, Notebook(default_path(os.environ))), said, not options.no_wait)
        return await errand.run(options.files)

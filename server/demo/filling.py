"""Fills a system step by step; every step looks first what is there, so that a second run adds nothing."""

import asyncio
import io
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import aiohttp

from media.errors import MediaError
from media.pool import Pool
from server.demo import drawing
from server.demo.api import Api, Guest, Refused
from server.demo.cast import CLIPS, COMMENTS, HEIGHT, MEMBERS, VIEWER, WIDTH, Clip
from server.demo.drawing import Drawing

PLAYS: Final = ("playable", "ready")
PLAY_SECONDS: Final = 900.0
"""So long a clip may take from its upload to its first playable source, behind all the others."""
LOOK_SECONDS: Final = 1.0
LIKELY: Final = {"follow": 0.6, "like": 0.7, "comment": 0.3, "end": 0.4}

T = TypeVar("T")


@dataclass(slots=True)
class Added:
    """What this run brought that was not there."""

    accounts: int = 0
    faces: int = 0
    follows: int = 0
    clips: int = 0
    comments: int = 0


@dataclass
class Filling:
    """One run over one system. The dice are always the same, so that every run wants the same.

    Attributes:
        folder: an empty one, for clips on their way.
    """

    api: Api
    say: Callable[[str], None]
    folder: Path
    clips: Sequence[Clip] = CLIPS
    width: int = WIDTH
    height: int = HEIGHT
    added: Added = field(default_factory=Added)
    guests: dict[str, Guest] = field(default_factory=dict)

    async def run(self) -> Added:
        """Everything, in order.

        Raises:
            Refused: the system refuses, or a clip does not come to play.
        """
        for member in (*MEMBERS, VIEWER):
            guest = self.guests[member.username] = await self.api.enter(member)
            self.added.accounts += guest.new
        self.say(f"accounts: {len(self.guests)} ({self.added.accounts} new)")
        await _together({name: self._show_face(guest) for name, guest in self.guests.items() if not guest.has_face})
        self.say(f"faces: {self.added.faces} new")
        for guest in self.guests.values():
            await self._follow(guest)
        self.say(f"follows: {self.added.follows} new")
        videos = await self._post_missing()
        for clip, video_id in videos.items():
            await self._talk(clip, video_id)
        self.say(f"comments: {self.added.comments} new")
        return self.added

    async def _show_face(self, guest: Guest) -> None:
        """Have the account show a picture. Where no worker comes to it at once, it is shown later by itself."""
        picture = await asyncio.to_thread(drawing.face, guest.member.seed)
        await self.api.call("PUT", "/me/avatar", guest, picture=picture, expect=(200, 503))
        self.added.faces += 1

    async def _follow(self, guest: Guest) -> None:
        known = {user["username"] for user in await self.api.all(f"/users/{guest.id}/following", guest)}
        dice = random.Random(f"follow {guest.member.username}")  # noqa: S311 - repeatable on purpose
        everybody = guest.member is VIEWER
        wanted = [member.username for member in MEMBERS if dice.random() < LIKELY["follow"] or everybody]
        for username in wanted:
            if username not in known and username != guest.member.username:
                await self.api.call("PUT", f"/me/following/{self.guests[username].id}", guest)
                self.added.follows += 1

    async def _post_missing(self) -> dict[Clip, str]:
        """Render and post what is not there; the ids of all clips that play."""
        there: dict[str, str] = {}
        for member in MEMBERS:
            guest = self.guests[member.username]
            videos = await self.api.all(f"/users/{guest.id}/videos", guest)
            there |= {video["title"]: video["id"] for video in videos if video["status"] != "failed"}
        missing = [clip for clip in self.clips if clip.title not in there]
        self.say(f"clips: {len(self.clips)} ({len(missing)} to render and post)")
        found = {clip: there[clip.title] for clip in self.clips if clip.title in there}
        return found | await self._post_all(missing) if missing else found

    async def _post_all(self, missing: Sequence[Clip]) -> dict[Clip, str]:
        folders = {clip: self.folder / str(clip.seed) for clip in missing}
        for folder in folders.values():
            await asyncio.to_thread(folder.mkdir)
        async with drawing.pool() as pool:
            ids = await _together({clip.title: self._post(clip, pool, folders[clip]) for clip in missing})
        return dict(zip(missing, ids, strict=True))

    async def _post(self, clip: Clip, pool: Pool, folder: Path) -> str:
        """From nothing to a video that plays; its id."""
        task = Drawing(
            input="/dev/null", folder=str(folder), seed=clip.seed, seconds=clip.seconds, width=self.width, height=self.height
        )
        await pool.run(drawing.draw, task, limits=drawing.LIMITS)
        guest = self.guests[clip.author]
        data = await asyncio.to_thread((folder / drawing.NAME).read_bytes)
        self.say(f"  rendered ({len(data) / 1e6:.1f} MB): {clip.title}")
        _, answer = await self.api.call("POST", "/videos", guest, form=lambda: _form(clip, data))
        video_id = str(answer["video"]["id"])
        await self._plays(clip, guest, video_id)
        self.added.clips += 1
        self.say(f"  plays: {clip.title}")
        return video_id

    async def _plays(self, clip: Clip, guest: Guest, video_id: str) -> None:
        try:
            async with asyncio.timeout(PLAY_SECONDS):
                while (video := await self._video(guest, video_id))["status"] not in PLAYS:
                    if video["status"] == "failed":
                        raise Refused(f"{clip.title!r} failed: {video['error']['code']}: {video['error']['detail']}")
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise Refused(f"{clip.title!r} does not play after {PLAY_SECONDS:.0f} s; does a worker run?") from None

    async def _video(self, guest: Guest, video_id: str) -> Any:
        return (await self.api.call("GET", f"/videos/{video_id}", guest))[1]

    async def _talk(self, clip: Clip, video_id: str) -> None:
        """Views, likes and comments of the others, unless somebody has said something already."""
        author = self.guests[clip.author]
        if (await self._video(author, video_id))["counts"]["comments"]:
            return
        dice = random.Random(f"talk {clip.seed}")  # noqa: S311 - repeatable on purpose
        lines = dice.sample(COMMENTS, len(COMMENTS))
        others = [guest for guest in self.guests.values() if guest is not author and guest.member is not VIEWER]
        sure = dice.choice(others)
        for guest in others:
            await self.api.call("POST", f"/videos/{video_id}/views", guest, json=_watched(clip, guest))
            if dice.random() < LIKELY["like"]:
                await self.api.call("PUT", f"/videos/{video_id}/like", guest)
            if guest is sure or dice.random() < LIKELY["comment"]:
                await self.api.call("POST", f"/videos/{video_id}/comments", guest, json={"text": lines.pop()})
                self.added.comments += 1


async def _together(steps: Mapping[str, Coroutine[Any, Any, T]]) -> list[T]:
    """Do all of these at once, by their names; what each returns, in their order.

    Raises:
        Refused: one was refused, or broke off; the others are cancelled.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(step, name=name) for name, step in steps.items()]
    except* (Refused, MediaError) as refused:
        raise Refused(str(refused.exceptions[0])) from refused
    return [task.result() for task in tasks]


def _watched(clip: Clip, guest: Guest) -> dict[str, Any]:
    """To the end, or as long as a video holds people who then swipe on."""
    dice = random.Random(f"watch {clip.seed} {guest.member.username}")  # noqa: S311 - repeatable on purpose
    completed = dice.random() < LIKELY["end"]
    watched_ms = round(clip.seconds * 1000 * (1 if completed else dice.uniform(0.2, 0.9)))
    return {"watched_ms": watched_ms, "completed": completed, "replays": 0, "source": "suggested"}


def _form(clip: Clip, data: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("title", clip.title)
    form.add_field("visibility", "public")
    form.add_field("file", io.BytesIO(data), filename=f"clip-{clip.seed}.mp4", content_type="video/mp4")
    return form

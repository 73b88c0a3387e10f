"""Commenting: what many say at once is one transaction of a fixed number of statements, and each is answered after its commit."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias
from uuid import UUID

import msgspec
from aiohttp import web

from server.comments import queries
from server.comments.actions import path, text_of
from server.comments.wire import Commented, CommentRow, NewComment
from server.counts import queries as counts
from server.counts.wire import Change
from server.deeds import actions as deeds
from server.deeds.wire import Deed
from server.kit.body import parse_json, validated
from server.kit.commits import PATIENT, Commits
from server.kit.deadline import SECONDS
from server.kit.errors import Invalid, InvalidToken, Refusal
from server.kit.idempotency import Asked, Turn, fingerprint, keep_all, turns
from server.kit.ids import new_id
from server.kit.kept import Answer
from server.kit.request import nothing_there
from server.kit.text import unstorable
from server.kit.work import Announcer, Work, work
from server.videos import actions as videos
from server.videos import among, mentions
from server.videos.among import Seen
from server.videos.mentions import Words
from server.videos.wire import VideoHead
from storage.postgres import Pool, Rows

AT_ONCE = 500
"""Comments that are one transaction, at the most."""


class Shown(Protocol):
    """A comment as clients see it; a struct that can be encoded."""

    @property
    def id(self) -> UUID: ...


Show = Callable[[Rows, Sequence[CommentRow]], Awaitable[Sequence[Shown]]]
"""Comments as clients see them, in this order, without those whose authors are gone; that is put together above this room
(`comments` in server/cards/actions.py)."""
Said: TypeAlias = Answer | Literal["busy"]
"""What comes of a comment: its answer, or that its video is being changed or deleted at this moment."""

_read = msgspec.json.Decoder(NewComment).decode
_write = msgspec.json.Encoder().encode


class Wish(NamedTuple):
    """What somebody wants to say; instead of a text that is none, why it is none."""

    asked: Asked
    video_id: UUID
    text: str | Invalid


class Saying:
    """One for each process."""

    def __init__(self, pool: Pool, announcer: Announcer, show: Show) -> None:
        """See `Show`."""
        self._pool = pool
        self._announcer = announcer
        self._show = show
        self._patient: set[asyncio.Task[Said | BaseException]] = set()
        self._patience = asyncio.Semaphore(PATIENT)
        self._commits: Commits[Wish, Said] = Commits("comments", pool, announcer, self._say_all, AT_ONCE)

    async def close(self) -> None:
        """End what runs."""
        for task in self._patient:
            task.cancel()
        if self._patient:
            await asyncio.wait(self._patient)
        await self._commits.close()

    async def say(self, account_id: UUID, video_id: UUID | None, body: bytes, key: str | None) -> Answer:
        """Comment, unless that was done with this key before: 201 and the comment as `show` shows it, after the commit.

        Args:
            account_id: who says it.
            video_id: of which video; None for what is no id.
            body: JSON, as it came.
            key: of the request, as it came; None for one that is not to be told from others.

        Raises:
            Malformed: the body is no JSON object.
            NotFound: the video is absent, or not visible to the account.
            Invalid: the fields, or the key, are.
            KeyReused, InProgress: see `Turn.begin`.
            NotPlayable: the video does not play.
        """
        try:
            fields: dict[str, Any] = {"text": _read(body).text}
        except (msgspec.DecodeError, UnicodeDecodeError):
            fields = parse_json(body)  # which says what is wrong with it, and knows more that is right
        if video_id is None:
            raise nothing_there()
        wish = wished(account_id, video_id, fields, key)
        said = await self.put(wish)
        if said == "busy":
            said = await self.patient(wish)
        if isinstance(said, BaseException):
            raise said
        assert said != "busy"
        return said

    def put(self, wish: Wish) -> "asyncio.Future[Said | BaseException]":
        """The same without waiting here: what is answered, or raised, comes in the future; for `busy` go on with `patient`."""
        return self._commits.put(wish)

    def patient(self, wish: Wish) -> "asyncio.Task[Said | BaseException]":
        """The video is being changed or deleted: wait for that, in a transaction that holds up nobody else's."""
        task = asyncio.create_task(self._patiently(wish), name="a comment that waits for its video")
        self._patient.add(task)
        task.add_done_callback(self._patient.discard)
        return task

    async def _patiently(self, wish: Wish) -> Said | BaseException:
        async with asyncio.timeout(SECONDS), self._patience, work(self._pool, self._announcer, wish.asked.account_id) as w:
            (said,) = await self._say_all(w, [wish], wait=True)
        return said

    async def _say_all(self, w: Work, wishes: Sequence[Wish], *, wait: bool = False) -> Sequence[Said | Refusal]:
        begun = await turns(w, [wish.asked for wish in wishes])
        pairs = [(wish.video_id, wish.asked.account_id) for wish in wishes]
        seen = await among.seen(w.conn, pairs, wait=wait, keeps=any(isinstance(turn, Turn) and turn.first for turn in begun))
        now = datetime.now(UTC)
        decided = [_decided(*one, now) for one in zip(begun, wishes, seen, strict=True)]
        said = await self._keep(w, begun, await self._shown(w.conn, decided))
        rows = [
            row for row, answer in zip(decided, said, strict=True) if isinstance(row, CommentRow) and isinstance(answer, Answer)
        ]
        if rows:
            await queries.insert(w.conn, rows)
            of_videos = Counter(row.video_id for row in rows)
            await counts.append(w.conn, [Change(video_id, "comment", n) for video_id, n in of_videos.items()])
            heads = {one.video.id: one.video for one in seen if one.video}
            await _keep_deeds(w, heads, rows)
            for row in rows:
                w.emit(Commented(row, heads[row.video_id].author_id))
        return said

    async def _shown(self, conn: Rows, decided: "Sequence[CommentRow | Said | Refusal]") -> list[Said | Refusal]:
        """What is answered, each in its place."""
        rows = [row for row in decided if isinstance(row, CommentRow)]
        shown = {one.id: Answer(201, _write(one)) for one in await self._show(conn, rows)} if rows else {}
        return [(shown.get(one.id) or _gone()) if isinstance(one, CommentRow) else one for one in decided]

    @staticmethod
    async def _keep(w: Work, begun: Sequence[Turn | Refusal], told: list[Said | Refusal]) -> list[Said | Refusal]:
        kept = [
            (nth, turn, answer)
            for nth, (turn, answer) in enumerate(zip(begun, told, strict=True))
            if isinstance(turn, Turn) and turn.first and isinstance(answer, Answer | Refusal)
        ]
        if kept:
            for (nth, _, _), answer in zip(kept, await keep_all(w, [one[1:] for one in kept]), strict=True):
                told[nth] = answer
        return told


async def _keep_deeds(w: Work, heads: Mapping[UUID, VideoHead], rows: Sequence[CommentRow]) -> None:
    """Have authors told of what is said of their videos, and others that they are mentioned."""
    videos_of = [heads[row.video_id] for row in rows]
    said = [Words([row.text], row.author_id, one.author_id, one.visibility) for row, one in zip(rows, videos_of, strict=True)]
    reached = await mentions.reached(w.conn, said)
    comments = [Deed(one.author_id, "comment", one.id, row.author_id, row.id) for row, one in zip(rows, videos_of, strict=True)]
    mentioned = [
        Deed(account_id, "mention", row.video_id, row.author_id, row.id)
        for row, accounts in zip(rows, reached, strict=True)
        for account_id in accounts
    ]
    await deeds.keep(w.conn, *comments, *mentioned)


def wished(account_id: UUID, video_id: UUID, fields: Mapping[str, Any], key: str | None) -> Wish:
    """What somebody wants, who sent these fields, parsed and not yet validated."""
    asked = Asked(account_id, path(video_id), key, fingerprint(fields)) if key is not None else Asked(account_id, "")
    text = fields.get("text")
    try:
        if len(fields) == 1 and isinstance(text, str) and unstorable(text) is None:
            return Wish(asked, video_id, text_of(NewComment(text)))
        return Wish(asked, video_id, text_of(validated(dict(fields), NewComment)))
    except Invalid as refusal:
        return Wish(asked, video_id, refusal)


def _gone() -> InvalidToken:
    """A new one for each: whoever is refused is told of their own limits in its headers."""
    return InvalidToken("This account does not exist any more.")


def _decided(turn: Turn | Refusal, wish: Wish, seen: Seen, now: datetime) -> CommentRow | Said | Refusal:
    """The comment that is to be stored, or what is told instead."""
    if isinstance(turn, Refusal):
        return turn
    if turn.answer is not None:
        return turn.answer
    if seen.busy:
        return "busy"
    if seen.video is None:
        return nothing_there()
    if isinstance(wish.text, Invalid):
        return wish.text
    try:
        turn.begin()
        videos.require_playable(seen.video)
    except Refusal as refusal:
        return refusal
    return CommentRow(wish.video_id, new_id(), turn.account_id, wish.text, now)


SAYING: web.AppKey[Saying] = web.AppKey("saying", Saying)

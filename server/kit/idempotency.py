"""`Idempotency-Key`: what a request creates is created once, however often it comes; a repeat is given the first answer.

`once` is for what is one transaction: the effect and its answer are committed together. `hold` is for what takes longer, because
a body comes in: the key is held by a lease, and the answer is kept in the transaction that makes it true.
"""

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from server.kit import kept
from server.kit.deadline import SECONDS
from server.kit.errors import Invalid, Refusal
from server.kit.ids import new_id
from server.kit.kept import Answer, Found, Kept, Place
from server.kit.problems import Problem, document
from server.kit.request import ANNOUNCER, POOL
from server.kit.tasks import running
from server.kit.work import Announcer, Work, work
from storage.postgres import AWAY, Pool, connection

HEADER = "Idempotency-Key"
MAX_KEY = 255
KEY = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY}}}")  # visible ASCII: a UUID, a hash, the quoted string of the IETF's draft
RETRY_SECONDS = 1
RENEW_SECONDS = 10.0
"""Often enough that a lease outlives two renewals that fail."""
KEPT_REFUSALS = frozenset({403, 404, 409, 422})
"""Those of whom it is known what they were asked for, and that would not pass by themselves as 401, 408, 429 and 5xx do."""

log = logging.getLogger(__name__)


class InProgress(Refusal):
    """The first request with this `Idempotency-Key` still runs; ask again in a moment."""

    status = 409
    code = "in_progress"

    def __init__(self) -> None:
        again = {"Retry-After": str(RETRY_SECONDS)}
        super().__init__(f"The first request with this {HEADER} still runs; repeat it in a moment.", headers=again)


class KeyReused(Refusal):
    """This `Idempotency-Key` was sent with other content before; take a new one."""

    status = 422
    code = "key_reused"

    def __init__(self) -> None:
        super().__init__(f"This {HEADER} came with other content before; take a new one.")


def key_of(request: web.Request) -> str | None:
    """The key as it was sent, whatever it is; None without one. Several are one that no key can be (RFC 9110, 5.3)."""
    found = request.headers.getall(HEADER, [])
    return ", ".join(found) if found else None


def require_possible(key: str | None) -> None:
    """Refuse what no key can be.

    Raises:
        Invalid: it has more than MAX_KEY characters, none, or others than visible ASCII.
    """
    if key is not None and not KEY.fullmatch(key):
        raise Invalid.field(HEADER, f"must have 1 to {MAX_KEY} characters of visible ASCII")


def place(account_id: UUID, path: str, key: str | None) -> Place | None:
    """Where the answer is kept; None where it is not, because there is no key, or none that could be."""
    return Place(account_id, path, key) if key is not None and KEY.fullmatch(key) else None


def fingerprint(asked: Any) -> bytes:
    """SHA-256 of what was asked for: parsed JSON or the like, so that its spelling and the order of its fields do not count."""
    return hashlib.sha256(_spelled(asked).encode()).digest()


_spelled = json.JSONEncoder(sort_keys=True).encode


@dataclass(slots=True)
class Turn:
    """One request that is one transaction.

    Attributes:
        work: the transaction.
        account_id: who asks.
        answer: the first answer, where there is one already; then nothing is left to do.
    """

    work: Work
    account_id: UUID
    answer: Answer | None
    _key: str | None
    _place: Place | None
    _content: bytes
    _found: Found

    @property
    def first(self) -> bool:
        """Whether nothing was asked for with this key before."""
        return self._place is not None and self._found.kept is None and not self._found.busy

    def begin(self) -> None:
        """All other refusals that need no change are behind us: change something now, if it is ours to do.

        Raises:
            Invalid: the key can be none.
            KeyReused: it came with other content before.
            InProgress: the first request with it has not ended.
        """
        require_possible(self._key)
        if self._found.kept is not None:
            raise KeyReused
        if self._found.busy:
            raise InProgress

    async def keep(self, answer: Answer) -> Answer:
        """Keep what is answered, if and only if this work commits.

        Raises:
            InProgress: another request with this key came first after all; nothing of this one may stay.
        """
        if self._place is not None and not await kept.keep(self.work.conn, self._place, Kept(self._content, answer)):
            raise InProgress
        return answer


@asynccontextmanager
async def once(
    pool: Pool, announcer: Announcer, account_id: UUID, path: str, key: str | None, asked: Mapping[str, Any]
) -> AsyncIterator[Turn]:
    """One transaction, for whoever is the first with this key on this path; for others the first answer, refusals included.

    Args:
        pool: see `work`.
        announcer: see `work`.
        account_id: who asks.
        path: of the call, ids in their canonical form; a command of the socket names that of the call it stands for.
        key: as it was sent; None for a request that is not to be told from others.
        asked: the fields, parsed and not yet validated.

    Raises:
        Refusal: from the block, and kept if it is one of KEPT_REFUSALS; or the one that was kept.
    """
    where, turn = place(account_id, path, key), None
    content = fingerprint(asked) if where else b""
    try:
        async with work(pool, announcer, account_id) as w:
            found = await kept.look(w.conn, where) if where else Found(None, busy=False)
            again = _again(found.kept, content)
            turn = Turn(w, account_id, again, key, where, content, found)
            yield turn
    except InProgress:
        raise
    except Refusal as refusal:
        if where and turn and turn.first and refusal.status in KEPT_REFUSALS:
            await _keep_refusal(pool, where, content, refusal)
        raise


def start_once(request: web.Request, account_id: UUID, path: str, asked: Mapping[str, Any]) -> AbstractAsyncContextManager[Turn]:
    """`once` for this request."""
    return once(request.app[POOL], request.app[ANNOUNCER], account_id, path, key_of(request), asked)


class Asked(msgspec.Struct, frozen=True):
    """One of many requests that are one transaction together; `content` is a `fingerprint` where there is a key."""

    account_id: UUID
    path: str
    key: str | None = None
    content: bytes = b""

    @property
    def place(self) -> Place | None:
        """Where its answer is kept."""
        return place(self.account_id, self.path, self.key) if self.key is not None else None


async def turns(w: Work, asked: Sequence[Asked]) -> list[Turn | Refusal]:
    """What `once` gives, for many in one transaction: a turn, or the refusal that was kept."""
    places = [one.place for one in asked]
    first = {where: nth for nth, where in reversed(list(enumerate(places))) if where is not None}
    found = dict(zip(first, await kept.look_all(w.conn, list(first)), strict=True)) if first else {}
    mine = set(first.values())
    return [_turn(w, one, found, mine=nth in mine) for nth, one in enumerate(asked)]


def _turn(w: Work, asked: Asked, all_found: Mapping[Place, Found], *, mine: bool) -> Turn | Refusal:
    where = asked.place
    found = Found(None, busy=False) if where is None else all_found[where]
    if where is not None and not mine and found.kept is None:
        found = Found(None, busy=True)  # another one of these is the first
    try:
        again = _again(found.kept, asked.content)
    except Refusal as refusal:
        return refusal
    return Turn(w, asked.account_id, again, asked.key, where, asked.content, found)


async def keep_all(w: Work, answers: Sequence[tuple[Turn, Answer | Refusal]]) -> list[Answer | Refusal]:
    """Keep what is answered, refusals of KEPT_REFUSALS too, if and only if this work commits.

    What is returned stands instead of an answer: `InProgress` where another request with the key came first after all, of which
    nothing may stay.
    """
    keeping: dict[Place, Kept] = {}
    for turn, told in answers:
        if turn._place is not None and turn.first and (kept_ := _told(told)) is not None:
            keeping[turn._place] = Kept(turn._content, kept_)
    kept_places = await kept.keep_all(w.conn, keeping) if keeping else set()
    return [
        InProgress() if not isinstance(told, Refusal) and turn._place in keeping and turn._place not in kept_places else told
        for turn, told in answers
    ]


def _told(told: Answer | Refusal) -> Answer | None:
    """As it is kept; None for a refusal that may pass."""
    if not isinstance(told, Refusal):
        return told
    if told.status not in KEPT_REFUSALS or isinstance(told, InProgress):
        return None
    return Answer(told.status, document(told.status, told.code, told.detail, told.errors), told.headers)


def _again(found: Kept | None, content: bytes) -> Answer | None:
    """The first answer, where the content is the same.

    Raises:
        Refusal: that was it.
    """
    if found is None or found.content != content:
        return None
    if found.answer.status < 400:
        return found.answer
    problem = msgspec.json.decode(found.answer.body, type=Problem)
    refusal = Refusal(problem.detail, headers=found.answer.headers, errors=problem.errors)
    refusal.status, refusal.code = problem.status, problem.code
    raise refusal


async def _keep_refusal(pool: Pool, where: Place, content: bytes, refusal: Refusal) -> None:
    """In a transaction of its own: the one that was refused is rolled back, and nothing came of it that this could contradict."""
    told = _told(refusal)
    assert told is not None
    try:
        async with connection(pool) as conn:
            await kept.keep(conn, where, Kept(content, told))
    except AWAY as error:
        log.info("a refusal is not kept: %r", error)


class Hold:
    """One request that takes longer than a transaction.

    Attributes:
        answered: the first request has its answer: take in what is asked for, and only compare it (`repeat`).
    """

    def __init__(self, where: Place | None, holder: UUID, found: Kept | None) -> None:
        self._place = where
        self._holder = holder
        self._found = found
        self.answered = found is not None

    def repeat(self, content: bytes) -> Answer:
        """The first answer.

        Raises:
            KeyReused: it was to other content.
        """
        again = _again(self._found, content)
        if again is None:
            raise KeyReused
        return again

    async def keep(self, w: Work, content: bytes, answer: Answer) -> None:
        """Keep what will be answered, if and only if this work commits.

        Raises:
            InProgress: this request was given up for dead, and a repeat does its work; nothing of this one may stay.
        """
        if self._place is not None and not await kept.keep_held(w.conn, self._place, self._holder, Kept(content, answer)):
            raise InProgress


@asynccontextmanager
async def hold(pool: Pool, account_id: UUID, request: web.Request) -> AsyncIterator[Hold]:
    """Hold the request's key while the block runs, at whose end an answer is kept. If it fails, the key is free again.

    Where nobody is left to free it, because the process was killed, that takes `kept.LEASE_SECONDS`.

    Raises:
        Invalid: the key can be none.
        InProgress: another request holds it.
        one of `AWAY`, from PostgreSQL.
    """
    key = key_of(request)
    require_possible(key)
    where, holder = place(account_id, request.path, key), new_id()
    if where is None:
        yield Hold(None, holder, None)
        return
    async with asyncio.timeout(SECONDS), connection(pool) as conn:
        found = await kept.hold(conn, where, holder)
    if found.busy:
        raise InProgress
    if found.kept is not None:
        yield Hold(where, holder, found.kept)
        return
    ended = False
    try:
        async with running(f"hold {holder}", _renew(pool, where, holder)):
            yield Hold(where, holder, None)
        ended = True
    finally:
        if not ended:
            await _release(pool, where, holder)


async def _renew(pool: Pool, where: Place, holder: UUID) -> None:
    """Show signs of life, until the key is somebody else's or has its answer."""
    holding = True
    while holding:
        await asyncio.sleep(RENEW_SECONDS)
        with suppress(*AWAY):  # the lease bears two that fail
            async with asyncio.timeout(SECONDS), connection(pool) as conn:
                holding = await kept.renew(conn, where, holder)


async def _release(pool: Pool, where: Place, holder: UUID) -> None:
    with suppress(*AWAY):  # the lease runs out by itself
        async with asyncio.timeout(SECONDS), connection(pool) as conn:
            await kept.release(conn, where, holder)

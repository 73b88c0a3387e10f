"""Phones as people have them: whatever happens to them, each ends caught up, or is told to reload."""

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from server.live import clocks
from server.live.limits import MOST_REPLAYED, SESSIONS_PER_ACCOUNT
from server.live.session import Session
from server.sockets.codes import TOKEN_EXPIRED
from server.sockets.limits import HEARTBEAT_SECONDS, SILENT_HEARTBEATS
from soak.checker import check
from soak.history import CaughtUp, Did, History, of
from soak.link import Link
from soak.writers import truth
from tests.server.live.handsets import Handset, in_hand
from tests.server.live.stage import Node, Somebody, Stage, position_now
from tests.server.live.test_quota import Ears, counted
from tests.server.live.test_resume import MANY
from tests.waiting import until

AWAY_SECONDS = 600.0
SILENCE_SECONDS = HEARTBEAT_SECONDS * SILENT_HEARTBEATS
MANY_PHONES = 200


@pytest.fixture(autouse=True)
def sweeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence and tokens are looked at with every tick, and whoever does not answer a goodbye is cut soon."""
    monkeypatch.setattr(clocks, "SWEEP_SECONDS", clocks.TICK_SECONDS)
    monkeypatch.setattr("server.live.session.CLOSE_SECONDS", 0.2)


@pytest.fixture
async def author(stage: Stage) -> Somebody:
    return await stage.somebody()


@pytest.fixture
async def handset(stage: Stage, author: Somebody) -> AsyncIterator[Handset]:
    """The phone of somebody who follows the author."""
    found = Handset(stage, await stage.somebody(), History())
    await stage.follow(found.who, author)
    async with in_hand(found):
        yield found


@pytest.fixture
async def link(node: Node) -> AsyncIterator[Link]:
    """The phone's network."""
    assert node.server.port is not None
    async with Link("127.0.0.1", node.server.port).serving() as found:
        yield found


async def published(stage: Stage, node: Node, author: Somebody, times: int) -> list[str]:
    """So many publications, once the node has taken them."""
    found = [await stage.publish(author) for _ in range(times)]
    await node.applied(found[-1])
    return [str(video_id) for video_id in found]


def session_of(node: Node, handset: Handset) -> Session:
    """The session that began last."""
    return max((one for one in node.gateway.hub.presence if one.account_id == handset.who.id), key=lambda one: one.id)


async def test_a_phone_that_slept_for_ten_minutes_gets_the_hundreds_that_it_missed(
    stage: Stage, node: Node, author: Somebody, handset: Handset, link: Link
) -> None:
    await handset.connect(link.url)
    shown = await published(stage, node, author, 1)
    await until(lambda: handset.heard == shown, "the first one")
    link.swallow()
    shown += await published(stage, node, author, 50)  # sent to nobody
    session_of(node, handset).heard_at -= AWAY_SECONDS
    await until(lambda: not node.gateway.hub.presence, "the end of the session")
    shown += await published(stage, node, author, 200)
    assert len(handset.heard) == 1
    link.cut()  # awake, it finds its connection dead
    await handset.over()
    assert await handset.connect(link.url)
    assert handset.heard == shown


@pytest.mark.parametrize("replaying", [False, True], ids=["live", "in a replay"])
async def test_a_network_that_changes_in_the_middle_of_a_frame_loses_nothing(
    stage: Stage, node: Node, author: Somebody, handset: Handset, link: Link, replaying: bool
) -> None:
    shown: list[str] = []
    await handset.connect(link.url)
    for after in (0, 1, 2, 3, 4, 100, 350, 500, 800, 1500, 2500):
        if replaying:
            await handset.cut()
            shown += await published(stage, node, author, 3)
            link.cut_in_frame(after)  # of the answer to the upgrade, of `welcome`, or of what was missed
            await handset.connect(link.url)
        else:
            link.cut_in_frame(after)
            shown += await published(stage, node, author, 4)
        await handset.over()
        if not replaying:
            assert await handset.connect(link.url)
    if replaying:
        await handset.reach(link.url)
    assert list(dict.fromkeys(handset.heard)) == shown


async def test_a_phone_whose_token_expired_while_it_slept_gets_a_new_one_and_all_that_it_missed(
    stage: Stage, node: Node, author: Somebody, handset: Handset
) -> None:
    await handset.connect(node.url)
    session = session_of(node, handset)
    async with handset.phone.asleep():
        shown = await published(stage, node, author, 1)
        session.expires_at = int(time.time()) - 1
        await until(lambda: session.ending == TOKEN_EXPIRED, "the end of the token")
        shown += await published(stage, node, author, 20)
    await handset.over()
    assert handset.closed == (4002, "token expired")
    handset.token = stage.token(handset.who.id, handset.who.login_id, seconds=-int(AWAY_SECONDS))
    assert not await handset.connect(node.url)
    assert handset.refusal == 401
    await handset.renew()
    assert await handset.connect(node.url)
    assert handset.heard == shown


async def test_a_connection_that_a_nat_has_forgotten_is_noticed_and_gives_its_place_back(
    stage: Stage, node: Node, author: Somebody, handset: Handset, link: Link
) -> None:
    await handset.connect(link.url)
    async with Ears(handset.who) as ears:
        await ears.open(*[node] * (SESSIONS_PER_ACCOUNT - 1))
        await counted(stage, handset.who, SESSIONS_PER_ACCOUNT)
        link.swallow()
        shown = await published(stage, node, author, 10)  # written into the black hole
        forgotten = min(node.gateway.hub.presence, key=lambda one: one.id)
        forgotten.heard_at -= SILENCE_SECONDS
        await counted(stage, handset.who, SESSIONS_PER_ACCOUNT - 1)
        await until(lambda: forgotten not in list(node.gateway.hub.presence), "the end of the session")
        shown += await published(stage, node, author, 10)
        assert handset.connected  # nobody told it
        link.cut()
        await handset.over()
        assert await handset.connect(link.url)
        assert handset.heard == shown
        await counted(stage, handset.who, SESSIONS_PER_ACCOUNT)
        for ear in ears.opened:
            await ear.answered()


async def test_many_phones_that_wake_at_once_are_caught_up_or_told(stage: Stage, node: Node) -> None:
    other, history = await stage.node(), History()
    authors, noisy = [await stage.somebody() for _ in range(3)], await stage.somebody()
    handsets = [Handset(stage, await stage.somebody(), history) for _ in range(MANY_PHONES)]
    position = await position_now(node, handsets[0].who)
    for nth, handset in enumerate(handsets):
        handset.phone.position = position
        followed = (*authors, noisy) if nth % 4 == 0 else authors
        await stage.follow(handset.who, *followed)
        for one in followed:
            history.note(Did(handset.phone.account, "follow", str(one.id), history.now, history.now))
    shown = [await _noted(stage, history, authors[nth % len(authors)]) for nth in range(30)]
    await stage.pool.execute(MANY, noisy.id, MOST_REPLAYED + 1)
    shown.append(await _noted(stage, history, authors[0]))
    await node.applied(shown[-1])
    await other.applied(shown[-1])
    async with in_hand(*handsets):
        urls = [node.url, other.url]
        await asyncio.gather(*(handset.reach(*urls[nth % 2 :], *urls[: nth % 2]) for nth, handset in enumerate(handsets)))
        last = str(await _noted(stage, history, authors[0]))
        await until(lambda: all(handset.heard[-1:] == [last] for handset in handsets), "what comes live")
    await truth(stage.pool, [one.id for one in (*authors, *(handset.who for handset in handsets))], history)
    verdict = check([record for record in history.records if not _of(record, noisy)])
    assert verdict.broken == []
    assert verdict.owed == MANY_PHONES * (len(shown) + 1)
    assert verdict.told == MANY_PHONES // 4 * len(shown)
    told = [ending.client for ending in of(history.records, CaughtUp) if not ending.recovered]
    assert sorted(told) == sorted(handset.phone.account for handset in handsets[::4])


def _of(record: object, author: Somebody) -> bool:
    """Whether it is about following this one, whose publications have no videos."""
    return isinstance(record, Did) and record.what == str(author.id)


async def _noted(stage: Stage, history: History, author: Somebody) -> UUID:
    began = history.now
    video_id = await stage.publish(author)
    history.note(Did(str(author.id), "publish", str(video_id), began, history.now))
    return video_id

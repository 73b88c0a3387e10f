"""Positions, repeats, tokens and closes, in the orders that the real server does not bring about at will."""

import pytest

from reelwire_live import (
    CaughtUp,
    Connected,
    Disconnected,
    NotSignedInError,
    SessionEndedError,
    UnknownEvent,
    UnreachableError,
    VideoRemoved,
    WatchEnded,
)
from reelwire_live import lifeline as lifelines
from tests.clients.python.reelwire_live.hearing import hearing
from tests.clients.python.reelwire_live.peer import Peers, acked
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("short_pauses")
BACK_AT_ONCE = (1012, "retry_after_ms=0")


async def test_a_break_in_the_midst_of_a_replay_resumes_from_the_old_position(scripted: Peers) -> None:
    async with hearing(scripted.url, "token", position="old") as ann:
        first = await scripted.next()
        assert (await first.heard())["position"] == "old"
        await first.welcome("w1")
        await first.publish("a", "p1")
        await until(lambda: ann.videos == ["a"], "the first video")
        assert ann.client.position in ("old", None)
        await first.wire.close(*BACK_AT_ONCE)
        second = await scripted.next()
        assert (await second.heard())["position"] == "old"
        await second.welcome("w2")
        await second.publish("a", "p1")
        await second.publish("b", "p2")
        await second.say(type="caught_up", recovered=True, missed=2, position="p2")
        await second.publish("c", "p3")
        await until(lambda: ann.videos == ["a", "b", "c"], "the videos, once each")
        await second.wire.close(*BACK_AT_ONCE)
        assert (await (await scripted.next()).heard())["position"] == "p3"
        assert ann.all(CaughtUp) == [CaughtUp(True, 2)]


async def test_the_callers_position_follows_what_was_taken(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome("w")
        await peer.publish("a", "p1")
        await peer.say(type="event", event="counts", position=None, data={})
        await until(lambda: ann.client.position == "p1", "the position")


async def test_a_gap_that_cannot_be_closed_is_told_in_its_place(scripted: Peers) -> None:
    async with hearing(scripted.url, "token", position="ancient") as ann:
        peer = await scripted.next()
        await peer.welcome("w")
        await peer.say(type="caught_up", recovered=False, missed=0, position="now")
        await peer.publish("a", "p")
        await until(lambda: ann.videos == ["a"], "the video")
        kinds = [type(happening).__name__ for happening in ann.told]
        assert kinds == ["Connected", "CaughtUp", "VideoPublished"]
        assert ann.all(CaughtUp) == [CaughtUp(False, 0)]


async def test_a_position_that_the_server_does_not_take_is_such_a_gap(scripted: Peers) -> None:
    async with hearing(scripted.url, "token", position="x" * 300) as ann:
        peer = await scripted.next()
        await peer.welcome("w")
        await peer.refuse(await peer.heard(), "invalid")
        assert await ann.first(CaughtUp) == CaughtUp(False, 0)
        await until(lambda: ann.client.position in ("x" * 300, "w"), "the position")
        await peer.wire.close(*BACK_AT_ONCE)
        assert (await (await scripted.next()).heard())["position"] == "w"


async def test_what_a_newer_server_says_does_no_harm(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome("w")
        await peer.wire.send("no json")
        await peer.wire.send("[]")
        await peer.wire.send(b"\x00")
        await peer.say(type="from_the_future")
        await peer.say(type="event", event="also.new", position=None, data={"x": 1})
        assert await ann.first(UnknownEvent) == UnknownEvent("also.new", {"x": 1})


async def test_a_refused_token_is_renewed_and_another_one_is_used(scripted: Peers) -> None:
    scripted.refusals = [(401, {}), (503, {"Retry-After": "0"})]
    asked: list[str | None] = []

    async def token(refused: str | None) -> str:
        asked.append(refused)
        return "good" if refused else "bad"

    async with hearing(scripted.url, token) as ann:
        await (await scripted.next()).welcome()
        await ann.first(Connected)
    assert asked == [None, "bad", "bad"]
    assert scripted.tokens == ["bad", "good", "good"]
    assert [ended.code for ended in ann.all(Disconnected)] == [401, 503]


@pytest.mark.parametrize("code", [4001, 4002])
async def test_a_token_that_is_over_is_renewed(scripted: Peers, code: int) -> None:
    async def token(refused: str | None) -> str:
        return "second" if refused == "first" else "first"

    async with hearing(scripted.url, token):
        peer = await scripted.next()
        await peer.welcome()
        await peer.wire.close(code, "token expired")
        await scripted.next()
    assert scripted.tokens == ["first", "second"]


async def test_a_renewal_during_the_session_is_tried_until_it_succeeds(scripted: Peers) -> None:
    tries: list[str | None] = []

    async def token(refused: str | None) -> str:
        tries.append(refused)
        if len(tries) in (2, 3):
            raise UnreachableError("not now")
        return f"token {len(tries)}"

    async with hearing(scripted.url, token):
        peer = await scripted.next()
        await peer.welcome()
        await peer.say(type="reauthenticate")
        frame = await peer.heard()
        assert (frame["type"], frame["token"]) == ("auth", "token 4")
        await peer.ack(frame)
        await peer.wire.close(*BACK_AT_ONCE)
        await scripted.next()
    assert tries == [None, "token 1", "token 1", "token 1", None]


async def test_without_a_token_for_the_session_that_goes_on_the_client_ends(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome()
        await peer.say(type="reauthenticate")
        await until(ann.over.is_set, "the end")
        assert isinstance(ann.failure, NotSignedInError)
        with pytest.raises(NotSignedInError):
            await ann.client.ping()


async def test_an_ended_log_in_is_the_end(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome()
        await peer.wire.close(4003, "session ended")
        await until(ann.over.is_set, "the end")
        assert isinstance(ann.failure, SessionEndedError)
        assert str(ann.failure) == "session ended"


@pytest.mark.parametrize("code", [1000, 1001, 1009, 1011, 4008, 4009])
async def test_after_any_other_close_it_comes_back(scripted: Peers, code: int) -> None:
    async with hearing(scripted.url, "token") as ann:
        for _ in range(2):
            peer = await scripted.next()
            await peer.welcome()
            await peer.wire.close(code)
        await scripted.next()
        assert [ended.code for ended in ann.all(Disconnected)] == [code, code]


async def test_a_line_that_breaks_without_a_word_ends_with_a_plain_number(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome()
        peer.wire.transport.abort()
        assert repr((await ann.first(Disconnected)).code) == "1006"


async def test_pauses_grow_until_a_session_lasts(scripted: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[int] = []

    def pause(attempt: int, chance: object = None) -> float:
        attempts.append(attempt)
        return 0.0

    monkeypatch.setattr("reelwire_live.backoff.pause", pause)
    async with hearing(scripted.url, "token"):
        for _ in range(3):
            peer = await scripted.next()
            await peer.welcome()
            await peer.wire.close(1011)
        last = await scripted.next()
        await last.heard()
        monkeypatch.setattr(lifelines, "STABLE_SECONDS", 0.0)
        await last.welcome()
        await last.wire.close(1011)
        await scripted.next()
    assert attempts == [1, 2, 3, 1]


async def test_watches_are_sent_again_and_one_that_is_refused_then_is_told(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome()
        for video in ("a", "b", "c"):
            await acked(peer, ann.client.watch(video))
        await acked(peer, ann.client.unwatch("b"))
        await peer.wire.close(*BACK_AT_ONCE)
        again = await scripted.next()
        assert (await again.heard())["type"] == "resume"
        await again.welcome()
        first = await again.heard()
        assert (first["type"], first["video_id"]) == ("watch", "a")
        await again.refuse(first, "unavailable")
        first = await again.heard()
        assert first["video_id"] == "a"
        await again.refuse(first, "not_found")
        second = await again.heard()
        assert second["video_id"] == "c"
        await again.ack(second)
        assert await ann.first(WatchEnded) == WatchEnded("a", "not_found", "No.")
        await again.wire.close(*BACK_AT_ONCE)
        third = await scripted.next()
        assert (await third.heard())["type"] == "resume"
        await third.welcome()
        assert (await third.heard())["video_id"] == "c"


async def test_a_video_that_is_removed_is_watched_no_more(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome()
        await acked(peer, ann.client.watch("a"))
        await acked(peer, ann.client.watch("b"))
        await peer.say(type="event", event="video.removed", position=None, data={"id": "a"})
        await ann.first(VideoRemoved)
        await peer.wire.close(*BACK_AT_ONCE)
        again = await scripted.next()
        assert (await again.heard())["type"] == "resume"
        await again.welcome()
        assert (await again.heard())["video_id"] == "b"

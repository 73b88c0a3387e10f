"""What a link makes of a server's answers, whenever they come."""

import pytest

from pubsub.link import PLAIN, SHARDED, Link, slot_of


class Ear:
    """Whom the link tells."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.moves: list[tuple[int, str]] = []

    def received(self, channel: str, payload: bytes) -> None:
        self.heard.append((channel, payload))

    def changed(self) -> None:
        """`joined` tells."""

    def moved(self, slot: int, to: str) -> None:
        self.moves.append((slot, to))


def answer(kind: bytes, channel: bytes, rest: bytes = b":1") -> bytes:
    """As RESP2 has it."""
    return b"*3\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n%b\r\n" % (len(kind), kind, len(channel), channel, rest)


@pytest.fixture
async def ear() -> Ear:
    return Ear()


async def test_an_acknowledgement_counts_for_the_question_that_it_answers(ear: Ear) -> None:
    link = Link(PLAIN, ear)
    link.join(["a"])
    link.leave(["a"])
    link.join(["a"])
    for kind, joined in ((b"subscribe", set()), (b"unsubscribe", set()), (b"subscribe", {"a"})):
        link.data_received(answer(kind, b"a"))
        assert link.joined == joined


async def test_a_channel_is_silent_from_the_moment_it_is_left(ear: Ear) -> None:
    link = Link(PLAIN, ear)
    link.join(["a", "b"])
    link.data_received(answer(b"subscribe", b"a") + answer(b"subscribe", b"b"))
    link.leave(["a"])
    link.data_received(answer(b"message", b"a", b"$1\r\n1") + answer(b"message", b"b", b"$1\r\n2"))
    assert ear.heard == [("b", b"2")]


async def test_a_slot_is_elsewhere_if_the_server_says_so_unasked(ear: Ear) -> None:
    link = Link(SHARDED, ear)
    link.join(["a", "b"])
    link.data_received(answer(b"ssubscribe", b"a") + answer(b"ssubscribe", b"b"))
    link.leave(["b"])
    link.data_received(answer(b"sunsubscribe", b"b"))
    assert ear.moves == []
    link.data_received(answer(b"sunsubscribe", b"a"))
    link.data_received(b"-MOVED 7 127.0.0.1:6380\r\n")
    assert ear.moves == [(slot_of("a"), ""), (7, "127.0.0.1:6380")]
    assert link.joined == set()
    assert not link.lost.done()


@pytest.mark.parametrize("said", [b"-NOAUTH Authentication required.\r\n", b"-CLUSTERDOWN The cluster is down\r\n", b"!\r\n"])
async def test_what_cannot_be_mended_here_ends_the_link(ear: Ear, said: bytes) -> None:
    link = Link(SHARDED, ear)
    link.data_received(said)
    assert link.lost.done()

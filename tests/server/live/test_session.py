"""Slow consumers are cut, never waited for, and nobody else notices; they resume without loss."""

import asyncio
import struct

from server.live.codes import TOO_SLOW
from tests.server.live.stage import Node, Stage
from tests.server.live.test_codes import raw_session
from tests.waiting import until


async def test_a_peer_that_reads_nothing_is_cut_and_others_hear_everything(stage: Stage, node: Node) -> None:
    slow, quick, author = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(slow, author)
    await stage.follow(quick, author)
    reader, writer = await raw_session(node, slow.token, receive_buffer=4096)
    (session,) = [s for s in node.gateway.hub.presence if s.account_id == slow.id]
    session._budget = 20_000  # of the default, a mebibyte, nobody would see the end soon
    async with node.listen(quick) as ear:
        published = []
        while session.open:
            published += [await stage.publish(author, description="é" * 2000) for _ in range(20)]
            await ear.heard(published[-1])
            assert len(published) < 3000
        assert session.ending == TOO_SLOW
        assert ear.videos == [str(video_id) for video_id in published]
        received = bytearray()
        async with asyncio.timeout(60):
            while struct.pack("!H", TOO_SLOW.code) not in received:
                received += await reader.read(65_536)
        writer.close()
        await until(lambda: not [s for s in node.gateway.hub.presence if s.account_id == slow.id], "its end")


async def test_a_peer_that_never_answers_the_close_is_cut_off(stage: Stage, node: Node) -> None:
    who = await stage.somebody()
    _, writer = await raw_session(node, who.token)
    (session,) = [s for s in node.gateway.hub.presence if s.account_id == who.id]
    session.close(TOO_SLOW)
    session._closed_at -= 10.1  # its ten seconds are over
    await until(lambda: not list(node.gateway.hub.presence), "the cut")
    writer.close()

"""What one process remembers another one knows, for a while."""

import pytest

from pubsub.broker import BrokerUnavailable
from pubsub.marks import Marks
from pubsub.opening import open_commands
from server.kit.ids import new_id
from tests.valkeys import Server


async def test_a_mark_is_known_everywhere_until_its_time_is_over(server: Server) -> None:
    prefix = f"test:{new_id()}:"
    async with open_commands(server.url) as one, open_commands(server.url) as two:
        here, there = Marks(one, prefix, 600), Marks(two, prefix, 1)
        assert not await there.has("ann")
        await here.put("ann")
        assert await there.has("ann")
        await there.put("ben")
        while await here.has("ben"):
            pass
        assert await here.has("ann")


async def test_a_server_that_is_away_is_said(server: Server) -> None:
    async with open_commands(server.url) as commands:
        marks = Marks(commands, f"test:{new_id()}:", 600)
        await server.kill()
        with pytest.raises(BrokerUnavailable):
            await marks.has("ann")
        with pytest.raises(BrokerUnavailable):
            await marks.put("ann")

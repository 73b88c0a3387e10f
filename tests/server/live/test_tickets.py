"""Tickets on a cluster."""

import time
from pathlib import Path

import pytest

from pubsub.broker import BrokerUnavailable
from pubsub.once import Once
from pubsub.opening import open_commands
from server.kit.ids import new_id
from server.kit.tokens import Claims
from server.live.tickets import Tickets
from tests.valkeys import own_cluster


async def test_a_dead_node_keeps_nobody_from_a_ticket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.live.tickets.TRIES", 40)
    monkeypatch.setattr("server.live.tickets.ISSUE_SECONDS", 30.0)
    claims = Claims(new_id(), new_id(), int(time.time()) + 600)
    async with own_cluster(tmp_path) as cluster, open_commands(cluster.url) as commands:
        tickets = Tickets(Once(commands, "ticket:"))
        await commands.ping()
        await cluster.nodes[1].kill()
        for _ in range(10):
            ticket = await tickets.issue(claims)
            assert await tickets.redeem(ticket) == claims
            assert await tickets.redeem(ticket) is None
        await cluster.kill()
        with pytest.raises(BrokerUnavailable):
            await tickets.issue(claims)

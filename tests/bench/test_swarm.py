"""The swarm counts each message once, however it comes."""

import socket

import pytest

from bench.swarm import Member, Swarm


@pytest.mark.parametrize("probes", [True, False])
def test_a_message_that_comes_in_pieces_counts_once(probes: bool) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        swarm, member = Swarm(), Member(ours, probes)
        for byte in b"__@@12@@____@@13@@__":
            theirs.send(bytes([byte]))
            swarm._read(member)
        assert swarm._marks == 4
        assert [number for number, _ in swarm._came] == ([12, 13] if probes else [])

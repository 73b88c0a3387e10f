"""The swarm counts each message once, however it comes."""

import socket

from bench.swarm import Member, Swarm


def test_a_message_that_comes_in_pieces_counts_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        swarm, member = Swarm(), Member(ours, probes=True)
        sent = b"__@@12@@____@@13@@__"
        for byte in sent:
            theirs.send(bytes([byte]))
            swarm._read(member)
        assert (member.numbers, member.bytes) == (2, len(sent))
        assert [number for number, _ in swarm._came] == [12, 13]

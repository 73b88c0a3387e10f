"""A saved state goes on as if nothing had happened."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.uploads.digest import STATE_BYTES, Sha256


@given(st.lists(st.binary(max_size=300), max_size=12))
def test_cut_anywhere_and_taken_up_again_it_equals_hashlib(pieces: list[bytes]) -> None:
    state = Sha256().state()
    for piece in pieces:
        running = Sha256(state)
        running.update(piece)
        state = running.state()
    assert Sha256(state).digest() == hashlib.sha256(b"".join(pieces)).digest()


def test_asking_for_the_digest_does_not_end_the_hash() -> None:
    running = Sha256()
    running.update(b"one")
    assert running.digest() == hashlib.sha256(b"one").digest()
    running.update(b" two")
    assert running.digest() == hashlib.sha256(b"one two").digest()


def test_large_pieces_too() -> None:
    data = bytes(range(256)) * 50_000
    running = Sha256()
    running.update(data)
    assert len(running.state()) == STATE_BYTES
    assert running.digest() == hashlib.sha256(data).digest()


def test_what_is_no_state_is_refused() -> None:
    with pytest.raises(ValueError, match="112 bytes"):
        Sha256(b"short")

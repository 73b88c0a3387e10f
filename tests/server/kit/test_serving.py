"""Listening on a unix socket that a successor takes over."""

import socket
from pathlib import Path

from server.kit.serving import bound


def _reach(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(5)
    client.connect(str(path))
    return client


def test_a_successor_takes_over_and_the_old_one_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "serve.sock"
    old = bound(f"unix:{path}")
    first = _reach(path)
    new = bound(f"unix:{path}")
    second = _reach(path)
    for listener, client in ((old, first), (new, second)):
        listener.settimeout(5)
        accepted, _ = listener.accept()
        accepted.sendall(b"hello")
        assert client.recv(5) == b"hello"
        accepted.close()
        client.close()
    old.close()
    new.close()
    assert [p.name for p in tmp_path.iterdir()] == ["serve.sock"]


def test_an_address_is_an_address() -> None:
    with bound("127.0.0.1:0") as listener:
        assert listener.getsockname()[0] == "127.0.0.1"

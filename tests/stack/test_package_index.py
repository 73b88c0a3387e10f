"""The first wheel is found where pip's configuration says, and only the pinned one is taken."""

import hashlib
import platform
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stack import package_index
from stack.package_index import configured, fetch, pins
from stack.steps import StepError

WHEEL = b"the bytes of a wheel"
NAME = f"tool-1.0-py3-none-manylinux_2_28_{platform.machine()}.whl"


class Handler(SimpleHTTPRequestHandler):
    """Serves files, silently."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock file that pins the tool, and another package."""
    file = tmp_path / "tools.lock"
    sums = "1" * 64, hashlib.sha256(WHEEL).hexdigest()
    lines = ["other==2.0", f"    --hash=sha256:{'0' * 64}\ntool==1.0", *(f"    --hash=sha256:{digest}" for digest in sums)]
    file.write_text(" \\\n".join(lines) + "\n")
    return file


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A simple index over HTTP (PEP 503), which pip is configured for; its folder."""
    monkeypatch.setattr(package_index, "_FILES", (str(tmp_path / "pip.conf"),))
    for name in ("INDEX_URL", "EXTRA_INDEX_URL", "FIND_LINKS", "CERT", "TRUSTED_HOST", "CONFIG_FILE"):
        monkeypatch.delenv(f"PIP_{name}", raising=False)
    folder = tmp_path / "index"
    (folder / "simple" / "tool").mkdir(parents=True)
    (folder / "files").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, name="index").start()
        (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = http://127.0.0.1:{server.server_port}/simple/\n")
        yield folder
        server.shutdown()


def offer(index: Path, body: bytes, name: str = NAME, fragment: str = "") -> None:
    """Put a file into the index."""
    (index / "files" / name).write_bytes(body)
    with (index / "simple" / "tool" / "index.html").open("a") as page:
        page.write(f'<a href="../../files/{name}{fragment}">{name}</a>\n')


def test_the_pins_of_a_package_are_its_own(lock: Path) -> None:
    assert pins(lock, "tool") == {"1" * 64, hashlib.sha256(WHEEL).hexdigest()}
    assert pins(lock, "nothing") == set()


def test_the_pinned_wheel_of_this_machine_is_taken(index: Path, lock: Path, tmp_path: Path) -> None:
    offer(index, WHEEL, "tool-1.0-py3-none-musllinux_1_1_other.whl")
    offer(index, WHEEL, "tool-1.0.tar.gz")
    offer(index, b"newer", NAME.replace("1.0", "2.0"), f"#sha256={hashlib.sha256(b'newer').hexdigest()}")
    offer(index, WHEEL, fragment=f"#sha256={hashlib.sha256(WHEEL).hexdigest()}")
    found = fetch("tool", lock, tmp_path / "wheels")
    assert (found.name, found.read_bytes()) == (NAME, WHEEL)


def test_other_bytes_under_its_name_are_not_taken(index: Path, lock: Path, tmp_path: Path) -> None:
    offer(index, b"something else")
    offer(index, b"something else", NAME.replace("2_28", "2_17"), f"#sha256={hashlib.sha256(WHEEL).hexdigest()}")
    with pytest.raises(StepError, match="pinned wheel of tool was not found"):
        fetch("tool", lock, tmp_path / "wheels")
    assert not (tmp_path / "wheels").exists()


def test_a_folder_of_wheels_goes_before_the_index(
    index: Path, lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "wheels of mine"
    folder.mkdir()
    (folder / NAME).write_bytes(WHEEL)
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    assert fetch("tool", lock, tmp_path / "wheels").read_bytes() == WHEEL


def test_an_index_that_cannot_be_reached_is_named(
    index: Path, lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(StepError, match=r"http://127\.0\.0\.1:9/simple/tool/: .*refused"):
        fetch("tool", lock, tmp_path / "wheels")


def test_variables_go_before_files_and_uv_is_told_the_same(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = http://a/simple\ncert = /ca.pem\n[install]\nextra-index-url = http://b\n  http://c\n"
    )
    assert configured().for_uv() == {
        "UV_DEFAULT_INDEX": "http://a/simple",
        "UV_INDEX": "http://b http://c",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    monkeypatch.setenv("PIP_INDEX_URL", "http://d/simple")
    monkeypatch.setenv("UV_INDEX", "http://mine")
    told = configured().for_uv()
    assert (told["UV_DEFAULT_INDEX"], "UV_INDEX" in told) == ("http://d/simple", False)

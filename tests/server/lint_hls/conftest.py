"""A server with a stream of our own, in which each test may change what is answered."""

import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.media.lint.streams import MASTER, Stream, held, make

GOOD = {"Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}


@dataclass
class Host:
    """Serves files with ranges; `headers` go over what is right, `packed` and `ranges` may be switched off."""

    stream: Stream
    headers: dict[str, str] = field(default_factory=dict)
    packed: bool = True
    ranges: bool = True
    query: str = ""
    asked: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        """One file, or a part of it."""
        name = request.match_info["name"]
        self.asked.append(request.raw_path)
        if name in self.moved:
            return web.Response(status=302, headers={"Location": self.moved[name]})
        if name not in self.stream.files or request.query_string != self.query:
            return web.Response(status=403)
        data, kind = self.stream.files[name], "video/mp4"
        if name.endswith(".m3u8"):
            kind = "application/vnd.apple.mpegurl"
            if self.packed:
                return self._response(gzip.compress(data), kind, {"Content-Encoding": "gzip"})
        elif "Range" in request.headers and self.ranges:
            return self._range(data, request.http_range, kind)
        return self._response(data, kind, {})

    def _range(self, data: bytes, asked: slice, kind: str) -> web.Response:
        if asked.start >= len(data):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
        part = data[asked]
        span = {"Content-Range": f"bytes {asked.start}-{asked.start + len(part) - 1}/{len(data)}"}
        return self._response(part, kind, span, 206)

    def _response(self, body: bytes, kind: str, more: dict[str, str], status: int = 200) -> web.Response:
        headers = {"Content-Type": kind, **GOOD, **more, **self.headers}
        return web.Response(status=status, body=body, headers={name: value for name, value in headers.items() if value})


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("hosted"), seconds=1.0, pixel_format="yuv444p")


@pytest.fixture
async def host(made: Path) -> AsyncIterator[Host]:
    found = Host(held(made))
    app = web.Application()
    app.router.add_get("/media/{name}", found.answer)
    async with TestServer(app) as server:
        found.url = str(server.make_url(f"/media/{MASTER}"))
        yield found

"""The API does what its document says, also for whoever means ill: schemathesis asks, with all its checks, and hostile bodies do.

A few examples of each call here, from a seed. `REELWIRE_EXAMPLES=100` starts a whole system, asks through its edge, makes so many
of each call and goes through all phases of schemathesis.
"""

import asyncio
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from server.openapi.document import document
from server.openapi.operations import OPERATIONS
from server.settings import Settings
from server.web import application
from soak import system
from stack.steps import ROOT
from tests.hostile import TOKEN, token

EXAMPLES = int(os.environ.get("REELWIRE_EXAMPLES", "0"))
FEW, SEED = 2, 1
NEEDS_A_WORKER = "/api/v1/me/avatar"
PHASES = "examples,coverage,fuzzing,stateful" if EXAMPLES else "examples,fuzzing"
ENDS_WITHIN_SECONDS = 3600 if EXAMPLES else 200
AN_ID = "01a217ee-80f3-76f1-b5b7-5b63fa2835b4"
TEN_MB = b'{"a": "' + b"a" * 10_000_000 + b'"}'
NUL, HALF = b'{"text": "a\\u0000", "at_ms": 1, "\\u0000": 1}', b'{"text": "a\\ud800", "reason": "\\udfff"}'
REFUSALS = frozenset(range(400, 500)) | {503}


@dataclass
class Asked:
    """The system that is asked, and somebody's access token there."""

    url: str
    token: str


@pytest.fixture
async def asked(settings: Settings, tmp_path: Path) -> AsyncIterator[Asked]:
    if EXAMPLES:
        async with system.running(tmp_path) as found:
            yield Asked(found.url, await asyncio.to_thread(token, found.url))
        return
    server = TestServer(application(settings))
    await server.start_server(auto_decompress=False)
    url = str(server.make_url("")).rstrip("/")
    yield Asked(url, await asyncio.to_thread(token, url))
    await server.close()


@pytest.mark.timeout(ENDS_WITHIN_SECONDS)
@pytest.mark.parametrize("signed_in", [True, False])
async def test_schemathesis_finds_nothing(asked: Asked, signed_in: bool) -> None:
    seed = random.randrange(2**32) if EXAMPLES else SEED
    words = ["run", f"{asked.url}/api/v1/openapi.json", "--checks=all", f"--phases={PHASES}", f"--seed={seed}"]
    often = EXAMPLES or (FEW if signed_in else 1)
    words += [f"--max-examples={often}", "--generation-database=none", "--no-color", "--continue-on-failure"]
    words += [] if EXAMPLES else [f"--exclude-path={NEEDS_A_WORKER}"]
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")), *words, cwd=ROOT,
        env=os.environ | ({TOKEN: asked.token} if signed_in else {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode(errors="replace")[-20_000:]
    me, headers = f"{asked.url}/api/v1/me", {"Authorization": f"Bearer {asked.token}"}
    async with aiohttp.ClientSession() as http, http.get(me, headers=headers) as answer:
        assert answer.status == 200, "whoever asked is nobody by now, and so were asked for little"


@pytest.mark.parametrize("body", [NUL, HALF, TEN_MB], ids=["NUL", "half of a surrogate pair", "ten megabytes"])
async def test_hostile_bodies_are_refused_as_the_document_says(asked: Asked, body: bytes) -> None:
    found = document(OPERATIONS)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        for method, path, operation in _taking_json(found):
            for headers in ({}, {"Authorization": f"Bearer {asked.token}"}):
                status, told = await _ask(http, method, asked.url + _filled(path), headers, body)
                assert status in REFUSALS, (method, path, status)
                codes = operation["responses"][str(status)]["content"]["application/problem+json"]["schema"]["allOf"][1]
                assert told["code"] in codes["properties"]["code"]["enum"], (method, path, told)


async def _ask(http: aiohttp.ClientSession, method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
    """The status, and the problem document."""
    typed = headers | {"Content-Type": "application/json", "Expect": "100-continue"}
    async with http.request(method, url, data=io.BytesIO(body), headers=typed) as answer:
        assert answer.content_type == "application/problem+json", (method, url, answer.status)
        return answer.status, json.loads(await answer.read())


def _taking_json(found: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                yield method.upper(), path, operation


def _filled(path: str) -> str:
    return path.replace("{id}", AN_ID).replace("{user}", "nobody")

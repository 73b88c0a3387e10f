"""The doctor on real stores: well, and with each of them out of reach."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from server.settings import Settings
from stack import doctor
from stack.embedded import Stores
from tests.valkeys import own_cluster


@pytest.fixture(autouse=True)
def surroundings(
    real_stores: Stores, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An environment that names the real stores, on a data folder on which nothing runs."""
    for name in [name for name in os.environ if name.startswith("REELWIRE_")]:
        monkeypatch.delenv(name)
    for name, value in real_stores.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("REELWIRE_SECRET_KEYS", "x" * 32)
    monkeypatch.setenv("REELWIRE_DATA_DIR", str(tmp_path_factory.mktemp("doctor")))


async def findings(*, stores: bool = True) -> dict[str, str]:
    """What the doctor says, by the name of the check: ok, -- or FAIL, and the text."""
    return {f.name: f"{f.mark} {f.text}" for f in await doctor.examine(stores=stores)}


async def test_a_healthy_system_is_told_to_be_well() -> None:
    found = await findings()
    for name in ("settings", "PostgreSQL", "migrations", "Valkey", "S3", "nginx", "embedded servers", "suggestions", "disk"):
        assert found[name].startswith("ok "), found[name]
    assert found["PostgreSQL"].startswith("ok 18.")


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("DATABASE_URL", "postgresql://reelwire@127.0.0.1:9/reelwire", "PostgreSQL"),
        ("VALKEY_URL", "redis://127.0.0.1:9/0", "Valkey"),
        ("S3_ENDPOINT_URL", "http://127.0.0.1:9", "S3"),
        ("S3_SECRET_ACCESS_KEY", "wrong", "S3"),
        ("S3_ENDPOINT_URL", "localhost:8333", "S3"),
        ("VALKEY_URL", "valkey://127.0.0.1:6379/0", "Valkey"),
        ("VALKEY_URL", "redis+cluster://127.0.0.1:9,127.0.0.1:10", "Valkey"),
        ("VALKEY_URL", "redis+cluster://127.0.0.1:9/1", "Valkey"),
    ],
)
async def test_what_is_out_of_reach_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, name: str
) -> None:
    monkeypatch.setenv(f"REELWIRE_{variable}", value)
    found = await findings()
    assert found[name].startswith("FAIL ")
    assert f"REELWIRE_{variable.partition('_')[0]}" in found[name]
    assert {other for other, text in found.items() if text.startswith("FAIL")} <= {name, "migrations", "web client", "port"}


async def test_a_cluster_is_known_by_its_nodes_and_by_its_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with own_cluster(tmp_path) as cluster:
        monkeypatch.setenv("REELWIRE_VALKEY_URL", cluster.url)
        assert (await findings())["Valkey"] == "ok every node answers"
        monkeypatch.setenv("REELWIRE_VALKEY_URL", cluster.url.replace("+cluster", "").partition(",")[0])
        assert (await findings())["Valkey"].startswith("FAIL it is a node of a cluster; REELWIRE_VALKEY_URL ")
        await cluster.nodes[0].kill()
        monkeypatch.setenv("REELWIRE_VALKEY_URL", cluster.url)
        assert (await findings())["Valkey"].startswith("FAIL no answer to PING: 127.0.0.1:")


async def test_what_takes_connections_and_never_answers_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CHECK_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("REELWIRE_DATABASE_URL", f"postgresql://reelwire@127.0.0.1:{port}/reelwire")
        monkeypatch.setenv("REELWIRE_VALKEY_URL", f"redis://127.0.0.1:{port}/0")
        monkeypatch.setenv("REELWIRE_S3_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        found = await findings()
    for name, variable in (("PostgreSQL", "DATABASE_URL"), ("Valkey", "VALKEY_URL"), ("S3", "S3_ENDPOINT_URL")):
        assert found[name].startswith("FAIL no answer in"), found[name]
        assert f"REELWIRE_{variable}" in found[name]


async def test_a_database_without_the_schema_needs_migrate(monkeypatch: pytest.MonkeyPatch, real_stores: Stores) -> None:
    monkeypatch.setenv("REELWIRE_DATABASE_URL", real_stores.database_url.replace("/reelwire?", "/postgres?"))
    assert "type: ./reelwire migrate" in (await findings())["migrations"]


async def test_without_a_stack_the_public_default_of_the_keys_is_worth_knowing_and_no_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("SECRET_KEYS", "DATABASE_URL", "ENVIRONMENT"):
        monkeypatch.delenv(f"REELWIRE_{name}", raising=False)
    await asyncio.to_thread(doctor.main, [])
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("--   stack: no stack runs on ")
    assert told[1].startswith("--   settings: REELWIRE_SECRET_KEYS is the public default; `up` makes its own; for production: ")
    assert (await findings())["settings"].startswith("FAIL REELWIRE_SECRET_KEYS")
    monkeypatch.setenv("REELWIRE_PORT", "0")
    assert (await findings(stores=False))["settings"] == "FAIL REELWIRE_PORT must be 1 to 65535"


async def test_its_exit_status_tells_whether_all_is_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REELWIRE_VALKEY_URL", "redis://127.0.0.1:9/0")
    assert await asyncio.to_thread(doctor.main, []) == 1
    assert "FAIL Valkey: no answer to PING" in capsys.readouterr().out


async def test_the_library_that_suggestions_need_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "OPENMP", "libabsent.so.1")
    assert (await findings(stores=False))["suggestions"].endswith("on Debian type: apt-get install libgomp1")

"""`reelwire doctor`: looks at configuration and dependencies, and says for each what is wrong and what to type."""

import asyncio
import ctypes
import os
import random
import shutil
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiohttp
import asyncpg
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError

from pubsub.broker import BrokerUnavailable
from pubsub.commands import Command, Commands, answered
from pubsub.opening import open_commands
from pubsub.target import is_cluster
from server.settings import DEFAULT_SECRET, Settings, SettingsError
from stack import environment, ports, programs, web_packages
from stack.bootstrap import BROWSERS
from stack.lock import is_locked
from stack.programs import ProgramError
from stack.servers import ROOT

CHECK_SECONDS = 10.0
TRIES = 4
OPENMP = "libgomp.so.1"
DISK_LEAST = 5_000_000_000
PYTHON_LEAST = (3, 11)
_KEYS = "REELWIRE_SECRET_KEYS is the public default; `up` makes its own; for production: openssl rand -hex 32"
_OBJECT = "doctor"
_QUESTION = {
    "PostgreSQL": "is it running, and is REELWIRE_DATABASE_URL right?",
    "migrations": "is PostgreSQL running, and is REELWIRE_DATABASE_URL right?",
    "Valkey": "is it running, and is REELWIRE_VALKEY_URL right?",
    "S3": "is it running, and are REELWIRE_S3_ENDPOINT_URL, its keys and buckets right?",
}


class Ailment(Exception):
    """Something is wrong; the message says what, and what to type."""


Mark = Literal["ok", "--", "FAIL"]
"""Well; worth knowing, and nothing wrong; wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    name: str
    mark: Mark
    text: str


Check = Callable[[Settings], str]
StoreCheck = Callable[[Settings], Coroutine[None, None, str]]


def main(argv: Sequence[str]) -> int:
    """Print every finding; 0 when all is well, else 1."""
    if argv:
        print("Usage: reelwire doctor", file=sys.stderr)
        return 2
    running, findings = True, []
    try:
        os.environ.update(environment.of_command(os.environ))
    except environment.NotRunningError as error:
        running = "REELWIRE_DATABASE_URL" in os.environ
        findings.append(Finding("stack", "--", str(error)))
    findings += asyncio.run(examine(stores=running))
    for finding in findings:
        print(f"{finding.mark:4} {finding.name}: {finding.text}")
    return 1 if any(finding.mark == "FAIL" for finding in findings) else 0


async def examine(*, stores: bool) -> list[Finding]:
    """Every check of the machine, and of the stores that the environment names if there are any."""
    settings, first = _settings(stores=stores)
    logs = f"look at the logs in {settings.data_dir}/log"
    checks = [_finding(name, asyncio.to_thread(check, settings), logs) for name, check in _MACHINE]
    checks += [_finding(name, check(settings), f"{_QUESTION[name]} Else {logs}") for name, check in _STORES if stores]
    return [first, *(await asyncio.gather(*checks))]


def _settings(*, stores: bool) -> tuple[Settings, Finding]:
    try:
        settings = Settings.from_environment()
        return settings, Finding("settings", "ok", f"can be used ({settings.environment})")
    except SettingsError as error:
        settings = Settings.from_environment(check=False)
        if not stores and DEFAULT_SECRET in settings.secret_keys and _usable_in_development():
            return settings, Finding("settings", "--", _KEYS)
        return settings, Finding("settings", "FAIL", str(error))


def _usable_in_development() -> bool:
    try:
        Settings.from_environment(os.environ | {"REELWIRE_ENVIRONMENT": "development"})
    except SettingsError:
        return False
    return True


async def _finding(name: str, check: Coroutine[None, None, str], advice: str) -> Finding:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return Finding(name, "ok", await check)
    except (Ailment, ProgramError) as ailment:
        return Finding(name, "FAIL", str(ailment))
    except Exception as error:
        # It looks for mistakes, so that whatever one of them raises is a finding.
        if not isinstance(error, TimeoutError):
            return Finding(name, "FAIL", f"{error}; {advice}")
        return Finding(name, "FAIL", f"no answer in {CHECK_SECONDS:g} s; {advice}")


def _python(_settings: Settings) -> str:
    if sys.version_info < PYTHON_LEAST:
        raise Ailment("too old; on Debian type: apt-get install python3")
    return sys.version.split()[0]


def _programs(_settings: Settings) -> str:
    found = [programs.postgres_folder(), programs.valkey_server(), programs.weed()]
    return ", ".join(str(path) for path in found)


def _nginx(_settings: Settings) -> str:
    found = programs.nginx()
    return f"{found.version} at {found.path} (from {found.origin})"


def _client(_settings: Settings) -> str:
    if not web_packages.BUILT.exists():
        raise Ailment(f"{web_packages.BUILT} is missing; type: ./reelwire up")
    return f"built at {web_packages.BUILT.parent}"


def _node(_settings: Settings) -> str:
    path = shutil.which("node")
    return path or "none on this machine; ./reelwire up brings its own when it builds the web client"


def _chromium(_settings: Settings) -> str:
    path = os.environ.get("CHROMIUM_BIN") or next(filter(None, map(shutil.which, BROWSERS)), None)
    return path or "none; only the browser tests need it: sudo apt-get install chromium (or set CHROMIUM_BIN)"


def _learning(_settings: Settings) -> str:
    try:
        ctypes.CDLL(OPENMP)
    except OSError:
        raise Ailment(
            f"no {OPENMP}, without which suggestions are not learned; on Debian type: apt-get install libgomp1"
        ) from None
    return f"{OPENMP} is there"


def _disk(settings: Settings) -> str:
    data = Path(settings.data_dir).absolute()
    folder = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < DISK_LEAST:
        raise Ailment(f"{free / 1e9:.1f} GB free at {folder}; free some, or set REELWIRE_DATA_DIR")
    return f"{free / 1e9:.0f} GB free at {folder}"


def _port(settings: Settings) -> str:
    if is_locked(Path(settings.data_dir)):
        return f"{settings.port}, held by the running stack"
    if not ports.is_free(settings.port):
        raise Ailment(f"{settings.port} is taken; free it, or set REELWIRE_PORT")
    return f"{settings.port} is free"


async def _postgres(settings: Settings) -> str:
    connection = await _connect(settings)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


async def _migrations(settings: Settings) -> str:
    there = {int(file.name[:4]) for file in (ROOT / "storage" / "migrations").glob("[0-9]*.sql")}
    connection = await _connect(settings)
    try:
        applied = {row["number"] for row in await connection.fetch("SELECT number FROM schema_migration")}
    except asyncpg.UndefinedTableError:
        applied = set()
    finally:
        await connection.close()
    if missing := there - applied:
        raise Ailment(f"{len(missing)} not applied; type: ./reelwire migrate")
    return f"all {len(applied)} applied"


async def _connect(settings: Settings) -> "asyncpg.Connection[asyncpg.Record]":
    try:
        return await asyncpg.connect(settings.database_direct_url or settings.database_url, timeout=2 * CHECK_SECONDS)
    except TimeoutError:
        raise
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise Ailment(f"{error}; {_QUESTION['PostgreSQL']}") from None


async def _valkey(settings: Settings) -> str:
    cluster = is_cluster(settings.valkey_url)
    async with open_commands(settings.valkey_url) as commands:
        told = await _patiently(commands)
    if told.get("cluster_enabled") and not cluster:
        raise Ailment("it is a node of a cluster; REELWIRE_VALKEY_URL must begin with redis+cluster://")
    return "every node answers" if cluster else "answers"


async def _patiently(commands: Commands) -> dict[str, int]:
    """Ask some times: the other checks keep this process busy meanwhile, and a second is short."""
    for tries_left in reversed(range(TRIES)):
        try:
            await commands.ping()
            (told,) = answered(await commands.run([Command("", ("INFO", "cluster"))]))
        except BrokerUnavailable as error:
            if not tries_left:
                raise Ailment(f"no answer to PING: {error}; {_QUESTION['Valkey']}") from None
            await asyncio.sleep(random.uniform(0.2, 0.4))  # noqa: S311 - jitter
        else:
            return dict(told)
    raise AssertionError


def _buckets(settings: Settings) -> tuple[str, ...]:
    """Those of this server; the archive may have one of its own."""
    return (
        settings.s3_bucket,
        settings.s3_raw_bucket,
        *(() if settings.s3_archive_endpoint_url else (settings.s3_archive_bucket,)),
    )


async def _s3(settings: Settings) -> str:
    options = AioConfig(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    client = get_session().create_client(
        "s3",
        region_name=settings.s3_region,
        endpoint_url=settings.s3_endpoint_url,
        aws_access_key_id=settings.s3_access_key_id,
        aws_secret_access_key=settings.s3_secret_access_key,
        config=options,
    )
    try:
        async with client as s3:
            for bucket in _buckets(settings):
                await s3.put_object(Bucket=bucket, Key=_OBJECT, Body=b"well")
                await s3.delete_object(Bucket=bucket, Key=_OBJECT)
    except (BotoCoreError, ClientError, aiohttp.ClientError, OSError) as error:
        raise Ailment(f"{error}; {_QUESTION['S3']}") from None
    return f"all buckets can be written at {settings.s3_endpoint_url}"


_MACHINE: tuple[tuple[str, Check], ...] = (
    ("Python", _python),
    ("embedded servers", _programs),
    ("nginx", _nginx),
    ("web client", _client),
    ("Node", _node),
    ("Chromium", _chromium),
    ("suggestions", _learning),
    ("disk", _disk),
    ("port", _port),
)
_STORES: tuple[tuple[str, StoreCheck], ...] = (
    ("PostgreSQL", _postgres),
    ("migrations", _migrations),
    ("Valkey", _valkey),
    ("S3", _s3),
)

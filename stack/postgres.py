"""PostgreSQL 18 from the package's binaries: creates the cluster, starts it as a user it accepts, tells how to reach it.

PostgreSQL refuses to run as root, and the user `nobody` may be unable to walk down to the data folder. So the process is given
its data as the folder it stands in (`/proc/self/cwd` needs no right to the folders above), and, where `nobody` cannot reach the
programs either, a copy of them in the runtime folder.
"""

import asyncio
import os
import pwd
import shutil
import signal
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg

from stack.credentials import Credentials, write_private
from stack.process import PROBE_SECONDS, PartError, Spec, group_of, spawn
from stack.programs import postgres_folder

ROLE, DATABASE = "reelwire", "reelwire"
_HERE = "/proc/self/cwd"
_SET_UP_SECONDS = 60.0
_INITDB = (
    "--username=postgres",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth=scram-sha-256",
    "--no-instructions",
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """Where a cluster lives and how to reach it."""

    data: Path
    runtime: Path  # sockets (and a copy of the programs) go below it; short, and open to any user
    log: Path
    credentials: Credentials
    durable: bool = True

    @property
    def sockets(self) -> Path:
        return self.runtime / "postgres"

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}:{self.credentials.postgres}@/{DATABASE}?host={quote(str(self.sockets))}"


def part(cluster: Postgres) -> Spec:
    """How to run this cluster. Stopping it is a fast shutdown; the kernel's signal at our death an immediate one (crash-safe)."""
    user = _user(cluster.data)
    programs = _programs(cluster.runtime, user)
    for folder in (cluster.data, cluster.sockets):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _own(folder, user)
    return Spec(
        name="postgres",
        argv=(str(programs / "bin/postgres"), "-D", _HERE, *_options(cluster)),
        environment=_environment(),
        folder=cluster.data,
        log=cluster.log,
        ready=lambda: answers(cluster.url),
        alive=lambda: answers(cluster.url),
        prepare=lambda: _prepare(cluster, programs, user),
        user=user,
        start_seconds=120.0,  # replaying a long log after a crash takes its time
        stop_signal=signal.SIGINT,
        stop_seconds=8.0,
        death_signal=signal.SIGQUIT,
    )


async def answers(url: str) -> bool:
    """Whether a new connection gets an answer."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            connection = await asyncpg.connect(url)
            try:
                return bool(await connection.fetchval("SELECT true"))
            finally:
                connection.terminate()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


def _options(cluster: Postgres) -> list[str]:
    settings = {
        "listen_addresses": "",  # the socket only
        "unix_socket_directories": str(cluster.sockets),
        "cluster_name": "reelwire",
        "max_connections": "200",
        "shared_buffers": "128MB",
        "jit": "off",  # this build has none
        "log_min_duration_statement": "1000",
        "log_line_prefix": "%m [%p] ",
    }
    if not cluster.durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


async def _prepare(cluster: Postgres, programs: Path, user: int | None) -> None:
    """Create the cluster if there is none; what a crash on the way left over is thrown away."""
    created = cluster.data / "reelwire.created"
    if created.exists():
        _drop_stale_lock(cluster.data / "postmaster.pid")
        return
    for child in cluster.data.iterdir():
        shutil.rmtree(child) if child.is_dir() else child.unlink()
    password = cluster.sockets / "password"
    write_private(password, cluster.credentials.postgres_owner)
    _own(password, user)
    sync = () if cluster.durable else ("--no-sync",)
    await _run(cluster, (programs / "bin/initdb", "-D", _HERE, *_INITDB, f"--pwfile={password}", *sync), "", user)
    password.unlink()
    for database, commands in _first_commands(cluster.credentials):
        await _run(cluster, (programs / "bin/postgres", "--single", "-D", _HERE, database), commands, user)
    created.touch()


def _first_commands(credentials: Credentials) -> list[tuple[str, str]]:
    """What only the owner of the cluster may do, one command a line: extensions, then our role and its database."""
    role = f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{credentials.postgres}';\n"
    database = f"CREATE DATABASE {DATABASE} OWNER {ROLE};\n"
    return [("template1", "CREATE EXTENSION IF NOT EXISTS vector;\n"), ("postgres", role + database)]


async def _run(cluster: Postgres, argv: tuple[str | Path, ...], said: str, user: int | None) -> None:
    """Run one of PostgreSQL's programs to its end, with a text at its standard input."""
    with tempfile.TemporaryFile() as source, cluster.log.open("ab") as log:
        source.write(said.encode())
        source.seek(0)
        process = spawn(
            "postgres set-up",
            [str(word) for word in argv],
            environment=_environment(),
            folder=cluster.data,
            output=log,
            source=source,
            user=user,
        )
    try:
        async with asyncio.timeout(_SET_UP_SECONDS):
            await process.ended.wait()
    finally:
        await process.kill()
    if process.status:
        raise PartError(f"{Path(argv[0]).name} failed with status {process.status}; {cluster.log} says why")


def _drop_stale_lock(file: Path) -> None:
    """Remove the lock of a postmaster that is gone: after a restart of the machine another program may have its number."""
    with suppress(FileNotFoundError, ValueError, IndexError):
        pid = int(file.read_text().splitlines()[0])
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except FileNotFoundError:
            return  # PostgreSQL sees for itself that the process is gone
        if name != "postgres":
            file.unlink()


def _user(data: Path) -> int | None:
    """Whom to run as: ourselves, or as root the owner of the data, or at first `nobody`."""
    if os.geteuid() != 0:
        return None
    owner = data.stat().st_uid if data.exists() else 0
    return owner or pwd.getpwnam("nobody").pw_uid


def _own(path: Path, user: int | None) -> None:
    if user is not None:
        os.chown(path, user, group_of(user))


def _programs(runtime: Path, user: int | None) -> Path:
    """The installation tree, or a copy of it where that user can reach it."""
    packaged = postgres_folder()
    if user is None or passable(packaged / "bin"):
        return packaged
    copy = runtime / "programs"
    if not (copy / "complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        libraries = packaged.parent.with_name(packaged.parent.name + ".libs")  # RUNPATH names it relative to bin/
        shutil.copytree(libraries, copy / libraries.name)
        for name in ("bin", "lib", "share"):
            shutil.copytree(packaged / name, copy / packaged.parent.name / packaged.name / name)
        for folder in (copy, copy / packaged.parent.name, copy / packaged.parent.name / packaged.name):
            folder.chmod(0o755)  # made as our umask has it, which lets nobody else pass
        (copy / "complete").touch()
    return copy / packaged.parent.name / packaged.name


def passable(folder: Path) -> bool:
    """Whether any user may walk down to this folder and through it."""
    whole = folder.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (whole, *whole.parents))

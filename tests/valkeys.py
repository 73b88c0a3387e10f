"""Servers of a test's own, which it may kill, freeze and wipe: one Valkey or Redis, or a cluster."""

import asyncio
import os
import secrets
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from pubsub.valkey import pipelined
from stack import ports, process, programs, valkey
from stack.credentials import Credentials
from stack.process import Spec
from stack.runtime import remove_temporary, runtime_folder

ONLY_VALKEY = "min-string-size-avoid-copy-reply"
SLOTS = 16384
NODE_TIMEOUT_MS = 1500
BUS = 10000
"""From a node's port to that on which nodes speak to each other."""
SPARE_CLUSTERS = 3
PASSWORD = Credentials().valkey
"""Of all clusters."""


class Server(Protocol):
    """Whatever the broker's contract is tried on; nothing is kept on disk, so that a restart is a wipe as well."""

    url: str

    @property
    def hurt(self) -> bool:
        """Whether something was done to it that the next test might feel."""
        ...

    async def start(self) -> None:
        """Start it, and wait until it works."""
        ...

    async def kill(self) -> None: ...

    def freeze(self) -> None: ...

    def thaw(self) -> None: ...


class Running:
    """One server process; it can be started again."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._process: process.Process | None = None
        self.hurt = False

    @property
    def runs(self) -> bool:
        return self._process is not None

    def begin(self) -> None:
        """Start it and wait for nothing; it must not run."""
        self._process = process.start(self._spec)

    async def start(self) -> None:
        if not self.runs:
            self.begin()
        async with asyncio.timeout(self._spec.start_seconds):
            while not await self._spec.ready():
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        self.hurt = True
        if self._process is not None:
            self._process.send(signal.SIGCONT)
            await self._process.kill()
            self._process = None

    def freeze(self) -> None:
        self.hurt = True
        assert self._process is not None
        self._process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send(signal.SIGCONT)


class OwnValkey(Running):
    """A Valkey as the stack runs it, or a Redis with the same settings; `url` stays the same over restarts."""

    def __init__(self, folder: Path, runtime: Path, program: Path | None = None) -> None:
        server = valkey.Valkey(folder, runtime, folder / "log", Credentials(), durable=False)
        spec = valkey.part(server)
        if program is not None:
            settings = Path(spec.argv[1])
            settings.write_text("".join(line for line in settings.read_text().splitlines(True) if ONLY_VALKEY not in line))
            spec = replace(spec, argv=(str(program), *spec.argv[1:]))
        super().__init__(spec)
        self.url = server.url


class ClusterNode(Running):
    """One node of a cluster, on a TCP port of its own, with a password."""

    def __init__(self, program: Path, folder: Path, port: int) -> None:
        self.port = port
        self.id = secrets.token_hex(20)
        self.client = Redis(port=port, password=PASSWORD)
        self._folder = folder
        folder.mkdir(parents=True)
        settings = {
            "port": port,
            "bind": "127.0.0.1",
            "requirepass": PASSWORD,
            "masterauth": PASSWORD,
            "save": '""',
            "cluster-enabled": "yes",
            "cluster-node-timeout": NODE_TIMEOUT_MS,
            "cluster-require-full-coverage": "no",
            "repl-diskless-sync-delay": 0,
        }
        (folder / "conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        spec = Spec(
            name="node",
            argv=(str(program), str(folder / "conf")),
            environment={"PATH": os.defpath},
            folder=folder,
            log=folder / "log",
            ready=self._answers,
            alive=self._answers,
        )
        super().__init__(spec)

    def learn(self, lines: Sequence[tuple["ClusterNode", str, str]]) -> None:
        """Know of a cluster at the next start: of each node its shard, and its role, link and slots."""
        told = [
            f"{node.id} 127.0.0.1:{node.port}@{node.port + BUS},,tls-port=0,shard-id={shard} "
            f"{'myself,' if node is self else ''}{line}\n"
            for node, shard, line in lines
        ]
        (self._folder / "nodes.conf").write_text("".join(told) + f"vars currentEpoch {len(told)} lastVoteEpoch 0\n")

    async def kill(self) -> None:
        await super().kill()
        await self.client.aclose()

    async def say(self, *words: Any) -> Any:
        """CLUSTER and so on, and the answer."""
        return await self.ask("CLUSTER", *words)

    async def ask(self, *words: Any) -> Any:
        """An administrator's command, and the answer."""
        (answer,) = await pipelined(self.client, [words])
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def info(self) -> str:
        return str((await self.say("INFO")).decode())

    async def _answers(self) -> bool:
        with suppress(RedisError, OSError):
            return bool(await self.client.ping())
        return False


class OwnCluster:
    """Three nodes with a third of the slots each, and perhaps a replica of the third one.

    All slots are served however many nodes are left: `cluster-require-full-coverage no`.
    """

    def __init__(self, program: Path, folder: Path, *, replica: bool = False) -> None:
        names = ("one", "two", "three", "replica") if replica else ("one", "two", "three")
        # A node listens on its port + BUS as well.
        self._moved: dict[int, ClusterNode] = {}
        self.nodes = [ClusterNode(program, folder / name, port) for name, port in ports.choose(names).items()]
        self.url = "redis+cluster://:{}@{}".format(PASSWORD, ",".join(f"127.0.0.1:{node.port}" for node in self.nodes))

    @property
    def hurt(self) -> bool:
        return any(node.hurt for node in self.nodes)

    def begin(self) -> None:
        """Start all nodes, which know of each other from the beginning (nodes.conf), and wait for nothing."""
        self._moved.clear()
        masters, replicas = self.nodes[:3], self.nodes[3:]
        lines = [
            (node, node.id, f"master - 0 0 {n + 1} connected {n * SLOTS // 3}-{(n + 1) * SLOTS // 3 - 1}")
            for n, node in enumerate(masters)
        ] + [(node, masters[2].id, f"slave {masters[2].id} 0 0 3 connected") for node in replicas]
        for node in self.nodes:
            node.learn(lines)
            node.begin()

    async def start(self) -> None:
        if not any(node.runs for node in self.nodes):
            self.begin()
        for node in self.nodes:
            await node.start()
        await self.agreed("cluster_state:ok", f"cluster_slots_ok:{SLOTS}", f"cluster_known_nodes:{len(self.nodes)}")
        for replica in self.nodes[3:]:
            while (await replica.client.info("replication"))["master_link_status"] != "up":
                await asyncio.sleep(0.02)

    async def agreed(self, *facts: str) -> None:
        """Wait until all nodes say so."""
        async with asyncio.timeout(60):
            while not all(fact in info for info in [await node.info() for node in self.nodes] for fact in facts):
                await asyncio.sleep(0.02)

    async def move(self, slot: int, to: ClusterNode) -> None:
        """Give an empty slot to another node, as an administrator does (CLUSTER SETSLOT)."""
        to.hurt = True
        source = self._moved.get(slot) or next(node for n, node in enumerate(self.nodes) if slot < (n + 1) * SLOTS // 3)
        self._moved[slot] = to
        target = to.id
        # Without the first of these it would not begin an epoch, and its claim would count less than the old owner's.
        await to.say("SETSLOT", slot, "IMPORTING", source.id)
        await source.say("SETSLOT", slot, "MIGRATING", target)
        await to.say("SETSLOT", slot, "NODE", target)
        for node in [source, *self.nodes[:3]]:
            if node is not to:
                await node.say("SETSLOT", slot, "NODE", target)

    async def kill(self) -> None:
        for node in self.nodes:
            await node.kill()

    def freeze(self) -> None:
        for node in self.nodes:
            node.freeze()

    def thaw(self) -> None:
        for node in self.nodes:
            node.thaw()


class SpareClusters:
    """Clusters that begin before they are taken: a node serves nothing for its first two seconds (CLUSTER_WRITABLE_DELAY)."""

    def __init__(self) -> None:
        self._spare: list[OwnCluster] = []
        self._made = 0

    def take(self, folder: Path) -> OwnCluster:
        """The oldest; another one begins in its place, in a folder beside that one."""
        while len(self._spare) <= SPARE_CLUSTERS:
            self._made += 1
            cluster = OwnCluster(programs.valkey_server(), folder.parent / "clusters" / f"{self._made}")
            cluster.begin()
            self._spare.append(cluster)
        return self._spare.pop(0)

    async def kill(self) -> None:
        for cluster in self._spare:
            await cluster.kill()
        self._spare.clear()


SPARE = SpareClusters()
"""Of the session, which ends them (tests/conftest.py)."""


def redis_program(folder: Path) -> Path:
    """Debian's redis-server, or the same program from the package redis-tools, which starts no service."""
    if found := shutil.which("redis-server"):
        return Path(found)
    if tool := shutil.which("redis-check-rdb"):  # it is whatever it is called by
        (link := folder / "redis-server").symlink_to(tool)
        return link
    if os.environ.get("CI"):
        pytest.fail("no Redis found; type: apt-get install redis-tools")
    pytest.skip("no Redis found; type: apt-get install redis-tools")


def servers() -> dict[str, Callable[[Path, Path], Server]]:
    """What a broker may run on, by name; each is made of a folder and of one for sockets."""
    return {
        "valkey": OwnValkey,
        "redis": lambda folder, runtime: OwnValkey(folder, runtime, redis_program(folder)),
        "cluster": lambda folder, _: SPARE.take(folder),
    }


@asynccontextmanager
async def own_server(kind: str, folder: Path) -> AsyncIterator[Server]:
    """One that runs, and is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once, before anything runs
    runtime = runtime_folder(folder)
    server = servers()[kind](folder, runtime)
    try:
        await server.start()
        yield server
    finally:
        await server.kill()
        remove_temporary(runtime, folder)


@asynccontextmanager
async def own_valkey(folder: Path) -> AsyncIterator[OwnValkey]:
    """A Valkey of that kind."""
    async with own_server("valkey", folder) as server:
        assert isinstance(server, OwnValkey)
        yield server


@asynccontextmanager
async def own_cluster(folder: Path, *, replica: bool = False, program: Path | None = None) -> AsyncIterator[OwnCluster]:
    """A cluster of that kind, or of this program."""
    own = replica or program
    cluster = OwnCluster(program or programs.valkey_server(), folder, replica=replica) if own else SPARE.take(folder)
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.kill()

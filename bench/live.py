"""One message to thousands of sockets, by reelwire and by its peers: processor time of the server for each delivery.

Every server has one process and one core, the same messages, and the same swarm of sockets on the other core. What is compared
was measured in the same round. Of reelwire it is the whole way of a publication; the others are told by a line or a request.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import uvloop

from bench.cpu import of_process, spent_by
from bench.orders import Orders, given_orders
from bench.peers import running
from bench.peers.reelwire import reelwire
from bench.peers.running import OTHER_CORE, MissingError, Running

SIZE = 1300
"""Bytes of a peer's message: what a `video.published` of ours has."""
ROUNDS = 3
SINGLE = 15
"""Messages that go out one after the other."""
BURST_SECONDS = 3.0
PATIENCE_SECONDS = 12.0
"""So long after the last message a server that cannot keep up is waited for."""
OURS, FLOOR = "reelwire", "send() loop"

Opens = Callable[[Path], AbstractAsyncContextManager[Running]]
PEERS: dict[str, Opens] = {
    FLOOR: partial(running.python, "floor"),
    "nginx with nchan": running.nchan,
    "ws": partial(running.node, "ws"),
    "socket.io": running.socketio,
    "websockets broadcast": partial(running.python, "websockets_broadcast"),
    "uvicorn/Starlette": partial(running.python, "starlette_app"),
    "aiohttp send_str": partial(running.python, "aiohttp_stock"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """What one round of one server measures: so many sockets, and messages one by one (rate 0) or so many a second."""

    sockets: int
    rate: int = 0

    @property
    def messages(self) -> int:
        return int(self.rate * BURST_SECONDS) if self.rate else SINGLE

    def __str__(self) -> str:
        return f"{self.sockets} sockets, " + (f"{self.rate} messages a second" if self.rate else "one message at a time")


CASES = (Case(1_000),)
WHOLE = (Case(1_000), Case(5_000), Case(15_000), *(Case(5_000, rate) for rate in (10, 40, 100, 200)))


@dataclass(frozen=True, slots=True)
class Figures:
    """What one server had in one round.

    Attributes:
        delivery: µs of processor time a delivery.
        delivered: of all that were to be delivered, and how many a second.
        late: milliseconds from telling to arrival, the median and the 99th percentile.
        handshake: µs of processor time a handshake. `kilobytes`: memory a socket.
    """

    delivery: float
    delivered: float
    a_second: float
    late: tuple[float, float]
    handshake: float
    kilobytes: float


@dataclass
class Table:
    """The figures of a case: of each server, one for each round in which it ran."""

    case: Case
    rounds: dict[str, list[Figures]] = field(default_factory=dict)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.case}: µs a delivery, × floor, × nchan; deliveries/s (of all); p50, p99 ms; µs a handshake; KB a socket"
        for name, rounds in self.rounds.items():
            middle = {what: median(getattr(one, what) for one in rounds) for what in Figures.__slots__ if what != "late"}
            p50, p99 = (median(one.late[at] for one in rounds) for at in (0, 1))
            beside = "".join(f"{self._ratio(name, peer):>6}" for peer in (FLOOR, "nginx with nchan"))
            yield (
                f"  {name:22}{middle['delivery']:8.2f}{beside}{middle['a_second']:10,.0f} ({middle['delivered']:4.0%})"
                f"{p50:8.1f}{p99:8.1f}{middle['handshake']:7.0f}{middle['kilobytes']:7.1f}"
            )

    def _ratio(self, name: str, peer: str) -> str:
        pairs = zip(self.rounds[name], self.rounds.get(peer, ()), strict=False)
        ratios = [one.delivery / other.delivery for one, other in pairs]
        return f"{median(ratios):.2f}" if ratios else "–"


def run(folder: Path, rounds: int | None = None, *, whole: bool = False) -> Iterator[Table]:
    """The benchmark: one message at a time to a thousand sockets, or `whole`: all sizes, and messages at several rates too."""
    for case in WHOLE if whole else CASES:
        yield uvloop.run(measured(folder, case, rounds or ROUNDS, tuple(PEERS)))


async def measured(folder: Path, case: Case, rounds: int, peers: Sequence[str]) -> Table:
    """One case with every server, round after round; a peer that is not to be had here is named and left out."""
    table, missing = Table(case), set[str]()
    for number in range(rounds):
        for name in (OURS, *peers):
            if name in missing:
                continue
            here = folder / f"{case.sockets}-{case.rate}-{number}-{name.split()[0].replace('/', '-')}"
            here.mkdir()
            opens = PEERS[name] if name != OURS else partial(reelwire, sockets=case.sockets, messages=case.messages + 1)
            try:
                async with opens(here) as server, given_orders("bench.swarm", core=OTHER_CORE) as swarm:
                    table.rounds.setdefault(name, []).append(await _measured(server, swarm, case))
            except MissingError as error:
                missing.add(name)
                print(f"  without {name}: {error}", flush=True)
    return table


async def _measured(server: Running, swarm: Orders, case: Case) -> Figures:
    before = _memory(server.pid)
    with spent_by(server.pid) as opening:
        words = list(server.each) or [""] * case.sockets
        request = {
            "port": server.port,
            "path": server.path,
            "header": server.header,
            "hello": server.hello,
            "until": server.until,
        }
        await swarm.give({"open": {**request, "each": words}})
    kilobytes = (_memory(server.pid) - before) / case.sockets
    await _one_by_one(server, swarm, [case.messages])  # warm
    told: dict[int, float] = {}
    began, spent = time.monotonic(), of_process(server.pid)
    if case.rate:
        answer = await _at_a_rate(server, swarm, case, told)
    else:
        answer = await _one_by_one(server, swarm, range(case.messages), told)
    seconds = of_process(server.pid) - spent
    took = max(answer["at"] - began, 1e-9)
    late = sorted((at - told[number]) * 1000 for number, at in answer["came"] if number in told)
    percentiles = quantiles(late, n=100, method="inclusive") if len(late) > 1 else [late[0]] * 99 if late else [float("nan")] * 99
    return Figures(
        delivery=seconds / max(answer["messages"], 1) * 1e6,
        delivered=answer["messages"] / (case.messages * case.sockets),
        a_second=answer["messages"] / took,
        late=(percentiles[49], percentiles[98]),
        handshake=opening.seconds / case.sockets * 1e6,
        kilobytes=kilobytes,
    )


async def _one_by_one(
    server: Running, swarm: Orders, numbers: Sequence[int], told: dict[int, float] | None = None
) -> dict[str, Any]:
    came: list[tuple[int, float]] = []
    messages, at = 0, 0.0
    for number in numbers:
        gathering = asyncio.create_task(_gather(swarm, 1, PATIENCE_SECONDS), name="gathering")
        if told is not None:
            told[number] = time.monotonic()
        await server.tell(number, SIZE)
        answer = await gathering
        came += answer["came"]
        messages, at = messages + answer["messages"], answer["at"]
    return {"messages": messages, "came": came, "at": at}


async def _at_a_rate(server: Running, swarm: Orders, case: Case, told: dict[int, float]) -> dict[str, Any]:
    gathering = asyncio.create_task(_gather(swarm, case.messages, BURST_SECONDS + PATIENCE_SECONDS), name="gathering")
    began = time.monotonic()
    for number in range(case.messages):
        # Whoever keeps the one who tells waiting is late as well: the moment that counts is the one that was planned.
        told[number] = began + number / case.rate
        await asyncio.sleep(max(0.0, told[number] - time.monotonic()))
        await server.tell(number, SIZE)
    return await gathering


async def _gather(swarm: Orders, messages: int, seconds: float) -> dict[str, Any]:
    answer: dict[str, Any] = await swarm.give({"gather": {"messages": messages, "seconds": seconds}})
    return answer


def _memory(pid: int) -> float:
    """Kilobytes that are this process' own (proc(5), smaps_rollup)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(float(line.split()[1]) for line in text.splitlines() if line.startswith(("Private_Clean", "Private_Dirty")))

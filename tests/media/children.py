"""What the pool's tests run in children: each does one thing that a hostile file might make a decoder do."""

import ctypes
import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from media import landlock, seccomp
from media.errors import Unsupported
from media.task import Progress, Report, Task, frame


class Answer(msgspec.Struct):
    """What a child found out."""

    pid: int
    words: list[str] = []


def hold(task: Task, report: Report) -> Answer:
    """Run until somebody puts `go` into the folder; say that it runs by putting its number there."""
    Path(task.folder, str(os.getpid())).touch()
    report("holding", 0.5)
    while not Path(task.folder, "go").exists():
        time.sleep(0.01)
    return Answer(os.getpid())


def count(task: Task, report: Report) -> Answer:
    for step in range(4):
        report(f"stage {step}", step / 4)
    return Answer(os.getpid())


def refuse(task: Task, report: Report) -> Answer:
    raise Unsupported("not like this")


def stumble(task: Task, report: Report) -> Answer:
    raise KeyError("a bug of ours")


def burn(task: Task, report: Report) -> Answer:
    while True:
        report("burning", time.monotonic() % 1)


def stall(task: Task, report: Report) -> Answer:
    while True:
        report("always the same", 0.5)
        time.sleep(0.01)


def swell(task: Task, report: Report) -> Answer:
    return Answer(len(bytearray(2 << 30)))


def crash(task: Task, report: Report) -> Answer:
    ctypes.string_at(0)
    return Answer(0)


def perish(task: Task, report: Report) -> Answer:
    """As the kernel ends it where memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
    return Answer(0)


def vanish(task: Task, report: Report) -> Answer:
    os._exit(0)


def babble(task: Task, report: Report) -> Answer:
    """What a child that was taken over might send."""
    _say((1 << 31).to_bytes(4) + b"cos\nsystem\n(S'id'\ntR.")
    time.sleep(60)
    return Answer(0)


def gossip(task: Task, report: Report) -> Answer:
    while True:
        _say(frame(Progress("never ends", time.monotonic() % 1)))


def lie(task: Task, report: Report) -> Answer:
    _say(len(b'{"type":"done","result":{"pid":"x"}}').to_bytes(4) + b'{"type":"done","result":{"pid":"x"}}')
    return Answer(0)


def _say(words: bytes) -> None:
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, words)
        except OSError:
            continue


def multiply(task: Task, report: Report) -> Answer:
    """Leave two processes behind, one of them in a session of its own."""
    for escape in (False, True):
        if os.fork() == 0:
            if escape:
                os.setsid()
            Path(task.folder, str(os.getpid())).touch()
            while True:
                time.sleep(1)
    while len(os.listdir(task.folder)) < 2:
        time.sleep(0.01)
    return Answer(os.getpid())


def filtered() -> bool:
    """Whether this machine has a filter of system calls."""
    return seccomp.available()


def look_around(task: Task, report: Report) -> Answer:
    """What can be seen and done from in there."""
    seen = [f"environment {dict(os.environ)}", f"priority {os.nice(0)}", f"session {os.getsid(0) == os.getpid()}"]
    attempts: dict[str, Callable[[], object]] = {
        "reads its input": lambda: Path(task.input).read_bytes(),
        "reads another file": lambda: Path(task.folder, "..", "secret").read_bytes(),
        "reads the password file": lambda: Path("/etc/passwd").read_bytes(),
        "lists the root": lambda: os.listdir("/"),
        "writes into its folder": lambda: Path(task.folder, "mine").write_bytes(b"x"),
        "writes beside it": lambda: Path(task.folder, "..", "planted").write_bytes(b"x"),
        "changes its input": lambda: Path(task.input).write_bytes(b"x"),
        "connects": lambda: socket.create_connection(("127.0.0.1", int(Path(task.input).read_text())), timeout=2),
        "speaks": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "reaches a local server": lambda: socket.socket(socket.AF_UNIX),
        "listens": lambda: socket.create_server(("127.0.0.1", 0)),
        "starts a program": lambda: (landlock.version() or filtered()) and os.execv("/bin/true", ["true"]),
        "leaves its root": lambda: os.chroot("/"),
        "signals the zygote": lambda: os.kill(os.getppid(), 0),
        "limits the zygote": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
        "writes a large file": lambda: Path(task.folder, "large").write_bytes(bytes(3 << 20)),
        "opens many": lambda: [os.open(task.input, os.O_RDONLY) for _ in range(200)],
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, LookupError):  # or a library that a library looks for late is not there
            seen.append(f"never {name}")
        else:
            seen.append(name)
    return Answer(os.getpid(), seen)

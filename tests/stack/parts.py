"""Small real processes as parts, for tests of what keeps parts running."""

import sys
from pathlib import Path

from stack.process import Spec

WAIT = "import time; time.sleep(600)"


def part(folder: Path, program: str, *, ready: str = "ready", name: str = "toy", stop_seconds: float = 5.0) -> Spec:
    """A Python program that is ready, and alive, when it has made the file `ready`."""
    mark = folder / ready

    async def marked() -> bool:
        return mark.exists()

    async def unmark() -> None:
        mark.unlink(missing_ok=True)

    return Spec(
        name=name,
        argv=(sys.executable, "-c", program),
        environment={},
        folder=folder,
        log=folder / f"{name}.log",
        ready=marked,
        alive=marked,
        prepare=unmark,
        start_seconds=20.0,
        stop_seconds=stop_seconds,
    )


def marking(program: str = WAIT, ready: str = "ready") -> str:
    """A program that says that it is ready, and then runs this."""
    return f"open({ready!r}, 'w').close()\n{program}"

"""What a thread reserves, in a process that has nothing else to do."""

import subprocess
import sys

import pytest

THREADS = 10
PROGRAM = """
import sys, threading
from media import frugal

def reserved():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmSize:"))

if "restricted" in sys.argv:
    frugal.restrict()
before, end, there = reserved(), threading.Event(), threading.Barrier(THREADS + 1)

def wait():
    bytearray(100_000)
    there.wait(30)
    end.wait(30)

threads = [threading.Thread(target=wait) for _ in range(THREADS)]
for thread in threads:
    thread.start()
there.wait(30)
print((reserved() - before) // THREADS)
end.set()
""".replace("THREADS", str(THREADS))


def reserved(*words: str) -> int:
    """KiB that each thread reserves."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, check=True, timeout=60, text=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_thread_reserves_little() -> None:
    usual, restricted = reserved(), reserved("restricted")
    assert restricted < 16 * 1024
    assert restricted < usual / 3

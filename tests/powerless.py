"""Becomes another program without any capability, as a service has it: `python -m tests.powerless PROGRAM WORDS…`.

Root without capabilities is a user like any other to the kernel's checks of who may look into whom (ptrace(2)).
"""

import ctypes
import os
import sys

PR_CAPBSET_DROP = 24
CAPABILITIES = 64

_libc = ctypes.CDLL(None, use_errno=True)


def main(program: str, *words: str) -> None:
    """What is not in the bounding set is gone with execve(2); whoever is not root has none anyway, and may drop none."""
    for number in range(CAPABILITIES):
        _libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    os.execv(program, (program, *words))


if __name__ == "__main__":
    main(*sys.argv[1:])

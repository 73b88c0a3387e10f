"""Landlock by system call: from here on this process sees only the files named, and no TCP (Linux 5.13 and later).

https://docs.kernel.org/userspace-api/landlock.html; no privilege is needed, and it cannot be undone.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from typing import Final

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
CREATE_RULESET_VERSION: Final = 1
RULE_PATH_BENEATH: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38

READ_FILE: Final = 1 << 2
# write, read, list, remove folder and file, make folder and file
FOLDER: Final = 1 << 1 | READ_FILE | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8
TRUNCATE: Final = 1 << 14
FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many rights each version of the interface knows
TCP: Final = 0b11  # bind and connect
SCOPES: Final = 0b11  # abstract unix sockets, and signals to processes outside

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """The kernel's version of the interface; 0 where there is none or it is switched off."""
    return max(0, int(_libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), CREATE_RULESET_VERSION)))


def _call(number: int, *arguments: object) -> int:
    answer = int(_libc.syscall(number, *arguments))
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, descriptor)
        _call(ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def restrict(reads: Iterable[str], writes: Iterable[str]) -> bool:
    """Leave this process the files in `reads` and the folders in `writes`. False where the kernel has no Landlock.

    Raises:
        OSError: a path is absent, or the kernel refuses what its own version promises.
    """
    known = version()
    if not known:
        return False
    handled = (1 << FILE_RIGHTS.get(known, 16)) - 1
    attributes = struct.pack("=QQQ", handled, TCP if known >= 4 else 0, SCOPES if known >= 6 else 0)
    size = 8 if known < 4 else 16 if known < 6 else 24
    ruleset = _call(CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    try:
        for path in reads:
            _allow(ruleset, path, READ_FILE)
        for path in writes:
            _allow(ruleset, path, (FOLDER | TRUNCATE) & handled)
        if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS)")
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return True

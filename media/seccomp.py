"""A filter of system calls: no sockets of any kind, no other programs, no looking into other processes, no signals to them.

Landlock leaves UDP and the unix sockets of our own servers open, and before its version 6 signals too; decoding needs none of
them. https://man7.org/linux/man-pages/man2/seccomp.2.html
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT, ARGUMENT_BYTES = 0, 4, 16, 8  # in struct seccomp_data
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
FOREIGN: Final = 0x40000000  # x86-64 kernels take a second set of numbers from here on

# What names the process that hears by signal of a file, and the signal: the kernel then sends it whatever we like.
F_SETOWN, F_SETSIG, F_SETOWN_EX = 8, 10, 15
FIOSETOWN, SIOCSPGRP = 0x8901, 0x8902


class Machine(NamedTuple):
    """The kernel's name of an architecture, and its numbers of the calls that are refused, always or by an argument."""

    audit: int
    refused: tuple[int, ...]
    signalling: tuple[int, ...]
    prlimit: int
    fcntl: int
    ioctl: int


# refused: socket, connect, bind, listen, socketpair, ptrace, execve, execveat, process_vm_readv, process_vm_writev, bpf,
# io_uring_setup, tkill (it names a thread, whosesoever), pidfd_send_signal, pidfd_open, pidfd_getfd, mount, umount2, pivot_root,
# chroot, unshare, setns
# signalling: kill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo
MACHINES: Final = {
    "x86_64": Machine(
        0xC000003E,
        (41, 42, 49, 50, 53, 101, 59, 322, 310, 311, 321, 425, 200, 424, 434, 438, 165, 166, 155, 161, 272, 308),
        (62, 234, 129, 297), prlimit=302, fcntl=72, ioctl=16,
    ),
    "aarch64": Machine(
        0xC00000B7,
        (198, 203, 200, 201, 199, 117, 221, 281, 270, 271, 280, 425, 130, 424, 434, 438, 40, 39, 41, 51, 97, 268),
        (129, 131, 138, 240), prlimit=261, fcntl=25, ioctl=29,
    ),
}  # fmt: skip


class Rule(NamedTuple):
    """A call that is refused where one of its arguments has one of these values or, with `only`, has any other.

    Arguments count from 0. Their lower 32 bits are compared, which is all that the kernel takes of a process id or a command.
    """

    number: int
    argument: int
    values: tuple[int, ...]
    only: bool = False


Line = tuple[int, int, int, int]

_libc = ctypes.CDLL(None, use_errno=True)


def available() -> bool:
    """Whether there is a filter of ours for this machine and its kernel takes filters: it tries to read the one at address 0."""
    answer = _libc.prctl(PR_SET_SECCOMP, MODE_FILTER, None, 0, 0)
    return platform.machine() in MACHINES and answer < 0 and ctypes.get_errno() == errno.EFAULT


def restrict() -> bool:
    """Refuse these calls from here on, for good. False where no filter is `available`.

    What this process forks afterwards may signal this process, and no longer itself.

    Raises:
        OSError: the kernel takes filters, but not this one; the caller must not go on.
    """
    if not available():
        return False
    machine = MACHINES[platform.machine()]
    apply(program(machine.audit, machine.refused, _rules(machine, os.getpid())))
    return True


def apply(text: bytes) -> None:
    """Put a filter before every system call of this thread and of all that it starts, for good.

    Raises:
        OSError: the kernel refuses it.
    """
    code = ctypes.create_string_buffer(text, len(text))
    header = struct.pack("HxxxxxxQ", len(text) // 8, ctypes.addressof(code))
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS)")
    if _libc.prctl(PR_SET_SECCOMP, MODE_FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_SECCOMP)")


def _rules(machine: Machine, pid: int) -> list[Rule]:
    """Signals go to this process alone, as abort, raise and threads need it; so do limits, for one of them kills (RLIMIT_CPU)."""
    return [
        *(Rule(number, 0, (pid,), only=True) for number in machine.signalling),
        Rule(machine.prlimit, 0, (0, pid), only=True),
        Rule(machine.fcntl, 1, (F_SETOWN, F_SETSIG, F_SETOWN_EX)),
        Rule(machine.ioctl, 1, (FIOSETOWN, SIOCSPGRP)),
    ]


def program(audit: int, refused: Sequence[int], rules: Iterable[Rule]) -> bytes:
    """A filter in classic BPF: another architecture or number set is refused, then each listed call, then what rules say.

    The rest is allowed. A call may have several rules; it must pass all of them.
    """
    lines: list[Line] = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (JUMP_EQUAL, 1, 0, audit),
        (RETURN, 0, 0, REFUSE),
        (LOAD, 0, 0, NUMBER_AT),
        (JUMP_AT_LEAST, 0, 1, FOREIGN),
        (RETURN, 0, 0, REFUSE),
        *(line for number in refused for line in ((JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE))),
        *(line for rule in rules for line in _lines(rule)),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def _lines(rule: Rule) -> list[Line]:
    """One rule: the refusal stands last, and whatever it does not concern jumps behind it."""
    last = len(rule.values) - 1
    values: list[Line] = [
        (JUMP_EQUAL, last - place + 1, 0, value) if rule.only else (JUMP_EQUAL, last - place, int(place == last), value)
        for place, value in enumerate(rule.values)
    ]
    body: list[Line] = [(LOAD, 0, 0, ARGUMENTS_AT + ARGUMENT_BYTES * rule.argument), *values, (RETURN, 0, 0, REFUSE)]
    return [(LOAD, 0, 0, NUMBER_AT), (JUMP_EQUAL, 0, len(body), rule.number), *body]

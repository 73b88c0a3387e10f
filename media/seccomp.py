"""A filter of system calls: no sockets of any kind, no other programs, no looking into other processes.

Landlock leaves UDP and the unix sockets of our own servers open; decoding needs none of them. https://man7.org/linux/man-pages/man2/seccomp.2.html
"""

import ctypes
import errno
import platform
import struct
from typing import Final, NamedTuple

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER_AT, ARCHITECTURE_AT = 0, 4  # in struct seccomp_data
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
FOREIGN: Final = 0x40000000  # x86-64 kernels take a second set of numbers from here on


class Machine(NamedTuple):
    """The kernel's name of an architecture, and its numbers of the calls that are refused."""

    audit: int
    refused: tuple[int, ...]


# socket, connect, bind, listen, socketpair, ptrace, execve, execveat, process_vm_readv, process_vm_writev, bpf, io_uring_setup
MACHINES: Final = {
    "x86_64": Machine(0xC000003E, (41, 42, 49, 50, 53, 101, 59, 322, 310, 311, 321, 425)),
    "aarch64": Machine(0xC00000B7, (198, 203, 200, 201, 199, 117, 221, 281, 270, 271, 280, 425)),
}

_libc = ctypes.CDLL(None, use_errno=True)


def restrict() -> bool:
    """Refuse these calls from here on, for good. False where the kernel or the machine has no filter of ours."""
    machine = MACHINES.get(platform.machine())
    if machine is None or _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    program = _program(machine)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    return not _libc.prctl(PR_SET_SECCOMP, MODE_FILTER, header, 0, 0)


def _program(machine: Machine) -> bytes:
    """The filter in classic BPF: another architecture or number set is refused, then each listed call, the rest allowed."""
    count = len(machine.refused)
    lines = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (JUMP_EQUAL, 0, count + 3, machine.audit),
        (LOAD, 0, 0, NUMBER_AT),
        (JUMP_AT_LEAST, count + 1, 0, FOREIGN),
        *((JUMP_EQUAL, count - place, 0, number) for place, number in enumerate(machine.refused)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)

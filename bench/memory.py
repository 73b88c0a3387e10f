"""What processes and connections hold of the machine's memory."""

from pathlib import Path

PAGE_BYTES = 4096
SLABS = ("TCP", "sock_inode_cache", "filp", "eventpoll_epi", "dentry", "skbuff_head_cache")
"""Objects of the kernel of which a connection has some, at each of its ends."""


def resident_bytes(pid: int) -> int:
    """A process' own part of the memory (PSS), or its resident set where that may not be read."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
    except OSError:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def kernel_bytes() -> int | None:
    """The kernel's objects of connections on this machine, and TCP's buffers; None where only root may read them."""
    try:
        slabs = [line.split() for line in Path("/proc/slabinfo").read_text().splitlines()[2:]]
    except OSError:
        return None
    objects = sum(int(used) * int(size) for name, used, _, size, *_ in slabs if name in SLABS)
    tcp = next(line.split() for line in Path("/proc/net/sockstat").read_text().splitlines() if line.startswith("TCP:"))
    return objects + int(tcp[tcp.index("mem") + 1]) * PAGE_BYTES

"""How many processor cores this process may use: what it may run on, and what time its control groups grant it."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

UNLIMITED = "max"


def cores(root: Path = Path("/")) -> int:
    """As many as the affinity mask and the CFS quota allow, one at least; a part of a core counts as one.

    Reads files: not for the event loop.

    Args:
        root: below which `proc` and `sys` lie.
    """
    allowed, granted = len(os.sched_getaffinity(0)), quota(root)
    return allowed if granted is None else max(1, min(allowed, math.ceil(granted)))


def quota(root: Path = Path("/")) -> float | None:
    """Cores' worth of time that the control groups of this process grant it; None where they set no limit.

    A group cannot use more than those above it, so that the least counts (Linux, admin-guide/cgroup-v2, "cpu.max";
    scheduler/sched-bwc).
    """
    grants = [grant for folder in _groups(root) if (grant := _granted(folder)) is not None]
    return min(grants, default=None)


def _groups(root: Path) -> Iterator[Path]:
    """The folders of the groups of both versions that may limit this process, from its own upwards."""
    mounts = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            mount = mounts
        elif "cpu" in controllers.split(","):
            mount = mounts / controllers if (mounts / controllers).is_dir() else mounts / "cpu"
        else:
            continue
        # In a container the path may be the host's, of which only the mount itself can be seen.
        own = mount.joinpath(*(part for part in path.split("/") if part not in ("", "..")))
        yield from (folder for folder in (own, *own.parents) if folder.is_relative_to(mount))


def _granted(folder: Path) -> float | None:
    """What one group grants; -1 microseconds and `max` are no limit."""
    time, _, period = _text(folder / "cpu.max").partition(" ")
    if not time:
        time, period = _text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us")
    if time in ("", UNLIMITED) or int(time) <= 0 or not period:
        return None
    return int(time) / int(period)


def _text(path: Path) -> str:
    """Without spaces around it; nothing where there is no such file, or it is not for us."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""

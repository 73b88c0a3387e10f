"""How many cores there are, by control groups of both versions as the kernel shows them."""

import os
from pathlib import Path

import pytest

from server.kit.cores import cores, quota

HYBRID = "5:memory:/a/b\n4:cpu,cpuacct:/a/b\n1:name=systemd:/a\n0::/a/b\n"


@pytest.fixture(autouse=True)
def _sixteen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mask allows as many."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))


def _root(folder: Path, groups: str, files: dict[str, str]) -> Path:
    """A folder like `/`: `proc/self/cgroup`, and these files below `sys/fs/cgroup`."""
    written = {"proc/self/cgroup": groups} | {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
    for name, text in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("groups", "files", "granted"),
    [
        pytest.param("0::/\n", {"cpu.max": "400000 100000\n"}, 4.0, id="version 2, in a container"),
        pytest.param("0::/a/b\n", {"a/b/cpu.max": "max 100000\n"}, None, id="version 2, no limit"),
        pytest.param("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "250000 100000\n"}, 2.5, id="the group above"),
        pytest.param("0::/a\n", {"a/cpu.max": "100000 100000\n", "cpu.max": "900000 100000\n"}, 1.0, id="the least counts"),
        pytest.param("0::/../x\n", {"cpu.max": "50000 100000\n"}, 0.5, id="from outside of its own root"),
        pytest.param("0::/\n", {}, None, id="no controller"),
        pytest.param("", {}, None, id="no groups"),
        pytest.param(
            HYBRID, {"cpu,cpuacct/a/b/cpu.cfs_quota_us": "300000\n", "cpu,cpuacct/a/b/cpu.cfs_period_us": "100000\n"}, 3.0,
            id="version 1",
        ),
        pytest.param(
            HYBRID, {"cpu/cpu.cfs_quota_us": "150000\n", "cpu/cpu.cfs_period_us": "50000\n"}, 3.0,
            id="version 1, in a container that sees its host's path",
        ),
        pytest.param(
            HYBRID, {"cpu/a/b/cpu.cfs_quota_us": "-1\n", "cpu/a/b/cpu.cfs_period_us": "100000\n"}, None,
            id="version 1, no limit",
        ),
        pytest.param(HYBRID, {"memory/a/b/cpu.cfs_quota_us": "1\n"}, None, id="the file of another controller"),
    ],
)  # fmt: skip
def test_a_group_grants_what_its_files_say(tmp_path: Path, groups: str, files: dict[str, str], granted: float | None) -> None:
    assert quota(_root(tmp_path, groups, files)) == granted


@pytest.mark.parametrize(
    ("limit", "found"),
    [("max 100000", 16), ("400000 100000", 4), ("410000 100000", 5), ("1000 100000", 1), ("6400000 100000", 16)],
)
def test_cores_are_whole_and_no_more_than_the_mask_allows(tmp_path: Path, limit: str, found: int) -> None:
    assert cores(_root(tmp_path, "0::/\n", {"cpu.max": limit})) == found


def test_this_machine_has_a_core() -> None:
    assert 1 <= cores() <= 16

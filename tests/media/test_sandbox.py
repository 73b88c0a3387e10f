"""What a child sees of the machine."""

import asyncio
import json
import os
import platform
import sys
from pathlib import Path

import pytest

from media import landlock, namespace, seccomp
from media.launcher import ENVIRONMENT
from media.limits import MEBIBYTE, Limits
from media.pool import Pool
from media.task import Task
from tests.media import children
from tests.media.canary import Canary

ROOT = Path(__file__).parents[2]
BEHIND = """
import asyncio
from media import seccomp
from media.errors import Internal
from media.limits import Limits
from media.pool import Pool
from media.task import Task
from tests.media import children
async def main():
    async with Pool(processes=1) as pool:
        try:
            await pool.run(children.count, Task(input={input!r}, folder={folder!r}),
                           limits=Limits(wall_seconds=30, cpu_seconds=20, memory_bytes=900 << 20))
            print("it ran")
        except Internal as error:
            print(error.detail, error.retry)
seccomp.apply(seccomp.program({audit}, (), [seccomp.Rule({call}, *{rule})]))
asyncio.run(main())
"""
WITHOUT_LANDLOCK = """
import asyncio, json
from media import landlock, seccomp
from media.limits import Limits
from media.pool import Pool
from media.task import Task
from tests.media import children
async def main():
    async with Pool(processes=1) as pool:
        answer = await pool.run(children.{function}, Task(input={input!r}, folder={folder!r}),
                                limits=Limits(wall_seconds=30, cpu_seconds=10, memory_bytes=900 << 20, file_bytes=2 << 20))
        print(json.dumps(answer.words))
seccomp.apply(seccomp.program({audit}, {refused}, []))
assert not landlock.version()
asyncio.run(main())
"""
UNSHARE = {"x86_64": 272, "aarch64": 97}
PRCTL = {"x86_64": 157, "aarch64": 167}


async def test_a_child_sees_its_input_and_its_folder_and_nothing_else(
    pool: Pool, task: Task, canary: Canary, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("another user's upload")
    await asyncio.to_thread(Path(task.input).write_text, str(canary.port))
    given = Limits(wall_seconds=30, cpu_seconds=10, memory_bytes=900 * MEBIBYTE, file_bytes=2 * MEBIBYTE)
    answer = await pool.run(children.look_around, task, limits=given)
    seen = answer.words
    assert {"environment {}", "session True", "reads its input", "writes into its folder"} <= set(seen)
    assert {"never writes a large file", "never opens many"} <= set(seen)
    assert f"priority {min(os.nice(0) + given.niceness, 19)}" in seen
    if landlock.version():
        refused = {"reads another file", "reads the password file", "lists the root", "writes beside it", "changes its input"}
        assert {f"never {attempt}" for attempt in refused} <= set(seen)
    if children.filtered():
        attempts = {"connects", "listens", "speaks", "reaches a local server", "starts a program"}
        attempts |= {"signals the zygote", "limits the zygote"}
        assert {f"never {attempt}" for attempt in attempts} <= set(seen)
        assert canary.calls == 0


async def _without_landlock(task: Task, function: str, *more: int) -> tuple[set[str], str]:
    """What a child finds where the kernel refuses Landlock, and these calls too, for real; and what the pool logs."""
    audit, refused = seccomp.MACHINES[platform.machine()].audit, (landlock.CREATE_RULESET, *more)
    text = WITHOUT_LANDLOCK.format(function=function, input=task.input, folder=task.folder, audit=audit, refused=refused)
    out, err = await _ran(text)
    return set(json.loads(out)), err


@pytest.mark.skipif(not children.filtered(), reason="this machine has no filter of system calls")
async def test_a_child_without_landlock_sees_no_file_of_others_either(task: Task, canary: Canary, tmp_path: Path) -> None:
    if not await namespace.available(ENVIRONMENT):
        pytest.skip("this machine gives nobody a namespace")
    (tmp_path / "secret").write_text("the system's credentials")
    await asyncio.to_thread(Path(task.input).write_text, str(canary.port))
    seen, err = await _without_landlock(task, "look_around")
    assert {"reads its input", "writes into its folder"} <= seen
    refused = {"reads another file", "reads the password file", "writes beside it", "changes its input", "leaves its root"}
    assert {f"never {attempt}" for attempt in refused} <= seen
    assert "get a root folder of their own" in err
    assert canary.calls == 0


@pytest.mark.skipif(not children.filtered(), reason="this machine has no filter of system calls")
async def test_a_kernel_with_neither_landlock_nor_namespaces_is_told_of_once(task: Task) -> None:
    _, err = await _without_landlock(task, "count", UNSHARE[platform.machine()])
    assert err.count("can read every file") == 1


async def _behind(task: Task, rule: tuple[object, ...]) -> tuple[str, str]:
    """What a pool prints and logs whose prctl(2) is refused by this rule: a child's attempt to confine itself fails for real."""
    machine = platform.machine()
    text = BEHIND.format(
        input=task.input, folder=task.folder, audit=seccomp.MACHINES[machine].audit, call=PRCTL[machine], rule=rule
    )
    return await _ran(text)


async def _ran(text: str) -> tuple[str, str]:
    """What a process prints and logs that runs this."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", text, env={"PYTHONPATH": str(ROOT)}, stdout=pipe, stderr=pipe
    )
    out, err = await process.communicate()
    return out.decode(), err.decode()


@pytest.mark.skipif(not children.filtered(), reason="this machine has no filter of system calls")
async def test_a_child_that_is_not_given_the_filter_that_its_kernel_has_does_nothing(task: Task) -> None:
    out, err = await _behind(task, (2, (0,), True))  # prctl(PR_SET_SECCOMP, MODE_FILTER, anything but 0)
    assert out == "PermissionError: [Errno 1] prctl(PR_SET_SECCOMP) True\n"
    assert "no filter of system calls" not in err


@pytest.mark.skipif(not children.filtered(), reason="this machine has no filter of system calls")
async def test_a_kernel_without_filters_is_told_of_once(task: Task) -> None:
    out, err = await _behind(task, (0, (seccomp.PR_SET_SECCOMP,)))
    assert out == "it ran\n"
    assert err.count("this machine has no filter of system calls") == 1

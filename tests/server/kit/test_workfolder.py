"""Work folders: what a killed process left is swept, what a living one has is not."""

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from server.kit.workfolder import NotPrivateError, private_root, sweep, work_folder


def _hold(root: str, told: Connection) -> None:
    with work_folder(Path(root)) as folder:
        (folder / "half").write_bytes(b"x" * 1000)
        told.send(str(folder))
        signal.pause()


def test_a_killed_process_leaves_nothing_for_long(tmp_path: Path) -> None:
    hear, tell = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_hold, args=(str(tmp_path), tell))
    child.start()
    assert hear.poll(60)
    left = Path(hear.recv())
    sweep(tmp_path)
    assert (left / "half").exists(), "its process lives"
    assert child.pid
    os.kill(child.pid, signal.SIGKILL)
    child.join(10)
    with work_folder(tmp_path) as mine:
        assert not left.exists()
        assert mine.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_shared_temporary_one_is_ours_alone(tmp_path: Path) -> None:
    assert private_root(tmp_path).stat().st_mode & 0o777 == 0o700
    assert private_root(tmp_path) == private_root(tmp_path)


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    root = private_root(tmp_path)
    root.chmod(0o777)
    with pytest.raises(NotPrivateError, match="REELWIRE_WORK_DIR"):
        private_root(tmp_path)


def test_a_link_under_its_name_is_refused(tmp_path: Path) -> None:
    root = private_root(tmp_path)
    root.rmdir()
    (tmp_path / "real").mkdir(mode=0o700)
    root.symlink_to(tmp_path / "real")
    with pytest.raises(NotPrivateError):
        private_root(tmp_path)

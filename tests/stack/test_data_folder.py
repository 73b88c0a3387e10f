"""What lies in a data folder: credentials, the lock, the settings of the running stack, logs, and the folder for sockets."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from stack import credentials, environment, lock, logs, runtime, servers
from stack.environment import NotRunningError


def test_credentials_are_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    made = credentials.kept(file)
    assert credentials.kept(file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert len({made.postgres, made.valkey, made.secret_key}) == 3
    assert all(value.isalnum() for value in json.loads(file.read_text()).values())


def test_credentials_that_cannot_be_read_are_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    file.write_text('{"postgres": "x"}')
    with pytest.raises(credentials.CredentialsError, match="backup"):
        credentials.kept(file)
    assert file.read_text() == '{"postgres": "x"}'


def test_one_copy_per_data_folder_and_the_next_one_is_told_who_has_it(tmp_path: Path) -> None:
    assert not lock.is_locked(tmp_path)
    with lock.locked(tmp_path):
        assert lock.is_locked(tmp_path)
        with pytest.raises(lock.LockedError, match=rf"process {os.getpid()}\); stop it"), lock.locked(tmp_path):
            pass
    assert not lock.is_locked(tmp_path)


def test_a_lock_ends_with_its_owner(tmp_path: Path) -> None:
    program = (
        f"from stack import lock; from pathlib import Path; import os\nwith lock.locked(Path({str(tmp_path)!r})): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=servers.ROOT, check=False).returncode == 9
    assert not lock.is_locked(tmp_path)


def test_commands_find_a_running_stack_and_keep_settings_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    given = {"REELWIRE_DATA_DIR": str(tmp_path), "REELWIRE_DATABASE_URL": "elsewhere", "REELWIRE_LOG_LEVEL": "debug", "HOME": "/"}
    with pytest.raises(NotRunningError, match=r"type: \./reelwire up"):
        environment.of_command(given)
    with lock.locked(tmp_path):
        with pytest.raises(NotRunningError, match="still starting"):
            environment.of_command(given)
        environment.publish(
            tmp_path, {"REELWIRE_DATABASE_URL": "here", "REELWIRE_LOG_LEVEL": "info", "REELWIRE_RATE_LIMITS": "off"}
        )
        assert environment.file_of(tmp_path).stat().st_mode & 0o777 == 0o600
        assert environment.of_command(given) == {
            "REELWIRE_DATA_DIR": str(tmp_path),
            "REELWIRE_DATABASE_URL": "here",
            "REELWIRE_LOG_LEVEL": "debug",
            "REELWIRE_RATE_LIMITS": "off",
        }


def test_a_log_that_has_grown_is_moved_aside_while_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "part.log"
    with file.open("ab", buffering=0) as writer:
        writer.write(b"x" * 100)
        logs.rotate(tmp_path, limit=50)
        writer.write(b"more")
    assert (file.read_bytes(), (tmp_path / "part.log.1").read_bytes()) == (b"more", b"x" * 100)
    logs.rotate(tmp_path, limit=50)
    assert file.read_bytes() == b"more"


def test_what_a_log_tells_is_gone_after_two_rotations_whatever_its_size(tmp_path: Path) -> None:
    file, older = tmp_path / "part.log", tmp_path / "part.log.1"
    for said in ("first", "second", "third"):
        with file.open("a") as writer:
            writer.write(said)
        logs.rotate(tmp_path, days=3)
        assert file.read_text() == said
        week = (tmp_path / "rotated").stat().st_mtime - 4 * 86_400
        os.utime(tmp_path / "rotated", (week, week))
        logs.rotate(tmp_path, days=3)
        assert (file.read_text(), older.read_text()) == ("", said)


def test_sockets_lie_in_a_short_private_folder_where_the_data_folder_is_deep(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    found = runtime.runtime_folder(deep)
    assert len(os.fsencode(found / runtime.LONGEST_NAME)) <= runtime.PATH_LIMIT
    assert found.stat().st_mode & 0o777 == 0o711
    assert runtime.runtime_folder(deep) == found
    runtime.remove_temporary(found, deep)
    assert not found.exists()


def test_somebody_elses_folder_is_not_used_for_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        monkeypatch.setattr("tempfile.tempdir", temporary)
        found = runtime.runtime_folder(deep)
        found.rmdir()
        found.symlink_to(tmp_path)
        with pytest.raises(runtime.RuntimeFolderError, match="belongs to somebody else"):
            runtime.runtime_folder(deep)

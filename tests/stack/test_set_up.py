"""The entry script and the steps of the set-up: what is done once is not done again, and what is missing is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack import bootstrap, steps
from stack.steps import ROOT, StepError, digest, done, forget, is_done, run


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(steps, "CACHE", tmp_path)
    monkeypatch.setattr(steps, "_STAMPS", tmp_path / "stamps.json")
    return tmp_path


def test_a_step_is_done_for_the_state_that_it_was_done_for(cache: Path) -> None:
    assert not is_done("web", "1")
    done("web", "1")
    assert is_done("web", "1")
    assert not is_done("web", "2")
    forget("web")
    assert not is_done("web", "1")


def test_a_state_is_made_of_the_contents_of_files(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    file.write_text("a")
    first = digest(file, "3.11")
    assert digest(file, "3.11") == first
    assert digest(file, "3.12") != first
    file.write_text("b")
    assert digest(file, "3.11") != first


def test_a_program_that_fails_is_named() -> None:
    with pytest.raises(StepError, match="`sh -c exit 3` failed with status 3"):
        run(["sh", "-c", "exit 3"])


def test_help_needs_nothing_but_python(tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / "reelwire"], cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Usage: reelwire COMMAND")
    assert all(f"\n  {name} " in done.stdout for name in ("up", "test", "lint", "demo", "bench"))


def test_a_python_that_is_too_old_is_told_what_to_type(tmp_path: Path) -> None:
    for name in ("readlink", "dirname"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    failed = subprocess.run(
        ["/bin/sh", ROOT / "reelwire", "up"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "apt-get install python3" in failed.stderr


def test_spark_comes_beside_what_tests_have() -> None:
    test, spark = (_pins(ROOT / "requirements" / f"{name}.lock") for name in ("test", "spark"))
    assert spark - test == {line for line in spark if line.split("==")[0] in ("py4j", "pyarrow", "pyspark")}


def test_only_the_tests_of_spark_want_it(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    wanted: list[list[str]] = []

    def refuse(packages: list[str]) -> bool:
        wanted.append(packages)
        return False

    monkeypatch.setattr(bootstrap, "_is_set_up", lambda _: True)
    monkeypatch.setattr(bootstrap, "_install", refuse)
    monkeypatch.setattr(bootstrap, "_become", lambda *_, **__: sys.exit(0))
    monkeypatch.setenv("PATH", str(cache))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    for words in (["lint"], ["test"], ["test", "tests/stack"], ["suggest", "spark"]):
        with pytest.raises(SystemExit, match="0"):
            bootstrap.main(words)
    assert wanted == []
    with pytest.raises(SystemExit, match="1"):
        bootstrap.main(["test", "spark"])
    assert wanted == [["openjdk-17-jre-headless"]]


def _pins(lock: Path) -> set[str]:
    return {line.split()[0] for line in lock.read_text().splitlines() if line[:1].isalnum()}

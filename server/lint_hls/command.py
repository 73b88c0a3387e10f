"""`reelwire lint-hls URL|DIR`: prints what a stream does not keep, with the clause of each."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from media.lint import AbsentError, Finding, check
from media.lint.folder import Folder
from server.lint_hls.remote import Remote, UnreachableError

BROKEN, UNREACHABLE = 1, 3
"""Exit statuses: there are errors; there is nothing to be checked."""
MASTER: Final = "master.m3u8"


def main(argv: Sequence[str]) -> int:
    """Check one stream; the exit status."""
    parser = argparse.ArgumentParser(
        prog="reelwire lint-hls",
        description="Check an HLS stream against Apple's authoring specification, RFC 8216 and CMAF.",
        epilog="Exit status: 0 without errors, 1 with some, 2 when it is called wrongly, 3 when there is nothing to check.",
    )
    parser.add_argument("where", metavar="URL|DIR", help=f"a master playlist by http(s), or a folder with {MASTER}")
    where = parser.parse_args(argv).where
    parts = urlsplit(where)
    if "://" in where and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None):
        parser.error("an address is http:// or https://, a host, and no password")
    try:
        found = _on_server(where) if "://" in where else _in_folder(Path(where))
    except AbsentError as error:
        sys.stderr.write(f"reelwire: the master playlist {_shown(str(error))}\n")
        return UNREACHABLE
    except (UnreachableError, OSError) as error:
        sys.stderr.write(f"reelwire: {_shown(str(error))}\n")
        return UNREACHABLE
    return _tell(found)


def _on_server(url: str) -> list[Finding]:
    with Remote(url) as remote:
        found = check(url, remote)
        return [*found, *remote.findings]


def _in_folder(path: Path) -> list[Finding]:
    folder, name = (path, MASTER) if path.is_dir() else (path.parent, path.name)
    return check(name, Folder(folder))


def _tell(found: list[Finding]) -> int:
    """Errors first, then how many there are."""
    errors = [finding for finding in found if finding.severity == "error"]
    for finding in sorted(found, key=lambda finding: finding.severity):
        sys.stdout.write(f"{_shown(str(finding))}\n")
    sys.stdout.write(f"errors: {len(errors)}, warnings: {len(found) - len(errors)}\n")
    return BROKEN if errors else 0


def _shown(text: str) -> str:
    # Playlists are others' text: no control character of theirs reaches the terminal.
    return "".join(character if character.isprintable() else "�" for character in text)

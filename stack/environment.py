"""The settings of a running stack: given to its parts, and left in a file for the commands that look for it."""

import json
from collections.abc import Mapping
from pathlib import Path

from server.settings import PREFIX
from stack.credentials import write_private
from stack.lock import is_locked

OF_STORES = (
    "DATABASE_URL",
    "DATABASE_DIRECT_URL",
    "VALKEY_URL",
    "S3_ENDPOINT_URL",
    "S3_REGION",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
)
"""Settings of stores that somebody runs elsewhere: `up` runs its own and does not use them."""
OF_STACK = (*OF_STORES, "DATA_DIR", "ENVIRONMENT", "METRICS_DIR", "PORT", "PUBLIC_URL", "SECRET_KEYS", "WORK_DIR")
"""What a command must see as the running stack sees it; its other settings are its own."""


class NotRunningError(Exception):
    """No stack runs on the data folder; the message says what to type."""


def settings_in(given: Mapping[str, str]) -> dict[str, str]:
    """Our settings among the variables of an environment."""
    return {name: value for name, value in given.items() if name.startswith(PREFIX)}


def others_in(given: Mapping[str, str]) -> dict[str, str]:
    """The variables of an environment that are no settings of ours."""
    return {name: value for name, value in given.items() if not name.startswith((PREFIX, "_" + PREFIX))}


def unused(given: Mapping[str, str]) -> list[str]:
    """Variables that the user set in vain."""
    return [name for name in (PREFIX + word for word in OF_STORES) if name in given]


def file_of(data: Path) -> Path:
    return data / "run" / "environment.json"


def publish(data: Path, settings: Mapping[str, str]) -> None:
    """Leave the settings for other commands; only we may read them."""
    write_private(file_of(data), json.dumps(dict(settings), indent=1))


def withdraw(data: Path) -> None:
    """The stack does not run any more."""
    file_of(data).unlink(missing_ok=True)


def running(data: Path) -> dict[str, str]:
    """The settings of the stack that runs on this data folder.

    Raises:
        NotRunningError: none does.
    """
    try:
        if is_locked(data):
            return {str(name): str(value) for name, value in json.loads(file_of(data).read_text()).items()}
    except FileNotFoundError:
        raise NotRunningError(f"the stack on {data} is still starting; wait for its ready line") from None
    except PermissionError:
        raise NotRunningError(f"the stack on {data} belongs to another user") from None
    raise NotRunningError(f"no stack runs on {data}; type: ./reelwire up (or set REELWIRE_DATA_DIR)")


def folder(given: Mapping[str, str]) -> Path:
    """The data folder that the environment names."""
    return Path(given.get(PREFIX + "DATA_DIR") or "./var").absolute()


def of_command(given: Mapping[str, str]) -> dict[str, str]:
    """The settings for a command that talks to the running stack.

    Raises:
        NotRunningError: none runs.
    """
    stack = running(folder(given))
    return stack | settings_in(given) | {name: stack[name] for name in (PREFIX + word for word in OF_STACK) if name in stack}

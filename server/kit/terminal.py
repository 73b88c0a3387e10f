"""What operators' commands share: reading their words, printing lines and JSON, and how they end."""

import argparse
import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from server.kit.ids import parse_id
from storage.postgres import AWAY, close_pool, open_pool

REFUSED, UNREACHABLE = 1, 3
"""Exit statuses: there is no such thing, or that cannot be done with it; PostgreSQL does not answer."""
CONNECTIONS = 1
LISTED = 50
MOST_LISTED = 10_000
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def run(command: str, database_url: str, given: argparse.Namespace, refusal: type[Exception]) -> int:
    """Do what the words say, which is `given.do(pool, given)`; the exit status, and what went wrong in a line.

    Args:
        command: its name.
        database_url: of PostgreSQL.
        given: the words, as argparse has read them.
        refusal: what it raises when there is no such thing, or that cannot be done with it.
    """
    try:
        asyncio.run(_run(command, database_url, given))
    except refusal as error:
        complain(command, str(error))
        return REFUSED
    except AWAY as error:
        complain(command, f"PostgreSQL does not answer: {line(error)}")
        return UNREACHABLE
    return 0


async def _run(command: str, database_url: str, given: argparse.Namespace) -> None:
    pool = await open_pool(database_url, CONNECTIONS, f"reelwire {command}")
    try:
        await given.do(pool, given)
    finally:
        await close_pool(pool)


def id_word(text: str) -> UUID:
    """An id, as argparse has it read.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    found = parse_id(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no id")
    return found


def count_word(text: str) -> int:
    """How many lines a list may have, as argparse has it read.

    Raises:
        argparse.ArgumentTypeError: it is no number from 1 to MOST_LISTED.
    """
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_LISTED):
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_LISTED}, not {text!r}")
    return int(text)


def age(at: datetime) -> str:
    """For how long that has been, in one unit."""
    seconds = max(0, round((datetime.now(UTC) - at).total_seconds()))
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= size), UNITS[-1])
    return f"{seconds // size} {unit}"


def time(at: datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def line(text: object) -> str:
    """In one line, whatever it is: no control character of others' text reaches the terminal."""
    return "".join(character if character.isprintable() else "�" for character in str(text))


def say(text: str) -> None:
    """A line of what was asked for.

    Raises:
        SystemExit: nobody reads any further, as behind `| head`.
    """
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        sys.exit(128 + signal.SIGPIPE)


def say_json(found: object) -> None:
    """The same as JSON, for programs."""
    say(msgspec.json.format(msgspec.json.encode(found)).decode())


def complain(command: str, text: str) -> None:
    """A line of what went wrong."""
    sys.stderr.write(f"reelwire {command}: {text}\n")

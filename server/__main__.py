"""The `reelwire` command: finds what a word stands for, gives it its settings, turns refusals into exit statuses."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from server.settings import Settings, SettingsError, described

USAGE, NOT_RUNNING = 2, 3
"""Exit statuses: the command or a setting cannot be used; no running stack was found."""
HELP = frozenset({"--help", "-h"})
ELSEWHERE = HELP | {"--url"}
"""Words with which a command does not look for the stack of this machine."""


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command is (module:function, imported only when it is called) and what it is called with."""

    does: str
    target: str
    takes: str = "words"  # the rest of the command line, and it answers an exit status; or the settings
    needs: str = ""  # a setting that says where the system is; unset, it is the stack that runs on the data folder


COMMANDS = {
    "up": Command("start the whole system on this machine; --demo fills it", "stack.up:main"),
    "demo": Command("fill a running system with accounts, follows and clips", "server.demo:main", needs="PUBLIC_URL"),
    "clip": Command("write a clip that nobody had to film, to try uploads with", "server.demo.clip:main"),
    "upload": Command("upload files, resumable, with a progress bar", "server.uploads.client:main", needs="PUBLIC_URL"),
    "watch": Command("print live events in this terminal", "server.live.watch:main", needs="PUBLIC_URL"),
    "lint-hls": Command("check an HLS stream, by its address or in a folder", "server.lint_hls.command:main"),
    "config": Command("list every setting: value, default, meaning", "server.__main__:config"),
    "doctor": Command("check configuration and dependencies, and say what to type", "stack.doctor:main"),
    "migrate": Command("bring the schema of the database up to date", "server.__main__:migrate", "settings", "DATABASE_URL"),
    "serve": Command("the process for HTTP, sockets and media", "server.web:run", "settings"),
    "worker": Command("the process for media jobs", "server.worker:run", "settings"),
    "schedule": Command("the process for periodic jobs; `schedule run NAME` runs one now", "server.__main__:schedule"),
    "jobs": Command("list media jobs, show one, retry or cancel it", "server.__main__:jobs", needs="DATABASE_URL"),
    "archive": Command("move what hardly anybody watches to the archive", "server.__main__:archive", needs="DATABASE_URL"),
    "storage": Command("say what is stored and what it costs; verify it", "server.__main__:storage", needs="DATABASE_URL"),
    "reports": Command("list what accounts have reported, and close it", "server.moderation.command:main", needs="DATABASE_URL"),
    "suggest": Command("learn what to suggest, or judge what was learned", "server.__main__:suggest"),
    "openapi": Command("print the OpenAPI document of the HTTP API", "server.openapi.command:main"),
    "edge-config": Command("write the configuration of nginx into a folder", "stack.edge_config:main"),
    "test": Command("every check and test there is (further words go to pytest)", "stack.checks:test"),
    "lint": Command("style, types and architecture", "stack.checks:lint"),
    "bench": Command("benchmarks, as ratios to a peer or a floor", "bench.__main__:main"),
    "soak": Command("strike a system of its own at random, and prove that no event is lost", "soak.__main__:main"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    name, *rest = words or ["help"]
    if name in HELP | {"help"}:
        print(usage())
        return 0
    command = COMMANDS.get(name)
    if command is None:
        print(f"reelwire: there is no command {name!r}\n\n{usage()}", file=sys.stderr)
        return USAGE
    from stack.environment import NotRunningError

    try:
        return _run(name, command, rest)
    except SettingsError as error:
        print(f"reelwire: {error}", file=sys.stderr)
        return USAGE
    except NotRunningError as error:
        print(f"reelwire: {error}", file=sys.stderr)
        return NOT_RUNNING
    except KeyboardInterrupt:
        return 130  # as shells count it: 128 + SIGINT


def usage() -> str:
    """Every command in a line."""
    lines = [f"  {name:12} {command.does}" for name, command in COMMANDS.items()]
    return "\n".join(["Usage: reelwire COMMAND [options]", "", *lines, "", "COMMAND --help says more."])


def config(_words: Sequence[str]) -> int:
    """`reelwire config`: the settings that a command in this environment would have."""
    from stack import environment

    try:
        os.environ.update(environment.of_command(os.environ))
    except environment.NotRunningError:
        print("(no stack runs on the data folder: what the environment says)")
    for variable, value, default, meaning in described(Settings.from_environment(check=False)):
        print(f"{variable}={value}\n    {meaning}{'' if value == default else f' (default: {default})'}")
    return 0


def migrate(settings: Settings) -> None:
    """`reelwire migrate`."""
    from storage.migrate import run

    applied = run(settings.database_direct_url or settings.database_url)
    print(f"applied: {', '.join(applied)}" if applied else "the schema is up to date")


def schedule(words: Sequence[str]) -> int:
    """`reelwire schedule` and `reelwire schedule run NAME`."""
    from server import schedule as process

    match list(words):
        case []:
            process.run(Settings.from_environment())
            return 0
        case ["run", name] if name not in HELP:
            _find_stack("DATABASE_URL")
            return process.run_now(Settings.from_environment(), name)
    wanted = bool(HELP.intersection(words))
    names = ", ".join(periodic.name for periodic in process.PERIODIC)
    told = f"Usage: reelwire schedule [run NAME]\n\nWithout words: the process for periodic jobs. Their names: {names}"
    print(told, file=sys.stdout if wanted else sys.stderr)
    return 0 if wanted else USAGE


def jobs(words: Sequence[str]) -> int:
    """`reelwire jobs`: what it changes is announced as any process of the system announces it."""
    from server.live.announce import send
    from server.transcoding.command import main as command

    return command(words, send)


def archive(words: Sequence[str]) -> int:
    """`reelwire archive`."""
    from server.archive.command import main as command
    from server.schedule import once

    return command(words, once)


def storage(words: Sequence[str]) -> int:
    """`reelwire storage`."""
    from server.archive.storage_command import main as command
    from server.schedule import once

    return command(words, once)


def suggest(words: Sequence[str]) -> int:
    """`reelwire suggest`: of the running system, but where it is told of files."""
    from server.schedule import once
    from server.training.command import main as command

    return command(words, once, partial(_find_stack, "DATABASE_URL"))


def _find_stack(setting: str) -> None:
    """Take the settings of the running stack, unless the environment says where the system is."""
    from stack import environment

    if f"REELWIRE_{setting}" not in os.environ:
        os.environ.update(environment.of_command(os.environ))


def _run(name: str, command: Command, words: list[str]) -> int:
    if command.needs and not ELSEWHERE.intersection(word.partition("=")[0] for word in words):
        _find_stack(command.needs)
    if folder := os.environ.get("REELWIRE_METRICS_DIR"):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # read when prometheus_client is imported
    if command.takes == "words":
        return int(_found(command)(words) or 0)
    if HELP.intersection(words):
        print(f"Usage: reelwire {name}\n\n{command.does}. It takes no options; its settings: reelwire config")
        return 0
    if words:
        print(f"reelwire: {name} takes no {words[0]!r}; it is set up by variables: reelwire config", file=sys.stderr)
        return USAGE
    _found(command)(Settings.from_environment())
    return 0


def _found(command: Command) -> Callable[[Any], int | None]:
    module, _, function = command.target.partition(":")
    target: Callable[[Any], int | None] = getattr(import_module(module), function)
    return target


if __name__ == "__main__":
    sys.exit(main())

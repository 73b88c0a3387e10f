"""The tables of docs/access.md, read: who may do what, and what lists show."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import server

PAGE = Path(server.__file__).parent.parent / "docs/access.md"
CALL = re.compile(r"`([A-Z]+) (/[^`]*)`(?: (\d+)(?: or (\d+))?)?")
CELL = re.compile(r"(\d+)(?: `([a-z_]+)`)?")
CODES = {401: "not_authenticated", 403: "not_yours", 404: "not_found"}
"""What the page says once for all cells."""


@dataclass(frozen=True)
class Call:
    """A call as the page writes it.

    Attributes:
        method: of HTTP.
        path: below /api/v1, or of media; names of what is filled in are in braces.
        done: the statuses of success.
    """

    method: str
    path: str
    done: frozenset[int]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def route(self) -> tuple[str, str]:
        """The same, whatever the path calls its parts, as `route_of` has it."""
        return route_of(self.method, self.path.partition("?")[0])


class Refused(NamedTuple):
    """A cell that is a refusal."""

    status: int
    code: str


class Case(NamedTuple):
    """A row for one call and one kind of thing: what is answered to whom; None where it is done."""

    call: Call
    kind: str
    answers: dict[str, Refused | None]


class Listing(NamedTuple):
    """A row of the lists: the kinds of videos that are shown to whom, or a refusal."""

    call: Call
    shows: dict[str, Refused | frozenset[str]]


def route_of(method: str, path: str) -> tuple[str, str]:
    """A route without the names in it."""
    return method, re.sub(r"\{[^}]*\}", "{}", path.removeprefix("/api/v1"))


def cases() -> list[Case]:
    """Every row of the first table, for each of its calls and kinds."""
    found, calls = [], ""
    for row in _table("calls"):
        calls = row.pop("calls") or calls
        kinds = row.pop("of")
        # A kind may have a comma of its own: then there is only this one.
        for kind in [kinds] if ", on " in kinds else kinds.split(", "):
            answers = {who: None if cell == "✓" else _refused(cell) for who, cell in row.items()}
            found += [Case(call, kind, answers) for call in _calls(calls)]
    return found


def lists() -> list[Listing]:
    """Every row of the second table."""
    found = []
    for row in _table("list"):
        (call,) = _calls(row.pop("list"))
        shows = {who: _refused(cell) if CELL.fullmatch(cell) else _kinds(cell) for who, cell in row.items()}
        found.append(Listing(call, shows))
    return found


def _kinds(cell: str) -> frozenset[str]:
    return frozenset() if cell == "nothing" else frozenset(cell.split(", "))


def _calls(cell: str) -> list[Call]:
    return [Call(method, path, frozenset(int(s) for s in done if s)) for method, path, *done in CALL.findall(cell)]


def _refused(cell: str) -> Refused:
    found = CELL.fullmatch(cell)
    assert found is not None, cell
    status = int(found[1])
    return Refused(status, found[2] or CODES[status])


def _table(first: str) -> Iterator[dict[str, str]]:
    """The rows of the table whose first column has this title."""
    lines = iter(PAGE.read_text().splitlines())
    titles = next(_cells(line) for line in lines if line.startswith(f"| {first} |"))
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield dict(zip(titles, _cells(line), strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]

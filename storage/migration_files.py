"""The files of migrations, and the steps in them: how each is done while others read and write."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

FOLDER = Path(__file__).parent / "migrations"

Kind = Literal["transaction", "concurrently", "slices"]

MARK = "--:"
_INDEX = re.compile(r"\A(?:CREATE (?:UNIQUE )?INDEX|DROP INDEX) CONCURRENTLY (?:IF EXISTS )?(\w+)\b[^;]*;?\Z")
_CREATES = re.compile(r"\ACREATE\b")
_COMMENT = re.compile(r"--[^\n]*")


class MigrationError(Exception):
    """The files and the database do not fit together; the message names the file."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a file that is done as a whole, or again from its beginning.

    Attributes:
        kind: `transaction`: one transaction of any statements, with a short wait for locks. `concurrently`: one index built or
            dropped CONCURRENTLY, outside of a transaction. `slices`: one statement that is done again and again, each time in a
            transaction of its own, until it changes no row.
        sql: what is done.
    """

    kind: Kind
    sql: str

    @property
    def index(self) -> tuple[str, bool]:
        """Of `concurrently`: the name of the index, and whether it is built."""
        bare = _bare(self.sql)
        found = _INDEX.match(bare)
        assert found is not None
        return found[1], _CREATES.match(bare) is not None


@dataclass(frozen=True)
class Migration:
    """One file, as it is now.

    Lines that begin with `--:` are its marks: `--: transaction`, `--: concurrently` and `--: slices` begin a step; without them
    the whole file is one transaction. `--: formerly SHA256` names a text that the file had before and that comes to the same, so
    that a database to which it was applied has nothing to do.
    """

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @cached_property
    def formerly(self) -> frozenset[str]:
        """SHA-256 of texts that the file had before."""
        return frozenset(words[1] for words in self._marks() if words[0] == "formerly" and len(words) == 2)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What is to be done, in order.

        Raises:
            MigrationError: a mark says nothing known, or a step is not what its mark says.
        """
        parts: list[tuple[str, list[str]]] = [("transaction", [])]
        for line in self.sql.splitlines(keepends=True):
            word = line.removeprefix(MARK).strip() if line.startswith(MARK) else None
            if word is None:
                parts[-1][1].append(line)
            elif not word.startswith("formerly "):
                parts.append((word, []))
        return tuple(self._step(kind, "".join(lines)) for kind, lines in parts if _bare("".join(lines)))

    def _marks(self) -> list[list[str]]:
        return [line.removeprefix(MARK).split() or [""] for line in self.sql.splitlines() if line.startswith(MARK)]

    def _step(self, kind: str, sql: str) -> Step:
        for known in get_args(Kind):
            if kind == known:
                step = Step(known, sql)
                break
        else:
            raise MigrationError(f"{self.name}: {MARK} {kind} is no mark")
        bare = _bare(sql)
        if step.kind == "concurrently" and not _INDEX.match(bare):
            raise MigrationError(f"{self.name}: a step `concurrently` builds or drops one index: {bare}")
        if step.kind == "slices" and ";" in bare.removesuffix(";"):
            raise MigrationError(f"{self.name}: a step `slices` is one statement: {bare}")
        return step


def read(folder: Path = FOLDER) -> list[Migration]:
    """The files `NNNN_name.sql` in order.

    Raises:
        MigrationError: a number is missing or used twice.
    """
    found = [Migration(int(p.name[:4]), p.name, p.read_text()) for p in sorted(folder.glob("[0-9]*.sql"))]
    for expected, migration in enumerate(found, start=1):
        if migration.number != expected:
            raise MigrationError(f"{migration.name}: expected number {expected:04d}")
    return found


def _bare(sql: str) -> str:
    """The statements alone."""
    return _COMMENT.sub("", sql).strip()

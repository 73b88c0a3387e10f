"""What a migration must not do while others read and write, read from its text."""

import re
from collections.abc import Iterator

from storage.migration_files import Migration, Step

FIRST = 26
"""Files before this one are applied while nobody serves (docs/operations.md)."""
REASONS = {
    (26, "another type rewrites the table"): "another order alone changes no byte, and the index has it already",
    (31, "the runner sets the wait for locks"): "it was there before the runner did",
}
"""What may be all the same, and why."""

_COMMENT = re.compile(r"--[^\n]*")
_MADE = re.compile(r"\bCREATE TABLE (?:IF NOT EXISTS )?(\w+)")
_NAMED = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|USING)\s+(\w+)")
_INDEXED = re.compile(r"\bCREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)\w+ ON (\w+)")
_ALTERED = re.compile(r"\bALTER TABLE (?:ONLY )?(\w+)\s+([^;]*)")
_VOLATILE = re.compile(r"DEFAULT (?:clock_timestamp|gen_random_uuid|random|uuidv7|nextval)\b")
_SCANS = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|ANALYZE|VALIDATE)\b")


def breaches(migration: Migration, known: set[str]) -> Iterator[str]:
    """What is wrong with a file; `known`: tables that there were before it."""
    made: set[str] = set()
    for step in migration.steps:
        bare = _COMMENT.sub("", step.sql)
        made |= set(_MADE.findall(bare))
        for said in _of_step(step, bare, known - made):
            if (migration.number, said) not in REASONS:
                yield f"{migration.name}: {said}"


def tables(migrations: list[Migration]) -> set[str]:
    """All that these files make."""
    return {name for one in migrations for name in _MADE.findall(_COMMENT.sub("", one.sql))}


def _of_step(step: Step, bare: str, old: set[str]) -> Iterator[str]:
    if step.kind == "transaction":
        yield from _of_transaction(bare, old)
    for table, what in _ALTERED.findall(bare):
        if table in old:
            yield from _of_change(what)
    if re.search(r"\b(?:DROP TABLE|RENAME)\b", bare):
        yield "old processes miss what is dropped or renamed"
    if re.search(r"\block_timeout\b", bare):
        yield "the runner sets the wait for locks"


def _of_transaction(bare: str, old: set[str]) -> Iterator[str]:
    if "CONCURRENTLY" in bare:
        yield "CONCURRENTLY is a step of its own"
    if old & set(_INDEXED.findall(bare)):
        yield "an index of a table that is there is built CONCURRENTLY"
    if re.search(r"\b(?:INSERT|UPDATE|DELETE)\b", bare) and old & set(_NAMED.findall(bare)):
        yield "rows of tables that are there are read and written in slices"
    strong = old & {table for table, what in _ALTERED.findall(bare) if not re.match(r"VALIDATE|ALTER COLUMN \w+ SET \(", what)}
    if strong and _SCANS.search(bare):
        yield "what takes long has a step of its own, apart from what locks a table"


def _of_change(what: str) -> Iterator[str]:
    if re.search(r"\bDROP (?:COLUMN|(?!CONSTRAINT|NOT NULL|DEFAULT|IDENTITY|EXPRESSION)\w+)", what):
        yield "old processes miss what is dropped or renamed"
    for added in re.findall(r"\bADD COLUMN [^,]*", what):
        if "NOT NULL" in added and "DEFAULT" not in added:
            yield "a column that old processes do not know has a default"
        if _VOLATILE.search(added) or "GENERATED" in added:
            yield "the default of a new column is constant"
        if "REFERENCES" in added or "CHECK" in added or "UNIQUE" in added:
            yield "a constraint is added NOT VALID, and validated by a step of its own"
    if re.search(r"\bADD (?:CONSTRAINT \w+ )?(?:CHECK|FOREIGN KEY)\b", what) and "NOT VALID" not in what:
        yield "a constraint is added NOT VALID, and validated by a step of its own"
    if re.search(r"\bADD (?:CONSTRAINT \w+ )?(?:PRIMARY KEY|UNIQUE|EXCLUDE)\b", what) and "USING INDEX" not in what:
        yield "a key is made of an index that was built CONCURRENTLY"
    if re.search(r"\bSET NOT NULL\b", what):
        yield "a column becomes NOT NULL by a constraint"
    if re.search(r"\bALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE\b", what):
        yield "another type rewrites the table"

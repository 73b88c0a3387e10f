"""House rules that import-linter cannot say (docs/architecture.md)."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

import server
import storage
from server.kit.errors import Refusal
from server.settings import Settings

ROOT = Path(server.__file__).parent.parent
PACKAGES = ("server", "media", "pubsub", "storage", "recommend", "stack", "edge")
CLIENT = "clients/python/reelwire_live"
SOURCES = sorted(path for package in (*PACKAGES, CLIENT) for path in (ROOT / package).rglob("*.py"))
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 50
DRAWERS = {"utils", "helpers", "manager", "base", "common", "misc"}
WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_]+)", re.IGNORECASE)
STATEMENT = re.compile(r"^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b")
LEAVES_BEHIND = re.compile(
    r"\bpg_(?:try_)?advisory_lock|set_config\([^()]*,\s*'?(?:false|f)'?\s*\)|\bCREATE TEMP|\bWITH HOLD\b"
    r"|\A\s*(?:LISTEN |PREPARE |SET (?!LOCAL\b))"
)
SHARED_TABLES = {
    # The outbox is written by the room that publishes and numbered by the relay; see docs/decisions.
    "publication": {"server.videos", "server.live"},
}

SHARED_CODES = {"unavailable"}
"""Try again, whatever the reason."""


def _modules() -> Iterator[str]:
    for package in (server, storage):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not found.name.endswith("__main__"):
                yield found.name


@pytest.fixture(scope="module")
def statements() -> list[tuple[str, str, str]]:
    """(module, name, SQL) of every statement that is a constant."""
    return [
        (name, constant, value)
        for name in _modules()
        for constant, value in vars(importlib.import_module(name)).items()
        if constant.isupper() and isinstance(value, str) and STATEMENT.match(value)
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_fit_one_sitting(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= MAX_FILE_LINES
    assert path.stem not in DRAWERS
    tree = ast.parse(text)
    if tree.body:
        assert ast.get_docstring(tree), "a module begins with one sentence saying its job"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION_LINES, node.name


async def test_every_statement_is_understood_by_the_database(statements: list[tuple[str, str, str]], settings: Settings) -> None:
    conn = await asyncpg.connect(settings.database_url)
    try:
        for module, name, sql in statements:
            try:
                await conn.prepare(sql)
            except asyncpg.PostgresError as error:
                raise AssertionError(f"{module}.{name}: {error}") from error
    finally:
        await conn.close()


def test_a_table_is_written_by_one_room(statements: list[tuple[str, str, str]]) -> None:
    writers: defaultdict[str, set[str]] = defaultdict(set)
    for module, _, sql in statements:
        for table in WRITES.findall(sql.replace("FOR UPDATE", "").replace("DO UPDATE", "")):
            writers[table.lower()].add(".".join(module.split(".")[:2]))
    assert {table: rooms for table, rooms in writers.items() if len(rooms) > 1} == SHARED_TABLES


def test_no_statement_leaves_anything_behind_in_its_session() -> None:
    """Connections go from one to the next as they are (`storage/postgres.py`)."""
    for path in SOURCES:
        if path.name == "migrate.py":
            continue  # it has a connection of its own, and ends it
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not LEAVES_BEHIND.search(node.value), f"{path}: {node.value}"


def test_a_code_means_one_thing() -> None:
    for name in _modules():
        importlib.import_module(name)
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for kind in _subclasses(Refusal):
        if not inspect.isabstract(kind):
            codes[kind.code].add(f"{kind.__module__}.{kind.__name__}")
    assert {code: kinds for code, kinds in codes.items() if len(kinds) > 1 and code not in SHARED_CODES} == {}


def _subclasses(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


def test_only_the_composition_roots_import_routes() -> None:
    for path in (ROOT / "server").rglob("*.py"):
        if path.name not in ("web.py", "routes.py"):
            assert not re.search(r"from server\.\w+\.routes import|from server\.\w+ import routes", path.read_text()), path


WHOLE = {
    # What lies in templates, by what it does.
    "edge/test_client.py",
    "edge/test_crowds.py",
    "edge/test_media.py",
    "edge/test_pages.py",
    "edge/test_proxy.py",
    "edge/test_signatures.py",
    # What several files do together.
    "server/live/test_phones.py",
    "server/live/test_promises.py",
    "server/live/test_races.py",
    "stack/test_data_folder.py",
    "stack/test_set_up.py",
}
"""Tests of a folder that belong to no one file of it."""


def test_tests_mirror_the_code() -> None:
    known = {path.relative_to(ROOT).with_suffix("").as_posix() for path in SOURCES}
    for path in (ROOT / "tests").rglob("test_*.py"):
        place = path.relative_to(ROOT / "tests")
        if len(place.parts) < 2 or place.parts[0] not in (*PACKAGES, "clients"):
            continue  # tests of the whole: architecture, documents, browser
        stem = place.stem.removeprefix("test_")
        mirrored = (place.parent / ("__main__" if stem == "main" else stem)).as_posix()
        assert mirrored in known or (ROOT / mirrored).is_dir() or place.as_posix() in WHOLE, place

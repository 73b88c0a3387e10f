"""Documents name what exists: links, files, commands, settings, metrics. Run as a program it writes the README's table."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import server
from server.__main__ import COMMANDS
from server.schedule import PERIODIC
from server.settings import Settings, described, variable

ROOT = Path(server.__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "clients").rglob("*.md")])
README = ROOT / "README.md"
SETTINGS = re.compile(r"(<!-- settings: [^\n]*\n).*?(<!-- end of settings -->)", re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
FOLDERS = "server|media|pubsub|storage|recommend|stack|edge|web_client|clients|bench|soak|deploy|docs|tests|requirements"
PATH = re.compile(rf"`((?:{FOLDERS})/[\w./-]+)`")
COMMAND = re.compile(r"(?:\./|`)reelwire (?!is ready)([a-z-]+)")
MACHINE = re.compile(r"(?<![\w/.])/(?:work|root|home|Users)/")
OTHER_SETTINGS = {
    "REELWIRE_BIND",
    "REELWIRE_RACES",
    "REELWIRE_SCREENSHOTS",
    "REELWIRE_EXAMPLES",
    "REELWIRE_SCHEMATHESIS_TOKEN",
    "REELWIRE_STORIES",
    "REELWIRE_TORTURE",
    "REELWIRE_URL",
}
"""Of docker-compose.yml, of tests, and in examples of monitoring."""
METRIC = re.compile(r"\breelwire_(?:http|live|reconciled)_\w+")


def settings_table() -> str:
    """The table of the README."""
    rows = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {meaning.replace('|', chr(92) + '|')} |"
        for name, _, default, meaning in described(Settings())
    ]
    return "\n".join(["", "| variable | default | meaning |", "|---|---|---|", *rows, "", ""])


def with_settings(text: str) -> str:
    return SETTINGS.sub(lambda found: found[1] + settings_table() + found[2], text)


def slugs(document: Path) -> set[str]:
    """The anchors that GitHub gives to a document's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", document.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> Iterator[str]:
    for target in map("".join, LINK.findall(FENCE.sub("", document.read_text()))):
        if not target.startswith(("https://", "http://")):
            yield target


def test_the_settings_in_the_readme_are_those_of_the_code() -> None:
    assert with_settings(README.read_text()) == README.read_text(), "type: .venv/bin/python tests/test_docs.py"
    assert "REELWIRE_SECRET_KEYS" in README.read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in links(document):
        path, _, anchor = target.partition("#")
        there = (document.parent / path).resolve() if path else document
        assert there.exists(), target
        assert there.is_relative_to(ROOT), target
        assert not anchor or anchor in slugs(there), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_files_that_are_named_exist(document: Path) -> None:
    for path in PATH.findall(FENCE.sub("", document.read_text())):
        assert (ROOT / path).exists() or path == "web_client/node_modules", path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_commands_that_are_named_exist(document: Path) -> None:
    assert set(COMMAND.findall(document.read_text())) <= {*COMMANDS, "help"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_settings_and_metrics_that_are_named_exist(document: Path) -> None:
    text = document.read_text()
    known = {variable(name) for name in Settings.__dataclass_fields__} | OTHER_SETTINGS
    assert {name for name in re.findall(r"\bREELWIRE_[A-Z0-9_]*[A-Z0-9]\b", text) if name not in known} <= {"REELWIRE_S3"}
    code = "".join(path.read_text() for path in (ROOT / "server").rglob("*.py"))
    assert {name for name in METRIC.findall(text) if f'"{name}"' not in code} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_no_document_knows_the_machine_it_was_written_on(document: Path) -> None:
    assert MACHINE.search(document.read_text()) is None


def test_the_readme_shows_every_folder() -> None:
    mapped = set(re.findall(r"^\| \[(\w+)/\]\(\1\) \|", README.read_text(), re.MULTILINE))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages | {"web_client", "clients", "deploy", "docs"} <= mapped | {"tests"}
    assert all((ROOT / name).is_dir() for name in mapped)


def test_every_direct_dependency_has_its_line() -> None:
    text = (ROOT / "docs/dependencies.md").read_text()
    project = (ROOT / "pyproject.toml").read_text()
    named = set(re.findall(r'^    "([a-z0-9-]+)(?:\[[^\]]*\])?(?:[>=]=)', project, re.MULTILINE))
    web = re.findall(r'^    "(@?[a-z][\w@/.-]*)": "[\^~]?\d', (ROOT / "web_client/package.json").read_text(), re.MULTILINE)
    assert len(named) > 30
    assert len(web) > 15
    assert {name for name in {*named, *web} if name not in text} == set()


def test_operators_are_told_of_every_metric_and_periodic_job() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    code = "".join(path.read_text() for path in (ROOT / "server").rglob("*.py"))
    metrics = set(re.findall(r"(?:Counter|Gauge|Histogram)\(\s*\"(reelwire_\w+)\"", code))
    assert len(metrics) > 10
    assert {name for name in metrics if f"`{name}`" not in text} == set()
    for periodic in PERIODIC:
        seconds = periodic.every_seconds
        every = f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.0f} h"
        assert f"| `{periodic.name}` | {every} | " in text


def test_every_table_says_by_what_it_is_spread() -> None:
    text = (ROOT / "docs/decisions/0001-postgresql-rather-than-nosql.md").read_text()
    migrations = "".join(path.read_text() for path in sorted((ROOT / "storage/migrations").glob("*.sql")))
    tables = set(re.findall(r"^CREATE TABLE (\w+)", migrations, re.MULTILINE))
    tables -= set(re.findall(r"^DROP TABLE (\w+)", migrations, re.MULTILINE))
    assert {name for name in tables if f"`{name}`" not in text} == set()


def test_the_changelog_speaks_of_this_version() -> None:
    version = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"\n## {version[1]}\n" in (ROOT / "CHANGELOG.md").read_text()


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


if __name__ == "__main__":
    README.write_text(with_settings(README.read_text()))

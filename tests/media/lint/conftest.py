"""One stream of our pipeline for all tests of the checker."""

from pathlib import Path

import pytest

from tests.media.lint.streams import Stream, held, make


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a stream of three variants and sound, encoded: pictures in 4:4:4 are never copied."""
    return make(tmp_path_factory.mktemp("stream"), pixel_format="yuv444p")


@pytest.fixture
def stream(made: Path) -> Stream:
    return held(made)

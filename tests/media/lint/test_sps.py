"""Parameter sets of real encoders."""

from pathlib import Path

import pytest

from media.lint.sps import interlaced
from tests.media.lint.streams import parameter_set


@pytest.mark.parametrize(("how", "fields"), [("cqm=jvt", False), ("interlaced=1:cqm=jvt", True), ("fake-interlaced=1", True)])
def test_fields_are_told_from_frames(tmp_path: Path, how: str, fields: bool) -> None:
    assert interlaced(parameter_set(tmp_path / "film.mp4", how)) == fields


def test_a_set_that_is_cut_off(tmp_path: Path) -> None:
    unit = parameter_set(tmp_path / "film.mp4", "cqm=jvt")
    for length in range(1, 5):
        with pytest.raises(IndexError):
            interlaced(unit[:length])
    with pytest.raises(IndexError):
        interlaced(b"\x67\x42\0\x1e" + bytes(40))

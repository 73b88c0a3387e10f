"""A stream of our own for the tests of the checker: files in memory, in which one thing at a time is made wrong."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from msgspec.structs import replace

from media import playlist, steps
from media.boxes import boxes
from media.lint import AbsentError, Finding, Part, check
from media.probe import probe
from media.task import Task
from tests.media.films import Film, quiet

MASTER = "master.m3u8"
SECONDS = 3.4
INTO = {b"stsd": 8, b"avc1": 78, b"mp4a": 28}  # bytes before the boxes within
INSIDE = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mvex", *INTO}


@dataclass
class Stream:
    """Files by their names, and a reader of them."""

    files: dict[str, bytes]

    def playlist(self, uri: str) -> str:
        return self._file(uri).decode()

    def part(self, uri: str, start: int, size: int | None) -> Part:
        data = self._file(uri)
        return Part(data[start:][:size], len(data))

    def _file(self, uri: str) -> bytes:
        if uri not in self.files:
            raise AbsentError("is not there")
        return self.files[uri]

    def text(self, name: str) -> str:
        return self.files[name].decode()

    def edited(self, name: str, old: str, new: str, count: int = -1) -> "Stream":
        """The stream with words in a playlist replaced."""
        assert old in self.text(name), f"{old!r} is not in {name}"
        return Stream({**self.files, name: self.text(name).replace(old, new, count).encode()})

    def line(self, name: str, start: str, new: str, nth: int = 0) -> "Stream":
        """The stream with a whole line of a playlist replaced, or left out; the nth of those that start so."""
        lines = self.text(name).split("\n")
        at = [index for index, line in enumerate(lines) if line.startswith(start)][nth]
        lines[at : at + 1] = [new] if new else []
        return Stream({**self.files, name: "\n".join(lines).encode()})

    def patched(self, name: str, kind: bytes, at: int, new: bytes, nth: int = 0) -> "Stream":
        """The stream with bytes inside a box changed; `at` counts from the content of the nth of its type."""
        data = bytearray(self.files[name])
        start = [begin for found, begin in _contents(self.files[name], 0, len(data)) if found == kind][nth]
        data[start + at : start + at + len(new)] = new
        return Stream({**self.files, name: bytes(data)})

    def content(self, name: str, kind: bytes, nth: int = 0) -> int:
        """Where the content of a box begins."""
        return [begin for found, begin in _contents(self.files[name], 0, len(self.files[name])) if found == kind][nth]

    def findings(self) -> list[Finding]:
        return check(MASTER, self)

    def errors(self) -> set[str]:
        """The clauses of its errors."""
        return {finding.clause for finding in self.findings() if finding.severity == "error"}

    def warnings(self) -> set[str]:
        return {finding.clause for finding in self.findings() if finding.severity == "warning"}


def _contents(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    for box in boxes(data, start, end):
        yield box.kind, box.content
        if box.kind in INSIDE:
            yield from _contents(data, box.content + INTO.get(box.kind, 0), box.end)


def make(folder: Path, **film: object) -> Path:
    """Both steps, in this process; a folder with everything, the master playlist too."""
    source = Film(**{"seconds": SECONDS, "width": 272, "height": 480, **film}).write(folder / "source.mp4")  # type: ignore[arg-type]
    out = folder / "out"
    out.mkdir()
    request = steps.Request(input=str(source), folder=str(out), probe=probe(Task(input=str(source)), quiet))
    first = steps.first_source(request, quiet)
    rest = steps.ladder_rest(replace(request, first=first), quiet)
    (out / MASTER).write_text(playlist.master(rest.renditions, rest.audio, rest.iframes))
    return out


def held(folder: Path) -> Stream:
    return Stream({path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".m3u8", ".mp4")})


def number(value: int, form: str = ">I") -> bytes:
    return struct.pack(form, value)


def parameter_set(path: Path, how: str) -> bytes:
    """The sequence parameter set of a film encoded so."""
    Film(seconds=0.2, sound="", options={"preset": "ultrafast", "x264-params": how}).write(path)
    with av.open(str(path)) as container:
        record = container.streams.video[0].codec_context.extradata or b""
    return record[8 : 8 + int.from_bytes(record[6:8])]

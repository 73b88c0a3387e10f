"""Streams that lie in a folder."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from media.lint.reading import PLAYLIST_BYTES, SEGMENT_BYTES, AbsentError, Part


class Folder:
    """Reads what lies in one folder, and nothing outside. Queries of addresses, such as signatures, mean nothing here."""

    def __init__(self, root: Path, texts: dict[str, str] | None = None) -> None:
        """`texts` are playlists that were never written, by name."""
        self._root = root.resolve()
        self._texts = texts or {}

    def playlist(self, uri: str) -> str:
        """See `Reader`."""
        if uri in self._texts:
            return self._texts[uri]
        path = self._path(uri)
        if path.stat().st_size > PLAYLIST_BYTES:
            raise AbsentError(f"is larger than {PLAYLIST_BYTES} bytes")
        try:
            return path.read_bytes().decode()
        except UnicodeDecodeError as error:
            raise AbsentError("is not UTF-8") from error

    def part(self, uri: str, start: int, size: int | None) -> Part:
        """See `Reader`."""
        path = self._path(uri)
        total = path.stat().st_size
        wanted = max(total - start, 0) if size is None else size
        if wanted > SEGMENT_BYTES:
            raise AbsentError(f"is asked for {wanted} bytes at once, more than {SEGMENT_BYTES}")
        with path.open("rb") as file:
            file.seek(start)
            return Part(file.read(wanted), total)

    def _path(self, uri: str) -> Path:
        parts = urlsplit(uri)
        try:
            path = (self._root / unquote(parts.path)).resolve()
            there = path.is_file()
        except (ValueError, OSError) as error:  # a zero byte, or too long
            raise AbsentError("has a name that no file can have") from error
        if parts.scheme or parts.netloc or not path.is_relative_to(self._root):
            raise AbsentError("lies outside of the folder")
        if not there:
            raise AbsentError("is not there")
        return path

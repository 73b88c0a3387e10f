"""What bytes cost, by the table of the settings."""

from dataclasses import dataclass

from server.settings import Settings, prices

GIGABYTE = 10**9
UNITS = ((GIGABYTE, "GB"), (10**6, "MB"), (10**3, "kB"))


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a gigabyte and month, at hand and in the archive."""

    of_warm: float
    of_archive: float

    @classmethod
    def of(cls, settings: Settings) -> "Prices":
        """Those of the settings."""
        table = prices(settings)
        return cls(table["warm"], table["archive"])

    def warm(self, size: int) -> float:
        """A month of so many bytes at hand."""
        return size / GIGABYTE * self.of_warm

    def archive(self, size: int) -> float:
        """The same in the archive."""
        return size / GIGABYTE * self.of_archive


def size_of(size: int) -> str:
    """Bytes, for people."""
    unit, name = next(((unit, name) for unit, name in UNITS if size >= unit), (1, "bytes"))
    return f"{size / unit:.1f} {name}" if unit > 1 else f"{size} bytes"

"""A world as the files that `./reelwire suggest evaluate` reads, and whom everybody follows."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bench.suggestions.world import World

AT_ONCE = 100_000
"""Rows that are text in memory at once."""
SHOWN, LIKED = "0", "1"


def write(world: World, folder: Path, cut: float | None = None) -> None:
    """Write interactions.csv, items.csv and follows.csv, and what is from `cut` on into test.csv instead.

    Users are u0, u1…, items i0, i1…, and an author is named as the user is.
    """
    rows = len(world.time) if cut is None else world.until(cut)
    _rows(world, folder / "interactions.csv", 0, rows)
    if cut is not None:
        _rows(world, folder / "test.csv", rows, len(world.time))
    days = [datetime.fromtimestamp(at, UTC).date().isoformat() for at in (world.upload // 86_400 * 86_400).tolist()]
    tags = [" ".join(f"t{tag}" for tag in row if tag >= 0) for row in world.tags.tolist()]
    items = zip(range(world.size.items), world.author.tolist(), tags, world.duration_ms.tolist(), days, strict=True)
    lines = (f"i{item},u{author},{words},{duration},{day}\n" for item, author, words, duration, day in items)
    _write(folder / "items.csv", "item,author,tags,duration_ms,upload_day", lines)
    pairs = zip(world.follower.tolist(), world.followed.tolist(), strict=True)
    _write(folder / "follows.csv", "user,author", (f"u{user},u{author}\n" for user, author in pairs))


def _rows(world: World, path: Path, start: int, end: int) -> None:
    def lines() -> Iterable[str]:
        for first in range(start, end, AT_ONCE):
            part = slice(first, min(first + AT_ONCE, end))
            columns = (column[part].tolist() for column in (world.user, world.item, world.time.astype("i8"), world.liked))
            for user, item, time, liked in zip(*columns, strict=True):
                yield f"u{user},i{item},{time},{LIKED if liked else SHOWN}\n"

    _write(path, "user,item,timestamp,weight", lines())


def _write(path: Path, header: str, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{header}\n")
        file.writelines(lines)
